"""Holm, and Benjamini and Hochberg: by hand, by law and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provenance.statistics.multiple_testing import benjamini_hochberg, holm, holm_levels

FRACTIONS = st.floats(1e-6, 1.0)


P_VALUES = st.lists(FRACTIONS, min_size=1, max_size=30).map(sorted).map(np.array)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([], []),
        ([0.5], [0.05]),
        ([0.04, 0.04], [0.025, 0.0]),
        ([0.02, 0.04], [0.025, 0.05]),
        ([0.04, 0.02], [0.05, 0.025]),
        ([0.03, 0.001], [0.05, 0.025]),
        ([0.0, 0.0, 0.0], [0.05 / 3, 0.025, 0.05]),
    ],
)
def test_holm_by_hand(p_values: list[float], expected: list[float]) -> None:
    assert holm_levels(p_values, 0.05) == pytest.approx(expected)


def test_q_values_by_hand() -> None:
    found = benjamini_hochberg(np.array([0.01, 0.02, 0.03, 0.9]))
    assert found == pytest.approx([0.04, 0.04, 0.04, 0.9])


@given(P_VALUES)
def test_q_values_are_those_of_scipy(
    p_values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    expected = stats.false_discovery_control(p_values)
    assert benjamini_hochberg(p_values) == pytest.approx(expected)


@given(P_VALUES, st.data())
def test_a_weight_is_as_many_equal_p_values(
    p_values: np.ndarray[tuple[int], np.dtype[np.float64]], data: st.DataObject
) -> None:
    p_values = np.unique(p_values)
    counts = data.draw(st.lists(st.integers(1, 4), min_size=len(p_values), max_size=len(p_values)))
    weighted = benjamini_hochberg(p_values, np.array(counts, float))
    repeated = benjamini_hochberg(np.repeat(p_values, counts))
    assert np.repeat(weighted, counts) == pytest.approx(repeated)
    assert (np.diff(weighted) >= 0).all()
    assert (weighted >= p_values - 1e-12).all()


def test_no_p_values_have_no_q_values() -> None:
    assert benjamini_hochberg(np.empty(0)).shape == (0,)


@given(st.lists(FRACTIONS, min_size=1, max_size=10), st.floats(0.001, 0.5))
def test_adjusted_p_values_reject_what_the_levels_reject(
    p_values: list[float], level: float
) -> None:
    levels = holm_levels(p_values, level)
    for p_value, adjusted, at in zip(p_values, holm(p_values), levels, strict=True):
        if abs(adjusted - level) > 1e-9:
            assert (adjusted <= level) == (p_value <= at)
