"""Lists that may be cut anywhere: against all subsets of a few tests, and on simulated nulls."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from provenance.statistics.conformal import conformal_p, n_at_least
from provenance.statistics.true_discoveries import false_at_most, largest_unrejected

# Powers of two, so that every comparison is exact, ties and all.
PLACES = st.lists(st.integers(1, 64), min_size=1, max_size=7)
ALPHAS = st.sampled_from([1 / 64, 1 / 16, 1 / 4, 1 / 2])


def simes_rejects(p_values: list[float], alpha: float) -> bool:
    n = len(p_values)
    return any(p * n <= j * alpha for j, p in enumerate(sorted(p_values), 1))


def closed(p_values: list[float], alpha: float) -> list[int]:
    """By all subsets: the largest part of the first k that stands in an unrejected subset."""
    n = len(p_values)
    subsets = [set(one) for size in range(1, n + 1) for one in combinations(range(n), size)]
    # A subset's null is rejected where Simes rejects each that it is a part of.
    rejected = {
        frozenset(one)
        for one in subsets
        if all(
            simes_rejects([p_values[at] for at in wider], alpha)
            for wider in subsets
            if one <= wider
        )
    }
    return [
        max([len(one) for one in subsets if max(one) < k and frozenset(one) not in rejected] + [0])
        for k in range(1, n + 1)
    ]


def counted(p_values: list[float]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    found, counts = np.unique(p_values, return_counts=True)
    return found, counts.astype(np.int64)


@given(PLACES, ALPHAS)
def test_bounds_are_those_of_closed_testing(places: list[int], alpha: float) -> None:
    p_values = sorted(place / 64 for place in places)
    found, counts = counted(p_values)
    expected = closed(p_values, alpha)
    ends = np.cumsum(counts) - 1
    assert false_at_most(found, counts, alpha).tolist() == [expected[end] for end in ends]


@pytest.mark.slow
def test_bounds_of_eight_tests_are_those_of_closed_testing() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        p_values = sorted((rng.integers(1, 257, 8) / 256 * rng.choice([1, 1 / 16], 8)).tolist())
        found, counts = counted(p_values)
        expected, ends = closed(p_values, 1 / 4), np.cumsum(counts) - 1
        assert false_at_most(found, counts, 1 / 4).tolist() == [expected[end] for end in ends]


@given(PLACES, ALPHAS)
def test_the_largest_unrejected_is_found_by_trying_all(places: list[int], alpha: float) -> None:
    p_values = sorted(place / 64 for place in places)
    standing = [
        size for size in range(1, len(p_values) + 1) if not simes_rejects(p_values[-size:], alpha)
    ]
    assert largest_unrejected(*counted(p_values), alpha) == max([*standing, 0])


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), ALPHAS)
def test_a_longer_list_has_no_fewer_false_and_no_fewer_true_ones(
    places: list[int], alpha: float
) -> None:
    found, counts = counted([place / 10**6 for place in places])
    false, rows = false_at_most(found, counts, alpha), np.cumsum(counts)
    assert (false >= 0).all() and (false <= rows).all()
    assert (np.diff(false) >= 0).all() and (np.diff(rows - false) >= 0).all()
    # A stricter level tells no less.
    assert (false_at_most(found, counts, alpha / 2) >= false).all()


def test_nothing_is_known_of_no_tests() -> None:
    assert false_at_most(np.empty(0), np.empty(0, np.int64), 0.05).tolist() == []
    assert largest_unrejected(np.empty(0), np.empty(0, np.int64), 0.05) == 0


def test_a_hundred_million_tests_are_counted_not_held() -> None:
    """Ten million at the floor of 999 held-out rows, where all but a fiftieth of h are found."""
    p_values, counts = np.array([0.001, 0.5, 1.0]), np.array([10**7, 10**7, 8 * 10**7])
    false = false_at_most(p_values, counts, 0.05)
    # Of h with 9 * 10^7 at 0.5 and 1, Simes rejects unless h - 9 * 10^7 < h * 0.001 / 0.05.
    h = largest_unrejected(p_values, counts, 0.05)
    assert h == np.ceil(9 * 10**7 / 0.98) - 1
    assert false[0] == np.ceil(h / 50) - 1


# Theory


def crossed(p_values: NDArray[np.float64], is_null: NDArray[np.bool_], alpha: float) -> bool:
    """Whether somewhere on the list more are false than was told."""
    found, place = np.unique(p_values, return_inverse=True)
    counts = np.bincount(place).astype(np.int64)
    nulls = np.cumsum(np.bincount(place[is_null], minlength=len(found)))
    return bool((nulls > false_at_most(found, counts, alpha)).any())


@pytest.mark.parametrize("n_null", [19, 200])
@pytest.mark.parametrize("n_own", [0, 60])
def test_the_envelope_of_conformal_p_values_is_crossed_no_more_often_than_told(
    n_null: int, n_own: int
) -> None:
    """A common null sample, drawn anew in each run, makes all p-values of a run depend on it."""
    runs, alpha, rng = 400, 0.1, np.random.default_rng(n_null + n_own)
    n_crossed = 0
    for _ in range(runs):
        null = np.sort(rng.normal(size=n_null))
        rows = np.concatenate([rng.normal(size=140), rng.normal(2.5, 1, n_own)])
        p_values = conformal_p(n_at_least(null, rows), n_null)
        n_crossed += crossed(p_values, np.arange(len(rows)) < 140, alpha)
    assert n_crossed <= binom.ppf(0.999, runs, alpha)


def test_copies_of_rows_do_not_cross_it_more_often() -> None:
    """Every null row stands ten times in the list: as dependent as tests can be."""
    runs, alpha, rng = 400, 0.1, np.random.default_rng(7)
    n_crossed = 0
    for _ in range(runs):
        null = np.sort(rng.normal(size=100))
        rows = np.repeat(rng.normal(size=20), 10)
        p_values = conformal_p(n_at_least(null, rows), 100)
        n_crossed += crossed(p_values, np.ones(200, np.bool_), alpha)
    assert n_crossed <= binom.ppf(0.999, runs, alpha)


def katsevich_ramdas(p_values: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    """Of independent tests, ascending: false ones at most among the first k (Theorem 1, sorted).

    No more among them than among the first j and all that follow.
    """
    n, factor = len(p_values), np.log(1 / alpha) / np.log1p(np.log(1 / alpha))
    found, rank = np.floor(factor * (1 + n * p_values)), np.arange(1, n + 1)
    return np.minimum.accumulate(found - rank) + rank


@pytest.mark.parametrize(("largest", "ours_is_closer"), [(1e-5, True), (2e-2, False)])
def test_independent_tests_allow_for_closer_bounds_where_rows_are_less_strong(
    largest: float, ours_is_closer: bool
) -> None:
    """Of a hundred rows that are not null among nine hundred that are, cut behind 111."""
    alpha, rng = 0.1, np.random.default_rng(3)
    own, others = rng.uniform(0, largest, 100), rng.uniform(size=900)
    p_values = np.sort(np.concatenate([others, own]))
    ours = false_at_most(p_values, np.ones(1000, np.int64), alpha)[110]
    theirs = katsevich_ramdas(p_values, alpha)[110]
    assert (ours < theirs) == ours_is_closer and ours != theirs


def test_those_bounds_do_not_hold_for_rows_that_share_a_null_sample() -> None:
    """Against 30 held-out rows they are crossed far more often than told, ours are not."""
    alpha, runs, rng = 0.02, 400, np.random.default_rng(3)
    n_crossed = n_theirs = 0
    for _ in range(runs):
        null, rows = np.sort(rng.normal(size=30)), rng.normal(size=1000)
        found = np.sort(conformal_p(n_at_least(null, rows), 30))
        n_crossed += crossed(found, np.ones(1000, np.bool_), alpha)
        # Where a p-value ends, so that ties are listed together.
        last = np.append(np.diff(found) > 0, True)
        n_theirs += bool((np.arange(1, 1001) > katsevich_ramdas(found, alpha))[last].any())
    most = binom.ppf(0.9999, runs, alpha)
    assert n_crossed <= most < n_theirs
