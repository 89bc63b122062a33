"""Sets of numbers for compiled loops: each number in the slot that its hash tells, or behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN
from provenance.files.compiled import njit

__all__ = ["holds", "number_set", "slot_of"]

_ALL: Final = (1 << 64) - 1
_FILLED: Final = 4
"""Slots for each number; a round figure, not tuned."""


def number_set(numbers: Iterable[int]) -> tuple[NDArray[np.uint64], np.uint64]:
    """The slots of some numbers between 1 and 2^64 - 1, and what `holds` and `slot_of` take.

    Examples
    --------
    >>> slots, shift = number_set([7, 9])
    >>> len(slots), sorted(slots.tolist())[-2:], int(shift)
    (8, [7, 9], 61)
    """
    ordered = sorted(numbers)
    bits = max(1, (_FILLED * len(ordered) - 1).bit_length())
    slots = np.zeros(1 << bits, np.uint64)
    for number in ordered:
        slot = (number * int(GOLDEN) & _ALL) >> (64 - bits)
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = number
    return slots, np.uint64(64 - bits)


@njit(cache=True, inline="always")
def slot_of(slots: Any, shift: Any, number: Any) -> Any:
    """The slot of a number, a uint64; an empty one where the set does not hold it."""
    slot = (number * GOLDEN) >> shift
    while slots[slot] != 0 and slots[slot] != number:
        slot = (slot + np.uint64(1)) & np.uint64(len(slots) - 1)
    return slot


@njit(cache=True, inline="always")
def holds(slots: Any, shift: Any, number: Any) -> Any:
    """Whether a set holds a number, a uint64."""
    return slots[slot_of(slots, shift, number)] == number
