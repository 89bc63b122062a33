"""The bins of one source's score: what they hold, and what moves them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import gaussian, gaussian_references

from provenance.scoring.scored import Passages
from provenance.share.two_sources.bins import two_source


def test_components_of_the_references_carry_all_their_noise() -> None:
    """The squares add up to the sampling variance, and to one row's where no row is."""
    references = gaussian_references(np.random.default_rng(3), 500)
    ratio, cluster = gaussian(np.random.default_rng(4), (50, 50))
    one = two_source(Passages(ratio, np.ones(100), cluster), references, 1, np.array([0.5, 0.5]))
    for parts, density in ((one.own_parts, one.own), (one.rest_parts, one.rest)):
        rows = (parts != 0).any(axis=1)
        assert rows.sum() == 500 + len(density)
        expected = density * (1 - density) / 500 + 1 / 500**2
        assert (parts**2).sum(axis=0) == pytest.approx(expected, rel=0.1)
    assert not ((one.own_parts != 0).any(axis=1) & (one.rest_parts != 0).any(axis=1)).any()


def test_what_was_asked_may_be_right_alone_by_hand() -> None:
    """Scores of two values: of the source's rows 40 of 100 are high, of what it was asked 15 of 20.

    The bins may be off by what lies between, 0.35; the other source was asked all of its rows.
    """
    high = np.concatenate([np.arange(100) < 10, np.arange(100) < 40])
    own = np.repeat([False, True], 100)
    asked = ~own | np.concatenate([np.zeros(100, bool), np.arange(100) < 15, np.zeros(0, bool)])
    asked[195:] = True
    likely = np.where(high, 0.9, 0.2)
    ratio = np.log(np.stack([1 - likely, likely], axis=1)).astype(np.float32)
    references = Passages(ratio, np.full(200, 0.01), np.arange(200), own.astype(np.int64))
    corpus = Passages(ratio[::4], np.ones(50), np.arange(50))
    shares = np.array([0.5, 0.5])
    plain = two_source(corpus, references, 1, shares)
    told = two_source(corpus, replace(references, asked=asked), 1, shares)
    assert plain.own.tolist() == pytest.approx([0.6, 0.4], abs=0.005)
    expected = np.array([[0, 0], [-0.35, 0.35], [-0.35, 0.35]])
    assert told.own_parts[200:203] == pytest.approx(expected)
    assert not told.rest_parts[200:203].any()
    assert told.own.tolist() == plain.own.tolist()
    moved = 0.5 * 0.35 * np.diff((told.own - told.rest) / told.density(0.5))[0]
    # By itself, and with the other, which is off by nothing.
    assert told.variance(0.5) - plain.variance(0.5) == pytest.approx(2 * moved**2)


@pytest.mark.parametrize("distance", [0.5, 2.0, 3.0])
def test_every_bin_holds_rows_of_both_densities(distance: float) -> None:
    references = gaussian_references(np.random.default_rng(5), 200, distance)
    ratio, cluster = gaussian(np.random.default_rng(6), (50, 50), distance=distance)
    one = two_source(Passages(ratio, np.ones(100), cluster), references, 1, np.array([0.5, 0.5]))
    assert len(one.own) >= 2
    assert min(one.own.min(), one.rest.min()) * 200 >= 4.9
