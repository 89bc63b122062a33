"""The texts inside one field: a string, a list of strings, or a chat in any of its shapes.

Shapes: OpenAI messages (``role`` and ``content``, a string or parts), ShareGPT (``from`` and
``value``), and one side of a preference pair, which is a string or messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provenance.corpus.document import BadRow

__all__ = ["is_chat", "last_turn", "role_named", "shown_keys", "texts_of"]

_ROLES = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "model": "assistant"}
_EXPECTED = "a string, a list of strings or a chat"
_SHOWN_KEYS, _SHOWN_LENGTH = 20, 60


def role_named(role: object) -> str:
    """Put one name to a role.

    Examples
    --------
    >>> role_named("gpt"), role_named("User")
    ('assistant', 'user')
    """
    lowered = str(role).strip().lower()
    return _ROLES.get(lowered, lowered)


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


def is_chat(value: object) -> bool:
    """Whether a value is a list of turns."""
    if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
        return False
    return "role" in value[0] or "from" in value[0]


def texts_of(value: object, name: str, role: str) -> list[tuple[str, str | None]]:
    """Find the texts in the field ``name``, each with the prompt before it in its chat.

    Parameters
    ----------
    value : object
        What the field holds.
    name : str
        The field, for messages.
    role : str
        Whose turns of a chat are wanted.

    Raises
    ------
    BadRow
        Where it holds no text.

    Examples
    --------
    >>> texts_of([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?"}], "c", "gpt")
    [('Yes?', 'Hi')]
    >>> texts_of(["two", "words"], "text", "assistant")
    [('two words', None)]
    """
    if isinstance(value, str):
        return [(value, None)]
    if is_chat(value):
        return list(_replies(_turns(value, name), role_named(role)))
    joined = _joined(value)
    if joined is None:
        raise BadRow(f"the field {name!r} holds {_kind(value)}", _EXPECTED, _remedy(value, name))
    return [(joined, None)]


def last_turn(value: object, role: str = "user") -> str | None:
    """Find the text of a prompt: itself, or the last turn of ``role`` in a chat.

    Examples
    --------
    >>> last_turn([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}])
    'Hi'
    """
    if isinstance(value, str):
        return value
    if not is_chat(value):
        return None
    said = [text for who, text in _turns(value, "prompt", strict=False) if who == role]
    return said[-1] if said else None


def _turns(value: Any, name: str, strict: bool = True) -> Iterator[tuple[str, str]]:
    for number, turn in enumerate(value, 1):
        role, text = _turn(turn)
        if role is not None and text is not None:
            yield role_named(role), text
        elif strict and not _is_call(turn):
            raise BadRow(
                f"turn {number} of the field {name!r} holds no role or no text",
                "an object with role and content",
            )


def _turn(turn: object) -> tuple[object, str | None]:
    if not isinstance(turn, Mapping):
        return None, None
    text = _joined(turn.get("content", turn.get("value", turn.get("text"))))
    return turn.get("role", turn.get("from")), text


def _is_call(turn: object) -> bool:
    """Whether a turn calls a tool, and so may say nothing."""
    if not isinstance(turn, Mapping):
        return False
    return bool(turn.get("tool_calls") or turn.get("function_call"))


def _replies(turns: Iterator[tuple[str, str]], role: str) -> Iterator[tuple[str, str | None]]:
    prompt = None
    for who, text in turns:
        if who == role:
            yield text, prompt
        if who == "user":
            prompt = text


def _joined(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    if all(isinstance(item, str) for item in value):
        return " ".join(value)
    return _joined_parts(value)


def _joined_parts(parts: Sequence[object]) -> str | None:
    """Join the text parts of a message; images and the like are left out."""
    texts = []
    for part in parts:
        if not isinstance(part, Mapping) or "type" not in part:
            return None
        if isinstance(text := part.get("text"), str):
            texts.append(text)
    return "\n".join(texts)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, Mapping):
        return f"an object with the keys {shown_keys(value)}"
    if isinstance(value, list):
        return "a list that is neither of strings nor of turns"
    return f"{type(value).__name__}"


def _remedy(value: object, name: str) -> str | None:
    if isinstance(value, Mapping):
        return f"Name one of its keys, for example --text-field {name}.KEY"
    if isinstance(value, list):
        return f"Name what is in it, for example --text-field '{name}[*].KEY'"
    return None
