"""The compiled look for words of a list in many texts at once: which texts may hold one.

Hardly any text has an error of typing, and to part all texts into words took a tenth of a match.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN
from provenance.files.compiled import njit

__all__ = ["may_hold", "table_of"]

_FACTOR: Final = 0x100000001B3
"""The prime of the hash of Fowler, Noll and Vo (FNV-1, 64 bits)."""
_START: Final = 0xCBF29CE484222325
_ALL: Final = (1 << 64) - 1
_FILLED: Final = 4
"""Slots for each word; a round figure, not tuned."""


def table_of(words: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes of words of small letters of ASCII, each in the slot that it tells or behind it.

    Examples
    --------
    >>> table = table_of(["teh", "wrold"])
    >>> len(table), int(np.count_nonzero(table))
    (8, 2)
    """
    hashes = [_hash(word) for word in sorted(words)]
    bits = max(1, (_FILLED * len(hashes) - 1).bit_length())
    slots = np.zeros(1 << bits, np.uint64)
    for value in hashes:
        slot = (value * int(GOLDEN) & _ALL) >> (64 - bits)
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = value
    return slots


def _hash(word: str) -> int:
    value = _START
    for letter in word.encode("ascii"):
        value = (value * _FACTOR & _ALL) ^ letter
    return value


def may_hold(texts: Sequence[str], table: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether a run of letters of each text, in small letters, has the hash of one of the words.

    Letters are those of ASCII: a word beside another letter is taken for one that stands alone.

    Examples
    --------
    >>> may_hold(["Teh end.", "The end."], table_of(["teh"])).tolist()
    [True, False]
    """
    data = [text.encode("utf-8", "replace") for text in texts]
    bounds = np.cumsum([0, *map(len, data)])
    shift = np.uint64(64 - (len(table).bit_length() - 1))
    found: NDArray[np.bool_] = _hold(np.frombuffer(b"".join(data), np.uint8), bounds, table, shift)
    return found


@njit(cache=True, nogil=True)
def _hold(data: Any, bounds: Any, table: Any, shift: Any) -> Any:
    found = np.zeros(len(bounds) - 1, np.bool_)
    start, factor = np.uint64(_START), np.uint64(_FACTOR)
    for text in range(len(found)):
        value = start
        for at in range(bounds[text], bounds[text + 1] + 1):
            byte = np.uint8(data[at] | 0x20) if at < bounds[text + 1] else np.uint8(0)
            if 97 <= byte <= 122:
                value = (value * factor) ^ np.uint64(byte)
            elif value != start:
                if _holds(table, value, shift):
                    found[text] = True
                    break
                value = start
    return found


@njit(cache=True, inline="always")
def _holds(table: Any, value: Any, shift: Any) -> Any:
    slot = (value * GOLDEN) >> shift
    while table[slot] != 0 and table[slot] != value:
        slot = (slot + np.uint64(1)) & np.uint64(len(table) - 1)
    return table[slot] == value
