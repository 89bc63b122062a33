"""Sums over the distinct draws of a corpus that is read in parts, in bounded memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.kernels import mix
from provenance.files.compiled import njit

__all__ = ["MAX_STATES", "PooledSums", "SquaredTotals"]

MAX_STATES: Final = 1 << 23
"""Distinct draws held, over all keys together, unless told."""

_FIRST_SLOTS: Final = 1 << 12
_LEVELS: Final = 65
_CELLS: Final = 1 << 14
_OFFSET: Final = np.uint64(0xD1B54A32D192ED03)


@njit(cache=True, inline="always")
def _level(word: Any) -> Any:
    """Leading zeros."""
    level = 0
    while level < 64 and not word >> np.uint64(63 - level):
        level += 1
    return level


@njit(cache=True, inline="always")
def _slot(slots: Any, word: Any) -> Any:
    """Where the word stands or would stand."""
    last = np.uint64(len(slots) - 1)
    slot = word & last  # the low bits: the high ones tell the level
    while slots[slot] != 0 and slots[slot] != word:
        slot = (slot + np.uint64(1)) & last
    return slot


@njit(cache=True, nogil=True)
def _grown(slots: Any, size: Any, lowest: Any) -> Any:
    """The words of at least that level in a table of another size, and how many they are."""
    out = np.zeros(size, np.uint64)
    held = 0
    for word in slots:
        if word != 0 and _level(word) >= lowest:
            out[_slot(out, word)] = word
            held += 1
    return out, held


@njit(cache=True, inline="always")
def _word_of(state: Any) -> Any:
    word = mix(state + _OFFSET)
    return np.uint64(1) if word == 0 else word


@njit(cache=True, nogil=True)
def _add(states: Any, values: Any, at: Any, slots: Any, held: Any, most: Any, sums: Any) -> Any:
    """Until the table is full: how many were taken."""
    lowest, counts, totals = sums
    for i in range(at, len(states)):
        if held >= most:
            return i, held
        word = _word_of(states[i])
        level = _level(word)
        if level < lowest:
            continue
        slot = _slot(slots, word)
        if slots[slot] == 0:
            slots[slot] = word
            held += 1
            counts[level] += 1
            totals[level] += values[i]
    return len(states), held


class PooledSums:
    """Number and sum of the scores of distinct draws.

    Where there are more than can be held, those are kept whose hash is in the lower half: the hash
    is of the draw alone and knows no score, so that the test stays exact, on a part.

    Parameters
    ----------
    most : int
        Distinct draws held; 16 to 32 bytes each (48 while the table grows).

    Examples
    --------
    >>> sums = PooledSums(100)
    >>> sums.add(np.array([5, 5, 6], np.uint64), np.array([1.0, 1.0, 2.0]))
    >>> sums.n, sums.total, sums.kept
    (2, 3.0, 1.0)
    """

    def __init__(self, most: int) -> None:
        self._most = max(most, _FIRST_SLOTS)
        self._slots = np.zeros(_FIRST_SLOTS, np.uint64)
        self._held = 0
        self._lowest = 0
        self._counts = np.zeros(_LEVELS, np.int64)
        self._totals = np.zeros(_LEVELS)

    @property
    def n(self) -> int:
        return int(self._counts[self._lowest :].sum())

    @property
    def total(self) -> float:
        return float(self._totals[self._lowest :].sum())

    @property
    def kept(self) -> float:
        """Share of the distinct draws that the sum is taken over."""
        return 0.5**self._lowest

    def add(self, states: NDArray[np.uint64], values: NDArray[np.float64]) -> None:
        """Add scores of draws; those that were added before are passed over."""
        at = 0
        while at < len(states):
            room = min(len(self._slots) // 2, self._most)
            sums = (self._lowest, self._counts, self._totals)
            at, self._held = _add(states, values, at, self._slots, self._held, room, sums)
            if at < len(states):
                self._make_room()

    def _make_room(self) -> None:
        size = len(self._slots)
        if self._held >= self._most:
            self._lowest += 1
        else:
            size *= 2
        self._slots, self._held = _grown(self._slots, size, self._lowest)


@njit(cache=True, nogil=True)
def _sketch(keys: Any, weights: Any, out: Any) -> None:
    last = np.uint64(len(out) - 1)
    for i in range(len(keys)):
        word = mix(keys[i] + _OFFSET)
        sign = 1.0 if word >> np.uint64(63) else -1.0
        out[word & last] += sign * weights[i]


class SquaredTotals:
    """Sum over keys of the squared total of their weights, in little memory whatever the keys.

    Each key adds its weights to one of 16,384 cells, with a sign of its own (Charikar, Chen and
    Farach-Colton 2002; Alon, Matias and Szegedy 1999): the standard error is at most 1.1 %.

    Examples
    --------
    >>> squared = SquaredTotals()
    >>> squared.add(np.array([5, 5, 6], np.uint64), np.ones(3))
    >>> squared.total, squared.largest
    (5.0, 2.0)
    """

    def __init__(self) -> None:
        self._cells = np.zeros(_CELLS)

    def add(self, keys: NDArray[np.uint64], weights: NDArray[np.float64]) -> None:
        """Add a weight to each key's total."""
        _sketch(keys, weights, self._cells)

    @property
    def total(self) -> float:
        return float(self._cells @ self._cells)

    @property
    def largest(self) -> float:
        """The largest total of a key, about; of many small ones what falls into one cell."""
        return float(np.abs(self._cells).max())
