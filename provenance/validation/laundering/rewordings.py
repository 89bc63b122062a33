"""Edits that somebody writes in ten lines who knows how texts are told apart, and costs no sense.

Short forms written out or the other way round, sentences that change places with the next, first
and last ones cut off. As in `edits` the strength is a part of the places, of texts for the last.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from provenance.validation.laundering.edits import chosen, edited, sentences

__all__ = ["change_contractions", "cut_ends", "swap_sentences"]

_SHORT: Final = {
    **{f"{one} not": f"{one}n't" for one in ("do", "does", "did", "is", "are", "was", "were")},
    **{f"{one} not": f"{one}n't" for one in ("could", "would", "should", "have", "has", "had")},
    "cannot": "can't",
    "will not": "won't",
    "i am": "i'm",
    "let us": "let's",
    **{f"{one} is": f"{one}'s" for one in ("it", "that", "there", "he", "she")},
    **{f"{one} are": f"{one}'re" for one in ("you", "we", "they")},
    **{f"{one} have": f"{one}'ve" for one in ("i", "you", "we", "they")},
    **{f"{one} will": f"{one}'ll" for one in ("i", "you", "we", "they", "it")},
}
_LONG: Final = {short: long for long, short in _SHORT.items()}


def _any_of(words: dict[str, str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_TABLES: Final = ((_any_of(_LONG), _LONG), (_any_of(_SHORT), _SHORT))


def change_contractions(text: str, strength: float, rng: np.random.Generator) -> str:
    """Write short forms out; in a text that has none, write long forms short."""
    for pattern, table in _TABLES:
        places = [*pattern.finditer(text)]
        if places:

            def other(match: re.Match[str], table: dict[str, str] = table) -> str:
                found = table[match[0].lower()]
                return found[0].upper() + found[1:] if match[0][0].isupper() else found

            return edited(text, places, other, strength, rng)
    return text


def swap_sentences(text: str, strength: float, rng: np.random.Generator) -> str:
    """Change sentences with the next; part of the pairs of neighbours."""
    said = sentences(text)
    if len(said) < 2:
        return text
    spaces = [one[len(one.rstrip()) :] for one in said]
    bare = [one.rstrip() for one in said]
    firsts = range(int(rng.integers(1 + len(said) % 2)), len(said) - 1, 2)
    for first, is_chosen in zip(firsts, chosen(len(firsts), strength, rng), strict=True):
        if is_chosen:
            bare[first], bare[first + 1] = bare[first + 1], bare[first]
    return "".join(one + space for one, space in zip(bare, spaces, strict=True))


def cut_ends(text: str, strength: float, rng: np.random.Generator) -> str:
    """Cut off the first and the last sentence of such a part of the texts, where four are left."""
    said = sentences(text)
    is_cut = rng.random() < strength
    return "".join(said[1:-1]) if is_cut and len(said) >= 6 else text
