"""Compiled: the hash of each n-gram as it reads, so that strings are made of the common ones alone.

A string for each n-gram of each text took half of the time of a fingerprint, and all but one in a
hundred were thrown away.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import mix64
from provenance.files.compiled import njit

__all__ = ["read_alike", "small_letters"]

_N_CHARACTERS: Final = 0x20000
"""No character behind these has a small letter, and none is white."""
_SPACE: Final = 32
_UNTOLD: Final = 0
_OTHER_CASE: Final = "İ\u0307Σσς"
"""In lower case the first is an i with the second; the third is one of the others."""

_mix = njit(cache=True, inline="always")(mix64)


@lru_cache(maxsize=1)
def small_letters() -> NDArray[np.uint32]:
    """The small letter of each character below 2^17, and a space for all that is white.

    0 where it is two, or depends on what is beside it, and where it may be such a one's.

    Examples
    --------
    >>> found = small_letters()
    >>> [chr(found[ord(one)]) for one in "Aé\\n"]
    ['a', 'é', ' ']
    """
    small = np.arange(_N_CHARACTERS, dtype=np.uint32)
    for code, character in enumerate(map(chr, range(_N_CHARACTERS))):
        lower = " " if character.isspace() else character.lower()
        if lower != character and len(lower) == 1:
            small[code] = ord(lower)
    small[[ord(one) for one in _OTHER_CASE]] = _UNTOLD
    return small


@njit(cache=True)
def read_alike(code_points: Any, firsts: Any, lasts: Any, small: Any) -> Any:
    """Hash of each stretch of a text in small letters, white space of any length as one space.

    Parameters
    ----------
    code_points : ndarray of uint32
    firsts, lasts : ndarray of int32, shape (n,)
        Where a stretch begins and ends.
    small : ndarray of uint32
        What `small_letters` gives.

    Returns
    -------
    ndarray of uint64, shape (n,)
        0 where a letter has no small one that `small_letters` tells.
    """
    found = np.empty(len(firsts), np.uint64)
    for number in range(len(found)):
        state, is_apart = np.uint64(0), False
        for code in code_points[firsts[number] : lasts[number]]:
            letter = small[code] if code < _N_CHARACTERS else code
            if letter == _UNTOLD:
                state = np.uint64(0)
                break
            if letter == _SPACE:
                is_apart = state != 0
                continue
            if is_apart:
                state, is_apart = _mix(state ^ np.uint64(_SPACE)), False
            state = _mix(state ^ np.uint64(letter))
        found[number] = state
    return found
