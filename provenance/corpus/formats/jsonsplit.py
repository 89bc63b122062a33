"""Cut a stream of JSON values into the bytes of each, without parsing or holding the whole.

``[{"text": "a"}, {"text": "b"}]`` and ``{"data": [{"text": "a"}, {"text": "b"}]}`` both give the
two inner objects; what else one object may be stands in `jsonshapes`. Only strings and brackets
are looked at, so depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from provenance.corpus.chats.shapes import holds_turns
from provenance.corpus.document import ROW_LIMIT, BadRow, Row
from provenance.corpus.formats.compression import BUFFER
from provenance.corpus.formats.jsonshapes import Columns, rows_of
from provenance.corpus.formats.jsonvalues import parse_json, parse_mended
from provenance.corpus.lost import Noted

__all__ = ["is_lines", "rows_of_list", "split"]

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.DOTALL)
_SPACE = re.compile(rb"[\s,:]*")
_OPENING = re.compile(rb"\[\s*(\S)")
_SCALAR = re.compile(rb"[^\s,:\]}]+")
_FRONT: Final = 8
"""Elements of an array that are looked at for turns; a round figure, not tuned."""


class _TooLong(BadRow):
    pass


def is_lines(head: bytes) -> bool:
    """Whether the beginning of a file is that of JSON lines: a whole row, and more below it."""
    line, _, rest = head.partition(b"\n")
    if not line.lstrip().startswith(b"{") or not rest.strip():
        return False
    try:
        return isinstance(parse_json(line), dict)
    except BadRow:
        return False


class _Splitter:
    """A window on the stream; ``_at`` is where the next value is looked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = b""
        self._at = 0

    def _more(self) -> bool:
        """Drop what was read and read on; twice as much each time a value does not end."""
        kept = self._buffer[self._at :]
        if len(kept) > ROW_LIMIT:
            raise _TooLong(f"a value is longer than {ROW_LIMIT // 2**20} MiB", "one row a value")
        chunk = self._stream.read(max(BUFFER, len(kept)))
        self._buffer, self._at = kept + chunk, 0
        return bool(chunk)

    def next(self) -> bytes:
        """First byte of what comes after space, commas and colons; empty at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def step(self) -> None:
        """Go into the array or object that comes next, or over its end."""
        self._at += 1

    def value(self) -> bytes:
        """Bytes of the value that comes next."""
        size = self._nested_size() if self.next() in (b'"', b"[", b"{") else self._scalar_size()
        start, self._at = self._at, self._at + size
        return self._buffer[start : self._at]

    def _nested_size(self) -> int:
        depth = size = 0
        while True:
            for token in _TOKEN.finditer(self._buffer, self._at + size):
                text = token[0]
                if text == b'"':
                    break
                size = token.end() - self._at
                depth += (text in (b"[", b"{")) - (text in (b"]", b"}"))
                if depth <= 0:
                    return size
            if not self._more():
                raise BadRow("the JSON ends early", "a whole file", "Fetch or write it again")

    def _scalar_size(self) -> int:
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            if found is None:
                raise BadRow("the file is not JSON (a bracket closes nothing)", "JSON values")
            if found.end() < len(self._buffer) or not self._more():
                return found.end() - found.start()

    def elements(self) -> Iterator[bytes]:
        """Bytes of each element of the array that comes next."""
        self.step()
        while (first := self.next()) != b"]":
            if not first:
                raise BadRow("the JSON array is not closed", "a whole file", "Fetch it again")
            yield self.value()
        self.step()

    def opens_records(self) -> bool:
        """Whether an array of objects comes next."""
        if self.next() != b"[":
            return False
        while (found := _OPENING.match(self._buffer, self._at)) is None and self._more():
            pass
        return found is not None and found[1] == b"{"


def split(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Give each object of an array, of an object that is a wrapper or a table, or of a run."""
    number = 0
    for record in _split(_Splitter(stream), columns):
        number += not isinstance(record, Noted)
        yield max(1, number), record


def rows_of_list(stream: BinaryIO) -> Iterator[bytes]:
    """Bytes of each row of a file that is one list of rows, numbered as `split` does.

    Raises
    ------
    BadRow
        Where the file is something else: a wrapper, a table in one object, one chat, several lists.

    Examples
    --------
    >>> import io
    >>> list(rows_of_list(io.BytesIO(b'[{"text": "a"}, {"text":"b"}]')))
    [b'{"text": "a"}', b'{"text":"b"}']
    """
    text = _Splitter(stream)
    other = BadRow("the file is not one list of rows", "a list of rows, or JSON lines")
    if text.next() != b"[":
        raise other
    elements = text.elements()
    front, failed = _front(elements)
    if failed is not None or _are_turns(front):
        raise failed or other
    yield from front
    yield from elements
    if text.next():
        raise other


def _split(text: _Splitter, columns: Columns) -> Iterator[object]:
    is_first = True
    while first := text.next():
        if first == b"[":
            yield from _array(text)
        elif first == b"{":
            yield from _first_object(text, columns) if is_first else [text.value()]
        else:
            _refuse_scalar(text.value())
        is_first = False


def _refuse_scalar(value: bytes) -> None:
    parse_json(value)
    kind = {b'"': "string", b"t": "true", b"f": "false", b"n": "null"}.get(value[:1], "number")
    raise BadRow(f"a JSON {kind} stands where rows should", "a list of rows, or an object a row")


def _array(text: _Splitter) -> Iterator[object]:
    """Rows of an array; the turns of a chat are one row, whose messages they are."""
    elements = text.elements()
    front, failed = _front(elements)
    if not _are_turns(front):
        yield from map(_element, front)
        if failed is not None:
            raise failed
        yield from map(_element, elements)
        return
    if failed is not None:
        raise failed
    yield _conversation(front, elements)


def _front(elements: Iterator[bytes]) -> tuple[list[bytes], BadRow | None]:
    """The first elements, and what ended them early."""
    front: list[bytes] = []
    size = 0
    try:
        while len(front) < _FRONT and size <= ROW_LIMIT:
            front.append(next(elements))
            size += len(front[-1])
    except StopIteration:
        return front, None
    except BadRow as bad:
        return front, bad
    return front, None


def _are_turns(elements: list[bytes]) -> bool:
    if not elements or not all(element.startswith(b"{") for element in elements):
        return False
    try:
        return holds_turns([parse_json(element) for element in elements])
    except BadRow:
        return False


def _conversation(turns: list[bytes], more: Iterator[bytes]) -> bytes:
    size = sum(map(len, turns))
    for turn in more:
        size += len(turn)
        if size > ROW_LIMIT:
            raise BadRow(
                f"a list of turns is longer than {ROW_LIMIT // 2**20} MiB",
                "one conversation",
                "Write one conversation a line, as JSON lines",
            )
        turns.append(turn)
    return b'{"messages": [' + b", ".join(turns) + b"]}"


def _element(element: bytes) -> bytes:
    """A row of an array; a list of turns among them is a conversation."""
    if not element.startswith(b"["):
        return element
    try:
        value = parse_json(element)
    except BadRow:
        return element
    is_chat = isinstance(value, list) and bool(value) and holds_turns(value)
    return b'{"messages": ' + element + b"}" if is_chat else element


def _first_object(text: _Splitter, columns: Columns) -> Iterator[object]:
    try:
        value = text.value()
    except _TooLong:
        yield from _long_object(text, columns)
        return
    if text.next():
        yield value
        return
    try:
        parsed, n_mended = parse_mended(value)
    except BadRow:
        yield value
        return
    rows = rows_of(parsed, columns)
    if rows is None:
        yield value
        return
    if n_mended:
        yield Noted("mended", n_mended)
    yield from rows


def _long_object(text: _Splitter, columns: Columns) -> Iterator[object]:
    """Rows of an object too long to be held, which has to be one list of them."""
    text.step()
    name = "" if text.next() != b'"' else parse_json(text.value())
    if not text.opens_records() or columns([str(name)]) is not None:
        raise BadRow(
            f"an object is longer than {ROW_LIMIT // 2**20} MiB",
            "one row an object",
            "Write one row a line, as JSON lines",
        )
    yield from _array(text)
    if text.next() != b"}":
        raise BadRow("the object holds more than its list of rows", "a list of rows alone")
    text.step()
