"""P-values by rank: by hand, by law, and never more small ones than they say."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.statistics.conformal import conformal_p, n_at_least

VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=12)


def test_by_hand() -> None:
    null = np.array([1.0, 2.0, 2.0, 5.0])
    found = conformal_p(n_at_least(null, np.array([6.0, 5.0, 2.0, 0.0])), len(null))
    assert found.tolist() == pytest.approx([1 / 5, 2 / 5, 4 / 5, 1])


def test_without_a_null_nothing_is_small() -> None:
    assert n_at_least(np.empty(0), np.array([3.0])).tolist() == [0]
    assert conformal_p(0, 0) == 1


@given(VALUES, st.integers(-6, 6))
def test_the_rank_is_a_count(null: list[int], value: int) -> None:
    found = n_at_least(np.sort(np.array(null)), np.array([value]))
    assert found.tolist() == [sum(item >= value for item in null)]


@given(VALUES)
def test_of_exchangeable_values_at_most_so_many_have_so_small_a_p_value(values: list[int]) -> None:
    """Exactly, over which of them is the one that is tested; ties make it smaller."""
    ranks = [sum(v >= value for v in values) - 1 for value in values]
    p_values = [Fraction(1 + rank, len(values)) for rank in ranks]
    told = [conformal_p(rank, len(values) - 1) for rank in ranks]
    assert told == pytest.approx([float(p) for p in p_values])
    for p in p_values:
        assert sum(other <= p for other in p_values) <= p * len(values)
