"""Which field each row of a file is read in, by the fields in which the row says something.

A row of a table has all columns and leaves some empty; a line of JSON leaves keys out. Both are the
same row here, and no row decides for those that say something elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provenance.corpus.chats.row_roles import Sides, names_a_side, side_columns
from provenance.corpus.document import TEXT_FIELDS, BadRow, field_steps
from provenance.corpus.rows.fields import BODIES, WHOLE_ROW, found_text_field, telling_fields
from provenance.corpus.rows.naming import is_address, is_no_text
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["FieldChoice"]

_MOST: Final = 1000
"""Kinds of rows that are kept in mind; a round figure, not tuned."""
_LONGEST: Final = 50_000
"""Characters in all names of such a kind at most; a round figure, not tuned."""
_LOOKED_AT: Final = 500
"""Rows of a kind whose cells are looked at for who speaks; a round figure, not tuned."""
_TEXTS_BESIDE: Final = 20
"""Rows with a text before each whose text is an address alone; a round figure, not tuned."""
_LABELS: Final = frozenset("source author author_type model".split())
"""Columns of which `row_role` knows more, and labels of who wrote a text."""


@dataclass(slots=True)
class _Kind:
    """Rows with the same keys: which tell, which may say who speaks, and the field of one alone."""

    telling: list[str]
    sides: list[str]
    n_looked_at: int = 0
    found: str = ""


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
        self._kinds: dict[tuple[str, ...], _Kind] = {}
        self._sides = Sides(path)
        self._known = self._unknown = ""
        self._n_read = self._n_addresses = 0
        self._texts: set[str] = set()
        self._beside: set[str] = set()
        self._decided: set[str] = set()
        self._answered: dict[str, str] = {}

    def of(self, record: Mapping[str, Any], keys: tuple[str, ...] | None = None) -> str:
        """Name the field of one row.

        Parameters
        ----------
        record : mapping
        keys : tuple of str, optional
            Its keys, where they are at hand.

        Raises
        ------
        BadRow
            Where it has none.
        InputError
            Where it may be one of several and nobody said which, or where rows before it were
            read in a field that is a question in this one.
        """
        keys = keys or tuple(record)
        kind = self._kinds.get(keys) or self._kind(keys)
        if kind.found:  # first, since most are
            value = record[kind.telling[0]]
            if type(value) is str and value:
                return kind.found
        says = tuple([name for name in kind.telling if _says(record[name])])
        found = self._found.get(says)
        if found is None:
            found = self._weighed(record, says)
            if len(self._found) >= _MOST:
                self._found.clear()
            if says and keys in self._kinds:
                self._found[says] = found
        if kind.n_looked_at < _LOOKED_AT or kind.sides:
            self._see(kind, record, keys, found)
        elif len(kind.telling) == 1 == len(says):
            kind.found = found
        self._n_read += 1
        return found

    def _see(
        self, kind: _Kind, record: Mapping[str, Any], keys: tuple[str, ...], found: str
    ) -> None:
        """Look at who speaks in a row; columns that never told it are looked at no more."""
        if kind.n_looked_at < _LOOKED_AT:
            named = [name for name in keys if names_a_side(record[name]) and name not in _LABELS]
            kind.sides += [name for name in named if name not in kind.sides]
        if isinstance(record.get(found), str | dict):
            self._sides.see(record, kind.sides)
        kind.n_looked_at += 1
        if kind.n_looked_at == _LOOKED_AT:
            kind.sides = [name for name in kind.sides if self._sides.has_told(name)]

    def _kind(self, keys: tuple[str, ...]) -> _Kind:
        if len(self._kinds) >= _MOST:
            self._kinds.clear()
        kind = _Kind(telling_fields(keys) or [*keys], side_columns(keys))
        if sum(map(len, keys)) <= _LONGEST:
            self._kinds[keys] = kind
        return kind

    def _weighed(self, record: Mapping[str, Any], says: Sequence[str]) -> str:
        """The field of a row alone, unless others of the file tell that it is the question.

        Of rows with a question in ``text`` and its answer beside it, one without an answer looks
        like a text alone; and rows without any field of a known name may be of another kind.
        """
        try:
            found = found_text_field(record, self._path)
        except BadRow:
            if self._known in ("", *record) and not self._is_rare(record):
                raise
            return self._known
        if not says:
            return found
        root = str(field_steps(found)[0])
        if root not in TEXT_FIELDS:
            if self._known:
                raise self._both(self._known, root)
            self._unknown = root
        elif self._unknown:
            raise self._both(self._unknown, root)
        if found in BODIES and isinstance(record[found], str):
            return self._alone(says, found)
        asked = next((name for name in BODIES if name in says and name in self._texts), None)
        if asked or root in self._beside:
            raise self._both(asked or next(iter(self._texts)), root)
        self._decided.add(root)
        self._answered |= {name: found for name in BODIES if name in says}
        self._known = self._known or (found if root in TEXT_FIELDS else "")
        return found

    def _is_rare(self, record: Mapping[str, Any]) -> bool:
        """Whether a row says nothing but an address where many before it have a text.

        An answer may be a link and nothing else; where a field often holds one it is no text's.
        """
        value = record.get(self._known)
        if not isinstance(value, str) or not is_address(value.strip()):
            return False
        self._n_addresses += 1
        return self._n_read >= _TEXTS_BESIDE * self._n_addresses

    def _alone(self, says: Sequence[str], found: str) -> str:
        """A text, which no field beside it was preferred to."""
        if found in self._answered:
            return self._answered[found]
        beside = {*says} - {found}
        if rival := self._decided & beside:
            raise self._both(found, min(rival))
        self._texts.add(found)
        if len(self._beside) < _MOST:
            self._beside |= {name for name in beside if len(name) < _LONGEST // _MOST}
        self._known = self._known or found
        return found

    def _both(self, one: str, other: str) -> InputError:
        named = [visible(name[:60]) for name in (one, other) if name != WHOLE_ROW]
        passed = " or ".join(f"--text-field {name}" for name in named)
        both = ", or both with a comma between" if len(named) > 1 else ""
        return InputError(
            f"some rows have their text under {named[0]!r} and some"
            f" {f'under {named[1]!r}' if len(named) > 1 else 'are turns themselves'}, and which of"
            " them is to be read is not said",
            where=self._path,
            remedy=f"Pass {passed}{both}; or keep the rows of each kind in a file of their own",
        )


def _says(value: object) -> bool:
    """Whether a cell is a text, a list or an object, and not empty; an address is no text."""
    if isinstance(value, str):
        return value != "" and (" " in value or not is_no_text(value))
    return bool(value) and isinstance(value, list | dict)
