"""Plain bytes in, compressed bytes out: the other way of `corpus.formats.compression`."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

__all__ = ["packed"]


@contextmanager
def packed(file: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    """A file to write plain bytes to, compressed as the end of a name says.

    The stream ends with the block, the file stays open. Equal bytes give equal bytes: no time or
    name is kept.

    Parameters
    ----------
    file : binary file
    suffix : str
        A key of `COMPRESSIONS`.

    Examples
    --------
    >>> import io
    >>> stored = io.BytesIO()
    >>> with packed(stored, ".gz") as plain:
    ...     _ = plain.write(b"a line")
    >>> gzip.decompress(stored.getvalue())
    b'a line'
    """
    if not suffix:
        yield file
        return
    with _opened(file, suffix) as plain:
        yield plain


def _opened(file: IO[bytes], suffix: str) -> IO[bytes]:
    found: Any
    if suffix == ".gz":
        found = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
    elif suffix == ".bz2":
        found = bz2.BZ2File(file, "wb")
    elif suffix == ".xz":
        found = lzma.open(file, "wb")  # noqa: SIM115  (the caller's block closes it)
    else:
        import zstandard

        found = zstandard.ZstdCompressor(write_checksum=True).stream_writer(file, closefd=False)
    return cast(IO[bytes], found)
