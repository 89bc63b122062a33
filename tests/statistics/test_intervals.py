"""Quantiles and exact intervals against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provenance.statistics.intervals import chi_square_tail, clopper_pearson, normal_quantile


@given(st.floats(1e-9, 1 - 1e-9))
def test_the_normal_quantile_undoes_the_distribution(probability: float) -> None:
    assert stats.norm.cdf(normal_quantile(probability)) == pytest.approx(probability)


@given(st.floats(0, 1e3), st.integers(1, 40))
def test_the_chi_square_tail_is_that_of_scipy(statistic: float, degrees: int) -> None:
    expected = stats.chi2.sf(statistic, degrees)
    assert chi_square_tail(statistic, degrees) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(st.integers(0, 50), st.integers(0, 50), st.sampled_from([0.5, 0.9, 0.99]))
def test_the_exact_interval_is_that_of_scipy(hits: int, misses: int, level: float) -> None:
    found = clopper_pearson(hits, hits + misses, level)
    if hits + misses == 0:
        assert found == (0.0, 1.0)
        return
    expected = stats.binomtest(hits, hits + misses).proportion_ci(level, method="exact")
    assert found == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("probability", [0.0, 0.01, 0.3, 0.5, 0.97])
@pytest.mark.parametrize("trials", [1, 7, 30])
def test_the_exact_interval_covers_at_least_as_often_as_it_says(
    probability: float, trials: int
) -> None:
    chances = stats.binom.pmf(np.arange(trials + 1), trials, probability)
    ends = [clopper_pearson(hits, trials, 0.95) for hits in range(trials + 1)]
    covered = [low <= probability <= high for low, high in ends]
    assert chances[covered].sum() >= 0.95 - 1e-12
