"""Exchange tests by hand, against every dealing, and where nothing is."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, combine_pvalues

from provenance.statistics.exchange import combined_in_turn, exchanged, exchanged_pairs, right_order

Labels = NDArray[np.bool_]
RNG = np.random.default_rng


def in_pairs(*differences: float) -> tuple[NDArray[np.float64], Labels, NDArray[np.int64]]:
    score = np.array([value for d in differences for value in (d, 0.0)])
    first = np.tile([True, False], len(differences))
    return score, first, np.repeat(np.arange(len(differences)), 2)


@pytest.mark.parametrize(
    ("differences", "p_value"),
    [
        # The sum is the largest of eight.
        ((1.0, 2.0, 4.0), 1 / 8),
        # 5 - 1 = 4 - 2 + ...: sums are +-1 +-2 +-4; 5 and 7 are at least 5.
        ((-1.0, 2.0, 4.0), 2 / 8),
        ((-1.0, -2.0, -4.0), 1.0),
        # A tie changes nothing: its two dealings are one sum.
        ((1.0, 2.0, 4.0, 0.0), 1 / 8),
    ],
)
def test_all_dealings_of_a_few_pairs_are_counted(
    differences: tuple[float, ...], p_value: float
) -> None:
    found = exchanged(*in_pairs(*differences), RNG(0))
    assert found.p_value == p_value
    assert found.statistic == sum(differences)
    assert found.spread == pytest.approx(np.sqrt(np.square(differences).sum()))
    assert (found.n_strata, found.noise) == (len(differences), 2 * len(differences))


def every_statistic(
    score: NDArray[np.float64], first: Labels, stratum: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The statistic of each dealing: all choices of as many firsts in each stratum."""
    parts = []
    for one in np.unique(stratum):
        inside = score[stratum == one]
        n_first = int(first[stratum == one].sum())
        choices = combinations(range(len(inside)), n_first)
        parts.append([inside[[*c]].mean() - np.delete(inside, [*c]).mean() for c in choices])
    return np.array([sum(chosen) for chosen in product(*parts)])


def test_drawn_dealings_are_those_there_are() -> None:
    score = RNG(5).normal(size=11)
    first = np.array([1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0], bool)
    stratum = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3])
    every = every_statistic(score, first, stratum)
    n_draws = 20_000
    found = exchanged(score, first, stratum, RNG(1), n_draws)
    exact = float(np.mean(every >= found.statistic - 1e-9))
    assert found.spread == pytest.approx(every.std())
    assert abs(found.p_value - exact) < 4 * np.sqrt(exact * (1 - exact) / n_draws)


def test_strata_of_one_label_say_nothing() -> None:
    score, first, stratum = in_pairs(1.0, 2.0)
    more = exchanged(
        np.append(score, [9.0, 8.0]),
        np.append(first, [True, True]),
        np.append(stratum, [7, 7]),
        RNG(0),
    )
    assert more == exchanged(score, first, stratum, RNG(0))
    assert exchanged(score[:1], first[:1], stratum[:1], RNG(0)).p_value == 1


def test_the_other_label_with_the_other_sign_is_the_same_test() -> None:
    score = RNG(2).normal(size=60)
    first, stratum = RNG(3).random(60) < 0.5, np.repeat(np.arange(20), 3)
    one = exchanged(score, first, stratum, RNG(4))
    other = exchanged(-score, ~first, stratum, RNG(4))
    assert one.statistic == pytest.approx(other.statistic)
    assert one.spread == pytest.approx(other.spread)
    assert abs(one.p_value - other.p_value) < 0.05


@pytest.mark.parametrize("sizes", [[2] * 12, [20], [2, 2, 5, 3, 2, 9]])
def test_p_values_are_uniform_where_labels_are_drawn(sizes: list[int]) -> None:
    runs, n_draws = 300, 199
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    p_values = np.empty(runs)
    for run in range(runs):
        rng = RNG([8, run])
        score = rng.standard_cauchy(len(stratum)) + 5 * stratum
        first = np.arange(len(stratum)) % 2 == 0
        p_values[run] = exchanged(score, first, stratum, rng, n_draws).p_value
    for level in (0.05, 0.2, 0.5, 0.8):
        hits = int((p_values <= level).sum())
        assert binom.ppf(0.001, runs, level) <= hits <= binom.ppf(0.999, runs, level)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 2)), min_size=1, max_size=20
    )
)
def test_the_right_order_is_counted_over_all_pairs(rows: list[tuple[int, bool, int]]) -> None:
    score, first, stratum = (np.array(column) for column in zip(*rows, strict=True))
    strata, rate = right_order(score.astype(float), first, stratum)
    expected = {}
    for one in {*stratum.tolist()}:
        ours = score[(stratum == one) & first]
        theirs = score[(stratum == one) & ~first]
        if len(ours) and len(theirs):
            gap = ours[:, np.newaxis] - theirs
            expected[one] = float(((gap > 0) + (gap == 0) / 2).mean())
    assert dict(zip(strata.tolist(), rate.tolist(), strict=True)) == pytest.approx(expected)


def test_one_p_value_is_itself() -> None:
    assert combined_in_turn([0.03], [2.0]) == pytest.approx(0.03)
    assert combined_in_turn([1.0, 0.01], [1.0, 1.0]) == 1.0


def test_several_are_combined_as_scipy_does() -> None:
    p_values, weights = [0.3, 0.02, 0.6], [1.0, 2.0, 3.0]
    expected = combine_pvalues(p_values, "stouffer", weights).pvalue
    assert combined_in_turn(p_values, weights) == pytest.approx(expected)


def test_pairs_are_held_against_every_other_dealing_of_theirs() -> None:
    differences = RNG(3).normal(0.4, 1, (8, 3))
    signs = np.array([*product((1, -1), repeat=8)])
    lengths = np.square(signs @ differences).sum(axis=1)
    exact = (lengths >= lengths[0] - 1e-9).mean()
    found = exchanged_pairs(differences @ differences.T, RNG(0), 20_000)
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))


def test_pairs_that_are_dealt_by_chance_lean_no_way() -> None:
    drawn = (RNG(seed).normal(0, 1, (20, 2)) for seed in range(400))
    found = np.array([exchanged_pairs(one @ one.T, RNG(1), 99) for one in drawn])
    for level in (0.05, 0.2, 0.5):
        assert binom.cdf(int((found <= level).sum()), 400, level) < 0.9999
