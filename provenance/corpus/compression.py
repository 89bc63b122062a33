"""Compressed bytes in, plain bytes out; a stream that breaks off is an ``OSError``."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any, cast

__all__ = ["BUFFER", "COMPRESSIONS", "decompressed"]

BUFFER = 2**20
"""Bytes held of a stream."""

_PIECE = 2**13
Read = Callable[[int], bytes]


def _gzip(raw: io.RawIOBase) -> Read:
    stream = gzip.GzipFile(fileobj=io.BufferedReader(raw, BUFFER), mode="rb")

    def read(size: int) -> bytes:
        try:
            return stream.read1(size)
        except (EOFError, zlib.error) as error:
            raise OSError(f"gzip: {error}") from error

    return read


def _zstandard(raw: io.RawIOBase) -> Read:
    # Not the zstandard package: its stream reader takes a truncated file for a whole one.
    import pyarrow

    stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(raw, mode="r"), "zstd")
    # It fills what it is asked for or fails: a small piece loses little of a truncated file.
    return lambda size: cast(bytes, stream.read(min(size, _PIECE)))


COMPRESSIONS: dict[str, Callable[[io.RawIOBase], Read] | None] = {
    "": None,
    ".gz": _gzip,
    ".zst": _zstandard,
}


class _Decompressed(io.RawIOBase):
    def __init__(self, read: Read) -> None:
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._read(len(buffer))
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
