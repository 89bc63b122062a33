"""The smallest share that is seen among many sources: laws, and how often it is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_scores import Floats, World, spread_out

from provenance.share.many_sources.many_sources import fit_many
from provenance.share.many_sources.moments import Moments
from provenance.share.many_sources.power import Explained, ManySourcesPower
from provenance.share.mixture import Mixture
from provenance.statistics.intervals import clopper_pearson


def fit(world: World, shares: Floats, count: int, seed: int, level: float = 0.95) -> Mixture:
    corpus = world.corpus(shares.tolist(), count, seed)
    return fit_many(
        corpus, world.references, world.unknown, world.taken_for, [0], confidence_level=level
    )


def beside(share: float, seed: int, n_sources: int = 4) -> Floats:
    """The first source's share, and the rest in parts drawn at random."""
    rest = np.random.default_rng(seed).dirichlet(np.ones(n_sources - 1))
    return np.concatenate([[share], (1 - share) * rest])


def detected(level: float, worlds: int, runs: int) -> tuple[int, int]:
    """In how many corpora the low end leaves 0 at the share planned in worlds of their own."""
    seen = total = 0
    for seed in range(worlds):
        world = World.build(spread_out(4, seed, 4.0, 4), 300, seed)
        planned = fit(world, beside(0.0, seed), 800, 900 + seed)
        share = planned.smallest_detectable(0, 0.8, 0.01, level)
        if share is None:
            continue
        for run in range(runs):
            found = fit(world, beside(share, seed), 800, 5000 + 100 * seed + run, level)
            seen += found.low[0] > 0
            total += 1
    return seen, total


def normal_scores() -> Explained:
    """Of 400 documents; means 0 and 1 of variance 1, each known from 20,000."""
    each = np.random.default_rng(0).normal(size=20_000)
    each = (each - each.mean()) / each.std()
    values = np.concatenate([each, each + 1])[:, None]
    source = np.repeat([0, 1], 20_000)
    weight, component = np.full(40_000, 1 / 20_000), np.arange(40_000)
    moments = Moments.build(np.zeros(1), 400.0, values, source, weight, component, 2)
    return Explained(moments, np.array([1.0, 0.0]), np.arange(2))


def test_normal_scores_by_hand() -> None:
    """At share s the mean is s, its variance 1 / n; of a sample (1 + s (1 - s)) / n."""
    found = normal_scores()
    # References' noise of 1 in 20,000 and the fiftieth of a part aside.
    assert found.least(1, 0.3, 0.0, 0.5) == pytest.approx(0.3 * 20, rel=0.02)
    assert found.least(1, 0.3, 0.0, 0.8) == pytest.approx(6 - 0.8416, rel=0.03)
    sampled = replace(found, moments=replace(found.moments, unread=1.0))
    spread = np.sqrt(1 + 0.3 * 0.7)
    assert sampled.least(1, 0.3, 0.0, 0.8) == pytest.approx(6 - 0.8416 * spread, rel=0.03)


def test_what_stand_ins_cost_counts_on_both_sides() -> None:
    """Half of the rest a stand-in's that writes as the others do: it explains nothing, it costs."""
    found = normal_scores()
    values, known = found.moments.values, found.moments.origins.origin
    moments = Moments.build(
        np.zeros(1),
        400.0,
        np.concatenate([values, values[known == 0]]),
        np.append(known, np.full(20_000, 2)),
        np.full(60_000, 1 / 20_000),
        np.arange(60_000),
        3,
    ).with_cost(np.arange(3) == 2, 20.0)
    beside = Explained(moments, np.array([0.5, 0.0, 0.5]), np.arange(3))
    alone = found.least(1, 0.3, 0.0, 0.8)
    assert beside.least(1, 0.3, 0.0, 0.8) == pytest.approx(alone, rel=0.01)


@pytest.mark.parametrize(
    ("caution", "limit"), [(1.0, 2.5758), (1.5, 1.5 * 1.95996)], ids=["zero", "interval"]
)
def test_the_limits_by_hand(caution: float, limit: float) -> None:
    """Half of the corpora pass where the score is the larger limit; a share s gives one of 20 s."""
    scores = normal_scores()
    # The noise and the part as above, and the steps of the search aside.
    power = ManySourcesPower(1, lambda _: (scores, scores), 0.0, 0.05, 400.0, caution)
    assert power.smallest_detectable(0.5, 0.01, 0.95) == pytest.approx(limit / 20, rel=0.04)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_more_confidence_and_more_power_need_a_larger_share(seed: int) -> None:
    world = World.build(spread_out(4, 4), 300, seed)
    found = fit(world, beside(0.0, seed), 2000, seed)
    by_level = [found.smallest_detectable(0, 0.8, 0.01, level) for level in (0.95, 0.99, 0.999)]
    by_power = [found.smallest_detectable(0, power, 0.01, 0.95) for power in (0.5, 0.8, 0.95)]
    for shares in (by_level, by_power):
        known = [share for share in shares if share is not None]
        assert len(known) == 3
        assert known == sorted(known)
        assert 0 < known[0] < known[2] <= 1


def test_it_is_no_copy_of_the_share() -> None:
    """Of corpora with the same rest, it hardly hangs on the share that is found."""
    world = World.build(spread_out(4, 4), 300, 0)
    told = []
    for share in (0.0, 0.05, 0.3):
        found = fit(world, beside(share, 0), 2000, 1)
        told.append(found.smallest_detectable(0, 0.8, 0.01, 0.95) or 1.0)
        assert told[-1] != pytest.approx(found.shares[0], rel=0.01)
        assert told[-1] != pytest.approx(found.shares[0] - found.low[0], rel=0.01)
    assert max(told) < 1.5 * min(told)


def test_what_never_leaves_0_is_never_seen() -> None:
    world = World.build(spread_out(4, 4), 100, 0)
    found = fit(world, beside(0.0, 0), 500, 0)
    assert found.smallest_detectable(0, 0.8, 0.0, 0.95) is None
    power = found.powers[0]
    given_up = replace(power, given_up=1.0)
    assert given_up.smallest_detectable(0.8, 0.01, 0.95) is None
    few = fit(world, beside(0.0, 0), 3, 0)
    assert few.smallest_detectable(0, 0.8, 0.01, 0.95) is None


def test_what_unknown_sources_take_comes_off() -> None:
    """A share that gives up a fifth is seen above a fifth only."""
    world = World.build(spread_out(4, 4), 300, 0)
    power = fit(world, beside(0.0, 0), 2000, 0).powers[0]
    plain = replace(power, given_up=0.0).smallest_detectable(0.8, 0.01, 0.95)
    less = replace(power, given_up=0.2).smallest_detectable(0.8, 0.01, 0.95)
    assert plain is not None
    assert less is not None
    assert 0.2 + plain / 2 < less < 0.6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "worlds"),
    [(0.95, 2), *(pytest.param(level, 5, marks=pytest.mark.slow) for level in (0.95, 0.999))],
)
def test_the_share_is_seen_about_as_often_as_it_says(level: float, worlds: int) -> None:
    """0.8 give or take 0.2: the rest is known as it was fitted, and samples are small."""
    seen, total = detected(level, worlds, runs=8)
    low, high = clopper_pearson(seen, total, 0.99)
    assert total >= 24 * worlds // 5
    assert high >= 0.6
    assert low <= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.95, 0.99, 0.999])
def test_the_share_is_seen_about_as_often_as_it_says_in_many_draws(level: float) -> None:
    seen, total = detected(level, worlds=20, runs=10)
    assert 0.6 <= seen / total <= 0.95
