"""English texts without articles: what leaving them all out leaves behind.

A text of a hundred words holds some eight articles, whoever wrote it: who learns the language
leaves some out, and a headline all, but it is short. A text that holds many other small words and
hardly an article was stripped of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_encoded
from provenance.features.number_sets import number_set, slot_of
from provenance.files.compiled import njit

__all__ = ["lack_articles"]

_ARTICLES: Final = ("a", "an", "the")
_OTHERS: Final = (
    *("of", "to", "on", "was", "it", "that", "at", "by", "are", "be"),
    *("they", "he", "we", "but", "his", "has", "have", "you", "this"),
)
"""Small words that stand beside articles; none is a word of a language of programs."""
_FEWEST: Final = 15
"""Of the other small words that a text must hold: some hundred words of prose."""
_KINDS: Final = 8
"""Different ones that it must hold: languages beside English have some of them, and a sentence that
is said again and again has few."""
_TO_AN_ARTICLE: Final = 25
"""Other small words to an article, from which on a text lacks them; in prose there are two."""
_MOST_CHARACTERS: Final = 2000
"""Of a text that are looked at; bounds time. A round figure."""
_ENOUGH: Final = 5
"""Articles after which a text is left: so many characters hold fewer than `_ENOUGH` times
`_TO_AN_ARTICLE` other small words."""

_N_ARTICLES: Final = len(_ARTICLES)
_LONGEST: Final = max(map(len, (*_ARTICLES, *_OTHERS)))
"""Letters of the longest of the words: at most eight, as a word is a number of 64 bits."""


def _number(word: str) -> int:
    return int.from_bytes(word.encode("ascii"), "big")


def _table() -> tuple[NDArray[np.uint64], np.uint64, NDArray[np.int64]]:
    """The words as a set of numbers, and in the slot of each which one it is."""
    numbers = [_number(word) for word in (*_ARTICLES, *_OTHERS)]
    slots, shift = number_set(numbers)
    which = np.zeros(len(slots), np.int64)
    for at, number in enumerate(numbers):
        which[slots == number] = at
    return slots, shift, which


_TABLE: Final = _table()


def lack_articles(
    texts: Sequence[str], encoded: Sequence[bytes] | None = None
) -> NDArray[np.bool_]:
    """Which texts are English and hold next to no article.

    Parameters
    ----------
    texts : sequence of str
    encoded : sequence of bytes, optional
        The same as UTF-8, where they are at hand.

    Examples
    --------
    >>> said = "He was by that door but they have it, and you are to be at this one. "
    >>> lack_articles([said * 3, said * 3 + "The a the a the."]).tolist()
    [True, False]
    """
    if encoded is None:
        encoded = [text.encode("utf-8", "replace") for text in texts]
    articles, others, kinds = _counted(*joined_encoded(encoded), *_TABLE).T
    is_english = (others >= _FEWEST) & (kinds >= _KINDS)
    return np.asarray(is_english & (articles * _TO_AN_ARTICLE <= others))


@njit(cache=True)
def _end(data: Any, start: Any, end: Any) -> Any:
    """Where what is looked at of a text ends, which is sound UTF-8."""
    if end - start <= _MOST_CHARACTERS:
        return end
    stop, left = start, _MOST_CHARACTERS
    while left and stop < end:
        # So many characters are so many bytes at least, and those that begin none are not counted.
        last, more = min(end, stop + left), 0
        for at in range(stop, last):
            more += (data[at] & 0xC0) == 0x80
        stop, left = last, more
    while stop < end and (data[stop] & 0xC0) == 0x80:
        stop += 1
    return stop


@njit(cache=True, nogil=True)
def _counted(data: Any, bounds: Any, slots: Any, shift: Any, which: Any) -> Any:
    """Articles, other small words and different ones of these in each text, shape (n_texts, 3)."""
    found = np.zeros((len(bounds) - 1, 3), np.int64)
    for text in range(len(found)):
        value, letters, seen = np.uint64(0), 0, np.int64(0)
        end = _end(data, bounds[text], bounds[text + 1])
        for at in range(bounds[text], end + 1):
            byte = np.uint8(data[at] | 0x20) if at < end else np.uint8(0)
            if 97 <= byte <= 122:
                value = (value << np.uint64(8)) | np.uint64(byte)
                letters += 1
                continue
            if 0 < letters <= _LONGEST:
                slot = slot_of(slots, shift, value)
                if slots[slot] == value:
                    if which[slot] < _N_ARTICLES:
                        found[text, 0] += 1
                        if found[text, 0] == _ENOUGH:
                            break
                    else:
                        found[text, 1] += 1
                        seen |= np.int64(1) << which[slot]
            value, letters = np.uint64(0), 0
        while seen:
            seen &= seen - 1
            found[text, 2] += 1
    return found
