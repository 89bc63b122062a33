"""What names of fields tell, and which fields of a row hold words: to ask, and to give advice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from provenance.corpus.chats.roles import PRODUCTS
from provenance.corpus.chats.shapes import is_several_words
from provenance.corpus.rows.vocabulary import ASKING, PROMPTS
from provenance.words import visible

__all__ = [
    "DEEPEST",
    "SUGGESTED",
    "for_example",
    "is_address",
    "is_another",
    "is_models",
    "is_no_text",
    "is_of_strings",
    "is_sentence",
    "is_worded",
    "is_words",
    "may_answer",
    "may_replace",
    "worded",
]

_RIVALS: Final = (
    "answer response output completion solution generat reply predict chosen rejected candidate"
).split()
"""Parts of the names of fields that may hold an answer too."""
_NOT_THE_MODELS: Final = ("expected", "reference", "gold", "ground", "correct", "prompt")
"""Parts of the names of fields that surely hold none of a model's."""
_OF_MODELS: Final = ("model", "models", "model_name", "model_id", "generator")
"""Ends of the names of fields that tell of a model, and hold nothing that it said."""
_MADE: Final = frozenset(
    {*"gpt chatgpt llm ai generated synthetic machine bot model assistant".split(), *PRODUCTS}
    - {"pi", "yi", "nova", "palm", "moss", "phi", "falcon", "koala", "dolly", "copilot"}
)
"""Words in the names of fields that hold what a model wrote."""
_ABOUT: Final = (
    "name id url uri type kind version prompt tokens score rating label provider config input"
    " request status date time".split()
)
"""Last words of names that only tell of it."""
_REMADE: Final = ("translat", "paraphras", "rewrit", "rewrote", "rephras", "simplif")
"""Parts of the names of fields that hold a text made of another one."""
_ANOTHER = re.compile(
    r"(?:text|content|output|response|completion)"
    r"(?:\.?\d{1,2}|[._ -](?:v?\d{1,2}|(?!id)[a-z]{1,2}))"
    r"|(?:original|initial|draft|new|old|second)[_ -](?:text|content|output|response|completion)"
)
_NAME_WORDS = re.compile("[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|[a-z]:\\|\.{0,2}/)\S+"
    r"|\S*\w\.(?:txt|md|html?|jsonl?|csv|pdf|png|jpe?g|gif|webp|wav|mp3|flac|ogg|mp4|parquet|xml)"
    r"|(?:text|application|image|audio|video)/[\w.+-]+",
    re.IGNORECASE,
)
_STATES: Final = frozenset(
    "stop length end_turn eos max_tokens tool_calls content_filter text json success succeeded"
    " completed complete done ok error failed finished".split()
)
"""What ended an answer or became of it, and what kind it is."""
_SIDES: Final = frozenset("user human prompter assistant system".split())
"""Names that only who speaks in a chat has."""
_LONGEST_ADDRESS: Final = 500
"""Characters of an address at most; a round figure, not tuned."""
_SENTENCE: Final = 7
"""Words of a sentence at least: longer than labels are. Not tuned."""
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


def is_models(name: str) -> bool:
    """Whether a field's name says that a model made what stands there.

    Examples
    --------
    >>> [is_models(name) for name in ("summary_gpt4", "aiText", "model_name", "generated_by_id")]
    [True, True, False, False]
    """
    words = [word.lower() for word in _NAME_WORDS.findall(name)]
    if not words or words[-1] in _ABOUT or name.lower().endswith(_OF_MODELS):
        return False
    return not _MADE.isdisjoint(words)


def may_replace(name: str) -> bool:
    """Whether a field beside a text may hold what a model made of it, or answered.

    Examples
    --------
    >>> [may_replace(name) for name in ("rewritten", "llm_notes", "expected_translation", "title")]
    [True, True, False, False]
    """
    lowered = name.lower()
    if any(part in lowered for part in _NOT_THE_MODELS):
        return False
    return is_models(name) or any(part in lowered for part in _REMADE)


def is_another(name: str) -> bool:
    """Whether a field is named as one of a known name is, of another number, language or state.

    Examples
    --------
    >>> [is_another(name) for name in ("response.1", "text_en", "new_output", "text_length")]
    [True, True, True, False]
    """
    return _ANOTHER.fullmatch(name.lower()) is not None


def is_no_text(value: object) -> bool:
    """Whether a string is an address, a path, a type or a state, where texts are looked for.

    Examples
    --------
    >>> [is_no_text(text) for text in ("https://example.org/a", "out/1.txt", "stop", "Yes.")]
    [True, True, True, False]
    """
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS:
        return False
    stripped = value.strip()
    return stripped.lower() in _STATES or is_address(stripped)


def is_address(text: str) -> bool:
    """Whether a string is the address, the path or the type of something, and nothing more.

    Examples
    --------
    >>> is_address("/data/1.txt"), is_address("stop")
    (True, False)
    """
    return _ADDRESS.fullmatch(text) is not None


def is_words(value: object) -> bool:
    """Whether it is a string of several words, which a label or a number is not.

    Examples
    --------
    >>> is_words("It is."), is_words("positive"), is_words(["It is."])
    (True, False, False)
    """
    return isinstance(value, str) and is_several_words(value)


def is_sentence(value: object) -> bool:
    """Whether it is a string, or lists of strings, of more words than a label has.

    Examples
    --------
    >>> is_sentence(["The tide rises because the moon pulls it."]), is_sentence(["very positive"])
    (True, False)
    """
    for _ in range(DEEPEST):
        value = value[0] if isinstance(value, list) and value else value
    return isinstance(value, str) and len(value[:_LONGEST_ADDRESS].split()) >= _SENTENCE


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
