"""How far a rise may go: by hand where shares are at 0, and coverage on simulated scores."""

from __future__ import annotations

import numpy as np
import pytest
from known_scores import Floats, World
from scipy.optimize import brentq
from scipy.stats import binom, chi2

from provenance.share.many_sources.conditional import rise_factor
from provenance.share.many_sources.many_sources import fit_many
from provenance.share.many_sources.moments import Moments

Z = 1.959964


def apart(n_others: int, n_rows: int = 4000) -> Moments:
    """A source at 0 and others far off, each in a direction of its own; a corpus of the first."""
    rng = np.random.default_rng(1)
    origin = np.repeat(np.arange(n_others + 1), n_rows)
    centres = np.vstack([np.zeros(n_others), 30 * np.eye(n_others)])
    values = centres[origin] + rng.normal(size=(len(origin), n_others))
    weight = np.full(len(origin), 1 / n_rows)
    rows = np.arange(len(origin))
    return Moments.build(np.zeros(n_others), 400.0, values, origin, weight, rows, n_others + 1)


def of_cone(n_others: int) -> float:
    """Root of the 97.5 % quantile of a sum of squares of what is positive of normal variables."""
    number = np.arange(1, n_others + 1)

    def above(square: float) -> float:
        found = binom.pmf(number, n_others, 0.5) @ chi2.sf(square, number)
        return float(found) - 0.025

    return float(np.sqrt(brentq(above, 0.1, 100)))


@pytest.mark.parametrize("n_others", [1, 8])
def test_a_corpus_of_one_source_by_hand(n_others: int) -> None:
    """All others are at 0: what chance adds to any of them is taken from the source."""
    one, first = apart(n_others), np.eye(n_others + 1)[0]
    found = rise_factor(one, np.array([0]), 1.0, first, np.arange(n_others + 1))
    # A hundred draws tell a quantile so far out to a tenth or so.
    assert found == pytest.approx(max(1.0, of_cone(n_others) / Z), abs=0.15)


def test_errors_of_the_means_add_up_to_those_of_the_mixture() -> None:
    rng = np.random.default_rng(2)
    origin, component = np.repeat([0, 1, 2], 40), rng.integers(0, 50, 120)
    one = Moments.build(
        np.zeros(4), 100.0, rng.normal(size=(120, 4)), origin, np.full(120, 1 / 40), component, 3
    )
    shares = np.array([0.2, 0.5, 0.3])
    parts = one.error_covariances(shares, np.arange(one.n_origins))
    rows = one.origins
    weight = rows.weight * shares[rows.origin]
    influence = (one.values - one.means.T[rows.origin]) * weight[:, None]
    whole = np.zeros((int(rows.component.max()) + 1, 4))
    np.add.at(whole, rows.component, influence)
    assert np.tensordot(shares, parts, 1) == pytest.approx(whole.T @ whole)


def test_sources_without_rows_are_passed_over() -> None:
    one = Moments.build(
        np.array([0.3]),
        50.0,
        np.array([[0.0], [0.2], [0.8], [1.0]]),
        np.array([0, 0, 1, 1]),
        np.full(4, 0.5),
        np.arange(4),
        3,
    )
    assert one.error_covariances(np.array([0.7, 0.3, 0.0]), np.array([2]))[0].tolist() == [[0.0]]
    assert np.isfinite(one.covariance(np.array([0.7, 0.3, 0.0]))).all()


def look_alikes(n_sources: int, apart_by: float) -> Floats:
    """Sources at the corners of a figure in which all are equally far from one another."""
    return apart_by * np.eye(n_sources)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_high_ends_hold_what_look_alikes_take(share: float) -> None:
    """Ten sources much alike, sixty rows each: the high end covers in 95 of 100 corpora."""
    rest = (1 - share) / 9
    covered = 0
    runs = 60
    for seed in range(runs):
        world = World.build(look_alikes(10, 1.5), 60, seed)
        corpus = world.corpus([share, *[rest] * 9], 400, 1000 + seed)
        found = fit_many(corpus, world.references, world.unknown, world.taken_for, [0])
        covered += bool(share <= found.high[0] + 1e-9)
    assert binom.cdf(covered, runs, 0.95) > 0.01
