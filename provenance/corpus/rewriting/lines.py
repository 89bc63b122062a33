"""Rows of text formats as the bytes that they stand in.

The readers of the formats tell on which line a row begins; what stands between two beginnings is
the row. So a row that is written again is the same bytes, however it is quoted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any, BinaryIO, Final, cast

import orjson

from provenance.corpus.document import BadRow
from provenance.corpus.formats.by_name import Reader
from provenance.corpus.formats.compression import BUFFER
from provenance.corpus.formats.jsonsplit import rows_of_list
from provenance.corpus.formats.jsonvalues import parse_json
from provenance.corpus.lost import Doubt, Noted
from provenance.corpus.rewriting.choosing import NOT_JUDGED, TAG, Choose
from provenance.errors import InputError

__all__ = ["write_list", "write_rows"]

_MOST_HELD: Final = 128 << 20
"""Bytes of rows that are held before it is known where they end: four of the longest rows."""


class _Recorded:
    """A stream whose lines are kept until it is known of which row they are."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._kept: deque[tuple[int, bytes]] = deque()
        self._held = 0
        self._line = 1

    def readline(self, size: int = -1) -> bytes:
        data = self._stream.readline(size)
        if data:
            self._kept.append((self._line, data))
            self._held += len(data)
            self._line += data.endswith(b"\n")
        if self._held > _MOST_HELD:
            raise InputError(
                f"a row is longer than {_MOST_HELD >> 20} MiB",
                where=str(self._kept[0][0]),
                expected="rows that can be held",
                remedy="Take it out of the corpus, and match again",
            )
        return data

    def before(self, line: int | None) -> bytes:
        """What was read and stands before a line; all of it where none is named."""
        found = []
        while self._kept and (line is None or self._kept[0][0] < line):
            found.append(self._kept.popleft()[1])
            self._held -= len(found[-1])
        return b"".join(found)

    def unread(self) -> Iterator[bytes]:
        while chunk := self._stream.read(BUFFER):
            yield chunk


def _raw_rows(stream: BinaryIO, read: Reader) -> Iterator[tuple[int, bytes, bool]]:
    """Line and bytes of each row, and whether it is a bad one.

    Line 0 is what is no row: a header, what nobody could read.
    """
    recorded = _Recorded(stream)
    current, is_bad = 0, False
    try:
        for line, record in read(cast(BinaryIO, recorded), lambda names: None):
            if line != current and not isinstance(record, Doubt | Noted):
                yield current, recorded.before(line), is_bad
                current, is_bad = line, isinstance(record, BadRow)
    except BadRow:  # such as a table without a header
        current, is_bad = 0, True
    yield current, recorded.before(None), is_bad
    for chunk in recorded.unread():
        yield 0, chunk, False


def write_rows(
    stream: BinaryIO, read: Reader, out: IO[bytes], choose: Choose, delimiter: str
) -> None:
    """Write the rows of a text file that are kept, byte for byte, and all that is no row.

    Parameters
    ----------
    stream : binary file
        Plain bytes, behind a byte order mark.
    read : callable
        The reader of the format.
    out : binary file
    choose : callable
    delimiter : str
        Of the cells of a table; empty for JSON lines.

    Raises
    ------
    InputError
        Where a row cannot be held, or has the key of a tag already.
    """
    tag = _cell(delimiter) if delimiter else _key
    is_first = True
    for line, raw, is_bad in _raw_rows(stream, read):
        if not raw:
            continue
        if not line:
            # A header is a row of cells too, if any row is tagged; nothing has been asked yet.
            out.write(
                _header(raw, delimiter, choose) if is_first and delimiter and not is_bad else raw
            )
            is_first = False
            continue
        is_first = False
        body, ending = _ended(raw)
        choice = choose(line)
        if choice.keep:
            # A cell behind those of a bad row would stand under another name.
            out.write(body if choice.tag is None or is_bad else tag(body, choice.tag, line))
            out.write(ending)
        else:
            # The end of the row goes with it; blank lines below it are no part of it.
            out.write(ending.partition(b"\n")[2])


def _header(raw: bytes, delimiter: str, choose: Choose) -> bytes:
    if choose(0).tag is None:
        return raw
    body, ending = _ended(raw)
    names = body.decode("utf-8", "replace").split(delimiter)
    if TAG in [name.strip(' "') for name in names]:
        raise _is_tagged(1)
    return body + f"{delimiter}{TAG}".encode() + ending


def _ended(raw: bytes) -> tuple[bytes, bytes]:
    """A row, and the end of its last line with the blank lines below."""
    end = raw.find(b"\n", len(raw.rstrip()))
    if end < 0:
        return raw, b""
    end -= raw[end - 1 : end] == b"\r"
    return raw[:end], raw[end:]


def _is_tagged(line: int) -> InputError:
    return InputError(
        f"the row has a {TAG!r} already",
        where=str(line),
        expected="a corpus that is not tagged",
        remedy="Take the column away, and match again",
    )


def _cell(delimiter: str) -> Callable[[bytes, str, int], bytes]:
    def tagged(body: bytes, words: str, line: int) -> bytes:
        needs_quotes = any(sign in words for sign in (delimiter, '"', "\n", "\r"))
        cell = '"' + words.replace('"', '""') + '"' if needs_quotes else words
        return body + f"{delimiter}{cell}".encode("utf-8", "replace")

    return tagged


def _key(body: bytes, words: str, line: int) -> bytes:
    record: Any = None
    with suppress(BadRow):
        record = parse_json(body)
    if not isinstance(record, dict):
        if words == NOT_JUDGED:
            return body
        raise InputError(
            "the row has no room for a tag",
            where=str(line),
            expected="JSON objects",
            remedy="Write the texts as JSON lines, and match again",
        )
    if TAG in record:
        raise _is_tagged(line)
    comma = b", " if record else b""
    pair = orjson.dumps(TAG) + b": " + orjson.dumps(words.encode("utf-8", "replace").decode())
    end = len(body.rstrip())
    return body[: end - 1] + comma + pair + body[end - 1 :]


def write_list(stream: BinaryIO, out: IO[bytes], choose: Choose) -> None:
    """Write a JSON list of rows again, one row a line.

    Raises
    ------
    BadRow
        Where the file is not one list of rows.
    InputError
        Where a row has the key of a tag already.
    """
    has_rows = False
    for number, row in enumerate(rows_of_list(stream), 1):
        choice = choose(number)
        if choice.keep:
            out.write(b",\n" if has_rows else b"[\n")
            out.write(row if choice.tag is None else _key(row, choice.tag, number))
            has_rows = True
    out.write(b"\n]\n" if has_rows else b"[]\n")
