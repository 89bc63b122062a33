"""Which field of a row answers what was asked in it: by names that say so, and what they lead to.

Some hold an answer whatever stands beside them, some beside a prompt alone, and some a list of
answers to one prompt, each of which is a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from provenance.corpus.rows.naming import (
    DEEPEST,
    is_models,
    is_worded,
    is_words,
    may_answer,
    worded,
)
from provenance.corpus.rows.vocabulary import PROMPTS

__all__ = ["ALONE", "ANSWERS", "answering_field", "each_answer"]

ALONE: Final = (
    "generated_text generation generated_solution model_output model_response llm_response"
    " assistant_response ai_response output_text text_output targets_pretokenized"
).split()
"""Fields that hold an answer whatever stands beside them."""
_BESIDE_A_PROMPT: Final = ("answer", "targets", "target")
_LISTS: Final = (
    "completions responses outputs generations answers choices summaries prediction resps"
).split()
"""Lists of answers to one prompt: each is a document."""
_CHOSEN_FROM: Final = frozenset({"choices", "answers"})
"""Of these only objects count: strings may be what a question offers."""
ANSWERS: Final = [*ALONE, *_BESIDE_A_PROMPT, *(name for name in _LISTS if name != "choices")]
"""What may answer a text, too."""
_ITEM_KEYS: Final = (
    "response completion generated_text generation answer text output content"
).split()


def answering_field(record: Mapping[str, Any]) -> str | None:
    """The one field that answers a prompt of the row, by its name; None where it may be another.

    Examples
    --------
    >>> answering_field({"question": "Why?", "answer": "Because it is."})
    'answer'
    >>> answering_field({"generation": "So it is.", "output_text": "It is not so."}) is None
    True
    """
    paths = {name: name for name in ALONE if is_words(record.get(name))}
    paths |= {name: f"{name}{rest}" for name in _LISTS if (rest := each_answer(record, name))}
    is_asked = any(record[name] for name in PROMPTS.intersection(record))
    if is_asked:
        paths |= {name: name for name in _BESIDE_A_PROMPT if is_words(record.get(name))}
    elif "answers" in paths:
        del paths["answers"]
    if "resps" in paths:  # rows of lm-evaluation-harness, whose targets are the references
        return paths["resps"]
    others = [name for name in record if name not in paths and may_answer(name)]
    if not paths and is_asked:
        # Of a name of its own, that says both that a model made it and that it answers.
        paths = {name: name for name in others if is_models(name) and is_words(record[name])}
        others = [name for name in others if name not in paths]
    if len(paths) != 1 or any(is_worded(record[name]) for name in others):
        return None
    return next(iter(paths.values()))


def each_answer(record: Mapping[str, Any], name: str) -> str:
    """How a list of answers goes on to each of them, empty where it is none.

    Examples
    --------
    >>> each_answer({"choices": [{"text": "It is so."}]}, "choices")
    '[*].text'
    >>> each_answer({"choices": ["Yes", "No"]}, "choices")  # What a question offers.
    ''
    """
    value, steps = _first_of(record.get(name))
    if isinstance(value, dict) and isinstance(value.get("turns"), list):
        # What one model said turn by turn, as MT-bench keeps it.
        value, inner = _first_of(value["turns"])
        steps = f"{steps}.turns{inner}"
    elif name in _CHOSEN_FROM and (isinstance(value, str) or _is_offered(value)):
        return ""
    if not steps:
        return _within(value)
    if is_words(value):
        return steps
    keys = [key for key in _ITEM_KEYS if isinstance(value, dict) and is_words(value.get(key))]
    return f"{steps}.{keys[0]}" if keys else ""


def _within(value: object) -> str:
    """How an object goes on to the one text in it, empty where it may be another."""
    if not isinstance(value, dict) or len([*worded(value)]) != 1:
        return ""
    return next((f".{key}" for key in _ITEM_KEYS if is_words(value.get(key))), "")


def _is_offered(value: object) -> bool:
    """Whether an object is what a question offers, with its letter or whether it is right."""
    return isinstance(value, dict) and any("label" in key or "correct" in key for key in value)


def _first_of(value: object) -> tuple[object, str]:
    """What lists begin with, and the step to each of them."""
    steps = 0
    while isinstance(value, list) and value and steps < DEEPEST:
        value, steps = value[0], steps + 1
    return value, "[*]" * steps
