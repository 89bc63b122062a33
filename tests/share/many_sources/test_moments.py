"""Shares by moments: by hand, by law, and their coverage on simulated scores."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_scores import World, spread_out
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.share.many_sources.moments import Moments, score_functions
from provenance.share.many_sources.origins import Origins
from provenance.statistics.intervals import clopper_pearson

Floats = NDArray[np.float64]


def moments(
    observed: list[float], rows: list[list[list[float]]], n_effective: float = 1000.0
) -> Moments:
    """Rows of each origin, a component each."""
    counts = [len(one) for one in rows]
    return Moments.build(
        np.array(observed),
        n_effective,
        np.array([row for one in rows for row in one]),
        np.repeat(np.arange(len(rows)), counts),
        np.repeat(1 / np.array(counts), counts),
        np.arange(sum(counts)),
        len(rows),
    )


def made(seed: int, n_origins: int = 4, n_moments: int = 5, n_each: int = 30) -> Moments:
    """Any rows, in components of some of them; a corpus that is a mixture, but for noise."""
    rng = np.random.default_rng(seed)
    origin = np.repeat(np.arange(n_origins), n_each)
    values = (
        rng.normal(size=(len(origin), n_moments)) + rng.normal(size=(n_origins, n_moments))[origin]
    )
    weight = rng.uniform(0.5, 2, len(origin))
    weight /= np.bincount(origin, weight)[origin]
    component = rng.integers(0, len(origin) // 2, len(origin))
    observed = (weight * rng.dirichlet(np.ones(n_origins))[origin]) @ values
    observed += rng.normal(scale=0.02, size=n_moments)
    return Moments.build(observed, 500.0, values, origin, weight, component, n_origins)


def even(one: Moments) -> tuple[Floats, float]:
    """The fit that starts from equal shares."""
    return one.fit(np.full(one.n_origins, 1 / one.n_origins), np.arange(one.n_origins))


def ends(one: Moments, origin: int, threshold: float = 3.84) -> tuple[float, float]:
    every, shares = np.arange(one.n_origins), even(one)[0]
    group = np.array([origin])
    low, high = (one.edge(group, end, threshold, shares, every) for end in (0.0, 1.0))
    return low, high


def test_two_means_by_hand() -> None:
    """Means 0.2 and 0.8; the corpus's 0.35 lies a quarter of the way."""
    one = moments([0.35], [[[0.0], [0.4]], [[0.6], [1.0]]])
    assert one.means.tolist() == [[0.2, 0.8]]
    shares, distance = even(one)
    assert shares == pytest.approx([0.75, 0.25], abs=1e-5)
    assert distance == pytest.approx(0, abs=1e-6)


def test_covariance_by_hand() -> None:
    """Mixture of four values by halves: between the origins the variance is 0.09.

    Within an origin it is 0.04 by its rows, and half that and half 0.22 with the row that its two
    lack: of squares of 0.38 and a middle of 0.5 about a mean of 0.2, as about one of 0.8. Two rows
    an origin, each 0.2 from its mean: the references add 2 * (0.2 / 2)^2 an origin and what may
    be lacking 0.22 / 4, both times a quarter. What is between the origins counts as far as the
    corpus was not read.
    """
    one = moments([0.5], [[[0.0], [0.4]], [[0.6], [1.0]]], n_effective=10.0)
    found = one.covariance(np.array([0.5, 0.5]))
    assert found == pytest.approx(np.array([[0.13 / 10 + 0.0375]]), rel=3e-3)
    for unread, variance in ((1.0, 0.22), (0.25, 0.1525)):
        sampled = replace(one, unread=unread).covariance(np.array([0.5, 0.5]))
        assert sampled == pytest.approx(np.array([[variance / 10 + 0.0375]]), rel=3e-3)
    moved = one.with_drift(np.array([0.3])).covariance(np.array([0.5, 0.5]))
    assert moved - found == pytest.approx(0.09, rel=3e-3)


def test_what_was_asked_may_be_right_alone_by_hand() -> None:
    """The origins' means are 0.2 and 0.8, what they were asked says 0 and 1.

    So a mixture by halves may be off by 0.1 of either, and the two may be off together: by nothing
    then, and by 0.2 where the second says 0.6.
    """
    one = moments([0.5], [[[0.0], [0.4]], [[0.6], [1.0]]], n_effective=10.0)
    half, every = np.array([0.5, 0.5]), np.arange(2)
    for last, together in ((True, 0.0), (False, 0.2)):
        asked = np.array([True, False, not last, last])
        told = replace(one, origins=replace(one.origins, asked=asked))
        more = told.covariance(half) - one.covariance(half)
        assert more == pytest.approx(2 * 0.1**2 + together**2, rel=3e-3)
        found = told.error_covariances(half, every) - one.error_covariances(half, every)
        expected = [0.5 * 0.2**2 + 0.2 * together] * 2
        assert found.ravel() == pytest.approx(expected)
    assert told.seeing(np.array([0.3])).covariance(half) == pytest.approx(told.covariance(half))


def test_a_component_is_one_unit_of_noise() -> None:
    """Rows on opposite sides of the mean cancel where they are of one component.

    Two components lack a row of 0.22 / 2^2, one lacks one of 0.22.
    """
    one = moments([0.2], [[[0.0], [0.4]], [[0.6], [1.0]]], n_effective=1e9)
    joined = replace(one, origins=replace(one.origins, component=np.array([0, 0, 1, 1])))
    assert one.covariance(np.array([1.0, 0.0]))[0, 0] == pytest.approx(0.075, rel=3e-3)
    assert joined.covariance(np.array([1.0, 0.0]))[0, 0] == pytest.approx(0.22, rel=3e-3)


def test_a_mean_beyond_all_origins_leaves_a_distance() -> None:
    one = moments([1.0], [[[0.0], [0.4]], [[0.6], [1.0]]], n_effective=10.0)
    shares, distance = even(one)
    assert shares == pytest.approx([0, 1], abs=1e-5)
    assert distance == pytest.approx(0.2**2 / (0.13 / 10 + 0.075), rel=0.01)


def test_the_rise_by_hand() -> None:
    """Held to the first origin 0.8 away instead of 0.2, with the variance that it has there."""
    one = moments([1.0], [[[0.0], [0.4]], [[0.6], [1.0]]], n_effective=10.0)
    rise = one.rise(np.array([1]), 0.0, np.array([0.0, 1.0]), np.arange(2))
    assert rise == pytest.approx((0.8**2 - 0.2**2) / (0.13 / 10 + 0.075), rel=3e-3)


@pytest.mark.parametrize(("cost", "unknown"), [(0.0, 50 / 101), (20.0, 40 / 101), (120.0, 0.0)])
def test_what_stand_ins_cost_by_hand(cost: float, unknown: float) -> None:
    """A source at 0 and a stand-in at 1, a corpus at 0.5 with the variance 0.01.

    100 (0.5 - u)² + cost u + u² is least at u = (50 - cost / 2) / 101, where that is above 0.
    """
    bare, every = moments([0.5], [[[0.0]], [[1.0]]]), np.arange(2)
    one = bare.with_cost(np.array([False, True]), cost)
    shares, distance = one.solve(np.array([[0.01]]), every)
    assert shares[1] == pytest.approx(unknown, abs=1e-4)
    paid = cost * unknown + unknown**2
    assert distance == pytest.approx(100 * (0.5 - unknown) ** 2 + paid, abs=0.02)


@given(st.integers(0, 1000), st.floats(0, 100))
@settings(max_examples=20)
def test_what_costs_more_has_no_more(seed: int, cost: float) -> None:
    bare, stand_ins = made(seed), np.arange(4) > 1
    covariance = bare.covariance(np.full(4, 0.25))
    first, second = (
        bare.with_cost(stand_ins, price).solve(covariance, np.arange(4))[0][stand_ins].sum()
        for price in (cost, cost + 10)
    )
    assert second <= first + 1e-6


@pytest.mark.parametrize("observed", [-1e6, -3.0, 0.7, 1e6])
def test_shares_add_up_however_far_the_corpus_is(observed: float) -> None:
    """Above 1 they would have no covariance where the corpus is small."""
    one = moments([observed, 1.0], [[[0.0, 1.0], [0.4, 1.0]], [[0.6, 1.0], [1.0, 1.0]]], 1.0)
    shares, _ = even(one)
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert np.linalg.eigvalsh(one.covariance(shares)).min() > 0
    held = one.solve(one.covariance(shares), np.arange(2), (np.array([0]), 0.3))[0]
    assert held == pytest.approx([0.3, 0.7], abs=1e-12)


def test_more_origins_than_moments_leave_their_shares_open() -> None:
    """A mean half way between two origins may be either's, or all that of the third there."""
    one = moments([0.5], [[[at - 0.1], [at + 0.1]] * 50 for at in (0.0, 0.5, 1.0)])
    shares, distance = even(one)
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert one.means[0] @ shares == pytest.approx(0.5, abs=1e-4)
    assert distance == pytest.approx(0, abs=1e-6)
    assert ends(one, 1) == (0.0, 1.0)
    assert ends(one, 0)[0] == 0
    assert ends(one, 0)[1] == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(
    ("shares", "distance"),
    [([1.0, 0.0, 0.0, 0.0], 11.070), ([0.5, 0.3, 0.2, 0.0], 7.815), ([0.25] * 4, 5.991)],
)
def test_each_share_takes_a_degree_of_freedom(shares: list[float], distance: float) -> None:
    """Six moments, one of them bound, and one share that follows from the others: 5, 3 and 2."""
    one = made(0, n_moments=6)
    assert one.fit_p_value(np.array(shares), distance) == pytest.approx(0.05, abs=1e-4)


def test_a_group_may_be_held_to_a_share() -> None:
    one = made(1)
    group, every = np.array([0, 2]), np.arange(4)
    covariance = one.covariance(np.full(4, 0.25))
    for share in (0.0, 0.3, 1.0):
        found, distance = one.solve(covariance, every, (group, share))
        assert found[group].sum() == pytest.approx(share, abs=1e-4)
        assert found.sum() == pytest.approx(1, abs=1e-4)
        assert distance >= one.solve(covariance, every)[1] - 1e-6


def test_only_given_origins_have_a_share() -> None:
    shares, _ = made(2).fit(np.full(4, 0.25), np.array([0, 3]))
    assert shares[[1, 2]].tolist() == [0, 0]
    assert shares.sum() == pytest.approx(1, abs=1e-4)


@cache
def normal_scores() -> Moments:
    each = np.random.default_rng(0).normal(size=20_000)
    each = (each - each.mean()) / each.std()
    return moments([0.0], [each[:, None].tolist(), (each[:, None] + 1).tolist()])


@pytest.mark.parametrize("observed", [0.0, 0.05, 0.3, 0.5, 0.97])
@pytest.mark.parametrize("n_effective", [50.0, 400.0])
def test_the_edges_are_those_of_the_score_interval(observed: float, n_effective: float) -> None:
    """Normal scores of variance 1, means 0 and 1: a few documents that stand for endlessly many.

    Share s has mean s and variance 1 + s (1 - s).
    """
    one = replace(normal_scores(), observed=np.array([observed]), n_effective=n_effective)
    one = replace(one, unread=1.0)
    threshold = 3.84
    # (observed - s)^2 n = threshold (1 + s (1 - s)), the references' noise and the floor aside.
    roots = np.roots(
        [
            n_effective + threshold,
            -(2 * n_effective * observed + threshold),
            n_effective * observed**2 - threshold,
        ]
    )
    expected = np.clip(np.sort(roots.real), 0, 1)
    assert ends(one, 1, threshold) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("share", [0.0, 0.003, 0.3, 0.9])
@pytest.mark.parametrize("count", [500, 50_000])
def test_an_edge_is_where_the_rise_is_the_threshold(share: float, count: int) -> None:
    """Also of intervals that are short beside the way from 0 to 1."""
    world = World.build(spread_out(4, 3), 500, 0)
    one = fitted(world, [share, *np.array([0.4, 0.6, 0.0]) * (1 - share)], count, 0, bins=False)
    shares, every, group = even(one)[0], np.arange(4), np.array([0])
    for outside, edge in zip((0.0, 1.0), ends(one, 0), strict=True):
        rise = one.rise(group, edge, shares, every)
        assert rise <= 3.84 + 1e-6
        assert edge == outside or rise == pytest.approx(3.84, rel=0.05)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_shares_are_a_mixture(seed: int) -> None:
    shares, distance = even(made(seed))
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1, abs=1e-4)
    assert distance >= 0
    assert 0 <= made(seed).fit_p_value(shares, distance) <= 1


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    origin, component = np.repeat(np.arange(3), 20), rng.integers(0, 30, 60)
    values, weight = rng.normal(size=(60, 4)) + origin[:, None], np.full(60, 1 / 20)
    order = rng.permutation(60)
    plain, shuffled = (
        Moments.build(
            np.ones(4), 300.0, values[rows], origin[rows], weight[rows], component[rows], 3
        )
        for rows in (np.arange(60), order)
    )
    assert even(shuffled)[0] == pytest.approx(even(plain)[0], abs=1e-6)
    assert shuffled.covariance(np.ones(3) / 3) == pytest.approx(plain.covariance(np.ones(3) / 3))


@given(st.integers(0, 10_000), st.integers(0, 119))
@settings(max_examples=20, deadline=None)
def test_a_row_may_come_as_two_of_half_its_weight(seed: int, place: int) -> None:
    one = made(seed)
    again = np.insert(np.arange(120), place, place)
    rows = one.origins
    weight = rows.weight[again]
    weight[place : place + 2] /= 2
    origins = Origins(rows.origin[again], weight, rows.component[again], 4)
    halves = replace(one, values=one.values[again], origins=origins)
    shares = np.full(4, 0.25)
    assert halves.covariance(shares) == pytest.approx(one.covariance(shares))
    assert even(halves)[0] == pytest.approx(even(one)[0], abs=1e-6)


@given(st.integers(0, 10_000), st.permutations(range(4)))
@settings(max_examples=20, deadline=None)
def test_origins_may_be_numbered_otherwise(seed: int, order: list[int]) -> None:
    one, number = made(seed), np.array(order)
    rows = one.origins
    renumbered = Moments.build(
        one.observed, 500.0, one.values, number[rows.origin], rows.weight, rows.component, 4
    )
    assert even(renumbered)[0][number] == pytest.approx(even(one)[0], abs=1e-4)
    assert ends(renumbered, order[0]) == pytest.approx(ends(one, 0), abs=5e-3)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_what_widens_an_interval(seed: int) -> None:
    """A higher threshold, a smaller corpus, drift, and another origin that may have a share."""
    one, every = made(seed), np.arange(4)
    low, high = ends(one, 0)
    shares = even(one)[0]
    assert 0 <= low <= shares[0] + 1e-6
    assert shares[0] - 1e-6 <= high <= 1
    wider_low, wider_high = ends(one, 0, threshold=8.0)
    assert wider_low <= low + 1e-9
    assert wider_high >= high - 1e-9
    covariance, held = one.covariance(shares), (np.array([0]), 0.0)
    drifting = one.with_drift(one.means[:, 0] - one.means[:, 1]).covariance(shares)
    smaller = replace(one, n_effective=100.0).covariance(shares)
    distance = one.solve(covariance, every, held)[1]
    assert one.solve(drifting, every, held)[1] <= distance * (1 + 1e-5)
    assert one.solve(smaller, every, held)[1] <= distance * (1 + 1e-5)
    fewer = one.solve(covariance, np.array([0, 1, 2]), held)[1]
    assert fewer >= distance * (1 - 1e-5)


@given(st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([0.1, 2.0, 50.0]))
def test_score_functions_weighted_by_kept_shares_are_1(
    seed: int, n_sources: int, scale: float
) -> None:
    """The tenth that all sources keep is spread evenly; no function is above its bound."""
    rng = np.random.default_rng(seed)
    ratio = rng.normal(scale=scale, size=(20, n_sources)).astype(np.float32)
    shares = rng.dirichlet(np.ones(n_sources))
    kept = 0.9 * shares + 0.1 / n_sources
    found = score_functions(ratio, shares)
    assert found @ kept == pytest.approx(1)
    assert (found >= 0).all()
    assert (found <= 1 / kept + 1e-9).all()
    assert score_functions(ratio + np.float32(3), shares) == pytest.approx(found, rel=1e-4)


def fitted(world: World, shares: list[float], count: int, seed: int, bins: bool) -> Moments:
    """Moments of a corpus with the score functions that its own shares give."""
    corpus, references = world.corpus(shares, count, seed), world.references
    assert references.source is not None
    found = mixture_shares(corpus.log_posterior, corpus.weight)
    edges = np.array([-3.0, -1.0, -0.3]) if bins else np.empty(0)
    values = [
        np.hstack([score_functions(one.log_posterior, found), one.log_posterior[:, :1] > edges])
        for one in (corpus, references)
    ]
    return Moments.build(
        values[0].mean(axis=0),
        float(count),
        values[1],
        references.source,
        references.weight,
        references.cluster,
        len(shares),
    )


def simulated(share: float, runs: int) -> tuple[int, NDArray[np.float64]]:
    """How many intervals cover the share, and the p-values of the fits, in fresh samples each."""
    covered, p_values = 0, []
    shares = [share, *np.array([0.4, 0.3, 0.3, 0.0]) * (1 - share)]
    for run in range(runs):
        world = World.build(spread_out(5, 7), 300, run)
        low, high = ends(fitted(world, shares, 600, run, bins=False), 0)
        covered += low <= share <= high
        one = fitted(world, shares, 600, run, bins=True)
        p_values.append(one.fit_p_value(*even(one)))
    return covered, np.array(p_values)


def assert_as_claimed(share: float, runs: int, coverage: float) -> None:
    covered, p_values = simulated(share, runs)
    assert clopper_pearson(covered, runs, 0.99)[1] >= 0.95
    assert covered >= coverage * runs
    for level in (0.01, 0.05, 0.2, 0.5):
        rejected = int((p_values <= level).sum())
        assert clopper_pearson(rejected, runs, 0.99)[0] <= level


@pytest.mark.slow
def test_intervals_cover_and_p_values_are_no_smaller_than_uniform() -> None:
    assert_as_claimed(0.1, runs=30, coverage=0.87)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_intervals_cover_in_many_draws(share: float) -> None:
    assert_as_claimed(share, runs=1000, coverage=0.92)
