"""Quantiles and exact intervals against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provenance.statistics.intervals import (
    chi_square_tail,
    clopper_pearson,
    normal_quantile,
    winkler_score,
)


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


FIGURE = st.floats(-1, 1)
LEVEL = st.sampled_from([0.5, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("truth", "score"),
    [(0.3, 0.2), (0.2, 0.2), (0.4, 0.2), (0.1, 0.2 + 40 * 0.1), (0.45, 0.2 + 40 * 0.05)],
)
def test_the_score_of_an_interval_by_hand(truth: float, score: float) -> None:
    assert winkler_score(0.2, 0.4, truth) == pytest.approx(score)


@given(FIGURE, FIGURE, FIGURE, LEVEL)
def test_the_score_is_the_width_where_the_truth_lies_inside_and_more_elsewhere(
    one: float, other: float, truth: float, level: float
) -> None:
    low, high = sorted((one, other))
    score = winkler_score(low, high, truth, level)
    assert score >= high - low
    if low <= truth <= high:
        assert score == high - low
    elif min(abs(low - truth), abs(truth - high)) > 1e-9:
        assert score > high - low


@given(FIGURE, FIGURE, FIGURE, LEVEL, st.floats(0.01, 100), FIGURE)
def test_the_score_scales_with_the_unit_and_knows_no_place(
    one: float, other: float, truth: float, level: float, unit: float, place: float
) -> None:
    low, high = sorted((one, other))
    score = winkler_score(low, high, truth, level)
    below, above, at = (unit * (end + place) for end in (low, high, truth))
    moved = winkler_score(below, above, at, level)
    assert moved == pytest.approx(unit * score, rel=1e-9, abs=1e-9)
    # Seen from the other side of 0.
    assert winkler_score(-high, -low, -truth, level) == pytest.approx(score)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_no_interval_scores_less_on_average_than_the_one_between_the_quantiles(
    level: float,
) -> None:
    """Of a uniform truth on [0, 1] the mean score has a closed form; it is least at the tails."""
    truths = (np.arange(2000) + 0.5) / 2000
    tail = (1 - level) / 2

    def mean(low: float, high: float) -> float:
        return float(np.mean([winkler_score(low, high, one, level) for one in truths.tolist()]))

    best = mean(tail, 1 - tail)
    assert best == pytest.approx(1 - tail, abs=1e-3)
    for step in (0.02, 0.05):
        for low, high in ((-step, 0), (step, 0), (0, step), (0, -step), (step, step)):
            assert mean(tail + low, 1 - tail + high) > best
