"""Whose words a row is where it is one turn: the role that stands beside its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.corpus.roles import PRODUCTS, RoleChoice, role_of
from provenance.corpus.shapes import ROW_KEYS
from provenance.corpus.turn_counts import Place, TurnCounts

__all__ = ["ROLE_COLUMNS", "row_is_wanted", "row_role"]

_SURE = ("role", "author_role", "author.role")
"""Columns that hold roles; a value that is not known is told."""
_MAYBE = ("sender", "from", "speaker", "type")
"""Columns that hold roles or something else: only the names of `_SIDES` count in them, and those
of ``type``, which labels of who wrote a text are too, only in a row that is of a chat."""
ROLE_COLUMNS = frozenset((*_SURE, *_MAYBE, "author"))
_SIDES = frozenset(
    "user human prompter assistant ai gpt chatgpt bot chatbot system".split()
) | PRODUCTS - {*"phi nova pi yi koala falcon dolly moss palm copilot o1 o3".split()}
"""Names that in any column say who speaks; products that are also words of other kinds are not."""


def row_role(record: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Find the name of a row's role and whether it is sure to be one, None where it has none.

    Examples
    --------
    >>> row_role({"role": "prompter", "text": "Hi"}), row_role({"author": {"role": "user"}})
    (('prompter', True), ('user', True))
    >>> row_role({"from": "me@example.org", "text": "Hi"}), row_role({"role": "cook"})
    (None, ('cook', False))
    """
    unknown = None
    for column in _SURE:
        name = record.get(column)
        if isinstance(name, str) and name:
            if role_of(name) is not None:
                return name, True
            unknown = unknown or name
    author = record.get("author")
    if isinstance(author, dict) and isinstance(name := author.get("role"), str):
        return name, role_of(name) is not None
    for column in _MAYBE:
        name = record.get(column)
        if isinstance(name, str) and name.lower() in _SIDES:
            return name, column != "type" or _is_of_chat(record)
    return None if unknown is None else (unknown, False)


def _is_of_chat(record: Mapping[str, Any]) -> bool:
    """Whether a row is told to be a turn of a chat; its type may else be who wrote the text."""
    return "content" in record or not ROW_KEYS.isdisjoint(record)


def row_is_wanted(
    record: Mapping[str, Any], wanted: RoleChoice, counts: TurnCounts, where: Place
) -> bool | None:
    """Count a row by its role and tell whether it is wanted, None where it says no role."""
    found = row_role(record)
    if found is None:
        return None
    name, is_known = found
    key = wanted.named(name)
    taken = key[2]
    if not is_known and not taken:
        counts.n_unknown_roles += 1
        counts.example("role", where, repr(name[:60]))
        return None
    counts.n_role_rows += 1
    counts.turn(key)
    return taken
