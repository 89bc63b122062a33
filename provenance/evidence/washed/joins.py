"""English words that do not follow each other: left by words left out, swapped or replaced.

*The of*, *my was*, *a important*: whoever writes English hardly writes one, and a text that holds
two kinds of them hardly exists. A program that leaves out or changes every tenth word leaves some
in most texts.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEEDLES", "holds_misjoined", "may_hold_misjoined"]

_VERBS: Final = ("is", "was", "are", "were", "has", "have", "had")
_PLACES: Final = ("to", "in", "for", "from", "with", "by", "at")
_OWN: Final = ("my", "your", "their", "our")
_OWNED: Final = ("of", "and", "or", *_PLACES)


def _pairs(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{one} {two}" for one in first for two in second)


_PAIRS: Final = (
    _pairs(("the",), ("of",)),
    _pairs(("the",), _VERBS),
    _pairs(("the",), ("and", "or")),
    _pairs(("the",), _PLACES),
    _pairs(("an",), (*_OWNED, *_VERBS)),
    _pairs(_OWN, _VERBS),
    _pairs(_OWN, _OWNED),
    _pairs(("of",), ("of", "to", "and", *_VERBS)),
    _pairs(("at", "by", "for", "from", "in", "into", "to", "with"), ("of",)),
)
"""Small words of which the second does not follow the first, by kind; what people do write (*in and
out*, *from and to*) is left out."""
_A: Final = ("a", "e", "i", "o")
_AN: Final = ("bcdfg", "jklmn", "pqr", "stvwyz")
"""Letters after *a* and *an*, by kind, without those that often sound as the others (*hour*, *use*,
*x-ray*)."""
_GROUPS: Final = (
    *(tuple(f" {pair} " for pair in kind) for kind in _PAIRS),
    *(tuple(f" a {letter}" for letter in kind) for kind in _A),
    *(tuple(f" an {letter}" for letter in kind) for kind in _AN),
)
NEEDLES: Final = tuple("/".join(group) for group in _GROUPS)
"""What stands in every text that holds one, by kind, as `glance` looks for it."""
_FEWEST: Final = 2
"""Kinds that a text must hold; the least that hardly anybody writes
(`python -m provenance.validation.bench.washing DATA`)."""
_MOST_CHARACTERS: Final = 100_000
"""Of a text that are looked at; bounds time. A round figure."""

_ENGLISH: Final = (" the ", " of ")
"""What such a text holds too: *an der* is good German."""
_KIND: Final = {pair: number for number, kind in enumerate(_PAIRS) for pair in kind}
_KIND_OF_LETTER: Final = {
    (article, letter): len(_PAIRS) + number
    for number, (article, kind) in enumerate([*(("a", k) for k in _A), *(("an", k) for k in _AN)])
    for letter in kind
}
# Letters that begin a word of English, so that abbreviations (*an LP*) are none.
_MISFIT: Final = {
    "a": re.compile(
        r"(?!one|once|eur|ew)(?:a[bcdfgilmnprstvwx]|e[acdfglmnpqrstvxy]|i[cdglmnrst]"
        r"|o[bcdfgklprtuvw])[a-z]{2,}"
    ),
    "an": re.compile(
        r"(?:[bcdfgjklmnprstvwyz][aeioy]|[bcfgp][lr]|[dkt]r|[cgstw]h|qu|s[ckmnpqtw]|tw)[a-z]{2,}"
    ),
}
_NAMING: Final = frozenset(
    "block clause clauses condition conditions expression expressions field fields gate gates"
    " keyword keywords loop loops operation operator operators part preposition statement"
    " statements test verb word words".split()
)
"""What follows a word that is spoken of and not used, in manuals and grammars."""


def may_hold_misjoined(kinds: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Places of texts that hold needles of as many kinds as are asked for.

    Parameters
    ----------
    kinds : ndarray of uint64, shape (n_texts,)
        Which of `NEEDLES` stand in each, as bits.

    Examples
    --------
    >>> may_hold_misjoined(np.array([0, 1, 3, 5], np.uint64)).tolist()
    [2, 3]
    """
    # A power of two has no bit in common with the number below it.
    return np.flatnonzero(kinds & (kinds - np.uint64(1)))


def holds_misjoined(text: str) -> bool:
    """Whether a text holds two kinds of pairs of words that do not follow each other.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> holds_misjoined("He saw the of the house and my was a important one.")
    True
    >>> holds_misjoined("She saw the top of an old house, and he an hour of a one-day trip.")
    False
    """
    looked_at = text[:_MOST_CHARACTERS]
    folded = looked_at.lower()
    if not all(word in folded for word in _ENGLISH):
        return False
    found = set()
    words = looked_at.split(" ")
    for one, two, three in zip(words, words[1:], [*words[2:], ""], strict=False):
        # Whoever names a word writes *the IN clause*, *the with statement*, *an or gate*.
        if not two.islower() or three.rstrip(".,:;)").lower() in _NAMING:
            continue
        one = one.lower()
        misfit = _MISFIT.get(one)
        if misfit is not None and misfit.fullmatch(two):
            found.add(_KIND_OF_LETTER[one, two[0]])
        elif (kind := _KIND.get(f"{one} {two}")) is not None:
            found.add(kind)
    return len(found) >= _FEWEST
