"""Lists of turns that were written into one string, as JSON or as Python shows them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Any

import orjson

from provenance.corpus.chats.shapes import holds_chat, is_alternating
from provenance.corpus.document import BadRow
from provenance.corpus.rows.naming import is_of_strings

__all__ = ["value_written_in"]

_LONGEST_LITERAL = 2**20
"""Characters of Python text that is parsed, at some 100 bytes of memory each; a round figure."""
_DEEPEST_LITERAL = 40
"""Brackets inside brackets of Python text that is parsed; a round figure, not tuned."""
_FRONT = 4000
"""Characters in which the first turn must show itself; a round figure, not tuned."""

_OPENS = re.compile(r"\s*(?:\"\s*)?(?:array\(\s*)?(?:\[|\{\s*(?:\\?[\"']|\}))")
_LOOKS = re.compile(
    r"[\"'](?:role|from|sender|speaker|author|type)\\?[\"']\s*:\s*(?:array\(|\[|\s)*\\?[\"']"
    r"(?:user|human|prompter|assistant|gpt|chatgpt|system|bot|ai|model|tool|bing|bard)\\?[\"']",
    re.IGNORECASE,
)
# What is not closed goes to the end: a search that could fail there would begin at each quote.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*+(?:'|\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\Z)", re.DOTALL)
_BRACKET = re.compile(r"[\[\](){}]")


def value_written_in(text: str, field: str) -> Any:
    """Find the list or object of turns that a string is the text of, None where it is none.

    Raises
    ------
    BadRow
        Where it looks like turns and cannot be parsed.

    Examples
    --------
    >>> value_written_in("[{'from': 'gpt', 'value': 'Yes?'}]", "conversations")
    [{'from': 'gpt', 'value': 'Yes?'}]
    >>> value_written_in("[1] A reference.", "text")
    """
    if not _OPENS.match(text):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _written_by_python(text, field)
    if isinstance(value, str) and _OPENS.match(value):
        return value_written_in(value, field) if not value.startswith('"') else None
    return value if holds_chat(value, field) else None


def _written_by_python(text: str, field: str) -> Any:
    looks = _LOOKS.search(text, 0, _FRONT) is not None
    may_alternate = text.lstrip()[:2] in ("['", '["', "[[", "[(")
    if not looks and not may_alternate:
        return None
    value = _literal(text)
    if holds_chat(value, field) and _counted_right(text, value):
        return value
    if looks or (may_alternate and _may_be_turns(text, field)):
        raise BadRow(
            f"the field {field!r} holds turns written as text that cannot be parsed",
            "JSON, or a list as Python shows it",
            "Write the turns as JSON, with commas between them",
        )
    return None


def _literal(text: str) -> Any:
    if len(text) > _LONGEST_LITERAL or _depth(text) > _DEEPEST_LITERAL:
        return None
    try:
        return _lists(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _depth(text: str) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.finditer(_QUOTED.sub("", text)):
        depth += 1 if bracket[0] in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def _lists(value: Any) -> Any:
    """Tuples become lists, as in JSON; the depth is bounded by then."""
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _lists(item) for key, item in value.items()}
    return value


def _counted_right(text: str, value: Any) -> bool:
    """Whether no two strings were joined for want of a comma, as numpy leaves it out."""
    if not is_of_strings(value):
        return True
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
        return sum(token.type == tokenize.STRING for token in tokens) == len(value)
    except (tokenize.TokenError, SyntaxError):
        return False


def _may_be_turns(text: str, field: str) -> bool:
    """Whether a list that cannot be parsed would be turns if it could."""
    strings = [quoted[0][1:-1] for quoted in _QUOTED.finditer(text, 0, _FRONT)]
    try:
        return text.rstrip().endswith("]") and is_alternating(strings, field)
    except BadRow:
        return True
