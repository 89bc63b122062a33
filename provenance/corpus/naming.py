"""What names of fields tell, and which fields of a row hold words: to ask, and to give advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from provenance.corpus.shapes import is_several_words
from provenance.words import visible

__all__ = [
    "ASKING",
    "DEEPEST",
    "PROMPTS",
    "SUGGESTED",
    "for_example",
    "is_of_strings",
    "is_worded",
    "is_words",
    "may_answer",
    "worded",
]

ASKING: Final = frozenset(
    "prompt prompts instruction question query input inputs context history chat_history request"
    " requests request_body requestbody instance instances params body modelinput model_input"
    " input_messages doc example examples few_shot fewshot demonstrations".split()
)
"""Fields whose turns are what was asked, with examples and earlier answers among them."""
PROMPTS: Final = frozenset(
    "prompt instruction question query problem inputs input messages context conversation"
    " inputs_pretokenized".split()
)
"""Fields beside which an answer stands."""
_RIVALS: Final = (
    "answer response output completion solution generat reply predict chosen rejected candidate"
).split()
"""Parts of the names of fields that may hold an answer too."""
_NOT_THE_MODELS: Final = ("expected", "reference", "gold", "ground", "correct", "prompt")
"""Parts of the names of fields that surely hold none of a model's."""
_OF_MODELS: Final = ("model", "models", "model_name", "model_id", "generator")
"""Ends of the names of fields that tell of a model, and hold nothing that it said."""
_SIDES: Final = frozenset("user human prompter assistant system".split())
"""Names that only who speaks in a chat has."""
DEEPEST: Final = 4
"""Levels of a row that are looked into for advice; a round figure, not tuned."""
SUGGESTED: Final = 3
"""Fields that advice names; a round figure, not tuned."""


def may_answer(name: str) -> bool:
    """Whether a field's name says that it may hold what a model answered.

    Examples
    --------
    >>> [may_answer(name) for name in ("gpt4_response", "expected_answer", "response_model", "id")]
    [True, False, False, False]
    """
    lowered = name.lower()
    if lowered.endswith(_OF_MODELS) or any(part in lowered for part in _NOT_THE_MODELS):
        return False
    return any(part in lowered for part in _RIVALS)


def is_words(value: object) -> bool:
    """Whether it is a string of several words, which a label or a number is not.

    Examples
    --------
    >>> is_words("It is."), is_words("positive"), is_words(["It is."])
    (True, False, False)
    """
    return isinstance(value, str) and is_several_words(value)


def is_of_strings(value: object) -> bool:
    """Whether it is a list of strings and of nothing else; an empty one is.

    Examples
    --------
    >>> is_of_strings(["a", "b"]), is_of_strings(["a", None]), is_of_strings("a")
    (True, False, False)
    """
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_worded(value: object) -> bool:
    """Whether a field holds several words, also deep inside.

    Examples
    --------
    >>> is_worded([{"text": "It is."}]), is_worded({"n": 1})
    (True, False)
    """
    return any(True for _ in worded({"": value}))


def worded(value: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted fields of a value that hold several words, of lists those of the first.

    Examples
    --------
    >>> [*worded({"a": [{"b": "It is.", "n": 1}], "c": "So it is."})]
    ['a[*].b', 'c']
    """
    if is_words(value):
        yield path
    elif depth > DEEPEST or (depth and _names_a_side(value)):
        return
    elif isinstance(value, list):
        yield from worded(value[0] if value else None, f"{path}[*]", depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str) and not any(sign in key for sign in "[]"):
                yield from worded(item, f"{path}.{key}" if path else key, depth + 1)


def _names_a_side(value: object) -> bool:
    """Whether somebody speaks in an object: advice to name its words would join both sides."""
    firsts = _firsts(value.values()) if isinstance(value, Mapping) else ()
    return any(isinstance(first, str) and first.lower() in _SIDES for first in firsts)


def _firsts(values: Iterable[object]) -> Iterator[object]:
    return (value[0] if isinstance(value, list) and value else value for value in values)


def for_example(record: Mapping[str, Any], but: str = "") -> str:
    """Name fields that hold several words, those first that look like answers; nothing if none.

    Parameters
    ----------
    record : mapping
    but : str
        A field that is not meant.

    Examples
    --------
    >>> for_example({"question": "Why is it?", "reply": "It is so."})
    ', for example --text-field reply or --text-field question'
    """
    rest = {name: value for name, value in record.items() if name != but}
    paths = [path for path in worded(rest) if path]
    paths.sort(key=_unlikely)
    if not paths:
        return ""
    return f", for example {_listed(map(_quoted, paths[:SUGGESTED]))}"


def _unlikely(path: str) -> int:
    names = path.lower().replace("[*]", "").split(".")
    if any(part in path.lower() for part in _NOT_THE_MODELS) or names[0] in ASKING | PROMPTS:
        return 2
    last = ".".join(names[-2:])
    return 0 if any(part in last for part in (*_RIVALS, "text", "content")) else 1


def _quoted(path: str) -> str:
    shown = visible(path[:80])
    return f"'{shown}'" if "[" in path or " " in path else shown


def _listed(names: Iterable[str]) -> str:
    *most, last = [f"--text-field {name}" for name in names]
    return f"{', '.join(most)} or {last}" if most else last
