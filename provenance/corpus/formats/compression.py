"""Compressed bytes in, plain bytes out; a stream that breaks off is an ``OSError``.

What follows the end of a stream is another stream or an error: the standard library's own file
objects pass over it in silence.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from provenance.corpus.formats.zstandard_frames import Frames

__all__ = ["BUFFER", "COMPRESSIONS", "decompressed"]

BUFFER = 2**20
"""Bytes held of a stream."""

_STORED: Final = 2**16
"""Stored bytes asked for at once; a round figure, not tuned."""
_MOST_MEMORY: Final = 2**30
"""Memory that the dictionary of an xz stream may take; its strongest preset takes 2**26."""

Read = Callable[[int], bytes]


def _gzip(raw: io.RawIOBase) -> Read:
    stream = gzip.GzipFile(fileobj=io.BufferedReader(raw, BUFFER), mode="rb")

    def read(size: int) -> bytes:
        try:
            return stream.read1(size)
        except (EOFError, zlib.error) as error:
            raise OSError(f"gzip: {error}") from error

    return read


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Streams:
    """Streams one after another, each to its end, as ``bzip2`` and ``xz`` read them."""

    def __init__(
        self,
        raw: io.RawIOBase,
        name: str,
        begin: Callable[[], _Decompressor],
        padding: bytes = b"",
    ) -> None:
        self._raw = raw
        self._name = name
        self._begin = begin
        self._padding = padding
        self._stream: _Decompressor | None = None
        self._stored = b""
        self._is_first = True

    def read(self, size: int) -> bytes:
        """Give at least one byte; none at the end of the last stream."""
        while True:
            if self._stream is None and not self._begins():
                return b""
            data = self._more(size)
            if data:
                return data

    def _begins(self) -> bool:
        while not (kept := self._stored.lstrip(self._padding) if self._padding else self._stored):
            if not self._fill():
                if self._is_first:
                    raise OSError(f"{self._name}: the file is empty")
                return False
        self._stored = self._stored if self._is_first else kept
        self._stream = self._begin()
        self._is_first = False
        return True

    def _fill(self) -> bool:
        self._stored = self._raw.read(_STORED) or b""
        return bool(self._stored)

    def _more(self, size: int) -> bytes:
        stream = self._stream
        assert stream is not None
        if stream.needs_input and not self._stored and not self._fill():
            raise OSError(f"{self._name}: the stream ends before its end was written")
        stored, self._stored = self._stored, b""
        try:
            data = stream.decompress(stored, size)
        except (OSError, ValueError, EOFError, lzma.LZMAError) as error:
            raise OSError(f"{self._name}: {_reason(error)}") from error
        if stream.eof:
            self._stored, self._stream = stream.unused_data, None
        return data


def _reason(error: Exception) -> str:
    if "emory usage limit" in str(error):
        return f"its dictionary takes more than {_MOST_MEMORY // 2**20} MiB of memory"
    return str(error) or type(error).__name__


def _bzip2(raw: io.RawIOBase) -> Read:
    return _Streams(raw, "bzip2", bz2.BZ2Decompressor).read


def _xz(raw: io.RawIOBase) -> Read:
    def begin() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)

    return _Streams(raw, "xz", begin, padding=b"\0").read


def _zstandard(raw: io.RawIOBase) -> Read:
    return Frames(raw).read


COMPRESSIONS: dict[str, Callable[[io.RawIOBase], Read] | None] = {
    "": None,
    ".gz": _gzip,
    ".bz2": _bzip2,
    ".xz": _xz,
    ".zst": _zstandard,
}


class _Decompressed(io.RawIOBase):
    def __init__(self, read: Read) -> None:
        self._read = read
        self._broken: OSError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        # What broke once stays broken: a decompressor may not be asked again.
        if self._broken is not None:
            raise self._broken
        try:
            data = self._read(len(buffer))
        except OSError as error:
            self._broken = error
            raise
        buffer[: len(data)] = data
        return len(data)


def decompressed(raw: io.RawIOBase, suffix: str) -> io.BufferedReader:
    """Open a stream of plain bytes over stored ones.

    Parameters
    ----------
    raw : io.RawIOBase
        The bytes as stored.
    suffix : str
        A key of ``COMPRESSIONS``.

    Examples
    --------
    >>> decompressed(io.BytesIO(gzip.compress(b"a line")), ".gz").read()
    b'a line'
    """
    opened = COMPRESSIONS[suffix]
    plain = raw if opened is None else _Decompressed(opened(raw))
    return io.BufferedReader(plain, BUFFER)
