"""Which texts can be judged at all: English prose. The library holds no other text."""

from __future__ import annotations

from typing import Final

from provenance.corpus.languages import COMMON_WORDS, language_of, words_looked_at

__all__ = ["LEAST_PROSE", "left_out"]

LEAST_PROSE: Final = 0.15
"""Least part of the words that are the most common ones of English. With `_MOST_CODE` it takes
98 to 100 % of people's English documents for prose (85 % of a programmers' forum, whose answers
hold code), and 0 to 7 % of documents in Chinese and Korean and of people's code (table *judged* of
`python -m provenance.validation.bench.scanning`)."""
_MOST_CODE: Final = 0.04
"""Largest part of the characters that are brackets, operators and underscores; see
`LEAST_PROSE`. Asterisks and hashes are left out: they are markup of prose too."""
_CODE: Final = b"(){}[]=;_<>|\\+"
_LONGEST: Final = 4000
"""Characters that are looked at, and twice as many as words are looked for in; a bound on time,
not tuned."""


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


def _is_code(start: str) -> bool:
    written = start.encode("utf-8", "replace")
    n_code = len(written) - len(written.translate(None, _CODE))
    return n_code > _MOST_CODE * len(start)


def _is_english(words: list[str]) -> bool:
    # A script without spaces gives few words and many letters in each.
    if not words or sum(map(len, words)) > 10 * len(words):
        return False
    return sum(map(COMMON_WORDS["en"].__contains__, words)) >= LEAST_PROSE * len(words)
