"""What the one JSON value of a file is: a row, rows in a wrapper, a table, or a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from provenance.corpus.chats.shapes import holds_chat, holds_turns
from provenance.corpus.chats.turns import ROLE_KEYS, TEXT_KEYS
from provenance.corpus.document import TEXT_FIELDS, BadRow

__all__ = ["Columns", "rows_of"]

Columns = Callable[[Sequence[str]], list[str] | None]
"""Given the names of columns, the ones that are needed; None where the text is not among them."""

_SPLIT_KEYS: Final = frozenset({"columns", "index", "data", "index_names", "column_names"})
"""What pandas writes with ``orient="split"`` and ``orient="tight"``."""


def rows_of(value: object, columns: Columns) -> list[object] | None:
    """Find the rows in the one object of a file; None where it is a row itself.

    It is a wrapper only where it holds nothing but one list of objects, no turns, and lies outside
    the way to the text field. It is a table where it holds columns of one length, as lists or by
    number, or is what pandas writes with any other ``orient``.

    Examples
    --------
    >>> rows_of({"data": [{"text": "a"}, {"text": "b"}]}, lambda names: None)
    [{'text': 'a'}, {'text': 'b'}]
    >>> rows_of({"text": ["a", "b"], "label": [0, 1]}, lambda names: names)
    [{'text': 'a', 'label': 0}, {'text': 'b', 'label': 1}]
    >>> rows_of({"title": "t", "passages": [{"text": "a"}]}, lambda names: None)
    """
    if not isinstance(value, dict) or not value:
        return None
    for find in (_of_split, _of_schema, _of_lists, _of_numbered_columns, _of_numbered_rows):
        rows = find(value)
        if rows is not None:
            return rows
    return _wrapped(value, columns)


def _wrapped(value: dict[str, Any], columns: Columns) -> list[object] | None:
    if len(value) > 1:
        return None
    ((name, rows),) = value.items()
    is_text = name in TEXT_FIELDS or columns([name]) is not None
    if is_text or not _is_of_objects(rows) or holds_turns(rows):
        return None
    return list(rows)


def _is_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) for i in value)


def _of_split(value: dict[str, Any]) -> list[object] | None:
    names, data = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(data, list) or not value.keys() <= _SPLIT_KEYS:
        return None
    if not all(isinstance(name, str) for name in names) or not _are_lists(data):
        return None
    if len(set(names)) < len(names):
        raise BadRow("two columns of the table have one name", "a name for each column")
    return [_row(names, cells) for cells in data]


def _are_lists(value: list[Any]) -> bool:
    return all(isinstance(item, list) for item in value)


def _row(names: list[str], cells: list[Any]) -> object:
    if len(cells) != len(names):
        return BadRow(f"the row has {len(cells)} fields", f"{len(names)}, as there are columns")
    return dict(zip(names, cells, strict=True))


def _of_schema(value: dict[str, Any]) -> list[object] | None:
    """What pandas writes with ``orient="table"``."""
    if value.keys() != {"schema", "data"} or not _is_of_objects(value["data"]):
        return None
    schema = value["schema"]
    return list(value["data"]) if isinstance(schema, dict) and "fields" in schema else None


def _of_lists(value: dict[str, Any]) -> list[object] | None:
    columns = list(value.values())
    if not _are_lists(columns) or len({len(column) for column in columns}) > 1 or not columns[0]:
        return None
    if _is_one_chat(value):
        return None
    if any(_is_of_objects(column) and holds_turns(column) for column in columns):
        return None
    # Objects in every column are lists of a row; a table has texts somewhere, or chats.
    if not any(_holds_texts(column) for column in columns):
        return None
    return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _is_one_chat(value: dict[str, list[Any]]) -> bool:
    """Whether lists are one conversation: strings in turn, or roles beside what they said."""
    if len(value) == 1:
        ((name, strings),) = value.items()
        try:
            return holds_chat(strings, name)
        except BadRow:
            # A chat that cannot be read is told where its row is.
            return True
    names = {name.lower() for name in value}
    return len(value) == 2 and not names.isdisjoint(ROLE_KEYS) and not names.isdisjoint(TEXT_KEYS)


def _holds_texts(column: list[Any]) -> bool:
    cell = next((cell for cell in column if cell is not None), None)
    return isinstance(cell, str) or (isinstance(cell, list) and holds_turns(cell))


def _of_numbered_columns(value: dict[str, Any]) -> list[object] | None:
    """Columns as objects from the number of a row to its cell, as ``DataFrame.to_json`` writes."""
    columns = list(value.values())
    if not all(isinstance(column, dict) for column in columns) or _are_numbers(value):
        return None
    numbers = columns[0].keys()
    if not _are_numbers(numbers) or any(column.keys() != numbers for column in columns):
        return None
    return [{name: column[number] for name, column in value.items()} for number in numbers]


def _are_numbers(names: Any) -> bool:
    return bool(names) and all(name.isdecimal() for name in names)


def _of_numbered_rows(value: dict[str, Any]) -> list[object] | None:
    """Rows under their numbers, as pandas writes with ``orient="index"``; or turns under theirs."""
    rows = list(value.values())
    if not _are_numbers(value) or not _is_of_objects(rows):
        return None
    return [{"messages": rows}] if holds_turns(rows) else rows
