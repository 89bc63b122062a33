"""Rows of a tab-separated table, in which a quote may be a quote or a character.

Some writers quote as in CSV, others never. A quote is read as a quote where it opens a field and
closes it before the next tab or the end of a line, doubled inside, and the row has as many fields
as the header. Over several lines it is one only where the row then fits the header, unless its
first line and half of those inside it are rows by themselves. Any other quote is a character.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final

from provenance.corpus.document import ROW_LIMIT, BadRow
from provenance.corpus.formats.textlines import lines_of, too_long
from provenance.corpus.lost import MANY_LINES, Doubt, Noted

__all__ = ["tab_rows"]

_FIELD: Final = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"(?=\t|\Z)|([^\t]*)')
_OPEN: Final = re.compile(r'"[^"]*+(?:""[^"]*+)*+\Z')
_LONE: Final = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
_MOST_OPEN: Final = 100
"""Fields over several lines in one row; a round figure, not tuned."""

_Event = list[str] | BadRow | Doubt | Noted


class _Ahead:
    """Decoded lines, some of them read before they are asked for; a failure waits its turn."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = lines_of(stream)
        self._ahead: deque[str | None] = deque()
        self._failed: OSError | None = None
        self._is_over = False
        self.number = 0
        self.is_cut = False

    def next(self) -> str | None:
        """The next line, None where it is too long.

        Raises
        ------
        StopIteration
        OSError
        """
        if not self._ahead and not self._fill():
            raise self._failed or StopIteration
        self.number += 1
        return self._ahead.popleft()

    def peek(self, place: int) -> str | None:
        """The line ``place`` lines ahead, None where there is none or it is too long."""
        while len(self._ahead) <= place:
            if not self._fill():
                return None
        return self._ahead[place]

    @property
    def is_last(self) -> bool:
        """Whether the line given last is the last and has no end."""
        return not self._ahead and self.is_cut

    def skip(self, count: int) -> None:
        """Pass over lines that were read ahead."""
        self.number += count
        for _ in range(count):
            self._ahead.popleft()

    def _fill(self) -> bool:
        if self._is_over:
            return False
        try:
            line = next(self._lines, b"")
        except OSError as error:
            self._failed, line = error, b""
        if line == b"":
            self._is_over = True
            return False
        self.is_cut = line is not None and not line.endswith(b"\n")
        self._ahead.append(None if line is None else _decoded(line))
        return True


def _decoded(line: bytes) -> str:
    text = line.decode("utf-8", "surrogateescape")
    return text.removesuffix("\n").removesuffix("\r")


def tab_rows(stream: BinaryIO) -> Iterator[tuple[int, _Event, bool]]:
    """Yield line, fields and whether the row is the last and its line has no end."""
    lines = _Ahead(stream)
    width = 0
    while True:
        try:
            line = lines.next()
        except StopIteration:
            return
        number = lines.number
        if line is None:
            yield number, too_long("the row"), False
            continue
        if not line:
            continue
        row, events = _row(line, lines, width)
        width = width or len(row)
        yield number, row, lines.is_last
        yield from ((number, event, False) for event in events)


def _row(line: str, lines: _Ahead, width: int) -> tuple[list[str], list[_Event]]:
    if '"' not in line:
        return line.split("\t"), []
    fields, opened = _cut(line)
    if opened and width:
        joined = _joined(line, lines, width)
        if joined is not None:
            return joined
    if width and len(fields) != width:
        plain = line.split("\t")
        fields, opened = (plain, True) if len(plain) == width else (fields, opened)
    return fields, [Noted("quotes")] if opened else []


def _cut(text: str) -> tuple[list[str], bool]:
    """Fields of one line, and whether the last begins with a quote that nothing closes."""
    fields: list[str] = []
    at = 0
    while True:
        found = _FIELD.match(text, at)
        assert found is not None, "the second branch matches anything"
        quoted, plain = found.groups()
        if quoted is None and plain.startswith('"') and _OPEN.match(text, at):
            return [*fields, *text[at:].split("\t")], True
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end() + 1
        if at > len(text):
            return fields, False


def _joined(line: str, lines: _Ahead, width: int) -> tuple[list[str], list[_Event]] | None:
    """The row over several lines that begins here, None where its quote is a character."""
    parts, size, n_open = [line], len(line), 0
    while n_open < _MOST_OPEN:
        more = lines.peek(len(parts) - 1)
        if more is None or (size := size + len(more)) > ROW_LIMIT:
            return None
        parts.append(more)
        lone = _LONE.match(more)
        if lone is None:
            continue
        if more[lone.end() : lone.end() + 1] not in ("", "\t"):
            return None
        fields, opened = _cut("\n".join(parts))
        n_open += 1
        if not opened:
            return _fitted(fields, parts, lines, width)
    return None


def _fitted(
    fields: list[str], parts: list[str], lines: _Ahead, width: int
) -> tuple[list[str], list[_Event]] | None:
    if len(fields) != width:
        return None
    looks_like_rows = _look_like_rows(parts, width)
    # Of one column, every line is a row by itself: that says nothing, and is told.
    if width > 1 and looks_like_rows and _may_be_row(parts[0], width):
        return None
    lines.skip(len(parts) - 1)
    doubtful = width == 1 or looks_like_rows or len(parts) > MANY_LINES
    what = f"one field runs over {len(parts):,} lines: a quote may be a character"
    return fields, [Doubt(what)] if doubtful else []


def _look_like_rows(parts: list[str], width: int) -> bool:
    """Whether half of the lines inside the row are rows; of two lines, whether the second is."""
    inner = parts[1:-1]
    if not inner:
        return _may_be_row(parts[0], width) and _may_be_row(parts[-1], width)
    return 2 * sum('"' not in part and _may_be_row(part, width) for part in inner) >= len(inner)


def _may_be_row(line: str, width: int) -> bool:
    return line.count("\t") == width - 1
