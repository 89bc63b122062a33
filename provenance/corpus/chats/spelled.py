"""Reasoning and calls of tools that rows hold beside their words, spelled out within the words.

Where segments are asked for, what a chat keeps in fields of its own (``reasoning_content``, blocks
of thought, ``tool_calls``) is written into the turn's text in tags, so that it is split as those
are that wrote their tags themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from provenance.corpus.document import TEXT_FIELDS

__all__ = ["CALL_KEYS", "holds_parts", "spelled_out"]

_REASONING_KEYS: Final = ("reasoning_content", "reasoning", "thinking", "thoughts")
CALL_KEYS: Final = ("tool_calls", "function_call")
_BLOCKS: Final = {
    **dict.fromkeys(("thinking", "reasoning", "reasoning_text", "summary_text"), "think"),
    **dict.fromkeys(
        ("tool_use", "server_tool_use", "mcp_tool_use", "tool_call", "function_call"), "tool_call"
    ),
    **dict.fromkeys(
        ("tool_result", "web_search_tool_result", "mcp_tool_result", "code_execution_result"),
        "tool_result",
    ),
}
_NESTED: Final = (dict, list)
_TELLING: Final = frozenset({"type", *_REASONING_KEYS, *CALL_KEYS})
"""Keys without which an object holds no parts."""
_MOST_DEPTH: Final = 12
"""Levels of a row that are looked at; deeper ones hold no turns that the reader knows."""


def spelled_out(record: Any, text_field: str | None = None) -> Any:
    """A record with what stands beside its words written into them.

    Parameters
    ----------
    record : object
        As it was parsed.
    text_field : str, optional
        Where the text is, if it was named.

    Examples
    --------
    >>> spelled_out({"role": "assistant", "content": "Yes.", "reasoning_content": "Hm."})["content"]
    '<think>Hm.</think>\\nYes.'
    """
    keys = TEXT_FIELDS if text_field is None else (text_field, *TEXT_FIELDS)
    return _spelled(record, keys, 0)


def holds_parts(record: object) -> bool:
    """Whether a row holds reasoning or calls in fields of their own.

    Examples
    --------
    >>> holds_parts({"messages": [{"role": "assistant", "content": "a", "reasoning": "Hm."}]})
    True
    """
    return _holds(record, 0)


def _holds(value: object, depth: int) -> bool:
    if depth > _MOST_DEPTH:
        return False
    if type(value) is list:
        return any(_holds(one, depth + 1) for one in value if type(one) in _NESTED)
    if type(value) is not dict:
        return False
    if not _TELLING.isdisjoint(value) and (_tag(value) is not None or _has_beside(value)):
        return True
    nested = [one for one in value.values() if type(one) in _NESTED]
    return bool(nested) and any(_holds(one, depth + 1) for one in nested)


def _has_beside(record: Mapping[str, Any]) -> bool:
    thoughts = any(isinstance(record.get(key), str) and record[key] for key in _REASONING_KEYS)
    return thoughts or any(record.get(key) for key in CALL_KEYS)


def _spelled(value: Any, keys: tuple[str, ...], depth: int) -> Any:
    if depth > _MOST_DEPTH:
        return value
    if isinstance(value, list):
        return [_spelled(one, keys, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    tag = _tag(value)
    if tag is not None:
        return {"type": "text", "text": f"<{tag}>{_words(value)}</{tag}>\n"}
    inner = {
        key: _spelled(one, keys, depth + 1) if isinstance(one, dict | list) else one
        for key, one in value.items()
    }
    return _with_beside(inner, keys)


def _tag(block: Mapping[str, Any]) -> str | None:
    kind = block.get("type")
    # A turn may have such a type too: then somebody speaks in it.
    return _BLOCKS.get(kind) if isinstance(kind, str) and "role" not in block else None


def _words(block: Mapping[str, Any]) -> str:
    for key in ("thinking", "reasoning", "text", "content"):
        if isinstance(block.get(key), str):
            return str(block[key])
    return _json({key: one for key, one in block.items() if key not in ("type", "id")})


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()


def _with_beside(record: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The record with its reasoning before its words and its calls behind them."""
    said = next(
        (key for key in keys if isinstance(record.get(key), str | None) and key in record), None
    )
    blocks = isinstance(record.get("content"), list)
    if said is None and not blocks:
        return record
    thoughts = [
        f"<think>{record[key]}</think>\n"
        for key in _REASONING_KEYS
        if key != said and isinstance(record.get(key), str) and record[key].strip()
    ]
    calls = [
        f"\n<tool_call>{_json(record[key])}</tool_call>" for key in CALL_KEYS if record.get(key)
    ]
    if not thoughts and not calls:
        return record
    before, after = "".join(thoughts), "".join(calls)
    if blocks:
        around = [{"type": "text", "text": one} for one in (before, after) if one]
        return {**record, "content": [*around[:1], *record["content"], *around[1:]]}
    assert said is not None
    return {**record, said: f"{before}{record[said] or ''}{after}"}
