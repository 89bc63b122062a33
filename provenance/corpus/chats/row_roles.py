"""Whose words a row is where it is one turn: the role that stands beside its text.

Some columns tell it only where a file shows both of their values: `Sides` keeps what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from provenance.corpus.chats.roles import BOT_FLAGS, KIND, PRODUCTS, USER_FLAGS, RoleChoice, role_of
from provenance.corpus.chats.shapes import ROW_KEYS
from provenance.corpus.chats.turn_counts import Place, TurnCounts
from provenance.corpus.chats.turns import flagged
from provenance.corpus.document import TEXT_FIELDS
from provenance.corpus.rows.vocabulary import ASKED_ROWS
from provenance.errors import InputError
from provenance.words import visible

__all__ = ["ROLE_COLUMNS", "Sides", "names_a_side", "row_is_wanted", "row_role", "side_columns"]

_SURE = ("role", "author_role", "author.role")
"""Columns that hold roles; a value that is not known is told."""
_SPEAKING = ("sender", "from", "speaker", "who", "actor", "sender_type", "speaker_type")
_MAYBE = (*_SPEAKING, "author", "author_type", "source", "message_type", "type")
"""Columns that hold roles or something else: only the names of `_SIDES` count in them. Those that
do not tell who speaks may be labels of who wrote a text: `_LABELS` count only in a chat's row."""
_PERSONS = ("author", "from", "sender", "speaker")
_MEMBERS = (*_PERSONS, "user", "member")
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
_SIDE_COLUMNS = frozenset((*_OF_BOTS, *_DIRECTIONS, *_KINDS_OF_RUN))
_WORDS = re.compile("[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*")
_WHO = frozenset("role speaker sender sent from who actor party participant".split())
"""Words in the names of columns that tell who speaks; labels of who wrote a text have others."""
_SURELY = frozenset("role turn side speaker sender sent posted party participant".split())
"""Of these any name of a role counts, and not only those of `_SIDES`."""
_MAY_NAME = frozenset("origin channel entity name agent posted owner label".split())
"""Words in the names of columns of which only names count that nothing else has."""
_WHICH_WAY = frozenset("side direction turn io incoming outgoing inbound outbound".split())
_KINDS = frozenset("type kind".split())
_OF_MESSAGES = frozenset("msg message event entry turn chat utterance".split())
"""A kind tells it of these."""
_FLAGGED = {
    **dict.fromkeys(("user", "human", "customer", "me", "incoming", "inbound"), ("asked", "told")),
    **dict.fromkeys(("bot", "ai", "assistant", "outgoing", "outbound"), ("told", "asked")),
    "response": ("told", "asked"),
    "prompt": ("asked", "told"),
}
"""What a column says by yes or no, where its name says nothing else but `_FILLING`."""
_TEXTS = frozenset(("prompt", "response"))
"""Of these, columns that hold a text as a rule: one may be nothing but *yes* or *0*."""
_NOUNS = frozenset("user human customer me bot ai assistant".split())
"""Of these, columns that may hold a number or a label of who wrote a text: *0* and *1* there."""
_FILLING = frozenset("is was from by sent created message msg author sender speaker".split())
_RANK = {
    column: rank
    for rank, column in enumerate(
        dict.fromkeys((*_OF_USERS, *_SURE, "author", *_MAYBE, *sorted(_SIDE_COLUMNS)))
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


def side_columns(names: Iterable[object]) -> list[str]:
    """Columns that may say of some rows that the user speaks, and of others that a model does.

    Examples
    --------
    >>> side_columns(["id", "turn_type", "party", "fromUser", "incoming", "userPrompt", "text"])
    ['turn_type', 'party', 'fromUser', 'incoming']
    """
    return [name for name in names if isinstance(name, str) and _may_tell_side(name)]


def _may_tell_side(name: str) -> bool:
    words = _words(name)
    return (
        name in _SIDE_COLUMNS
        or name in _MEMBERS
        or not (_WHO | _WHICH_WAY).isdisjoint(words)
        or (not _MAY_NAME.isdisjoint(words) and name not in TEXT_FIELDS)
        or not (_KINDS.isdisjoint(words) or _OF_MESSAGES.isdisjoint(words))
        or _flag(name) is not None
    )


@lru_cache(1000)
def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(name[:_LONGEST]))


def _flag(name: str) -> str | None:
    """The one word of a name that yes or no answers."""
    words = _words(name) - _FILLING
    return next(iter(words)) if len(words) == 1 and words <= _FLAGGED.keys() else None


def names_a_side(value: object) -> bool:
    """Whether a value is the name of a user or an assistant, whatever its column is called.

    A label of who wrote a text may be ``human``, but none is ``user``.

    Examples
    --------
    >>> [names_a_side(value) for value in ("user", "Assistant", "human", "en", 7)]
    [True, True, False, False, False]
    """
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        return False
    return _without_kind(value.strip()) in _NAMED_ALONE


class Sides:
    """Whether the rows of a file are both what was asked and what was answered.

    A column such as ``direction`` may tell of anything; where it is now ``inbound`` and now
    ``outbound``, half of the rows are nothing that the model said. So it is where a column of
    speakers names a model here and somebody else there.

    Examples
    --------
    >>> sides = Sides("a.jsonl")
    >>> sides.see({"direction": "inbound", "text": "Hi"}, ["direction"])
    >>> sides.see({"direction": "outbound", "text": "Yes?"}, ["direction"])
    Traceback (most recent call last):
    provenance.errors.InputError: ...
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: dict[str, dict[str, object]] = {}

    def see(self, record: Mapping[str, Any], columns: Iterable[str]) -> None:
        """Keep what a row says in those of its columns that may tell it; see `side_columns`.

        Raises
        ------
        InputError
            Where one before it was the other.
        """
        for column in columns:
            value = record.get(column)
            side = _side_of_name(column, value) if type(value) is str else _side(column, value)
            if side is None or (side not in ("told", "answering") and _is_known(record)):
                continue  # who it is known to be has been taken or left by it
            seen = self._seen.setdefault(column, {})
            if side not in seen:
                seen[side] = value
            other = next((one for one in seen if {one, side} in _APART), None)
            if other is not None:
                raise self._both(column, seen[other], value)

    def has_told(self, column: str) -> bool:
        """Whether a row so far said in this column who speaks, or who may."""
        return column in self._seen

    def _both(self, column: str, one: object, other: object) -> InputError:
        return InputError(
            f"the rows are both {_shown(one)} and {_shown(other)} by their field"
            f" {column!r}, and whose words are to be read is not said",
            where=self._path,
            expected="rows of one side, or a role that each row names",
            remedy="Keep the rows of one side in a file of their own; or name the field"
            f" of the text with --text-field to read all, which --by {visible(column)}"
            " tells apart",
        )


_NAMED_ALONE = frozenset("user prompter assistant bot chatbot llm".split())
_APART = ({"told", "asked"}, {"told", "other"}, {"answering", "asked"}, {"first", "second"})
"""What two rows of a file may not be; who answers beside somebody of any name may be a person."""
_LONGEST = 60
"""Characters of a name that are looked at; a round figure, not tuned."""


def _shown(value: object) -> str:
    return repr(str(value)[:_LONGEST])


def _is_known(record: Mapping[str, Any]) -> bool:
    role = row_role(record)
    return role is not None and role[1]


@lru_cache(1000)
def _side_of_name(column: str, name: str) -> str | None:
    return _side(column, name)


def _side(column: str, value: object) -> str | None:
    """Whether a row was asked or told by one column; ``other`` is somebody of another name."""
    if isinstance(value, dict):
        return _of_person(value) if column in _MEMBERS else None
    flag = _flag(column)
    if flag in _TEXTS and not isinstance(value, bool):
        flag = None
    if column.lower() in _NOUNS and str(value).strip() in ("0", "1"):
        flag = None
    if flag is not None or column in _OF_BOTS:
        told = flagged({column: value}, {column: _FLAGGED[flag]} if flag else _OF_BOTS)
        if told is not None:
            return told
    words = _words(column)
    if isinstance(value, int) and not isinstance(value, bool):
        is_number = "role" in words and value in _NUMBERED
        return _NUMBERED[value] if is_number else None
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        return None
    plain = value.strip().lower()
    if column in _KINDS_OF_RUN or column == "type":
        if plain in _MODELS_RUNS:
            return "told"
        if plain in _OTHER_RUNS:
            return "asked"
    if column.lower() != "label":  # where these are what a sentence does
        if plain in ASKED_ROWS:
            return "asked"
        if plain in _ANSWERED:
            return "told"
    return _of_name(plain, words)


def _of_person(person: Mapping[Any, Any]) -> str | None:
    """Whether an object of who speaks is of a bot; interfaces leave out that somebody is none."""
    told = flagged(person, _PERSON_FLAGS)
    kind = person.get("type", person.get("kind"))
    if told is None and isinstance(kind, str) and kind:
        told = _of_name(kind[:_LONGEST].strip().lower(), _SURELY)
    return told or ("other" if "id" in person or "name" in person else None)


_PERSON_FLAGS = {**_OF_BOTS, "bot": ("told", "asked")}
_NUMBERED = {0: "first", 1: "second", 2: "first"}
"""Numbers of roles: two that follow one another are two sides, whoever they are."""


def _of_name(plain: str, words: frozenset[str]) -> str | None:
    of_speakers = not _SURELY.isdisjoint(words)
    if plain in _LABELS and not of_speakers:
        return None
    role = role_of(plain)
    is_sure = (
        _without_kind(plain) in _SIDES
        or names_a_side(plain)
        or (role == "assistant" and any(map(str.isdigit, plain)))
    )
    if role is None and of_speakers:
        role = _of_parts(plain)
    if not is_sure and not of_speakers:
        role = None
    if role == "assistant":
        return "told" if is_sure and plain not in _PERSONS_TOO else "answering"
    if role is not None:
        return "asked"
    if "role" in words and plain in _LETTERS:
        return _LETTERS[plain]
    return None if _WHO.isdisjoint(words) or "role" in words else "other"


def _of_parts(plain: str) -> str | None:
    """The role of a name of few words, one of which says it: ``virtual_assistant``."""
    parts = {*_PARTS.findall(plain)}
    if len(parts) > _MOST_PARTS:
        return None
    if not parts.isdisjoint(_MODELS):
        return "assistant"
    return None if parts.isdisjoint(_USERS) else "user"


_PARTS = re.compile(r"[^\W_]+")
_MOST_PARTS = 3
"""Words of a name at most; a round figure, not tuned."""
_PERSONS_TOO = frozenset("gemma ernie kimi sydney".split())
"""Products that are first names, or a city: as a rule they are, beside somebody of any name."""
_MODELS = frozenset("ai bot assistant chatbot llm gpt chatgpt model".split())
_USERS = frozenset("user customer client visitor guest".split())
_LETTERS = {"u": "asked", "h": "asked", "a": "answering", "b": "answering", "m": "answering"}
"""Letters that stand for roles in columns of them."""


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
