"""Named arrays of whole numbers in one file, which is mapped into memory where it is long.

Knows no record. Where a file that is mapped is cut short, the system ends the process that looks
beyond its new end: a short one is read, and of a longer one each array is asked for anew, with a
look at the size of the file. A worker that is ended inside one look cannot tell: the process that
started it maps the file too, and does.

The file starts with a magic word; the arrays follow, each at a multiple of 64 bytes; then a JSON
header that names type, length, place and hash of each; then where the header stands, its hash and
the magic word again. Nothing in it is executed, and nothing is trusted before its hash is checked.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.files.archive import Broken, Kind, explained
from provenance.files.aside import AsideFile
from provenance.files.claims import Claim
from provenance.files.places import unwritable

__all__ = ["READ_UP_TO", "MappedWriter", "header_sha256", "open_mapped", "refuse_cut_files"]

READ_UP_TO: Final = 64 << 20
"""Bytes of a file that is read and not mapped, in each process; a round figure, not tuned."""

_MAGIC: Final = b"PROVMAP1"
_TAIL: Final = struct.Struct("<QQ32s8s")
_ALIGNED: Final = 64
_LONGEST_HEADER: Final = 16 << 20
_TYPES: Final = ("|u1", "<u2", "<u4", "<u8", "<i2", "<i4", "<i8", "<f4", "<f8")
_PIECE: Final = 1 << 20
"""Bytes hashed at a time, few enough to be so while they are in a cache. A round figure."""


class MappedWriter:
    """Writes arrays piece by piece beside the target and renames the whole at the end.

    Parameters
    ----------
    path : path
    kind : Kind
    claim : Claim, optional
        Of the path: what changed there since is not replaced.
    """

    def __init__(
        self, path: str | os.PathLike[str], kind: Kind, claim: Claim | None = None
    ) -> None:
        self._path, self._claim = Path(path), claim
        self._kind = kind
        self._entries: dict[str, dict[str, Any]] = {}
        self._aside: AsideFile | None = None

    def __enter__(self) -> MappedWriter:
        if self._path.is_dir():
            raise InputError("this is a folder", where=str(self._path), expected="a file to write")
        try:
            self._aside = AsideFile(self._path, self._claim)
        except OSError as error:
            raise unwritable(error, self._path) from error
        self._aside.file.write(_MAGIC.ljust(_ALIGNED, b"\0"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._aside is not None
        self._aside.discard()
        if isinstance(error, OSError):
            raise unwritable(error, error.filename or self._path) from error

    def add(self, name: str, dtype: str, pieces: Iterator[NDArray[Any]]) -> int:
        """Append one array of one dimension; returns its length."""
        assert self._aside is not None and dtype in _TYPES
        file = self._aside.file
        start = file.tell()
        digest, length = hashlib.sha256(), 0
        for piece in pieces:
            data = np.ascontiguousarray(piece, dtype=dtype)
            digest.update(data.data)
            file.write(data.data)
            length += len(data)
        file.write(bytes(-file.tell() % _ALIGNED))
        self._entries[name] = {
            "dtype": dtype,
            "length": length,
            "start": start,
            "sha256": digest.hexdigest(),
        }
        return length

    def finish(self, header: Mapping[str, object], *, private: bool = False) -> None:
        """Write the header and put the file in place.

        Parameters
        ----------
        header : mapping
        private : bool
            Whether nobody but its owner may read it, where it replaces none.
        """
        assert self._aside is not None
        file = self._aside.file
        whole = {**header, "schema": self._kind.schema, "arrays": self._entries}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode("ascii")
        start = file.tell()
        file.write(text)
        file.write(_TAIL.pack(start, len(text), hashlib.sha256(text).digest(), _MAGIC))
        self._aside.finish(private=private)


class _Arrays(dict[str, NDArray[Any]]):
    """Arrays of a file that is mapped; each is given while the file is as long as it was."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], held: mmap.mmap, path: str | os.PathLike[str]
    ) -> None:
        super().__init__(arrays)
        self._held, self._size, self._path = held, held.size(), os.fspath(path)
        _IN_USE[id(self)] = self

    def __getitem__(self, name: str) -> NDArray[Any]:
        self.require_whole()
        return super().__getitem__(name)

    def require_whole(self) -> None:
        """Refuse to go on with a file that was cut short."""
        if self._held.size() < self._size:
            raise InputError(
                "the file was cut short while it was in use",
                where=self._path,
                remedy="Leave it alone until the run has ended, and make it again",
            )

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, ({**self},)


_IN_USE: Final[WeakValueDictionary[int, _Arrays]] = WeakValueDictionary()
"""Mapped files that somebody may still read."""


def refuse_cut_files() -> None:
    """Refuse to go on if a file that is mapped was cut short: it ends the worker that reads it.

    Raises
    ------
    InputError
    """
    for arrays in list(_IN_USE.values()):
        arrays.require_whole()


@contextmanager
def _sized(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], int]]:
    with open(path, "rb") as file:
        yield file, os.fstat(file.fileno()).st_size


def open_mapped(
    path: str | os.PathLike[str], kind: Kind, *, verify: bool = True
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read or map what `MappedWriter` wrote; to be called inside `archive.explained`.

    Parameters
    ----------
    path : path
    kind : Kind
    verify : bool
        Whether every array is read once and its hash compared; a worker that opens a file that
        its parent has verified need not.

    Returns
    -------
    header : dict
    arrays : dict of str to ndarray
        Read-only, of one dimension. Of a file that is mapped each is an InputError once the file
        has been cut short.
    """
    with _sized(path) as (file, size):
        header = _header(file, size, kind)
        entries = header.pop("arrays", None)
        if not isinstance(entries, dict) or set(entries) != set(kind.arrays):
            raise Broken(f"the arrays are not those of a {kind.called}")
        for name in kind.arrays:
            _check_entry(name, entries[name], size)
        is_read = size <= READ_UP_TO
        held = _read(file, size) if is_read else _mapped(file, size)
        arrays = {name: _array(held, entries[name]) for name in kind.arrays}
        for name, array in arrays.items() if verify else ():
            found = _pieces(array) if is_read else _read_pieces(file, entries[name], array.nbytes)
            if _sha256(found) != entries[name]["sha256"]:
                raise Broken(f"the array {name} does not have the hash that the header gives")
    return header, arrays if is_read else _Arrays(arrays, held, path)


def _read(file: IO[bytes], size: int) -> mmap.mmap:
    """The whole file in memory of its own, which begins at a page as one that is mapped does."""
    held = mmap.mmap(-1, size)
    file.seek(0)
    held.write(file.read(size))
    if held.tell() < size:
        raise Broken("the file ends too early")
    return held


def header_sha256(path: str | os.PathLike[str], kind: Kind) -> str:
    """Hash of the header, which holds the hash of every array: it stands for the whole file.

    Raises
    ------
    InputError
        Where the file is no such one or is damaged where the header stands.
    """
    with explained(path, kind), open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        _header(file, size, kind)
        return hashlib.sha256(_header_text(file, size)).hexdigest()
    raise AssertionError("unreachable")


def _mapped(file: IO[bytes], size: int) -> mmap.mmap:
    return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


def _header(file: IO[bytes], size: int, kind: Kind) -> dict[str, Any]:
    start = file.read(len(_MAGIC))
    if not size:
        raise Broken("the file is empty", f"a {kind.called}")
    if start != _MAGIC:
        raise Broken(f"this is not a {kind.called}")
    if size < _ALIGNED + _TAIL.size:
        raise Broken("the file ends too early")
    text = _header_text(file, size)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise Broken("the header is not JSON") from None
    if not isinstance(header, dict):
        raise Broken("the header is not a JSON object")
    schema = header.get("schema")
    if schema != kind.schema:
        raise Broken(f"the file is {str(schema)[:60]!r}", kind.schema)
    return header


def _header_text(file: IO[bytes], size: int) -> bytes:
    """The header as it is written, of a file that is long enough; its hash is its own."""
    file.seek(size - _TAIL.size)
    place, length, digest, magic = _TAIL.unpack(file.read(_TAIL.size))
    if magic != _MAGIC or place + length + _TAIL.size != size:
        raise Broken("the file ends too early, or something was added to it")
    if length > _LONGEST_HEADER:
        raise Broken("the header is too large", f"at most {_LONGEST_HEADER >> 20} MiB")
    file.seek(place)
    text = file.read(length)
    if hashlib.sha256(text).digest() != digest:
        raise Broken("the header does not have its hash")
    return text


def _check_entry(name: str, entry: Any, size: int) -> None:
    fields = {"dtype": str, "length": int, "start": int, "sha256": str}
    if not isinstance(entry, dict) or any(
        type(entry.get(field)) is not found for field, found in fields.items()
    ):
        raise Broken(f"the header does not say what the array {name} is")
    if entry["dtype"] not in _TYPES:
        raise Broken(f"the array {name} is of a type that is not allowed")
    length, start = entry["length"], entry["start"]
    n_bytes = length * np.dtype(entry["dtype"]).itemsize
    if start % _ALIGNED or start < _ALIGNED or length < 0 or start + n_bytes > size:
        raise Broken(f"the array {name} lies outside the file")


def _array(held: mmap.mmap, entry: Mapping[str, Any]) -> NDArray[Any]:
    if not entry["length"]:
        return np.zeros(0, entry["dtype"])
    found: NDArray[Any] = np.frombuffer(held, entry["dtype"], entry["length"], entry["start"])
    found.flags.writeable = False
    return found


def _pieces(array: NDArray[Any]) -> Iterator[memoryview]:
    for start in range(0, len(array), _PIECE // array.itemsize):
        yield np.ascontiguousarray(array[start : start + _PIECE // array.itemsize]).data


def _read_pieces(file: IO[bytes], entry: Mapping[str, Any], n_bytes: int) -> Iterator[memoryview]:
    """The bytes of an array, read: who hashes a file meets its end, wherever it is by now.

    Each piece is to be done with before the next, which takes its place.
    """
    place = memoryview(bytearray(min(_PIECE, n_bytes)))
    file.seek(entry["start"])
    for start in range(0, n_bytes, _PIECE):
        piece = place[: n_bytes - start]
        yield piece[: file.readinto(piece)]  # type: ignore[attr-defined]


def _sha256(pieces: Iterator[memoryview]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
