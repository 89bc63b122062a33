"""The texts inside one field: a string, a list of strings, or a chat in any of its shapes.

How each shape is read stands in ``SHAPES.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from provenance.corpus.chats.roles import RoleChoice, role_of
from provenance.corpus.chats.row_roles import ROLE_COLUMNS, row_is_wanted
from provenance.corpus.chats.shapes import (
    CHAT_FIELDS,
    Chats,
    chats_of,
    holds_chat,
    holds_turns,
    is_several_words,
    prompted,
)
from provenance.corpus.chats.transcripts import may_hold_both_sides, turns_in
from provenance.corpus.chats.trees import Reply, is_tree
from provenance.corpus.chats.turn_counts import Place, TurnCounts
from provenance.corpus.chats.turns import are_blocks, is_spoken, joined
from provenance.corpus.document import BadRow, Said
from provenance.corpus.rows.written import value_written_in

__all__ = [
    "Texts",
    "asks_alone",
    "holds_chat",
    "holds_turns",
    "is_chat",
    "is_transcript",
    "last_turn",
    "said_by_model",
    "said_in",
    "shown_keys",
    "speaks_for_system",
    "texts_of",
]

_EXPECTED = "a string, a list of strings or a chat"
_SHOWN_KEYS, _SHOWN_LENGTH = 20, 60


class Texts(NamedTuple):
    """What a field says: texts and their prompts, whether a chat said them, and what came before.

    ``said`` is as long as ``texts``, or empty where nothing was said before any of them.
    """

    texts: list[tuple[str, str | None]]
    is_chat: bool
    said: Sequence[Said | None] = ()


def shown_keys(record: Mapping[Any, object]) -> str:
    """Name the keys of a record for a message, bounded and escaped.

    Examples
    --------
    >>> shown_keys({"a": 1, "b": 2})
    "'a', 'b'"
    """
    keys = [repr(str(key)[:_SHOWN_LENGTH]) for key, _ in zip(record, range(_SHOWN_KEYS))]  # noqa: B905
    more = len(record) - len(keys)
    return ", ".join(keys) + (f" and {more} more" if more else "") if keys else "no key at all"


def texts_of(
    value: object,
    name: str,
    wanted: RoleChoice,
    counts: TurnCounts,
    beside: Mapping[str, Any] = MappingProxyType({}),
    where: Place = ("", 0),
) -> Texts:
    """Find the texts in the field ``name``, each with the prompt before it in its chat.

    Parameters
    ----------
    value : object
        What the field holds.
    name : str
        The field, for messages and where a list of strings may be turns.
    wanted : RoleChoice
        Whose turns are wanted.
    counts : TurnCounts
        What was met is added to it.
    beside : mapping
        The row, which may name the role of a text that names none itself.
    where : (str, int)
        Input and line of the row, kept for the first of what is doubtful.

    Raises
    ------
    BadRow
        Where it holds no text, or a chat that cannot be read.

    Examples
    --------
    >>> counts, gpt = TurnCounts(), RoleChoice("gpt")
    >>> chat = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?"}]
    >>> texts_of(chat, "conversations", gpt, counts)[:2]
    ([('Yes?', 'Hi')], True)
    >>> texts_of(["two", "words"], "text", gpt, counts).texts, counts.told()[0]
    ([('two words', None)], '1 turn of assistant in 1 conversation')
    """
    chats, is_doubtful = _chats_in(value, name)
    if is_doubtful:
        counts.n_maybe_transcripts += 1
        counts.example("transcript", where)
    if chats is not None:
        return _wanted(chats, wanted, counts)
    text = value if isinstance(value, str) else _whole(value)
    if isinstance(value, list) and len(value) > 1 and _are_texts(value):
        counts.n_joined += 1
    if text is None:
        raise BadRow(f"the field {name!r} holds {_kind(value)}", _EXPECTED, _remedy(value, name))
    if not ROLE_COLUMNS.isdisjoint(beside):
        is_wanted = row_is_wanted(beside, wanted, counts, where)
        if is_wanted is not None:
            return Texts([(text, None)] if is_wanted else [], False)
    return _plain(text, name, wanted, counts)


def _are_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) and is_several_words(value) for value in values)


def _plain(text: str, name: str, wanted: RoleChoice, counts: TurnCounts) -> Texts:
    if not wanted.is_default:
        raise BadRow(
            f"the field {name!r} holds text without roles, and turns of {wanted.asked[:60]!r} are"
            " asked for",
            "turns that name their roles",
            "Leave out --role and name the field of these words with --text-field, or name the"
            " field of the chat",
        )
    counts.n_texts += 1
    return Texts([(text, None)], False)


def _chats_in(value: object, name: str) -> tuple[Chats | None, bool]:
    """The chats in a value, and whether it may hold one that is not read, or not wholly."""
    if not isinstance(value, str):
        return chats_of(_parsed(value), name), False
    if (written := value_written_in(value, name)) is not None:
        return chats_of(written, name), False
    cut = turns_in(value)
    if cut is None:
        return None, may_hold_both_sides(value)
    turns, is_doubtful = cut
    return [prompted(turns)], is_doubtful


def is_chat(value: object, name: str) -> bool:
    """Whether a field that nobody named as the text holds a chat.

    Examples
    --------
    >>> is_chat("[{'from': 'gpt', 'value': 'Yes?'}]", "conversation"), is_chat("Yes?", "data")
    (True, False)
    """
    if isinstance(value, str):
        return name.lower() in CHAT_FIELDS and _chats_in(value, name)[0] is not None
    return holds_chat(value, name)


def asks_alone(value: object, name: str) -> bool:
    """Whether a chat ends with the user's words, so that what answers them stands elsewhere.

    A chat that branches ends in several places, and is read wherever it ends.

    Examples
    --------
    >>> asked, told = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}
    >>> asks_alone([told, asked], "messages"), asks_alone([asked, told], "messages")
    (True, False)
    """
    said = _said(value, name)
    return bool(said) and role_of(said[-1].name) == "user" and not is_tree(value)


def speaks_for_system(value: object, name: str) -> bool:
    """Whether nobody but the system speaks in a chat, as in instructions beside another one.

    Examples
    --------
    >>> speaks_for_system({"role": "system", "parts": [{"text": "Be brief."}]}, "instruction")
    True
    """
    said = _said(value, name)
    return bool(said) and all(role_of(turn.name) == "system" for turn in said)


def said_by_model(value: object, name: str) -> list[str]:
    """What the assistant says in the last chat of a field.

    Examples
    --------
    >>> said_by_model([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?"}], "chat")
    ['Yes?']
    """
    return [*_said_by("assistant", _said(value, name))]


def _said(value: object, name: str) -> list[Reply]:
    """The turns of the last chat in a field; none where it cannot be read."""
    try:
        chats = _chats_in(value, name)[0] or [[]]
    except BadRow:  # told where it is read
        return []
    return chats[-1]


def is_transcript(text: str) -> bool:
    """Whether a string holds both sides of a chat, and is cut at its markers.

    Examples
    --------
    >>> is_transcript("Human: Hi\\n\\nAssistant: Yes?"), is_transcript("A text.")
    (True, False)
    """
    return turns_in(text) is not None


def _parsed(value: object) -> object:
    """A list of turns each of which is JSON text."""
    if not isinstance(value, list) or not value:
        return value
    if not all(isinstance(item, str) and item.startswith("{") for item in value):
        return value
    try:
        turns = [orjson.loads(item) for item in value]
    except orjson.JSONDecodeError:
        return value
    return turns if all(map(is_spoken, turns)) else value


def _wanted(chats: Chats, wanted: RoleChoice, counts: TurnCounts) -> Texts:
    texts, before = [], []
    counts.n_conversations += len(chats)
    for chat in chats:
        for name, text, prompt, is_another, said in chat:
            if text is None:
                counts.n_silent += 1
                continue
            key = wanted.named(name)
            counts.turn(key)
            if key[2]:
                counts.n_others += is_another
                texts.append((text, prompt))
                before.append(said)
    return Texts(texts, True, before)


def said_in(value: object) -> Said | None:
    """All that a prompt says: itself as the user's words, or the turns of its last chat.

    Examples
    --------
    >>> asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    >>> said_in(asked), said_in("Hi")
    (('user', 'Hi', ('system', 'Be brief.', None)), ('user', 'Hi', None))
    """
    if isinstance(value, str):
        return "user", value, None
    try:
        chats = chats_of(value, "prompt") or []
    except BadRow:
        return None
    last = chats[-1][-1] if chats and chats[-1] else None
    return None if last is None or last.text is None else (last.name, last.text, last.said)


def last_turn(value: object, role: str = "user") -> str | None:
    """Find the text of a prompt: itself, or the last turn of ``role`` in a chat, or a transcript.

    Examples
    --------
    >>> last_turn([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}])
    'Hi'
    """
    otherwise = value if isinstance(value, str) else None
    try:
        chats = _written(value) if isinstance(value, str) else chats_of(value, "prompt")
    except BadRow:
        return otherwise
    said = [text for chat in chats or [] for text in _said_by(role, chat)]
    return said[-1] if said else otherwise


def _written(text: str) -> Chats | None:
    """The chat that a string is the text of."""
    if text[:1] in '[{" \n':
        written = value_written_in(text, "prompt")
        if written is not None:
            return chats_of(written, "prompt")
    cut = turns_in(text)
    return None if cut is None else [prompted(cut[0])]


def _said_by(role: str, chat: list[Reply]) -> Iterator[str]:
    return (said.text for said in chat if said.text is not None and role_of(said.name) == role)


def _whole(value: object) -> str | None:
    """A list of strings as one text, and the words of one message in blocks."""
    if not isinstance(value, list):
        return None
    try:
        return " ".join(value)
    except TypeError:  # not all are strings
        return joined(value) if are_blocks(value) else None


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, dict):
        return f"an object with the keys {shown_keys(value)}"
    if isinstance(value, list):
        return "a list that is neither of strings nor of turns"
    return f"{type(value).__name__}"


def _remedy(value: object, name: str) -> str | None:
    if _may_be_chat(value):
        return "Write turns as objects with role and content"
    if isinstance(value, dict):
        return f"Name one of its keys, for example --text-field {name}.KEY"
    if isinstance(value, list):
        return f"Name what is in it, for example --text-field '{name}[*].KEY'"
    return None


def _may_be_chat(value: object) -> bool:
    """Whether advice to name a part of it might join the words of both sides."""
    if isinstance(value, dict):
        return any(isinstance(item, list) for item in value.values())
    first = value[0] if isinstance(value, list) and value else None
    said = first.values() if isinstance(first, dict) else first
    if isinstance(first, str) or not isinstance(said, Iterable):
        return False
    return any(isinstance(item, str) and role_of(item) is not None for item in said)
