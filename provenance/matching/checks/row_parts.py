"""How a row is divided where several may have written it, and rows that are put together so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from provenance.features.features import passages
from provenance.features.normalize import normalize
from provenance.features.spec import FeatureSpec

__all__ = ["PARTS", "WAYS", "parts_of", "put_together"]

WAYS: Final = ("one after another", "by turns")
"""How a row's writers may stand in it."""
_FEWEST_WORDS: Final = 90
"""Of a row, between spaces: a program after a few sentences changes along itself by nature. A round
figure; text without spaces is not read in parts."""
_FEWEST_SENTENCES: Final = 8
"""Of a row whose writers may take turns; a round figure, not tuned."""
_MOST_BY_TURNS: Final = 4000
"""Characters of a row that are read by turns; a bound on time, not tuned."""
PARTS: Final = {WAYS[0]: (3, 2), WAYS[1]: (2,)}
"""In how many a row is divided: one writer's text stands in the middle of another's, or one half
after another; nobody knows which, so that each division is as likely."""
_PIECES: Final = 6
"""Of a row that is divided so. Twelve tell a little more and want longer rows."""
_SENTENCE: Final = re.compile(r"(?<!\d)[.!?…][\"'”’)\]*_]{0,3}\s+|(?<=[。！？])")
"""Not the end of a line, nor a number's point: a list alternates by nature."""


def parts_of(text: str, spec: FeatureSpec) -> dict[str, list[str]] | None:
    """A text's parts by the way its writers may stand in it; those that hold against them behind.

    None of a text that is too short, and of one way none where there are too few sentences.

    Parameters
    ----------
    text : str
    spec : FeatureSpec

    Examples
    --------
    >>> text = "It was one of those long days again. " * 24
    >>> {way: len(parts) for way, parts in parts_of(text, FeatureSpec()).items()}
    {'one after another': 10, 'by turns': 4}
    """
    clean = normalize(text, strip_markdown=spec.strip_markdown).text
    pieces = passages(clean, _PIECES, 1)
    if len(pieces) < _PIECES or len(clean.split()) < _FEWEST_WORDS:
        return None
    along_and_across = [
        "".join(part)
        for n_parts in PARTS[WAYS[0]]
        for step in [_PIECES // n_parts]
        for part in (
            *(pieces[at : at + step] for at in range(0, _PIECES, step)),
            *(pieces[at::n_parts] for at in range(n_parts)),
        )
    ]
    said = _sentences(clean[:_MOST_BY_TURNS])
    turns = [
        "".join(one for at, one in enumerate(said) if at // every % 2 == which)
        for every in (1, 2)
        for which in (0, 1)
    ]
    return {WAYS[0]: along_and_across, WAYS[1]: turns if len(said) >= _FEWEST_SENTENCES else []}


def put_together(way: str, n_parts: int, own: str, others: Sequence[str]) -> str:
    """A row by one writer and two others, as long as theirs.

    Parameters
    ----------
    way : str
    n_parts : int
        In how many the row is divided.
    own : str
    others : list of str
        By turns, and in two parts, the second of them is not taken.

    Examples
    --------
    >>> put_together("one after another", 3, "a b c", ["d e f", "g h i"]).split()
    ['d', 'b', 'i']
    >>> put_together("one after another", 2, "a b", ["d e", "g h"]).split()
    ['d', 'b']
    >>> put_together("by turns", 2, "A. B. ", ["C. D. ", "E. F. "])
    'A. D. '
    """
    first, second = others
    if way == WAYS[1]:
        return _by_turns(own, first)
    parts = []
    for at, words in enumerate([text.split(" ") for text in (first, own, second)[:n_parts]]):
        ends = [round(len(words) * place / n_parts) for place in (at, at + 1)]
        parts.append(" ".join(words[slice(*ends)]))
    return "\n\n".join(parts)


def _by_turns(own: str, other: str) -> str:
    turns = zip(_sentences(own), _sentences(other), strict=False)
    return "".join(
        one if one[-1:].isspace() else f"{one} "
        for at, pair in enumerate(turns)
        for one in [pair[at % 2]]
    )


def _sentences(text: str) -> list[str]:
    """Sentences, each with the white space after it; joined they are the text.

    Examples
    --------
    >>> _sentences("It rained. Why? Nobody knew")
    ['It rained. ', 'Why? ', 'Nobody knew']
    """
    ends = [match.end() for match in _SENTENCE.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if end > start]
