"""No part of a corpus is surer than the whole: by hand, and where an unknown source wrote both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from known_scores import World, spread_out
from known_text import gaussian, gaussian_references
from scipy.stats import binom

from provenance.scoring.scored import Passages
from provenance.share.many_sources.many_sources import fit_many
from provenance.share.many_sources.problem import Problem
from provenance.share.many_sources.reading import ShareReading
from provenance.share.mixture import Mixture
from provenance.share.part import WHOLE, Part, ShareDoubt
from provenance.share.two_sources.bins import two_source
from provenance.share.two_sources.densities import fit_mixture
from provenance.statistics.intervals import normal_quantile


@pytest.mark.parametrize(
    ("unknown", "fraction", "of_part"),
    [(0.1, 1.0, 0.1), (0.1, 0.25, 0.4), (0.1, 0.1, 1.0), (0.1, 0.01, 1.0), (0.0, 0.0, 1.0)],
)
def test_all_of_the_unknown_may_be_in_the_part(
    unknown: float, fraction: float, of_part: float
) -> None:
    found = ShareDoubt(1.2, unknown, 0.05).of_part(fraction)
    assert found.unknown == pytest.approx(of_part)
    assert (found.caution, found.misfit) == (1.2, 0.05)


def test_the_larger_doubt_counts() -> None:
    assert ShareDoubt(1.0, 0.5, 0.02).and_of(ShareDoubt(1.5, 0.1, 0.03)) == ShareDoubt(
        1.5, 0.5, 0.03
    )
    assert WHOLE.doubt(3) == ShareDoubt() and WHOLE.level(0.95) == 0.95
    assert Part(5).level(0.9) == pytest.approx(0.98)


@cache
def world(seed: int = 0, n_sources: int = 5) -> World:
    return World.build(spread_out(n_sources, seed), 300, seed)


def reading(part: Part, seed: int = 0) -> ShareReading:
    found = world(seed)
    corpus = found.corpus([0.2] * 5, 300, seed)
    problem = Problem(corpus, found.references, found.unknown, found.taken_for, 1.5)
    return ShareReading(problem, 0, 0.95, part)


def test_a_part_takes_the_caution_and_the_unknown_of_the_whole() -> None:
    alone = reading(WHOLE)
    guarded = reading(Part(1, {0: ShareDoubt(2.5, 1.0, 0.3)}))
    assert (guarded.caution, guarded.doubt) == (2.5, ShareDoubt(2.5, 1.0, max(0.3, alone.misfit)))
    assert guarded.threshold == pytest.approx((2.5 * normal_quantile(0.975)) ** 2)
    # Another candidate's doubts are not its own; none take away what the part shows itself.
    assert reading(Part(1, {1: ShareDoubt(2.5, 1.0)})).doubt == alone.doubt
    assert reading(Part(1, {0: ShareDoubt()})).doubt == alone.doubt


def test_intervals_of_many_parts_are_of_a_higher_level() -> None:
    """Of 20 parts at 95 %: each at 99.75 %, whose normal quantile is 3.02."""
    one = reading(Part(20))
    assert one.threshold == pytest.approx((3.0233 * one.caution) ** 2, rel=1e-4)


def test_densities_are_read_at_the_level_of_all_parts() -> None:
    """Two sources: the interval of each of 40 parts at 1 - 0.05 / 40, 0 rejected at 0.01 / 40."""
    pair = World.build(np.array([[0.0], [1.5]]), 400, 3)
    corpus = pair.corpus([0.3, 0.7], 300, 3)
    found = fit_mixture(corpus, pair.references, [0], part=Part(40))
    one = two_source(corpus, pair.references, 0, found.fitted)
    assert (found.low[0], found.high[0]) == pytest.approx(one.interval(1 - 0.05 / 40, 0.01 / 40))
    alone = fit_mixture(corpus, pair.references, [0])
    assert 0 < found.low[0] < alone.low[0] and found.high[0] > alone.high[0]


# Parts of one corpus, drawn by lot.


def read(
    found: World, corpus: Passages, n_parts: int, seed: int, looked_at: Sequence[int]
) -> tuple[Mixture, list[float], list[float]]:
    """The whole, and the candidate's low ends in some of its parts: guarded by it, and alone."""

    def fit(passages: Passages, part: Part = WHOLE) -> Mixture:
        return fit_many(passages, found.references, found.unknown, found.taken_for, [0], part=part)

    whole = fit(corpus)
    lot = np.random.default_rng([seed, 5]).integers(0, n_parts, len(corpus.weight))
    guarded, alone = [], []
    for number in looked_at:
        rows = lot == number
        passages = Passages(corpus.log_posterior[rows], corpus.weight[rows], corpus.cluster[rows])
        part = Part(n_parts, {0: whole.doubts[0].of_part(rows.mean())})
        guarded.append(fit(passages, part).low[0])
        alone.append(fit(passages).low[0])
    return whole, guarded, alone


def with_stranger(seed: int, share: float, side: float) -> tuple[World, Passages]:
    """None of the candidate's, and a source that nobody gave and that is like the candidate."""
    found = world(seed)
    away = np.random.default_rng([seed, 9]).normal(size=3)
    stranger = found.means[0] + side * away / np.linalg.norm(away)
    wider = replace(found, means=np.vstack([found.means, stranger]))
    shares = [0.0, *[(1 - share) / 4] * 4, share]
    return found, wider.corpus(shares, 1500, seed, strange=1)


STRANGERS = [
    (0, 0.3, 1.0, [4]),
    *(
        pytest.param(*case, range(5), marks=pytest.mark.slow)
        for case in [(4, 0.6, 1.0), (0, 0.3, 1.5), (4, 0.6, 1.5), (0, 0.3, 2.0)]
    ),
]
"""Seeds, shares and distances at which a part showed the candidate before parts were guarded."""


@pytest.mark.parametrize(("seed", "share", "side", "looked_at"), STRANGERS)
def test_what_the_whole_explains_otherwise_no_part_shows(
    seed: int, share: float, side: float, looked_at: Sequence[int]
) -> None:
    """A part by itself is too small to see that the sources given do not explain it."""
    found, corpus = with_stranger(seed, share, side)
    whole, guarded, alone = read(found, corpus, 5, seed, looked_at)
    assert whole.low[0] == 0 and max(guarded) == 0
    assert max(alone) > 0.02


@pytest.mark.slow
def test_parts_of_a_corpus_with_nothing_in_it_show_nothing() -> None:
    """Four parts of each of 24 corpora of the given others alone, 150 documents a part."""
    fired = 0
    for seed in range(24):
        shares = [0.0, *np.random.default_rng(seed).dirichlet(np.ones(4))]
        found = world(seed)
        fired += max(read(found, found.corpus(shares, 600, seed), 4, seed, range(4))[1]) > 0
    # At most one list in twenty, by what is told; binomial 95 % limit of 24 such runs.
    assert fired <= 3


@pytest.mark.parametrize("seed", [5, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 4))])
def test_a_part_by_the_candidate_is_seen_in_a_corpus_without_it_elsewhere(seed: int) -> None:
    found = world(seed)
    own, others = found.corpus([1, 0, 0, 0, 0], 100, 1), found.corpus([0, 1, 1, 1, 1], 500, 2)
    corpus = Passages(
        np.concatenate([own.log_posterior, others.log_posterior]), np.ones(600), np.arange(600)
    )
    whole = fit_many(corpus, found.references, found.unknown, found.taken_for, [0])
    doubt = whole.doubts[0].of_part(1 / 6)
    part = fit_many(
        own, found.references, found.unknown, found.taken_for, [0], part=Part(6, {0: doubt})
    )
    assert part.low[0] > 0.3


@pytest.mark.slow
def test_of_many_parts_by_others_alone_none_shows_in_nearly_all_corpora() -> None:
    """Twenty parts of a hundred documents each, two sources, samples drawn anew in each run.

    The parts of a corpus are read against the same samples, so that their errors go together.
    """
    runs, fired, by_itself = 24, 0, 0
    for run in range(runs):
        rng = np.random.default_rng([run, 17])
        references = gaussian_references(rng, 200, 1.5)
        parts = [gaussian(rng, (100, 0), distance=1.5) for _ in range(20)]
        passages = [Passages(ratio, np.ones(100), cluster) for ratio, cluster in parts]
        fired += any(
            fit_mixture(one, references, [1], part=Part(20)).low[1] > 0 for one in passages
        )
        by_itself += any(
            fit_mixture(one, references, [1], caution=1.0).low[1] > 0 for one in passages
        )
    assert fired <= binom.ppf(0.99, runs, 0.05)
    # Read one by one, many a corpus has a part that shows something.
    assert by_itself > fired
