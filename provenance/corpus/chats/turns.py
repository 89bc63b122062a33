"""One turn of a chat: who speaks, and the words without what is no text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from provenance.corpus.chats.roles import BOT_FLAGS, UNTRAINED, USER_FLAGS, role_of
from provenance.corpus.chats.spelled import CALL_KEYS
from provenance.corpus.document import BadRow

__all__ = [
    "ROLE_KEYS",
    "TEXT_KEYS",
    "Turn",
    "TurnWithMore",
    "are_blocks",
    "flagged",
    "is_spoken",
    "joined",
    "name_of",
    "trained",
    "turn_of",
    "unwrapped",
]

ROLE_KEYS = ("role", "from", "sender", "speaker", "author")
TEXT_KEYS = ("content", "value", "text", "message", "parts")
_WRAPPERS = ("message", "content")
_TYPES = frozenset(
    "human ai user assistant system bot gpt chatgpt prompter chatbot humanmessage aimessage"
    " aimessagechunk systemmessage toolmessage functionmessage tool function".split()
)
"""Values of ``type`` that are roles; others, such as ``text`` and ``image``, are kinds of block."""
_TEXT_BLOCKS = frozenset({"text", "input_text", "output_text", "markdown", None})
_OTHER_BLOCKS = frozenset(
    "image image_url input_image output_image image_file image_asset_pointer audio input_audio"
    " output_audio audio_url video video_url input_video file input_file document container_upload"
    " thinking redacted_thinking reasoning reasoning_text summary_text tool_use tool_result"
    " tool_call tool_calls toolcall tool_response tool_call_response server_tool_use"
    " web_search_tool_result mcp_tool_use mcp_tool_result function function_call"
    " function_response code_execution executable_code code_execution_result search_result"
    " blob uri server_tool_call server_tool_call_response refusal token_budget".split()
)
"""Blocks of a message that hold no words of its answer."""
_ITEMS = ("_call", "_call_output", "_list_tools", "_approval_request", "_approval_response")
"""How the types of items end that stand between the messages of one response."""
_OWN_BLOCKS = frozenset(
    "thinking redacted_thinking reasoning reasoning_text summary_text refusal token_budget".split()
)
"""Such of these as nobody but the model itself saw."""
_MORE_KEYS = frozenset(
    "images image image_url audio video files attachments experimental_attachments".split()
)
"""Keys of a turn under which more than its words was sent."""
_TEXT_CONTENT = frozenset({"text", "multimodal_text", None})
_UNSAID = ("analysis", "commentary")
_SPEAKING_TYPES = ("human", "ai", "system")
_BLOCKS = "blocks of text, thoughts, tool calls, images, audio or files"
_WEIGHTS = frozenset("weight loss_weight train trainable loss".split())
"""Keys of a turn that say whether fine-tuning learns from it: 0 and false are no."""
_FLAGS = dict.fromkeys((*USER_FLAGS, "is_human", "isHuman"), ("user", "assistant")) | dict.fromkeys(
    BOT_FLAGS, ("assistant", "user")
)
"""Keys that say by yes or no who speaks: whoever it is where it is yes, and where it is no."""
_YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Turn = tuple[str, str | None]
"""Name as written, and words; None where the turn says nothing that is text."""


class TurnWithMore(NamedTuple):
    """A turn that shows more than its words: an image, sounds, a file, a call or its result."""

    name: str
    text: str | None


def name_of(turn: Mapping[Any, Any]) -> str | None:
    """Find who speaks in a turn, as written.

    Examples
    --------
    >>> name_of({"author": {"role": "user"}}), name_of({"type": "ai"}), name_of({"type": "text"})
    ('user', 'ai', None)
    """
    for key in ROLE_KEYS:
        value = turn.get(key)
        if value is None:
            continue
        if isinstance(value, dict):
            value = value.get("role")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            return value if role_of(value) is not None else flagged(turn) or value
    kind = turn.get("type")
    if isinstance(kind, str) and (kind in _TYPES or kind.lower() in _TYPES):
        return kind
    return flagged(turn)


def flagged(turn: Mapping[Any, Any], among: Mapping[str, tuple[str, str]] = _FLAGS) -> str | None:
    """Who speaks by a key that says yes or no, None where there is none.

    Examples
    --------
    >>> flagged({"isUser": False, "text": "Hi"}), flagged({"is_bot": "0"}), flagged({"is_bot": 7})
    ('assistant', 'user', None)
    """
    if among.keys().isdisjoint(turn):
        return None
    for key, (yes, no) in among.items():
        if key in turn and (said := _YES_OR_NO.get(str(turn[key]).lower()[:5])) is not None:
            return yes if said else no
    return None


def trained(turn: Turn, item: Mapping[Any, Any]) -> Turn:
    """A turn as it is, or as one that fine-tuning passes over where its weight is 0.

    The words of such a turn stay what was said before the next one.

    Examples
    --------
    >>> trained(("assistant", "No."), {"role": "assistant", "content": "No.", "weight": 0})
    ('untrained', 'No.')
    """
    if _WEIGHTS.isdisjoint(item) or role_of(turn[0]) != "assistant":
        return turn
    weights = [item[key] for key in _WEIGHTS if key in item]
    if not any(isinstance(weight, int | float) and weight == 0 for weight in weights):
        return turn
    return TurnWithMore(UNTRAINED, turn[1]) if type(turn) is TurnWithMore else (UNTRAINED, turn[1])


def unwrapped(turn: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Take a turn out of what stands around it: a choice, a node, a constructor's arguments.

    Examples
    --------
    >>> unwrapped({"index": 0, "message": {"role": "assistant", "content": "Yes"}})
    {'role': 'assistant', 'content': 'Yes'}
    """
    if (constructed := _constructed(turn)) is not turn:
        return constructed
    data = turn.get("data")
    if isinstance(data, dict) and "content" in data:
        return {**data, "role": name_of(turn)}
    if name_of(turn) is None:
        for key in _WRAPPERS:
            inner = turn.get(key)
            if isinstance(inner, dict) and name_of(inner := _constructed(inner)) is not None:
                return inner
    return turn


def _constructed(turn: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The turn that a constructor of LangChain makes; anything else as it is."""
    if turn.get("type") != "constructor" or not isinstance(turn.get("kwargs"), dict):
        return turn
    path = turn.get("id")
    if not isinstance(path, list) or not path:
        return turn
    return {"role": path[-1], "content": turn["kwargs"].get("content")}


def is_spoken(turn: object) -> bool:
    """Whether something is a turn by its shape: somebody speaks, and a key holds the words."""
    if not isinstance(turn, dict):
        return False
    inner = unwrapped(turn)
    return name_of(inner) is not None and any(key in inner for key in (*TEXT_KEYS, *CALL_KEYS))


def turn_of(turn: object) -> Turn | None:
    """Read one turn, None where it is none.

    Examples
    --------
    >>> turn_of({"from": "gpt", "value": "Yes?"})
    ('gpt', 'Yes?')
    >>> blocks = [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Yes"}]
    >>> turn_of({"role": "assistant", "content": blocks})
    ('assistant', 'Yes')
    >>> turn_of({"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]})
    TurnWithMore(name='user', text='What?')
    """
    if not isinstance(turn, dict):
        return None
    has_more = len(turn) > 2 and _has_more_beside(turn)
    name, text = turn.get("role"), turn.get("content")
    if name is None:
        if text is None:
            name, text = turn.get("from"), turn.get("value")
        elif len(turn) == 2 and turn.get("type") in _SPEAKING_TYPES:
            name = turn["type"]
    if not (type(name) is str and name and type(text) is str):
        turn = unwrapped(turn)
        name = name_of(turn)
        if name is None:
            return _item(turn)
        keys = [key for key in TEXT_KEYS if key in turn]
        has_more = has_more or any(_has_more(turn[key]) for key in keys)
        value = next((turn[key] for key in keys if turn[key] is not None), None)
        text = _words(value)
        if text is None and value is not None:
            return None
        if not keys and not _calls(turn):
            return None
    if not text or text.isspace() or ("recipient" in turn and _to_a_tool(turn)):
        text = None
    if len(turn) > 2 and turn.get("channel") in _UNSAID:
        # What gpt-oss says to itself and to its tools, under the name of the assistant.
        name = turn["channel"]
    return TurnWithMore(name, text) if has_more else (name, text)


def _item(turn: Mapping[Any, Any]) -> Turn | None:
    """An item between messages, which has no words: reasoning, a call, what a tool gave back."""
    kind = turn.get("type")
    if not isinstance(kind, str) or not (kind in _OTHER_BLOCKS or kind.endswith(_ITEMS)):
        return None
    return ("thinking", None) if kind in _OWN_BLOCKS else TurnWithMore("tool", None)


def _has_more_beside(turn: Mapping[Any, Any]) -> bool:
    return not _MORE_KEYS.isdisjoint(turn) and any(turn.get(key) for key in _MORE_KEYS)


def _has_more(content: object) -> bool:
    """Whether a turn's content holds blocks that are neither its words nor its thoughts."""
    if isinstance(content, dict):
        parts = content.get("parts")
        content = parts if isinstance(parts, list) else [content]
    if not isinstance(content, list):
        return False
    return any(_is_more(block) for block in content if isinstance(block, dict))


def _is_more(block: Mapping[Any, Any]) -> bool:
    """Whether a block is named as one of another kind, or has no text and something else.

    Exports name kinds of parts by ``content_type``, one interface by the key that holds the data.
    """
    kind = block.get("type", block.get("content_type"))
    if isinstance(kind, str):
        return kind not in _TEXT_BLOCKS | _TEXT_CONTENT | _OWN_BLOCKS
    return bool(block) and not any(key in block for key in ("thought", *TEXT_KEYS))


def _calls(turn: Mapping[Any, Any]) -> bool:
    return any(turn.get(key) for key in CALL_KEYS)


def _to_a_tool(turn: Mapping[Any, Any]) -> bool:
    to = turn.get("recipient")
    return isinstance(to, str) and to != "all" and role_of(to) != "user"


def _words(value: object) -> str | None:
    """The words of a turn's content; None where it is no content."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return joined(value, "\n" if _is_paragraphs(value) else " ")
    if isinstance(value, dict):
        return _words_of_object(value)
    return None


def _is_paragraphs(parts: Sequence[object]) -> bool:
    """Whether strings are whole parts rather than the words of one."""
    return any(isinstance(part, str) and " " in part for part in parts)


def _words_of_object(content: Mapping[Any, Any]) -> str | None:
    if content.get("content_type") not in _TEXT_CONTENT:
        return ""
    for key in ("parts", "text", "content", "value", "answer"):
        inner = content.get(key)
        if isinstance(inner, str):
            return inner
        if isinstance(inner, list):
            return joined(inner, "\n")
    return "" if "content_type" in content else None


def are_blocks(value: Sequence[object]) -> bool:
    """Whether all in a list are typed blocks of one message."""
    kinds = [block.get("type") if isinstance(block, dict) else None for block in value]
    return all(isinstance(kind, str) and kind in _TEXT_BLOCKS | _OTHER_BLOCKS for kind in kinds)


def joined(parts: Sequence[object], between: str = "\n") -> str | None:
    """Join the text parts of a message; thoughts, calls, images and the like are left out.

    Raises
    ------
    BadRow
        For text in a kind of block that is not known.

    Examples
    --------
    >>> joined([{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "b"}])
    'a\\nb'
    """
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            text = _words_of_block(part)
            if text:
                texts.append(text)
        elif part is not None:
            return None
    return between.join(texts)


def _words_of_block(block: Mapping[Any, Any]) -> str | None:
    kind = block.get("type")
    text = block["text"] if "text" in block else block.get("content")
    if not isinstance(kind, str | None) or kind not in _TEXT_BLOCKS:
        if isinstance(text, str) and kind not in _OTHER_BLOCKS:
            raise BadRow(f"a block of the type {str(kind)[:40]!r} is not known", _BLOCKS)
        return None
    if isinstance(text, dict):  # {"text": {"value": ...}}, as assistants' threads have it
        text = text.get("value")
    return text if isinstance(text, str) and not block.get("thought") else None
