"""Known names of fields in any spelling: ``Response``, ``Generated Text``, ``userPrompt``.

A spreadsheet writes its headers in capitals and with spaces, an export of JavaScript in one word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from provenance.corpus.chats.row_roles import ROLE_COLUMNS
from provenance.corpus.chats.shapes import ROW_KEYS
from provenance.corpus.document import TEXT_FIELDS
from provenance.corpus.rows.answers import ANSWERS
from provenance.corpus.rows.prompts import PROMPT_COLUMNS
from provenance.corpus.rows.vocabulary import PROMPTS

__all__ = ["PlainNames", "plain_names"]

_KNOWN: Final = frozenset(
    {*TEXT_FIELDS, *ANSWERS, *PROMPT_COLUMNS, *PROMPTS, *ROLE_COLUMNS, *ROW_KEYS}
    | {"user", "human", "assistant"}
)
_PARTS: Final = re.compile(r"[^\W_]+")
_HUMPS: Final = re.compile("(?<=[a-z0-9])(?=[A-Z])")
_MOST: Final = 1000
"""Kinds of rows that are kept in mind; a round figure, not tuned."""
_LONGEST: Final = 50_000
"""Characters in all names of such a kind at most; a round figure, not tuned."""
_LONGEST_NAME: Final = 60
"""Characters of a name that may be a known one; a round figure, not tuned."""


def plain_names(names: Iterable[str], kept: Iterable[str] = ()) -> dict[str, str]:
    """Names that spell a known one otherwise, to that one; none where two would be the same.

    Parameters
    ----------
    names : iterable of str
    kept : iterable of str
        Names that are asked for as they stand.

    Examples
    --------
    >>> plain_names(["ID", "Generated Text", "userPrompt", "ASSISTANT"])
    {'Generated Text': 'generated_text', 'userPrompt': 'user_prompt', 'ASSISTANT': 'assistant'}
    >>> plain_names(["Response", "response"]), plain_names(["Text", "TEXT"])
    ({}, {})
    """
    names = [*names]
    asked = {*kept}
    plain = {name: _plain(name) for name in names if name not in asked and name not in _KNOWN}
    spelled, as_they_stand = Counter(plain.values()), {*names}
    return {
        name: known
        for name, known in plain.items()
        if known in _KNOWN and known not in as_they_stand and spelled[known] == 1
    }


def _plain(name: object) -> str:
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return ""
    return "_".join(_PARTS.findall(_HUMPS.sub("_", name.strip()))).lower()


class PlainNames:
    """Of each kind of rows of a file, which keys spell a known name otherwise.

    Parameters
    ----------
    kept : iterable of str
        Names that are asked for as they stand.

    Examples
    --------
    >>> names = PlainNames()
    >>> names.of(("Prompt", "Response", "n"))
    {'Prompt': 'prompt', 'Response': 'response'}
    >>> names.written("response")
    'Response'
    """

    def __init__(self, kept: Iterable[str] = ()) -> None:
        self._kept = frozenset(kept)
        self._kinds: dict[tuple[str, ...], dict[str, str]] = {}
        self._written: dict[str, str] = {}

    def of(self, keys: tuple[str, ...]) -> dict[str, str]:
        """The known names of a row's keys that spell one otherwise."""
        found = self._kinds.get(keys)
        return self._kind(keys) if found is None else found

    def written(self, name: str) -> str:
        """How the file spells a field that rows were read in."""
        return self._written.get(name, name)

    def _kind(self, keys: tuple[str, ...]) -> dict[str, str]:
        if len(self._kinds) >= _MOST:
            self._kinds.clear()
        found = plain_names(keys, self._kept)
        if sum(map(len, keys)) <= _LONGEST:
            self._kinds[keys] = found
        self._written |= {known: name for name, known in found.items()}
        return found
