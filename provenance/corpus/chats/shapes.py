"""A value of a row to the turns of a chat, by its shape and whatever the key is called.

Shapes: lists of turns; lists and objects of questions beside answers; objects of lists, one of
names and one of words; strings in turn, the user first; trees and maps of messages; and objects
that hold one of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from provenance.corpus.chats.roles import role_of
from provenance.corpus.chats.trees import (
    Reply,
    is_mapping,
    is_tree,
    said_before,
    turns_of_mapping,
    turns_of_tree,
)
from provenance.corpus.chats.turns import (
    ROLE_KEYS,
    TEXT_KEYS,
    Turn,
    TurnWithMore,
    is_spoken,
    name_of,
    trained,
    turn_of,
)
from provenance.corpus.chats.turns import unwrapped as unwrapped_turn
from provenance.corpus.document import BadRow, Said
from provenance.corpus.rows.vocabulary import ASKED_IN_PAIRS

__all__ = [
    "CHAT_FIELDS",
    "ROW_KEYS",
    "Chats",
    "chats_of",
    "holds_chat",
    "holds_turns",
    "holds_words",
    "is_alternating",
    "is_several_words",
    "prompted",
]

CHAT_FIELDS = frozenset(
    "messages conversation conversations chat chats dialog dialogs dialogue dialogues turns data"
    " history items utterances chat_messages exchange exchanges chat_history message_list msgs"
    " contents choices candidates thread log body mapping replies request response"
    " response_body".split()
)
"""Names of fields that hold chats; in others a list of strings is one text in pieces."""
_STRINGS_IN_TURN = CHAT_FIELDS - {
    *"log body contents request response response_body choices candidates".split()
}
_HOLDERS = CHAT_FIELDS | {"output", "outputs", "result", "generations", "outputbodyjson"}
"""Names under which an object may hold a chat."""
_TOLD = frozenset(
    "assistant gpt chatgpt bot ai chatbot model answer response output completion reply".split()
)
_USERS = frozenset("user human prompter".split())
_ASSISTANTS = frozenset("assistant gpt chatgpt bot ai chatbot model".split())
ROW_KEYS = frozenset(
    "conversation_id conversation_hash conv_id dialog_id dialogue_id message_tree_id thread_id"
    " parent_id parent_message_id session_id chat_id".split()
)
"""What only a row has that is one turn of a table of turns."""
_COMMON = frozenset("system user human assistant gpt ai".split())
_FIRST = 8
"""Turns that are looked at to know a shape; a round figure, not tuned."""
_DEEPEST = 5
"""Objects around a chat that are looked into; a round figure, not tuned."""
_LONGEST_WORD = 40
"""Characters of one word at most. Not tuned."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff]{5}")
"""Letters of scripts that leave no space between words: more of them than a word has. Not tuned."""

Chats = list[list[Reply]]
"""Conversations of turns, each with the prompt before it."""


# --- what is there


def holds_turns(value: object) -> bool:
    """Whether a list or an object holds the turns of a chat; only its beginning is looked at.

    Rows that name the conversation they are of are no turns, nor are questions beside answers
    under other names than a chat's, such as ``instruction`` and ``output``: such lists are tables.

    Examples
    --------
    >>> holds_turns([{"from": "human", "value": "Hi"}]), holds_turns([{"text": "Hi"}])
    (True, False)
    >>> holds_turns({"turns": {"role": ["user"], "content": ["Hi"]}})
    True
    """
    return _holds_turns(value, 0)


def _holds_turns(value: object, depth: int) -> bool:
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and _is_common(value[0]):
            return any(ROW_KEYS.isdisjoint(item) for item in value[:_FIRST])
        first = value[:_FIRST]
        if first and all(isinstance(item, list) for item in first) and depth < _DEEPEST:
            return any(_holds_turns(item, depth + 1) for item in first)
        return any(_is_known(item) or _is_chat_pair(item) for item in first)
    if not isinstance(value, dict):
        return False
    if _is_known(value) or _is_chat_pair(value) or is_mapping(value):
        return True
    if _columns(value) is not None:
        return True
    return depth < _DEEPEST and any(_holds_turns(value[key], depth + 1) for key in _inner(value))


def holds_words(value: object) -> bool:
    """Whether a value is itself a turn, or lists of names and words, of known roles.

    Examples
    --------
    >>> holds_words({"role": "user", "content": "Hi"}), holds_words({"messages": []})
    (True, False)
    """
    return isinstance(value, dict) and (_is_known(value) or _columns(value) is not None)


def holds_chat(value: object, field: str) -> bool:
    """Whether a field that nobody named holds turns, by its shape or by its name and shape.

    Examples
    --------
    >>> holds_chat(["How are you?", "I am well."], "data"), holds_chat(["a", "b"], "labels")
    (True, False)
    """
    if holds_turns(value):
        return True
    return _is_chat_field(field) and chats_of(value, field) is not None


def _is_known(turn: object) -> bool:
    """Whether it is a turn of somebody whom the table of roles knows."""
    if not isinstance(turn, dict) or not is_spoken(turn):
        return False
    name = name_of(unwrapped_turn(turn))
    return name is not None and role_of(name) is not None and ROW_KEYS.isdisjoint(turn)


def _is_pair(value: object) -> bool:
    """Whether an object holds a question and its answer under names of roles."""
    keys = _saying(value)
    return not keys.isdisjoint(ASKED_IN_PAIRS) and not keys.isdisjoint(_TOLD)


def _is_chat_pair(value: object) -> bool:
    keys = _saying(value)
    return not keys.isdisjoint(_USERS) and not keys.isdisjoint(_ASSISTANTS)


def _saying(value: object) -> set[str]:
    if not isinstance(value, dict) or len(value) < 2:
        return set()
    return {str(key).lower() for key, item in value.items() if _may_say(item)}


def _may_say(value: object) -> bool:
    return isinstance(value, str | None) or (isinstance(value, list) and _are_strings(value))


def _are_strings(values: Sequence[object]) -> bool:
    return all(isinstance(value, str | None) for value in values)


def _is_single(value: object) -> bool:
    """Whether an object holds one turn under the name of its role."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((key, text),) = value.items()
    return isinstance(text, str) and role_of(key) is not None


def _columns(value: Mapping[Any, Any]) -> tuple[list[Any], list[Any]] | None:
    """The list of names and the list of words of an object of lists."""
    names = _first_list(value, ROLE_KEYS)
    words = None if names is None else _first_list(value, TEXT_KEYS)
    return None if names is None or words is None else (names, words)


def _first_list(value: Mapping[Any, Any], keys: Sequence[str]) -> list[Any] | None:
    for key in keys:
        found = value.get(key)
        if isinstance(found, list):
            return found
    return None


def _inner(value: Mapping[Any, Any]) -> list[Any]:
    return [key for key in value if isinstance(key, str) and key.lower() in _HOLDERS]


def is_alternating(value: object, field: str) -> bool:
    """Whether a list of strings is turns, the user's first, rather than one text in pieces.

    Raises
    ------
    BadRow
        Where it may be either.

    Examples
    --------
    >>> is_alternating(["How are you?", "I am well."], "data")
    True
    >>> is_alternating(["two", "words"], "data"), is_alternating(["A text.", "More."], "text")
    (False, False)
    """
    if not isinstance(value, list) or not value or not _is_chat_field(field):
        return False
    if not _are_strings(value):
        return False
    n_long = sum(item is not None and is_several_words(item) for item in value)
    if 0 < 2 * n_long < len(value):
        raise BadRow(
            f"the field {field!r} holds strings that may be turns or words",
            "turns of several words each, or single words",
            "Write turns as objects with role and content",
        )
    return n_long > 0


def is_several_words(text: str) -> bool:
    """Whether a string is more than a word, a label or a number.

    Examples
    --------
    >>> [is_several_words(text) for text in ("It is.", " 42 ", "潮汐是因为月亮。", "肯定")]
    [True, False, True, False]
    """
    stripped = text.strip()
    if any(c in stripped for c in " \n\t\u3000") or len(stripped) > _LONGEST_WORD:
        return True
    return not stripped.isascii() and _UNSPACED.search(stripped) is not None


def _is_chat_field(field: str) -> bool:
    last = field.rpartition(".")[2].partition("[")[0]
    return last.lower() in _STRINGS_IN_TURN


# --- what it says


def chats_of(value: object, field: str) -> Chats | None:
    """Read the conversations in a value, None where it holds no turns by its shape.

    Raises
    ------
    BadRow
        Where it is a chat that cannot be read.

    Examples
    --------
    >>> chats_of({"from": ["human", "gpt"], "value": ["Hi", "Yes?"]}, "conversations")[0][1][:3]
    ('gpt', 'Yes?', 'Hi')
    >>> chats_of([{"human": "Hi", "assistant": "Yes?"}], "turns")[0][1][:3]
    ('assistant', 'Yes?', 'Hi')
    """
    return _chats(value, field, 0)


def _chats(value: object, field: str, depth: int) -> Chats | None:
    if isinstance(value, list):
        return _of_list(value, field, depth) if value else _of_nothing(field)
    if isinstance(value, dict):
        return _of_object(value, field, depth)
    return None


def _of_nothing(field: str) -> Chats | None:
    return [] if _is_chat_field(field) else None


def _of_list(value: list[Any], field: str, depth: int) -> Chats | None:
    first = value[0]
    if isinstance(first, dict):
        if _is_common(first):
            return _listed(value, field)
        for reads, is_one in _READERS:
            if is_one(first):
                return reads(value, field)
        is_named = any(isinstance(item, dict) and name_of(item) for item in value[:_FIRST])
        return _listed(value, field) if is_named else None
    if isinstance(first, list):
        return _of_lists(value, field, depth)
    if is_alternating(value, field):
        return [prompted(_in_turn(value))]
    return None


def _is_common(first: dict[Any, Any]) -> bool:
    """Whether the first of a list is a turn as nearly all are written: the short way to it."""
    if "replies" in first or "children" in first:
        return False
    name = first.get("role") or first.get("from") or first.get("type")
    return isinstance(name, str) and name in _COMMON and ("content" in first or "value" in first)


def _listed(value: list[Any], field: str) -> Chats:
    turns = []
    for number, item in enumerate(value, 1):
        turn = turn_of(item)
        if turn is None:
            raise BadRow(
                f"turn {number} of the field {field!r} holds no role or no text",
                "an object with role and content",
            )
        turns.append(turn if len(item) < 3 else trained(turn, item))
    return [prompted(turns)]


def _trees(value: list[Any], field: str) -> Chats:
    if not all(is_tree(item) or is_spoken(item) for item in value):
        raise BadRow(f"the field {field!r} holds trees and other things", "trees of replies")
    return [list(turns_of_tree(item, field)) for item in value]


def _pairs(value: list[Any], field: str) -> Chats:
    turns: list[Turn] = []
    for number, item in enumerate(value, 1):
        if not isinstance(item, dict) or not (_is_pair(item) or _is_single(item)):
            raise BadRow(
                f"turn {number} of the field {field!r} is no question beside its answer",
                "objects such as {human, assistant}",
            )
        turns += _turns_of_pair(item, field)
    return [prompted(turns)]


def _turns_of_pair(pair: Mapping[Any, Any], field: str) -> Iterator[Turn]:
    """System, question and answer; where both are lists, question after question."""
    keys = [key for key in pair if role_of(key) is not None and _may_say(pair[key])]
    rank = {"system": 0, "user": 1}
    keys.sort(key=lambda key: rank.get(role_of(key) or "", 2))
    lists = [pair[key] for key in keys if isinstance(pair[key], list)]
    if not lists:
        yield from ((str(key), _some(pair[key])) for key in keys)
        return
    if len(lists) < len(keys) or len({*map(len, lists)}) > 1:
        raise BadRow(
            f"the lists {', '.join(map(str, keys))[:100]} of the field {field!r} differ in length",
            "as many answers as questions",
        )
    for said in zip(*lists, strict=True):
        yield from ((str(key), _some(text)) for key, text in zip(keys, said, strict=True))


def _some(text: str | None) -> str | None:
    return text if text and not text.isspace() else None


_Reads = Callable[[list[Any], str], Chats]
_READERS: tuple[tuple[_Reads, Callable[[object], bool]], ...] = (
    (_trees, is_tree),
    (_listed, is_spoken),
    (_pairs, _is_pair),
    (_pairs, _is_single),
)


def _of_lists(value: list[Any], field: str, depth: int) -> Chats | None:
    """Conversations in a list, or turns written as lists of two strings."""
    if depth >= _DEEPEST or not all(isinstance(item, list) for item in value):
        return None
    if all(len(item) == 2 and _are_strings(item) for item in value):
        if all(item[0] is not None and role_of(item[0]) is not None for item in value):
            return [prompted((item[0], _some(item[1])) for item in value)]
        flat = [text for item in value for text in item]
        return [prompted(_in_turn(flat))] if is_alternating(flat, field) else None
    found = [_chats(item, field, depth + 1) for item in value if item]
    if None in found:
        return None
    return [chat for chats in found if chats is not None for chat in chats]


def _in_turn(texts: Sequence[str | None]) -> Iterator[Turn]:
    return (("assistant" if at % 2 else "user", text) for at, text in enumerate(texts))


def _of_object(value: Mapping[Any, Any], field: str, depth: int) -> Chats | None:
    if (columns := _columns(value)) is not None:
        return [prompted(_zipped(*columns, field))]
    if is_tree(value):
        return [list(turns_of_tree(value, field))]
    if is_spoken(value):
        return _listed([value], field)
    if is_mapping(value):
        return [list(turns_of_mapping(value, field))]
    if _is_pair(value):
        return [prompted(_turns_of_pair(value, field))]
    return _held(value, field, depth)


def _held(value: Mapping[Any, Any], field: str, depth: int) -> Chats | None:
    keys = [key for key in _inner(value) if _holds_turns(value[key], depth + 1)]
    keys = keys or [key for key in _inner(value) if is_alternating(value[key], key)]
    if depth >= _DEEPEST or not keys:
        return None
    if len(keys) > 1:
        keys = [key for key in keys if key.lower() in CHAT_FIELDS] or keys
    if len(keys) > 1:
        raise BadRow(
            f"the field {field!r} holds turns under {', '.join(map(repr, keys))[:100]}",
            "one chat",
            f"Name one of them, for example --text-field {field}.{keys[0]}",
        )
    return _chats(value[keys[0]], f"{field}.{keys[0]}", depth + 1)


def _zipped(names: list[Any], words: list[Any], field: str) -> list[Turn]:
    if len(names) != len(words):
        raise BadRow(
            f"the lists of the field {field!r} differ in length: {len(names)} names of roles,"
            f" {len(words)} texts",
            "a text for each role",
        )
    turns = [turn_of({"role": name, "content": text}) for name, text in zip(names, words)]  # noqa: B905
    if None in turns:
        number = turns.index(None) + 1
        raise BadRow(f"turn {number} of the field {field!r} holds no role or no text", "both")
    return [turn for turn in turns if turn is not None]


def prompted(turns: Iterable[Turn]) -> list[Reply]:
    """Turns in a row, each with the last words of the user before it."""
    prompt: str | None = None
    said: Said | None = None
    replies: list[Reply] = []
    for turn in turns:
        name, text = turn
        if type(turn) is TurnWithMore:
            said = said_before(turn, said)
        replies.append(Reply(name, text, prompt, False, said))
        if text is None:
            continue
        said = name, text, said
        if name == "user" or role_of(name) == "user":
            prompt = text
    return replies
