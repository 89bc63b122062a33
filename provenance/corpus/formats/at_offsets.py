"""Lines of a plain file that begin within a stretch of it, whatever stands before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from provenance.corpus.document import ROW_LIMIT

__all__ = ["ByteOffset", "line_starts", "lines_within"]

_REST = 2**16
"""Bytes read on at once where a line does not end; a round figure, not tuned."""


class ByteOffset(int):
    """Where a row begins in its file, in bytes from 0; shown as such, since lines are counted.

    Examples
    --------
    >>> f"a.jsonl:{ByteOffset(120)}"
    'a.jsonl:byte 120'
    """

    def __str__(self) -> str:
        return f"byte {int(self)}"


def line_starts(window: bytes, begin: int, first: int) -> list[int]:
    """Where lines begin within a stretch.

    Parameters
    ----------
    window : bytes
        From the byte before the stretch to the byte before its last; from `first` on where the
        stretch begins there.
    begin : int
        Where the stretch begins.
    first : int
        Where the first line of the file begins.

    Examples
    --------
    >>> line_starts(b"b\\ncd\\n", 1, 0), line_starts(b"ab\\nc", 0, 0)
    ([2, 5], [0, 3])
    """
    is_first = begin <= first
    at = first - 1 if is_first else begin - 1
    window = b"\n" + window if is_first else window
    found = []
    place = window.find(b"\n")
    while place >= 0:
        found.append(at + place + 1)
        place = window.find(b"\n", place + 1)
    return found


def lines_within(
    stream: BinaryIO, begin: int, end: int, first: int, size: int
) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line that begins in ``[begin, end)`` and where it does; None where it is too long.

    Each line of a file begins in one of the stretches that it is cut into, so that stretches drawn
    alike give each line the same chance, however long it is and whatever stands before it.

    Parameters
    ----------
    stream : binary file
        That seeks.
    begin, end : int
        The stretch, in bytes.
    first : int
        Where the first line of the file begins.
    size : int
        Bytes of the file.

    Examples
    --------
    >>> import io
    >>> lines = io.BytesIO(b"a\\nlonger\\nc\\n")
    >>> [*lines_within(lines, 1, 9, 0, 11)]
    [(2, b'longer\\n')]
    """
    at = first if begin <= first else begin - 1
    end = min(end, size)
    if end <= at:
        return
    stream.seek(at)
    # The lines that begin here end soon after it, mostly.
    data = stream.read(2 * (end - at))
    for start in line_starts(data[: end - 1 - at], begin, first):
        if start >= end:
            break
        line = _from(stream, data, start - at, at)
        if line != b"":
            yield start, line


def _from(stream: BinaryIO, data: bytes, start: int, at: int) -> bytes | None:
    """The line at `start` of the data, read on to its end."""
    end = data.find(b"\n", start)
    if end >= 0:
        return data[start : end + 1]
    parts = [data[start:]]
    length = len(parts[0])
    stream.seek(at + len(data))
    while length <= ROW_LIMIT:
        more = stream.readline(min(_REST, ROW_LIMIT + 1 - length))
        parts.append(more)
        length += len(more)
        if not more or more.endswith(b"\n"):
            return b"".join(parts)
    return None
