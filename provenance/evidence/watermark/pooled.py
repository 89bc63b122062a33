"""Sums over the distinct draws of a corpus that is read in parts, in bounded memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from provenance.evidence.watermark.seen import mix

__all__ = ["MAX_STATES", "PooledSums"]

MAX_STATES: Final = 1 << 23
"""Distinct draws held, over all keys together, unless told."""

_FIRST_SLOTS: Final = 1 << 12
_LEVELS: Final = 65
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
def _grown(slots: Any, times: Any, size: Any, lowest: Any) -> Any:
    """The words of at least that level in a table of another size, and how many they are."""
    out = np.zeros(size, np.uint64)
    out_times = np.zeros(size, np.uint32)
    held = 0
    for at in range(len(slots)):
        word = slots[at]
        if word != 0 and _level(word) >= lowest:
            slot = _slot(out, word)
            out[slot] = word
            out_times[slot] = times[at]
            held += 1
    return out, out_times, held


@njit(cache=True, inline="always")
def _word_of(state: Any) -> Any:
    word = mix(state + _OFFSET)
    return np.uint64(1) if word == 0 else word


@njit(cache=True, nogil=True)
def _add(
    states: Any, values: Any, at: Any, slots: Any, times: Any, held: Any, most: Any, sums: Any
) -> Any:
    """Until the table is full: how many were taken."""
    lowest, counts, totals, squares = sums
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
        squares[level] += 2.0 * times[slot] + 1.0
        times[slot] += np.uint32(1)
    return len(states), held


class PooledSums:
    """Number and sum of the scores of distinct draws.

    Where there are more than can be held, those are kept whose hash is in the lower half: the hash
    is of the draw alone and knows no score, so that the test stays exact, on a part.

    Parameters
    ----------
    most : int
        Distinct draws held; 24 to 48 bytes each (72 while the table grows).

    Examples
    --------
    >>> sums = PooledSums(100)
    >>> sums.add(np.array([5, 5, 6], np.uint64), np.array([1.0, 1.0, 2.0]))
    >>> sums.n, sums.total, sums.kept, sums.squared_times
    (2, 3.0, 1.0, 5.0)
    """

    def __init__(self, most: int) -> None:
        self._most = max(most, _FIRST_SLOTS)
        self._slots = np.zeros(_FIRST_SLOTS, np.uint64)
        self._times = np.zeros(_FIRST_SLOTS, np.uint32)
        self._held = 0
        self._lowest = 0
        self._counts = np.zeros(_LEVELS, np.int64)
        self._totals = np.zeros(_LEVELS)
        self._squares = np.zeros(_LEVELS)

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

    @property
    def squared_times(self) -> float:
        """Sum over all distinct draws of how often each was added, squared; from the sample."""
        return float(self._squares[self._lowest :].sum()) / self.kept

    def add(self, states: NDArray[np.uint64], values: NDArray[np.float64]) -> None:
        """Add scores of draws; of one that was added before, how often it came is counted."""
        at = 0
        while at < len(states):
            room = min(len(self._slots) // 2, self._most)
            sums = (self._lowest, self._counts, self._totals, self._squares)
            at, self._held = _add(
                states, values, at, self._slots, self._times, self._held, room, sums
            )
            if at < len(states):
                self._make_room()

    def _make_room(self) -> None:
        size = len(self._slots)
        if self._held >= self._most:
            self._lowest += 1
        else:
            size *= 2
        self._slots, self._times, self._held = _grown(self._slots, self._times, size, self._lowest)
