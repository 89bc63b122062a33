"""One source read in a corpus of many: caution by hand, ends in their order, what nothing shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_scores import World, spread_out

from provenance.share.many_sources.problem import Problem
from provenance.share.many_sources.reading import ShareReading, caution_of


def reading(
    world: World, shares: list[float], count: int, seed: int, most: float = 1.5
) -> ShareReading:
    corpus = world.corpus(shares, count, seed)
    problem = Problem(corpus, world.references, world.unknown, world.taken_for, most)
    return ShareReading(problem, 0, 0.95)


@pytest.mark.parametrize(
    ("distance", "most", "caution"),
    [
        (5.0, 1.5, 1.0),
        (20.0, 1.5, 1.3576),
        (28.0, 1.5, 1.5),
        (33.0, 1.5, 1.7439),
        (33.0, 1.0, 1.7439),
        (20.0, 1.0, 1.0),
    ],
)
def test_caution_by_hand(distance: float, most: float, caution: float) -> None:
    """Of 20 degrees of freedom 10.851 is exceeded by 95 in 100, 31.41 by 5."""
    assert caution_of(distance, 20, most) == pytest.approx(caution, abs=1e-3)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 60))
def test_a_worse_fit_has_no_less_caution(one: float, other: float, free: int) -> None:
    least, most = sorted([one, other])
    assert 1 <= caution_of(least, free, 1.5) <= caution_of(most, free, 1.5)


def test_ends_stand_in_their_order() -> None:
    """Stand-ins for unknown sources can only widen."""
    world = World.build(spread_out(5, 7), 150, 0)
    one = reading(world, [0.3, 0.3, 0.2, 0.2, 0.0], 500, 0)
    assert one.low <= one.low_of_known <= one.share <= one.high_of_known <= one.high
    assert one.low_of_known > 0.15
    assert one.high_of_known < 0.55


def test_nothing_is_really_nothing() -> None:
    """Where sources are far apart the high end at 0 is what so many documents can hide."""
    world = World.build(spread_out(4, 1, distance=12.0), 400, 0)
    one = reading(world, [0.0, 0.4, 0.3, 0.3], 1000, 0)
    assert one.share < 0.002
    assert one.high < 0.02


def test_all_of_it_is_read_by_two_sources() -> None:
    """The more there is of it the more the shares of others pull down: its own density tells."""
    world = World.build(spread_out(4, 2, distance=6.0), 400, 0)
    one = reading(world, [1.0, 0.0, 0.0, 0.0], 400, 0)
    assert one.share == one.two.share
    assert one.high == 1.0
    assert one.low > 0.9


def test_the_share_goes_over_from_moments_to_two_sources() -> None:
    """From a twentieth to a quarter, each by its part of the way."""
    world = World.build(spread_out(4, 2, distance=2.0), 200, 0)
    one = reading(world, [0.15, 0.3, 0.3, 0.25], 400, 0)
    by_moments = float(one.problem.steadied(one.moments, one.known[0])[0])
    weight = (by_moments - 0.05) / 0.2
    assert 0.2 < weight < 0.8
    assert one.share == pytest.approx((1 - weight) * by_moments + weight * one.two.share)


def test_unknown_sources_are_found_less_where_there_are_none() -> None:
    """Some of what chance alone shows of stand-ins is not worth its cost."""
    world = World.build(spread_out(8, 7, distance=2.0), 60, 0)
    shares = [0.3, 0.3, 0.2, 0.2, 0.0, 0.0, 0.0, 0.0]
    found = [reading(world, shares, 500, seed) for seed in range(5)]
    by_chance = [one.open[0][8:].sum() for one in found]
    shown = [one.unknown for one in found]
    assert np.mean(shown) < 0.8 * np.mean(by_chance)


def test_caution_is_that_of_the_fit() -> None:
    world = World.build(spread_out(4, 3), 200, 0)
    one = reading(world, [0.2, 0.3, 0.3, 0.2], 400, 0)
    shares, distance = one.known
    assert one.caution == caution_of(distance, one.moments.free(shares), 1.5)
    assert one.two.caution == one.caution
    assert np.sqrt(one.threshold) == pytest.approx(1.96 * one.caution, rel=1e-4)
