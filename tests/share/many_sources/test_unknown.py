"""What a low end gives up to sources that were not given: by hand, and on look-alikes."""

from __future__ import annotations

import numpy as np
import pytest
from known_scores import World

from provenance.share.many_sources.problem import Problem
from provenance.share.many_sources.reading import ShareReading
from provenance.share.many_sources.unknown import given_up, without_unknown
from provenance.share.part import WHOLE, Part, ShareDoubt


def a_reading(
    means: np.ndarray[tuple[int, int], np.dtype[np.float64]], part: Part = WHOLE, **known: float
) -> ShareReading:
    """Of a corpus of all sources alike; what is known of it is taken as it is."""
    world = World.build(means, 120, 0)
    corpus = world.corpus([1 / len(means)] * len(means), 300, 0)
    problem = Problem(corpus, world.references, world.unknown, world.taken_for, 1.5)
    reading = ShareReading(problem, 0, 0.95, part)
    reading.__dict__.update(known)
    return reading


FAR = 8 * np.eye(4)
"""Each reads as a third of each other, but for its own score."""

NEAR = np.array([[0.0, 0.0], [0.3, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])
"""The second source writes as the first does, and reads as it wholly where it is unknown."""


@pytest.mark.parametrize(
    ("fit_p_value", "unknown", "expected"),
    [(0.5, 0.0, 0.0), (0.5, 0.2, 0.015), (0.009, 0.2, 0.075), (0.5, 1.0, 0.075)],
)
def test_the_least_by_hand(fit_p_value: float, unknown: float, expected: float) -> None:
    """0.075 of the stand-ins' share, or of all where the sources alone do not fit."""
    reading = a_reading(FAR, fit_p_value=fit_p_value, unknown=unknown, low=0.0)
    assert given_up(reading) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("own", "of_whole", "expected"), [(0.2, 0.6, 0.045), (0.6, 0.2, 0.045), (0.2, 1.0, 0.075)]
)
def test_a_part_gives_up_what_the_whole_says_it_may_hold(
    own: float, of_whole: float, expected: float
) -> None:
    part = Part(1, {0: ShareDoubt(unknown=of_whole)})
    reading = a_reading(FAR, part, fit_p_value=0.5, unknown=own, low=0.0)
    assert given_up(reading) == pytest.approx(expected)


def test_a_twin_of_the_panel_tells_what_a_stranger_may_take() -> None:
    """Left out, its text is the candidate's to nearly all of it."""
    reading = a_reading(NEAR, fit_p_value=0.001, unknown=0.0, low=0.6)
    assert given_up(reading) > 0.5
    assert given_up(a_reading(NEAR, fit_p_value=0.5, unknown=0.1, low=0.6)) < 0.1


def test_sources_far_apart_take_the_least() -> None:
    reading = a_reading(FAR, fit_p_value=0.001, unknown=0.0, low=0.6)
    assert given_up(reading) == pytest.approx(0.075)


@pytest.mark.parametrize(
    ("low", "taken", "left"), [(0.5, 0.0, 0.5), (0.55, 0.1, 0.5), (0.05, 0.1, 0.0), (0.9, 1.0, 0.0)]
)
def test_what_is_left_by_hand(low: float, taken: float, left: float) -> None:
    """A share x and strangers in all the rest read x + taken (1 - x)."""
    assert without_unknown(low, taken) == pytest.approx(left)
