"""Tail probabilities, intervals and multiple testing: by hand, by law and against scipy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provenance.statistics.clusters import connected, weighted_quantiles
from provenance.statistics.intervals import chi_square_tail, clopper_pearson, normal_quantile
from provenance.statistics.multiple_testing import benjamini_hochberg, holm, holm_levels
from provenance.statistics.tails import binomial_tail, critical_heads

FRACTIONS = st.floats(1e-6, 1.0)
P_VALUES = st.lists(FRACTIONS, min_size=1, max_size=30).map(sorted).map(np.array)


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


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 5)), min_size=1, max_size=20),
    st.sampled_from([0.1, 0.25, 0.5, 0.9]),
)
def test_weighted_quantiles_are_those_of_repeated_values(
    pairs: list[tuple[int, int]], level: float
) -> None:
    values, weights = (np.array(column, float) for column in zip(*pairs, strict=True))
    repeated = np.repeat(values, weights.astype(int))
    expected = np.quantile(repeated, level, method="inverted_cdf")
    assert weighted_quantiles(values, weights, np.array([level])) == pytest.approx([expected])


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.data())
def test_components_are_those_of_a_plain_search(first: list[int], data: st.DataObject) -> None:
    n = len(first)
    second = data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    everywhere = np.arange(n)
    found = connected(n, [(everywhere, np.array(first)), (everywhere, np.array(second))])
    expected = list(range(n))
    for _ in range(n):
        for one in range(n):
            for other in range(n):
                if first[one] == first[other] or second[one] == second[other]:
                    expected[one] = expected[other] = min(expected[one], expected[other])
    assert found.tolist() == np.unique(expected, return_inverse=True)[1].tolist()


def test_nothing_joined_stands_alone() -> None:
    assert connected(3, []).tolist() == [0, 1, 2]
    assert connected(0, []).tolist() == []


def heads_tail(heads: int, tosses: int) -> Fraction:
    """Chance of so many heads or more, as a fraction of whole numbers."""
    ways = sum(math.comb(tosses, k) for k in range(max(0, heads), tosses + 1))
    return Fraction(ways, 2**tosses)


def log(chance: Fraction) -> float:
    return math.log(chance.numerator) - math.log(chance.denominator)


@given(st.integers(0, 1500).flatmap(lambda n: st.tuples(st.integers(-1, n), st.just(n))))
def test_the_tail_of_a_fair_coin_is_exact(coin: tuple[int, int]) -> None:
    assert binomial_tail(*coin, 0.5) == pytest.approx(log(heads_tail(*coin)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("heads", [3000, 2800, 2450, 2440, 2300])
def test_a_tail_smaller_than_a_float_is_exact(heads: int) -> None:
    """2440 of 3000 is where the continued fraction takes over."""
    assert binomial_tail(heads, 3000, 0.5) == pytest.approx(log(heads_tail(heads, 3000)), rel=1e-9)


@given(st.integers(0, 200), st.floats(1e-30, 0.99))
def test_critical_heads_are_the_fewest(tosses: int, level: float) -> None:
    found = critical_heads(tosses, math.log(level))
    assert heads_tail(found, tosses) <= level * (1 + 1e-9)
    assert found == 0 or heads_tail(found - 1, tosses) > level * (1 - 1e-9)


@given(st.lists(FRACTIONS, min_size=1, max_size=10), st.floats(0.001, 0.5))
def test_adjusted_p_values_reject_what_the_levels_reject(
    p_values: list[float], level: float
) -> None:
    levels = holm_levels(p_values, level)
    for p_value, adjusted, at in zip(p_values, holm(p_values), levels, strict=True):
        if abs(adjusted - level) > 1e-9:
            assert (adjusted <= level) == (p_value <= at)
