"""What a row's text answers: which field holds it, where nobody named one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provenance.corpus.chats.chat import last_turn
from provenance.corpus.chats.shapes import is_several_words
from provenance.corpus.rows.naming import is_words
from provenance.corpus.rows.vocabulary import INSTRUCTED, MORE_PROMPTS, PROMPT_CHATS, PROMPT_FIELDS

__all__ = ["PROMPT_COLUMNS", "asked_in", "behind_prompt", "prompts_beside"]

PROMPT_COLUMNS = frozenset({*PROMPT_FIELDS, *INSTRUCTED, *MORE_PROMPTS, *PROMPT_CHATS})
"""Columns of a table that may hold what was asked."""


def prompts_beside(text_field: str) -> frozenset[str]:
    """Names under which what was asked may stand, without that of the texts themselves.

    Examples
    --------
    >>> {"messages", "prompt"} & prompts_beside("messages[*].content")
    {'prompt'}
    """
    own = re.split(r"[.\[,]", text_field, maxsplit=1)[0]
    return PROMPT_COLUMNS - {own}


def asked_in(
    record: Mapping[str, Any], names: frozenset[str], text_field: str | None
) -> tuple[Any, str | None]:
    """What the field of the prompt holds, and its words; None where a row has none.

    Parameters
    ----------
    record : mapping
    names : frozenset of str
        Of `prompts_beside`.
    text_field : str or None
        A row whose text is itself what was asked has no prompt.

    Examples
    --------
    >>> row = {"instruction": "Add.", "input": "1 and 2", "output": "3"}
    >>> asked_in(row, prompts_beside("output"), "output")
    ('Add.', 'Add.\\n1 and 2')
    """
    if names.isdisjoint(record):
        return None, None
    empty: tuple[Any, str | None] = (None, None)
    for name in PROMPT_FIELDS:
        if name in record:
            if name == text_field:
                return None, None
            if record[name] not in (None, ""):
                return _instructed(record, name)
            empty = empty if record[name] is None else ("", "")
    for name in (*MORE_PROMPTS, *PROMPT_CHATS):
        if name in record and name in names:
            value = record[name]
            if name in MORE_PROMPTS or not isinstance(value, str) or value[:1] in "[{":
                if value not in (None, ""):
                    return value, _words_of(value)
                empty = empty if value is None else ("", "")
    return empty


def _words_of(value: object) -> str | None:
    """The words of a prompt: of an object around a question, the one text in it."""
    said = last_turn(value)
    if said is not None or not isinstance(value, dict):
        return said
    texts = [text for text in value.values() if is_words(text)]
    return texts[0] if len(texts) == 1 else None


def _instructed(record: Mapping[str, Any], name: str) -> tuple[Any, str | None]:
    value = record[name]
    prompt = _words_of(value)
    if not prompt or name != "instruction":
        return value, prompt
    more = next((record[name] for name in INSTRUCTED if record.get(name)), None)
    return value, f"{prompt}\n{more}" if isinstance(more, str) else prompt


def behind_prompt(text: str, prompt: str) -> str | None:
    """A text without the prompt that it begins with; None where it does not, or is nothing more.

    Interfaces that go on with a text give back all of it, and so the user's words.

    Examples
    --------
    >>> behind_prompt("Why is it? It is so.", "Why is it?")
    'It is so.'
    >>> behind_prompt("Why", "Why")

    A prompt that ends amid a word of the text is no prompt of it:

    >>> behind_prompt("Why is italy nice?", "Why is it")
    """
    if not text.startswith(prompt) or not is_several_words(prompt):
        return None
    rest = text[len(prompt) :]
    if prompt[-1].isalnum() and rest[:1].isalnum():
        return None
    return rest.lstrip() or None
