"""Rows of a comma-separated table, and the signs that a quote swallowed some of them.

Spreadsheets of half of Europe write semicolons into a ``.csv``: a header that holds no comma and is
parted by something else says what parts the rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, Final

from provenance.corpus.document import ROW_LIMIT, BadRow
from provenance.corpus.formats.textlines import lines_of
from provenance.corpus.lost import MANY_LINES, Doubt, LostTail, SwallowedRows

__all__ = ["comma_rows"]

_OTHERS: Final = (";", "\t", "|")
"""What parts the fields of a table whose header has no comma; the first that does."""
_SAID: Final = re.compile(r"sep=([;\t|,])\r?\n?")
"""The line before the header by which a spreadsheet is told what parts the fields."""
_QUOTES: Final = "quotes closed and doubled inside"
_LOOKED_AT: Final = 100
"""Lines of a field that are looked at; a round figure, not tuned."""
_MOST_ALIKE: Final = 5
"""Lines of as many fields as the table has, after which chance is no explanation; not tuned."""
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


class _TooLong(csv.Error):
    pass


class _Lines:
    """Decoded lines for the csv module that know where they are and how long the row is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = lines_of(stream)
        self._row_bytes = 0
        self.number = 0
        self.is_cut = False
        self.has_spaces = False
        self.delimiter = self._parted_by()

    def _parted_by(self) -> str:
        """What parts the fields, by the first line, which is read again unless it says so alone."""
        first = next(self._lines, b"")
        told = _SAID.fullmatch("" if first is None else first.decode("utf-8", "replace"))
        if told is not None:
            self.number += 1
            return told[1]
        self._lines = chain([first], self._lines) if first != b"" else self._lines
        header = "" if first is None else first.decode("utf-8", "replace")
        delimiter = _delimiter(header)
        self.has_spaces = any(name[:1] == " " for name in _split(header, delimiter)[1:])
        return delimiter

    def begin_row(self) -> int:
        """Number of the line that comes next."""
        self._row_bytes = 0
        return self.number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self._row_bytes += ROW_LIMIT + 1 if line is None else len(line)
        if line is None or self._row_bytes > ROW_LIMIT:
            raise _TooLong(f"the row is longer than {ROW_LIMIT // 2**20} MiB")
        self.is_cut = not line.endswith(b"\n")
        return line.decode("utf-8", "surrogateescape")


@contextmanager
def _field_limit(limit: int) -> Iterator[None]:
    # The csv module knows one limit for the whole process: it is given back at once.
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def comma_rows(stream: BinaryIO) -> Iterator[tuple[int, list[str] | BadRow | Doubt, bool]]:
    """Yield line, fields and whether the row is the last and its line has no end.

    A field over several lines is right where it was meant. Where its lines look like rows of this
    table, or are very many, the row is followed by a `Doubt`.
    """
    lines = _Lines(stream)
    # A quote behind a space is one only where the header, too, has spaces before its names.
    rows = csv.reader(
        lines, delimiter=lines.delimiter, strict=True, skipinitialspace=lines.has_spaces
    )
    while True:
        number = lines.begin_row()
        try:
            with _field_limit(ROW_LIMIT):
                row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            bad = _bad(error, number, lines.number)
            yield number, bad, False
            if isinstance(error, _TooLong) and isinstance(bad, LostTail):
                return
            continue
        if row:
            yield number, row, lines.is_cut
        if lines.number > number and (what := _swallowed(row, lines.delimiter)):
            yield number, Doubt(what), False


def _bad(error: csv.Error, first: int, last: int) -> BadRow:
    what = f"the row is not CSV ({error})"
    if isinstance(error, _TooLong):
        # Inside quotes: the lines that follow are pieces of this row, not rows.
        is_open = last > first
        more = "; the rest of the file is not read" if is_open else ""
        return (LostTail if is_open else BadRow)(f"{what}{more}", _QUOTES)
    if "unexpected end" in str(error):
        n_lines = last - first + 1
        more = f"; a quote opens and is never closed, {n_lines:,} lines are lost"
        return LostTail(f"{what}{more if n_lines > 1 else ''}", _QUOTES)
    if last > first:
        more = f"; a quote holds the lines {first:,} to {last:,}, and how many rows they are is"
        return SwallowedRows(f"{what}{more} not known", _QUOTES)
    return BadRow(what, _QUOTES)


def _swallowed(row: list[str], delimiter: str) -> str:
    """Why a row may be several; empty where nothing says so."""
    for place, field in enumerate(row):
        if "\n" not in field:
            continue
        n_lines = field.count("\n") + 1
        if n_lines > MANY_LINES:
            return f"one field runs over {n_lines:,} lines: a quote may be open"
        if _are_rows(field.split("\n", _LOOKED_AT + 1)[1 : _LOOKED_AT + 1], row, place, delimiter):
            return f"one field runs over {n_lines:,} lines that look like rows"
    return ""


def _are_rows(lines: list[str], row: list[str], place: int, delimiter: str) -> bool:
    """Whether half of the lines hold what the row holds beside the field at ``place``."""
    split = [_split(line, delimiter) for line in lines]
    full = [fields for fields in split if len(fields) == len(row)]
    if len(row) < 2 or 2 * len(full) < len(lines):
        return False
    alike = sum(_is_alike(fields, row, place) for fields in full)
    return 2 * alike >= len(lines) or len(full) == len(lines) >= _MOST_ALIKE


def _split(line: str, delimiter: str) -> list[str]:
    # A return within a line is part of a field; the csv module takes it for an end.
    return next(csv.reader([line.rstrip("\r\n").replace("\r", " ")], delimiter=delimiter), [])


def _delimiter(header: str) -> str:
    """What parts the fields of a table with this header.

    Examples
    --------
    >>> [_delimiter(header) for header in ("id,text", "id;text", "text", "a;b,text")]
    [',', ';', ',', ',']
    """
    if len(header) > ROW_LIMIT or len(_split(header, ",")) > 1:
        return ","
    return next((one for one in _OTHERS if len(_split(header, one)) > 1), ",")


def _is_alike(fields: list[str], row: list[str], place: int) -> bool:
    others = [at for at in range(len(row)) if at != place]
    return all(_kind(fields[at]) == _kind(row[at]) != "words" for at in others)


def _kind(field: str) -> str:
    if _NUMBER.fullmatch(field):
        return "number"
    return "words" if not field or any(map(str.isspace, field)) else "word"
