"""Cut a stream of JSON values into the bytes of each, without parsing or holding the whole.

``[{"text": "a"}, {"text": "b"}]`` and ``{"data": [{"text": "a"}, {"text": "b"}]}`` both give the
two inner objects. Only strings and brackets are looked at, so depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from provenance.corpus.compression import BUFFER
from provenance.corpus.document import ROW_LIMIT, TEXT_FIELDS, BadRow, Row

__all__ = ["is_lines", "split"]

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.DOTALL)
_SPACE = re.compile(rb"[\s,:]*")
_OPENING = re.compile(rb"\[\s*(\S)")
_SCALAR = re.compile(rb"[^\s,:\]}]+")


class _TooLong(BadRow):
    pass


def _records(value: object) -> list[object] | None:
    """Find the one list of objects in an object that holds no text itself, else None."""
    if not isinstance(value, dict) or not value.keys().isdisjoint(TEXT_FIELDS):
        return None
    lists = [item for item in value.values() if _is_of_objects(item)]
    return lists[0] if len(lists) == 1 else None


def _is_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) for i in value)


def is_lines(head: bytes) -> bool:
    """Whether the beginning of a file is that of JSON lines: its first line is a whole row."""
    line, _, rest = head.partition(b"\n")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, dict) and (bool(rest.strip()) or _records(value) is None)


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

    def inner_list(self) -> Iterator[bytes]:
        """Elements of the first list of objects in an object too long to be held."""
        self.step()
        while self.next() not in (b"}", b""):
            if self.value().strip(b'"').decode(errors="replace") in TEXT_FIELDS:
                raise _TooLong("an object is longer than the limit", "one row an object")
            if self.opens_records():
                yield from self.elements()
            elif self.next():
                self.value()
        self.step()


def split(stream: BinaryIO) -> Iterator[Row]:
    """Give each object of an array, of an object that holds one list, or of a run of objects."""
    return enumerate(_split(_Splitter(stream)), 1)


def _split(text: _Splitter) -> Iterator[object]:
    while first := text.next():
        if first == b"[":
            yield from text.elements()
            continue
        try:
            value = text.value()
        except _TooLong:
            if first != b"{":
                raise
            yield from text.inner_list()
            continue
        yield from _unwrapped(value)


def _unwrapped(value: bytes) -> list[object]:
    try:
        records = _records(orjson.loads(value))
    except orjson.JSONDecodeError:
        return [value]
    return [value] if records is None else records
