"""English words that do not follow each other: left by words left out, swapped or replaced.

*The of*, *my was*, *a important*: whoever writes English hardly writes one, and a text that holds
two different ones hardly exists. A program that leaves out or changes every tenth word leaves some
in most texts.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["NEEDLES", "holds_misjoined"]

_BEFORE: Final = ("the", "an", "my", "your", "their", "our")
_AFTER: Final = (
    *("of", "is", "was", "are", "and", "to", "in", "for", "from", "with", "by", "at", "or"),
    *("were", "has", "have", "had"),
)
_OTHERS: Final = (
    *("at of", "by of", "for of", "from of", "in of", "into of", "to of", "with of", "of of"),
    *("into to", "of to", "of and", "of are", "of had", "of has", "of is", "of was", "of were"),
)
_PAIRS: Final = (*(f"{one} {two}" for one in _BEFORE for two in _AFTER), *_OTHERS)
"""Small words of which the second does not follow the first; what people do write (*in and out*,
*from and to*) is left out."""
_VOWELS: Final = "aeio"
_CONSONANTS: Final = "bcdfgjklmnpqrstvwyz"
"""Without letters that often sound as the other kind (*hour*, *use*, *x-ray*)."""
NEEDLES: Final = "/".join(
    [
        *(f" {pair} " for pair in _PAIRS),
        *(f" a {letter}" for letter in _VOWELS),
        *(f" an {letter}" for letter in _CONSONANTS),
    ]
)
"""What stands in every text that holds one, as `glance` looks for it."""
_FEWEST: Final = 2
"""Different ones that a text must hold; of one, three or two the least that hardly anybody writes:
`bench.washing`."""
_MOST_CHARACTERS: Final = 100_000
"""Of a text that are looked at; bounds time. A round figure."""

_ENGLISH: Final = (" the ", " of ")
"""What such a text holds too: *an der* is good German."""
_PAIR: Final = re.compile(rf"(?<= )(?:{'|'.join(_PAIRS)})(?= )")
# Letters that begin a word of English, so that abbreviations (*an LP*) are none.
_ARTICLE: Final = re.compile(
    r"(?<= )(?:a (?!one|once|eur|ew)(?:a[bcdfgilmnprstvwx]|e[acdfglmnpqrstvxy]|i[cdglmnrst]"
    r"|o[bcdfgklprtuvw])|an (?:[bcdfgjklmnprstvwyz][aeioy]|[bcfgp][lr]|[dkt]r|[cgstw]h|qu"
    r"|s[ckmnpqtw]|tw))[a-z]{2,}(?= )"
)


def holds_misjoined(text: str) -> bool:
    """Whether a text holds two different pairs of words that do not follow each other.

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
    folded = text[:_MOST_CHARACTERS].lower()
    if not all(word in folded for word in _ENGLISH):
        return False
    found = {*_PAIR.findall(folded)}
    if len(found) < _FEWEST:
        found.update(_ARTICLE.findall(folded))
    return len(found) >= _FEWEST
