"""Compiled functions, kept in numba's cache folder where that can be; knows no record.

numba keeps what it compiled beside the source, or where ``NUMBA_CACHE_DIR`` says. By itself it
fails where none of these can be written, where the disk is full and where a file is damaged, and
it runs whatever machine code stands there. Here the code carries a checksum and the name of what
it is for; a cache that is no good is told and costs time, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.caching import IndexDataCacheFile
from numba.extending import intrinsic

from provenance.errors import ProvenanceWarning

__all__ = ["lower_case_run", "njit", "prefetch", "word_at"]

_NumbasFile: Any = IndexDataCacheFile  # it has no types
_CACHE_LINE: Final = 64
"""Bytes, on nearly every machine; on others it costs a little time."""
_LANES: Final = 16
"""Bytes that are compared at once: every machine with 64 bits can."""
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``numba.njit`` with a cache that is checked, and done without where it cannot be used.

    Parameters
    ----------
    cache : bool
        Whether the compiled code is kept for the next run.
    **options
        Of ``numba.njit``.

    Examples
    --------
    >>> @njit(cache=False, inline="always")
    ... def double(value):
    ...     return 2 * value
    >>> double(4)
    8
    """

    def compiled(function: Callable[..., Any]) -> Any:
        made = numba.njit(**options)(function)
        if cache:
            _keep(made)
        return made

    return compiled


def _prefetch(_: Any, array: Any, row: Any) -> Any:
    """Ask for the beginning of a row of an array soon to be read, in a compiled function.

    What lies in no cache takes as long as a hundred additions to come; it changes no result. Of
    each row two lines of a cache are asked for.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, word, long = (ir.IntType(bits) for bits in (8, 32, 64))
        pointer = byte.as_pointer()
        asks = builder.module.declare_intrinsic(
            "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        )
        strides: Any = cgutils.unpack_tuple(builder, given.strides)  # type: ignore[no-untyped-call]
        start = builder.mul(arguments[1], strides[0])
        data = builder.bitcast(given.data, pointer)
        for line in (0, _CACHE_LINE):
            place = builder.gep(data, [builder.add(start, long(line))])
            # To read, into the nearest cache, of data.
            builder.call(asks, [place, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), code


prefetch: Any = intrinsic(_prefetch)
"""For compiled functions: ask for the beginning of a row of an array that is soon to be read."""


def _word_at(_: Any, array: Any, place: Any) -> Any:
    """Eight bytes from a place on as one number, which need not begin at a multiple of eight."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _loaded(context, builder, signature, arguments, ir.IntType(64))

    return types.uint64(array, types.uint64), code


def _lower_case_run(_: Any, array: Any, place: Any) -> Any:
    """How many of the 16 bytes from a place on are a to z until one is not."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, long, bit = ir.VectorType(ir.IntType(8), _LANES), ir.IntType(64), ir.IntType(1)
        found = _loaded(context, builder, signature, arguments, lanes)
        first = ir.Constant(lanes, [ord("a")] * _LANES)
        letters = ir.Constant(lanes, [ord("z") - ord("a") + 1] * _LANES)
        inside = builder.icmp_unsigned("<", builder.sub(found, first), letters)
        bits = builder.zext(builder.bitcast(inside, ir.IntType(_LANES)), long)
        return builder.cttz(builder.not_(bits), ir.Constant(bit, 1))

    return types.uint64(array, types.uint64), code


def _loaded(context: Any, builder: Any, signature: Any, arguments: Any, kind: Any) -> Any:
    """A value of some bytes of an array of bytes, from a place on."""
    given = context.make_array(signature.args[0])(context, builder, arguments[0])
    data = builder.bitcast(given.data, ir.IntType(8).as_pointer())
    place = builder.gep(data, [arguments[1]])
    return builder.load(builder.bitcast(place, kind.as_pointer()), align=1)


word_at: Any = intrinsic(_word_at)
"""For compiled functions: eight bytes of an array of bytes as one number, as the machine has it."""
lower_case_run: Any = intrinsic(_lower_case_run)
"""For compiled functions: how many of the 16 bytes from a place on are a to z until one is not."""


def _keep(made: Any) -> None:
    try:
        made.enable_caching()
        made._cache = _CheckedCache(made._cache)
    except (RuntimeError, OSError) as error:
        _tell(_reason(error))


class _CheckedCache:
    """What a function asks of its cache; whatever is wrong with it, the answer is "not there"."""

    def __init__(self, cache: Any) -> None:
        impl = cache._impl
        cache._cache_file = _CheckedFile(
            cache_path=cache.cache_path,
            filename_base=f"{impl.filename_base}-checked",
            source_stamp=impl.locator.get_source_stamp(),
        )
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, signature: Any, target: Any) -> Any:
        try:
            return self._cache.load_overload(signature, target)
        except Exception as error:
            _tell(f"a file in {self._cache.cache_path} was damaged: {_reason(error)}")
            with contextlib.suppress(OSError):
                self._cache.flush()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        try:
            self._cache.save_overload(signature, data)
        except Exception as error:
            _tell(_reason(error))


class _CheckedFile(_NumbasFile):  # type: ignore[misc]
    """numba's file of compiled code with its hash at the end, which the reader passes over."""

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (repr(key), data))

    def load(self, key: Any) -> Any:
        found = super().load(key)
        if found is None:
            return None
        if found[0] != repr(key):
            raise ValueError("code of another function")
        return found[1]

    def _dump(self, content: Any) -> bytes:
        data: bytes = super()._dump(content)
        return data + hashlib.sha256(data).digest()

    def _load_data(self, name: str) -> Any:
        content = Path(self._data_path(name)).read_bytes()
        if hashlib.sha256(content[:-_DIGEST_BYTES]).digest() != content[-_DIGEST_BYTES:]:
            raise ValueError("its checksum is of another content")
        return super()._load_data(name)


def _reason(error: Exception) -> str:
    if isinstance(error, RuntimeError) and "no locator" in str(error):
        return "no folder for it can be written"
    return getattr(error, "strerror", None) or str(error)[:100] or type(error).__name__


@lru_cache(maxsize=64)
def _tell(reason: str) -> None:
    """Once a process; what holds for a worker is told by its parent."""
    if multiprocessing.parent_process() is None:
        warnings.warn(
            f"compiled code cannot be kept or read ({reason}): it is compiled again, which takes a"
            " while. NUMBA_CACHE_DIR names another folder.",
            ProvenanceWarning,
            stacklevel=2,
        )
