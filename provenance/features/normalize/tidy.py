"""Repairs of many texts at once: one look at all their bytes tells most that need none.

Of the others most are repaired in their spacing alone, which nothing else has to be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_encoded, next_code
from provenance.features.normalize.gaps import FEWEST, are_odd
from provenance.features.normalize.repairs import normalize, respaced, uncommon
from provenance.files.compiled import njit

__all__ = ["Repaired", "all_repaired", "are_tidy", "repaired_texts"]

_TIDY: Final = 0
_UNTIDY: Final = 1
_ODD: Final = 2
_UNCOMMON: Final = 3

_FEWEST: Final = FEWEST
_TABLE_SIZE: Final = 0x20000
"""Code points that may be common; a test holds that none above is."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """Some texts after their repairs.

    Attributes
    ----------
    texts : list of str
    tidy : ndarray of bool, shape (n_texts,)
        As `are_tidy` tells.
    odd : ndarray of bool, shape (n_texts,)
        As `gaps.are_odd` tells of the texts before their repairs.
    repairs : dict of int to dict of str to int
        How often each repair changed a text, by its place; those that none changed are absent.
    encoded : list of bytes
        The texts as UTF-8, lone surrogates as question marks: who needs them makes them once.
    """

    texts: list[str]
    tidy: NDArray[np.bool_]
    odd: NDArray[np.bool_]
    repairs: dict[int, dict[str, int]]
    encoded: list[bytes]


def all_repaired(texts: Sequence[str]) -> Repaired:
    """What `normalize` makes of each text.

    Examples
    --------
    >>> found = all_repaired(["One.", " Two."])
    >>> found.texts, found.tidy.tolist(), found.repairs
    (['One.', 'Two.'], [True, False], {1: {'margins': 1}})
    """
    # A lone surrogate must not pass for a question mark.
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    kinds = _kinds(encoded)
    clean, repairs, odd = [*texts], {}, kinds == _ODD
    for at in np.flatnonzero(kinds).tolist():
        if kinds[at] == _UNCOMMON:
            odd[at] = are_odd(texts[at])
            found = normalize(texts[at])
        else:
            found = respaced(texts[at], has_odd_gaps=bool(odd[at]))
        clean[at], encoded[at] = found.text, found.text.encode("utf-8", "replace")
        if found.repairs:
            repairs[at] = found.repairs
    return Repaired(clean, kinds == _TIDY, odd, repairs, encoded)


def repaired_texts(texts: Sequence[str]) -> list[str]:
    """Each text as `normalize` gives it, without the counts of its repairs.

    Examples
    --------
    >>> repaired_texts(["One.", " Two."])
    ['One.', 'Two.']
    """
    return all_repaired(texts).texts


def are_tidy(texts: Sequence[str]) -> NDArray[np.bool_]:
    r"""Where a text is of common characters alone and of no spacing that is repaired.

    Of other texts, which `normalize` may leave as they are too, nothing is told.

    Returns
    -------
    ndarray of bool, shape (n_texts,)

    Examples
    --------
    >>> are_tidy(["One.\n\nTwo.", "One. \nTwo.", "One.\n\n\nTwo.", " One.", "“é”", ""]).tolist()
    [True, False, False, False, True, True]
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    found: NDArray[np.bool_] = _kinds(encoded) == _TIDY
    return found


def _kinds(encoded: Sequence[bytes]) -> NDArray[np.uint8]:
    return _looked_at(*joined_encoded(encoded), _common())  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _common() -> NDArray[np.bool_]:
    found = np.ones(_TABLE_SIZE, np.bool_)
    found[[ord(one) for one in uncommon("".join(map(chr, range(_TABLE_SIZE))))]] = False
    return found


@njit(cache=True, nogil=True)
def _looked_at(data: Any, bounds: Any, common: Any) -> Any:
    kinds = np.empty(len(bounds) - 1, np.uint8)
    for text in range(len(kinds)):
        own = data[bounds[text] : bounds[text + 1]]
        if not _is_common(own, common):
            kinds[text] = _UNCOMMON
        else:
            kinds[text] = _spacing(own)
    return kinds


@njit(cache=True)
def _is_common(text: Any, common: Any) -> Any:
    # No branch within: many bytes are then looked at together.
    others = 0
    for byte in text:
        others += ((byte < 32) & (byte != 9) & (byte != 10)) | (byte > 126)
    if not others:
        return True
    at, n = np.uint64(0), np.uint64(len(text))
    while at < n:
        code, at = next_code(text, at)
        if code >= _TABLE_SIZE or not common[code]:
            return False
    return True


@njit(cache=True)
def _spacing(text: Any) -> Any:
    n = len(text)
    if n == 0:
        return _TIDY
    is_untidy = _is_white(text[0]) or _is_white(text[n - 1])
    if not _may_be_ill_spaced(text):
        return _UNTIDY if is_untidy else _TIDY
    odd = 0
    for at in range(1, n):
        byte, before = text[at], text[at - 1]
        if byte == 10:
            is_third = before == 10 and at > 1 and text[at - 2] == 10
            is_untidy |= before == 32 or before == 9 or is_third
        elif at < n - 1 and (byte == 9 or (byte == 32 and before == 32 and at > 1)):
            # An odd gap, as `gaps` finds it.
            first = before if byte == 9 else text[at - 2]
            odd += (_is_letter(first) | (first == 44)) & _is_letter(text[at + 1])
    if odd >= _FEWEST:
        return _ODD
    return _UNTIDY if is_untidy else _TIDY


@njit(cache=True)
def _may_be_ill_spaced(text: Any) -> Any:
    """Whether there is a tab, or white space behind white space but for a blank line."""
    # Slices, as what a place counts from is asked for each time; no branch within.
    n = len(text)
    third, second, first = text[2:], text[1 : max(1, n - 1)], text[: max(0, n - 2)]
    found = 0
    for at in range(len(third)):
        is_white = (third[at] <= 32) & (second[at] <= 32)
        ends_line = (third[at] == 10) & (second[at] == 10)
        found += (is_white & (~ends_line | (first[at] == 10))) | (third[at] == 9)
    return found > 0 or (n > 1 and (text[1] == 9 or (text[0] <= 32 and text[1] <= 32)))


@njit(cache=True, inline="always")
def _is_white(byte: Any) -> Any:
    return byte == 32 or byte == 9 or byte == 10


@njit(cache=True, inline="always")
def _is_letter(byte: Any) -> Any:
    return (byte >= 97) & (byte <= 122)
