"""Which texts can be judged at all: English prose. The library holds no other text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from provenance.corpus.languages import COMMON_WORDS, LONGEST, language_of, words_looked_at

__all__ = ["LEAST_PROSE", "all_left_out", "left_out"]

LEAST_PROSE: Final = 0.15
"""Least part of the words that are the most common ones of English. With `_MOST_CODE` it takes
98 to 100 % of people's English documents for prose (85 % of a programmers' forum, whose answers
hold code), and 0 to 7 % of documents in Chinese and Korean and of people's code (table *judged* of
`python -m provenance.validation.bench.scanning`)."""
_MOST_CODE: Final = 0.04
"""Largest part of the characters that are brackets, operators and underscores; see
`LEAST_PROSE`. Asterisks and hashes are left out: they are markup of prose too."""
_CODE: Final = "(){}[]=;_<>|\\+"
_LONGEST: Final = 4000
"""Characters that are looked at, and twice as many as words are looked for in; a bound on time,
not tuned."""
_MOST_LETTERS: Final = 10
"""Largest mean length of a word: a script without spaces gives few words, and many letters in
each."""


def left_out(text: str) -> tuple[str, str]:
    """Why a text is not judged, and its language where that is why; nothing of English prose.

    Returns
    -------
    str
        ``code``, ``language``, or ``unlike``: neither, as tables, lists and formulas are.
    str

    Examples
    --------
    >>> left_out("It is a truth universally acknowledged, that a single man is in want.")
    ('', '')
    >>> left_out("def f(x): return x + 1"), left_out("Es ist eine Wahrheit, dass ein Mann es ist.")
    (('code', ''), ('language', 'de'))
    >>> left_out("Ltd 7 kg 12.5 USD Hamburg; Ltd 9 kg 3.5 USD Turku")
    ('unlike', '')
    """
    start = text[:_LONGEST]
    if _is_code(start):
        return "code", ""
    if _is_english(words_looked_at(start)):
        return "", ""
    language = language_of(start)
    return ("unlike", "") if language in ("", "en") else ("language", language)


def all_left_out(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The same of each text, in one pass over the beginnings of all.

    Examples
    --------
    >>> all_left_out(["This is the way that it is.", "f(x) = {y: 1}", "Es ist eine Wahrheit, dass"])
    [('', ''), ('code', ''), ('language', 'de')]
    """
    from provenance.features.code_points import joined_bytes
    from provenance.matching.library.prose_kernels import CODE, ENGLISH, judged

    data, bounds = joined_bytes([text[:_LONGEST] for text in texts])
    limits = LONGEST, _MOST_CODE, LEAST_PROSE, _MOST_LETTERS
    found = judged(data, bounds, *_tables(), *limits)
    told = {ENGLISH: ("", ""), CODE: ("code", "")}
    return [
        told[verdict] if verdict in told else left_out(text)
        for text, verdict in zip(texts, found.tolist(), strict=True)
    ]


@lru_cache(maxsize=1)
def _tables() -> tuple[Any, ...]:
    from provenance.matching.library.prose_kernels import character_kinds, common_words

    return character_kinds(_CODE), *common_words(COMMON_WORDS["en"])


def _is_code(start: str) -> bool:
    return sum(map(start.count, _CODE)) > _MOST_CODE * len(start)


def _is_english(words: list[str]) -> bool:
    if not words or sum(map(len, words)) > _MOST_LETTERS * len(words):
        return False
    return sum(map(COMMON_WORDS["en"].__contains__, words)) >= LEAST_PROSE * len(words)
