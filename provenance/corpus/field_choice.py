"""Which field each row of a file is read in, by the fields in which the row says something.

A row of a table has all columns and leaves some empty; a line of JSON leaves keys out. Both are the
same row here, and no row decides for those that say something elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from provenance.corpus.fields import BODIES, found_text_field, telling_fields
from provenance.corpus.row_roles import SIDE_COLUMNS, Sides
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["FieldChoice"]

_MOST: Final = 1000
"""Kinds of rows that are kept in mind; a round figure, not tuned."""


class FieldChoice:
    """Choose the field of the text of each row of a file.

    Parameters
    ----------
    path : str
        The file as shown to people.

    Examples
    --------
    >>> choice = FieldChoice("a.jsonl")
    >>> choice.of({"prompt": "Why?", "output": "It is."}), choice.of({"text": "So it is."})
    ('output', 'text')
    >>> choice.of({"text": "Why is it?", "answer": "It is so."})
    Traceback (most recent call last):
    provenance.errors.InputError: ...
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: dict[tuple[str, ...], str] = {}
        self._keys: tuple[str, ...] = ()
        self._telling: list[str] = []
        self._may_be_sides = False
        self._sides = Sides(path)
        self._alone: set[str] = set()
        self._answered: dict[str, str] = {}

    def of(self, record: Mapping[str, Any]) -> str:
        """Name the field of one row.

        Raises
        ------
        BadRow
            Where it has none.
        InputError
            Where it may be one of several and nobody said which, or where rows before it were
            read in a field that is a question in this one.
        """
        keys = tuple(record)
        if keys != self._keys:
            self._learn(keys)
        says = tuple([name for name in self._telling if _says(record[name])])
        found = self._found.get(says)
        if found is None:
            found = self._weighed(record, found_text_field(record, self._path))
            if len(self._found) >= _MOST:
                self._found.clear()
            self._found[says] = found
        if self._may_be_sides and isinstance(record.get(found), str):
            self._sides.see(record)
        return found

    def _learn(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._telling = telling_fields(keys) or [*keys]
        self._may_be_sides = not SIDE_COLUMNS.isdisjoint(keys)

    def _weighed(self, record: Mapping[str, Any], found: str) -> str:
        """The field, unless other rows of the file tell that it holds what was asked.

        Of rows with a question in ``text`` and its answer beside it, one without an answer looks
        like a text alone.
        """
        if found in BODIES and isinstance(record.get(found), str):
            if found in self._answered:
                return self._answered[found]
            self._alone.add(found)
            return found
        for name in BODIES:
            if name != found and _says(record.get(name)):
                if name in self._alone:
                    raise InputError(
                        f"rows before this one were read in {name!r}, and this one has a text in"
                        f" {visible(found[:60])!r} beside it",
                        where=self._path,
                        remedy=f"Pass --text-field {name} or --text-field {visible(found[:60])}",
                    )
                self._answered[name] = found
        return found


def _says(value: object) -> bool:
    """Whether a cell is a text, a list or an object, and not empty."""
    return bool(value) and isinstance(value, str | list | dict)
