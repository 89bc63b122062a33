"""Intervals cover as often as they say, nothing is seen where nothing is, and power is as told.

Scores are normal with exact likelihood ratios; corpus and references are drawn anew in each run.
Settings, seeds and numbers of runs were fixed before the first run. `caution` is 1: nothing but
the sampling of corpus and references is at work, so nothing hides behind a factor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import gaussian, gaussian_references
from numpy.typing import NDArray
from scipy.stats import binom

from provenance.scoring.asked import asked_weights
from provenance.scoring.scored import Passages
from provenance.share.mixture import Mixture
from provenance.share.two_sources.densities import fit_mixture
from provenance.share.two_sources.two_sources import ZERO_LEVEL

pytestmark = pytest.mark.slow

RUNS = 300
LEVEL = 0.95
SURE = 0.001
"""How often a test may fail where all is as it should be."""


def drawn(
    seed: int,
    truth: float,
    distance: float,
    n_references: int,
    n_corpus: int,
    copies: int,
    unread: float = 1.0,
) -> Mixture:
    """A corpus read whole has this very share; one that stands for more was drawn from it."""
    rng = np.random.default_rng([seed, n_references, n_corpus, copies])
    n_own = int(rng.binomial(n_corpus, truth)) if unread else round(truth * n_corpus)
    ratio, cluster = gaussian(rng, (n_corpus - n_own, n_own), copies, distance)
    references = gaussian_references(rng, n_references, distance)
    corpus = Passages(ratio, np.ones(len(ratio)), cluster, unread=unread)
    return fit_mixture(corpus, references, [1], caution=1.0)


SETTINGS = [
    pytest.param(1.0, 500, 1000, 1, id="overlapping"),
    pytest.param(2.0, 100, 400, 1, id="few references"),
    pytest.param(2.0, 500, 500, 3, id="copies"),
    pytest.param(2.0, 500, 20_000, 1, id="large corpus"),
    pytest.param(3.0, 500, 2000, 1, id="apart"),
    pytest.param(6.0, 300, 2000, 1, id="far apart"),
]


@pytest.mark.parametrize(("distance", "n_references", "n_corpus", "copies"), SETTINGS)
@pytest.mark.parametrize(
    ("truth", "unread"), [(0.0, 1.0), (0.02, 1.0), (0.3, 0.0), (0.3, 1.0), (1.0, 1.0)]
)
def test_intervals_cover(
    truth: float, unread: float, distance: float, n_references: int, n_corpus: int, copies: int
) -> None:
    settings = (truth, distance, n_references, n_corpus, copies, unread)
    found = [drawn(run, *settings) for run in range(RUNS)]
    covered = sum(one.low[1] <= truth <= one.high[1] for one in found)
    above = sum(one.low[1] > 0 for one in found)
    assert covered >= binom.ppf(SURE, RUNS, LEVEL), covered / RUNS
    if truth == 0:
        assert above <= 0.05 * RUNS, above / RUNS


@pytest.mark.parametrize(("distance", "n_references", "n_corpus", "copies"), SETTINGS)
def test_a_corpus_of_the_samples_kind_fits(
    distance: float, n_references: int, n_corpus: int, copies: int
) -> None:
    """The fit test withholds at a level of 1 %; up to 5 % is borne where references are few."""
    found = [drawn(9, 0.1, distance, n_references, n_corpus, copies)]
    found += [
        drawn(1000 + run, 0.1, distance, n_references, n_corpus, copies) for run in range(RUNS)
    ]
    failed = sum(one.two_sources[1].fit_p_value < 0.01 for one in found)
    assert failed <= binom.ppf(1 - SURE, RUNS, 0.03), failed / RUNS


@pytest.mark.parametrize(
    ("distance", "n_references", "n_corpus"),
    [(1.0, 1000, 2000), (2.0, 500, 2000), (2.0, 1000, 500), (3.0, 500, 1000), (6.0, 500, 1000)],
)
def test_the_smallest_detectable_share_is_detected_four_times_in_five(
    distance: float, n_references: int, n_corpus: int
) -> None:
    """Planned on corpora with nothing in them, as a user would; each has references of its own,
    whose few rows in the tail move the power: 0.8 give or take 0.2.
    """
    plans: list[float] = []
    for run in range(20):
        one = drawn(5000 + run, 0.0, distance, n_references, n_corpus, 1).two_sources[1]
        plans.append(one.smallest_detectable(0.8) or 1.0)
    share = float(np.median(plans))
    found = [drawn(6000 + run, share, distance, n_references, n_corpus, 1) for run in range(RUNS)]
    detected = sum(one.low[1] > 0 for one in found)
    assert 0.6 <= detected / RUNS <= 0.95, (share, detected / RUNS)


def read_with(
    references: Passages,
    rng: np.random.Generator,
    share: float,
    distance: float,
    n_corpus: int,
    confidence_level: float,
) -> Mixture:
    """A fresh corpus of normal scores, with the caution that is the default."""
    n_own = int(rng.binomial(n_corpus, share))
    ratio, cluster = gaussian(rng, (n_corpus - n_own, n_own), 1, distance)
    corpus = Passages(ratio, np.ones(n_corpus), cluster, unread=1.0)
    return fit_mixture(corpus, references, [1], confidence_level=confidence_level)


@pytest.mark.parametrize("confidence_level", [0.95, 0.99, 0.999])
@pytest.mark.parametrize(("distance", "n_corpus"), [(2.0, 800), (3.0, 1000)])
def test_the_smallest_detectable_share_follows_the_confidence_level(
    distance: float, n_corpus: int, confidence_level: float
) -> None:
    """As a user has it: the references that the share was planned with read the corpora too."""
    detected = 0
    for run in range(RUNS):
        rng = np.random.default_rng([8000, run, n_corpus])
        references = gaussian_references(rng, 500, distance)
        planned = read_with(references, rng, 0.0, distance, n_corpus, confidence_level)
        share = planned.smallest_detectable(1, 0.8, ZERO_LEVEL, confidence_level) or 1.0
        found = read_with(references, rng, share, distance, n_corpus, confidence_level)
        detected += found.low[1] > 0
    assert binom.ppf(SURE, RUNS, 0.8) <= detected <= binom.ppf(1 - SURE, RUNS, 0.8)


def partly_asked(rng: np.random.Generator, moved: float) -> Passages:
    """Of each source 60 answers to the corpus's prompts, and 440 to others, which score apart."""
    points = np.concatenate([rng.normal(centre, size=500) for centre in (-1.0, 1.0)])
    asked = np.tile(np.arange(500) < 60, 2)
    points += np.where(asked, 0.0, moved)
    ratio = -np.logaddexp(0, np.stack([2 * points, -2 * points], axis=1))
    source = np.repeat([0, 1], 500)
    weight = asked_weights(np.full(1000, 1 / 500), source, asked)
    return Passages(ratio.astype(np.float32), weight, np.arange(1000), source, asked=asked)


@pytest.mark.parametrize("moved", [-0.6, 0.3, 0.6])
@pytest.mark.parametrize("truth", [0.0, 0.3, 1.0])
def test_answers_to_other_prompts_that_score_apart_are_allowed_for(
    truth: float, moved: float
) -> None:
    """Those to the corpus's own prompts say by how much; taken as one with the rest they miss."""
    n_runs, covered, as_one = 100, 0, 0
    for run in range(n_runs):
        rng = np.random.default_rng([9000, run])
        references = partly_asked(rng, moved)
        n_own = round(truth * 500)
        ratio, cluster = gaussian(rng, (500 - n_own, n_own))
        corpus = Passages(ratio, np.ones(500), cluster)
        plain = replace(references, asked=None, weight=np.full(1000, 1 / 500))
        for given in (references, plain):
            found = fit_mixture(corpus, given, [1], caution=1.0)
            holds = bool(found.low[1] <= truth <= found.high[1])
            covered += holds and given is references
            as_one += holds and given is plain
    assert covered >= binom.ppf(SURE, n_runs, LEVEL), covered / n_runs
    if truth == 0.3 and abs(moved) > 0.5:
        assert as_one < 0.5 * n_runs, as_one / n_runs


def three_sources(rng: np.random.Generator, counts: tuple[int, ...]) -> NDArray[np.float32]:
    """Posteriors of points around the corners of a triangle."""
    corners = 1.2 * np.array([[1.0, 0.0], [-0.5, 0.87], [-0.5, -0.87]])
    points = corners[np.repeat(np.arange(3), counts)] + rng.normal(size=(sum(counts), 2)) * 0.8
    squares = ((points[:, None] - corners) ** 2).sum(axis=2) / (2 * 0.8**2)
    posterior = -squares - np.logaddexp.reduce(-squares, axis=1, keepdims=True)
    result: NDArray[np.float32] = posterior.astype(np.float32)
    return result


@pytest.mark.parametrize("shares", [(0.0, 1.0, 0.0), (0.0, 0.5, 0.5), (0.3, 0.1, 0.6), (1.0, 0, 0)])
def test_intervals_of_one_source_among_three_cover(shares: tuple[float, ...]) -> None:
    covered = above = 0
    for run in range(RUNS):
        rng = np.random.default_rng([77, run])
        counts = tuple(rng.multinomial(1000, shares).tolist())
        source = np.repeat(np.arange(3), 400)
        references = Passages(
            three_sources(rng, (400,) * 3), np.full(1200, 1 / 400), np.arange(1200), source
        )
        corpus = Passages(three_sources(rng, counts), np.ones(1000), np.arange(1000), unread=1.0)
        one = fit_mixture(corpus, references, [0], caution=1.0)
        covered += one.low[0] <= shares[0] <= one.high[0]
        above += one.low[0] > 0
    assert covered >= binom.ppf(SURE, RUNS, LEVEL), covered / RUNS
    if shares[0] == 0:
        assert above <= 0.05 * RUNS, above / RUNS
