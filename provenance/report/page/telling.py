"""Telling n-grams in an order that a reader can weigh: words, scraps of words, layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenance.records import SignatureRow

__all__ = ["ToldGram", "layout_told", "told_grams"]

_WORD = re.compile(r"[^\W\d_]+")
_LONG: Final = 4
"""Letters of a word that is no mere function word, as a rule; a round figure, not tuned."""

_LAYOUT: Final = (
    (r"```", "a block of code"),
    (r"^#|\n#", "a heading"),
    (r"\*\*", "bold"),
    (r"\d+[.)]", "a numbered list"),
    (r"\n", "a new line"),
    (r"(?:^|\n)\s*[-*•](?:\s|$)|[\s.:][-•]\s*$", "a bulleted list"),
    (r"\|", "a table"),
    (r"`", "code"),
    (r"[\u2013\u2014]", "a dash"),
    (r"[\u2018\u2019\u201c\u201d]", "curly quotes"),
    (r":", "a colon"),
    (r"[()\[\]{}]", "brackets"),
    (r"\d(?![.)\d])", "numbers"),
)
"""Signs of layout and what they make; a text is told all that it holds."""


@dataclass(frozen=True, slots=True)
class ToldGram:
    """An n-gram as a reader sees it; `layout` is empty where it holds words."""

    row: SignatureRow
    layout: str


def told_grams(rows: Sequence[SignatureRow]) -> list[ToldGram]:
    """Words first, then short ones, scraps of words, and layout; within each as they came.

    Of n-grams of the same words, and of those that make the same layout, the first is told.

    Examples
    --------
    >>> rates = dict(source="a", rate_in_source=0.3, rate_in_reference=0.0, rate_in_corpus=0.1)
    >>> found = told_grams([SignatureRow(ngram=one, **rates) for one in (":", "it", "delve into")])
    >>> [(one.row.ngram, one.layout) for one in found]
    [('delve into', ''), ('it', ''), (':', 'a colon')]
    """
    told: dict[object, ToldGram] = {}
    for row in sorted(rows, key=_weight):
        layout = layout_told(row.ngram)
        same = layout or tuple(one.lower() for one in _WORD.findall(row.ngram))
        told.setdefault(same, ToldGram(row, layout))
    return [*told.values()]


def layout_told(ngram: str) -> str:
    """What an n-gram without a word is, in words; empty where it holds one.

    Examples
    --------
    >>> layout_told("\\n\\n1. **"), layout_told("of course"), layout_told("...")
    ('bold, a numbered list, a new line', '', 'signs')
    """
    if any(letter.isalpha() for letter in ngram):
        return ""
    found = [told for pattern, told in _LAYOUT if re.search(pattern, ngram)]
    return ", ".join(found) or "signs"


def _weight(row: SignatureRow) -> int:
    words = [len(one) for one in _WORD.findall(row.ngram) if any(map(str.isalpha, one))]
    if not words:
        return 3
    if max(words) == 1:
        return 2
    return 0 if max(words) >= _LONG or sum(one > 1 for one in words) > 1 else 1
