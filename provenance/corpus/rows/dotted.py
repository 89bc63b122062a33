"""Dotted fields: what a record holds where ``--text-field messages[*].content`` leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.corpus.chats.chat import holds_chat, shown_keys
from provenance.corpus.chats.shapes import holds_words
from provenance.corpus.chats.turns import TEXT_KEYS
from provenance.corpus.document import BadRow, Step
from provenance.corpus.rows.naming import is_of_strings

__all__ = ["lookup", "whole_chats"]

_CHOICES = frozenset({"choices", "candidates"})
"""What a model said: strings inside are its own, not in turn with the user's."""


def lookup(record: Mapping[str, Any], name: str, steps: tuple[Step, ...]) -> list[Any]:
    """Follow a dotted field; a key that is written just so comes first, one with dots last.

    Raises
    ------
    BadRow
        Where the record does not go that way, with the keys it has.

    Examples
    --------
    >>> lookup({"turns": [{"text": "a"}, {"text": "b"}]}, "turns[*].text", ("turns", ..., "text"))
    ['a', 'b']
    """
    if name in record:
        return [record[name]]
    values: list[Any] = [record]
    try:
        for step in steps:
            values = [found for value in values for found in _step(value, step, name)]
    except BadRow:
        found = _dotted(record, steps)
        if found is None:
            raise
        return found
    return values


def _dotted(value: Any, steps: tuple[Step, ...]) -> list[Any] | None:
    """Follow steps of which several may be one key with dots, as attributes of traces have."""
    if not steps:
        return [value]
    if isinstance(value, list) and not isinstance(step := steps[0], str):
        each = [_dotted(one, steps[1:]) for one in (value if step is ... else value[step:][:1])]
        return None if not each or None in each else [one for some in each for one in some or []]
    key = ""
    for at, step in enumerate(steps if isinstance(value, Mapping) else (), 1):
        if not isinstance(step, str):
            return None
        key = f"{key}.{step}" if key else step
        if key in value and (found := _dotted(value[key], steps[at:])) is not None:
            return found
    return None


def whole_chats(record: Mapping[str, Any], steps: tuple[Step, ...]) -> list[Any] | None:
    """The chats that a field takes the words of without their roles, as messages[*].content does.

    None where it takes none: then what the field names is the text.
    """
    values: list[Any] = [record]
    for at, step in enumerate(steps):
        rest = steps[at:]
        if values and all(_takes_apart(value, rest, steps[:at]) for value in values):
            return values
        try:
            values = [found for value in values for found in _step(value, step, "")]
        except BadRow:  # told where the field itself is looked up
            return None
    return None


def _takes_apart(value: object, rest: tuple[Step, ...], before: tuple[Step, ...]) -> bool:
    named = next((step for step in reversed(before) if isinstance(step, str)), "")
    if isinstance(value, list):
        takes_all = rest[0] is ... and (len(rest) == 1 or rest[1] in TEXT_KEYS)
        is_told = not _CHOICES.isdisjoint(before) and is_of_strings(value)
        return takes_all and not is_told and holds_chat(value, named)
    takes_words = bool(before) and len(rest) == 1 and rest[0] in TEXT_KEYS
    return takes_words and holds_words(value)


def _step(value: Any, step: Step, name: str) -> list[Any]:
    if isinstance(step, str):
        if isinstance(value, Mapping) and step in value:
            return [value[step]]
        saw = f"the keys are {shown_keys(value)}" if isinstance(value, Mapping) else "no object"
        raise BadRow(f"there is no field {name!r} ({saw} where {step!r} is looked for)")
    if not isinstance(value, list):
        raise BadRow(f"there is no list where the field {name!r} looks for one")
    if step is ...:
        return value
    if step >= len(value):
        raise BadRow(f"the field {name!r} looks for place {step} in a list of {len(value)}")
    return [value[step]]
