"""Whose words a row is where it is one turn: the role that stands beside its text.

Some columns tell it only where a file shows both of their values: `Sides` keeps what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.corpus.chats.roles import BOT_FLAGS, KIND, PRODUCTS, USER_FLAGS, RoleChoice, role_of
from provenance.corpus.chats.shapes import ROW_KEYS
from provenance.corpus.chats.turn_counts import Place, TurnCounts
from provenance.corpus.chats.turns import flagged
from provenance.corpus.rows.vocabulary import ASKED_ROWS
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["ROLE_COLUMNS", "SIDE_COLUMNS", "Sides", "row_is_wanted", "row_role"]

_SURE = ("role", "author_role", "author.role")
"""Columns that hold roles; a value that is not known is told."""
_SPEAKING = ("sender", "from", "speaker", "who", "actor", "sender_type", "speaker_type")
_MAYBE = (*_SPEAKING, "author", "author_type", "source", "message_type", "type")
"""Columns that hold roles or something else: only the names of `_SIDES` count in them. Those that
do not tell who speaks may be labels of who wrote a text: `_LABELS` count only in a chat's row."""
_PERSONS = ("author", "from", "sender", "speaker")
"""Columns that may hold an object of who speaks, with the role inside."""
_LABELS = frozenset(("human", "system"))
_OF_USERS = dict.fromkeys(USER_FLAGS, ("user", "assistant"))
_OF_BOTS = dict.fromkeys(BOT_FLAGS, ("told", "asked"))
_DIRECTIONS = ("type", "kind", "event", "event_type", "message_type", "direction", "side")
_ANSWERED = frozenset(
    "completion response answer reply output outbound outgoing out sent say".split()
)
"""Values that say of a row that it is what was answered."""
_KINDS_OF_RUN = ("run_type", "span_kind", "observation_type", "openinference.span.kind")
_MODELS_RUNS = frozenset("generation llm chat_model completion".split())
_OTHER_RUNS = frozenset(
    "span chain tool retriever retrieval embedding event agent reranker guardrail evaluator".split()
)
"""Values that say of a row of a trace that a model wrote its output, or something else did."""
SIDE_COLUMNS = frozenset((*_OF_BOTS, *_DIRECTIONS, *_KINDS_OF_RUN))
_RANK = {
    column: rank
    for rank, column in enumerate(
        dict.fromkeys((*_OF_USERS, *_SURE, "author", *_MAYBE, *sorted(SIDE_COLUMNS)))
    )
}
"""Columns in the order in which they are asked who speaks."""
ROLE_COLUMNS = frozenset(_RANK)
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
    columns = ROLE_COLUMNS.intersection(record)
    unknown = None
    for column in columns if len(columns) == 1 else sorted(columns, key=_RANK.__getitem__):
        name = record[column]
        if isinstance(name, str):
            if column in _SURE:
                if name and role_of(name) is not None:
                    return name, True
                unknown = unknown or name or None
            elif column in _MAYBE and name and (plain := _without_kind(name)) in _SIDES:
                is_label = plain in _LABELS and column not in _SPEAKING
                return plain, not is_label or _is_of_chat(record, column)
        elif column in _PERSONS and isinstance(name, dict) and isinstance(name.get("role"), str):
            return name["role"], role_of(name["role"]) is not None
        if column in _OF_USERS and (side := flagged({column: name}, _OF_USERS)) is not None:
            return side, True
    return None if unknown is None else (unknown, False)


def _without_kind(name: str) -> str:
    """Who it is of ``user_message`` and the like."""
    return KIND.sub("", name.lower())


class Sides:
    """Whether the rows of a file are both what was asked and what was answered.

    A column such as ``direction`` may tell of anything; where it is now ``inbound`` and now
    ``outbound``, half of the rows are nothing that the model said.

    Examples
    --------
    >>> sides = Sides("a.jsonl")
    >>> sides.see({"direction": "inbound", "text": "Hi"})
    >>> sides.see({"direction": "outbound", "text": "Yes?"})
    Traceback (most recent call last):
    provenance.errors.InputError: ...
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: dict[str, tuple[str, object]] = {}

    def see(self, record: Mapping[str, Any]) -> None:
        """Keep what a row without a role of its own is.

        Raises
        ------
        InputError
            Where one before it was the other.
        """
        if row_role(record) is not None:
            return
        for column in SIDE_COLUMNS.intersection(record):
            value = record[column]
            side = _side(column, value)
            if side is None:
                continue
            seen, other = self._seen.setdefault(column, (side, value))
            if seen != side:
                raise InputError(
                    f"the rows are both {str(other)[:60]!r} and {str(value)[:60]!r} by their field"
                    f" {column!r}, and whose words are to be read is not said",
                    where=self._path,
                    expected="rows of one side, or a role that each row names",
                    remedy="Keep the rows of one side in a file of their own; or name the field"
                    f" of the text with --text-field to read all, which --by {visible(column)}"
                    " tells apart",
                )


def _side(column: str, value: object) -> str | None:
    if column in _OF_BOTS:
        return flagged({column: value}, _OF_BOTS)
    plain = value.lower() if isinstance(value, str) else None
    if column in _KINDS_OF_RUN or column == "type":
        if plain in _MODELS_RUNS:
            return "told"
        if plain in _OTHER_RUNS:
            return "asked"
    if plain in ASKED_ROWS:
        return "asked"
    return "told" if plain in _ANSWERED else None


def _is_of_chat(record: Mapping[str, Any], column: str) -> bool:
    """Whether a row is told to be a turn of a chat; its type may else be who wrote the text."""
    return (column == "type" and "content" in record) or not ROW_KEYS.isdisjoint(record)


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
