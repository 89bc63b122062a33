"""Sets of numbers hold what was put in, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.features.number_sets import holds, number_set
from provenance.files.compiled import njit

NUMBERS = st.sets(st.integers(1, 2**64 - 1) | st.integers(1, 40), max_size=40)


@njit()
def held(slots: np.ndarray, shift: np.uint64, numbers: np.ndarray) -> np.ndarray:
    found = np.empty(len(numbers), np.bool_)
    for at in range(len(numbers)):
        found[at] = holds(slots, shift, numbers[at])
    return found


@given(NUMBERS, NUMBERS)
def test_a_set_holds_its_numbers_alone(inside: set[int], others: set[int]) -> None:
    asked = sorted(inside | others)
    found = held(*number_set(inside), np.array(asked, np.uint64))
    assert found.tolist() == [number in inside for number in asked]


@pytest.mark.parametrize("count", [0, 1, 2, 200])
def test_a_set_has_room(count: int) -> None:
    """Whoever is not found is given up at an empty slot."""
    slots, shift = number_set(range(1, count + 1))
    assert np.count_nonzero(slots) == count
    assert len(slots) == 1 << (64 - int(shift)) >= max(2, 4 * count)
