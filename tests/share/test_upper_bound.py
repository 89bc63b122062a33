"""A candidate alone: the bound by hand, never below the truth, and its report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import FeatureSpec, fit_fingerprint
from provenance.share.upper_bound import (
    N_THRESHOLDS,
    ScoredDocuments,
    mixture_bound,
    share_bounds,
    tail_bound,
)
from provenance.simulate.words import NGramModel, library_texts
from provenance.statistics.intervals import clopper_pearson


def scored(score: Any, weight: Any = None, cluster: Any = None) -> ScoredDocuments:
    values = np.asarray(score, np.float64)
    return ScoredDocuments(
        values,
        np.ones(len(values)) if weight is None else np.asarray(weight, np.float64),
        np.arange(len(values)) if cluster is None else np.asarray(cluster, np.int64),
    )


def test_two_bins_by_hand() -> None:
    """Half of the sample and a tenth of the corpus score 1: a share of 0.2, and its limits."""
    found = tail_bound(scored([0, 1] * 500), scored([1] * 100 + [0] * 900), 0.95)
    each = 1 - 0.05 / N_THRESHOLDS
    least = clopper_pearson(500, 1000, each)[0]
    most = clopper_pearson(100, 1000, each)[1]
    assert found.high == pytest.approx(most / least)
    assert 0.2 < found.high < 0.35
    assert (found.own_above, found.corpus_above) == (0.5, 0.1)
    assert (found.n_own, found.n_corpus) == (1000, 1000)


def test_a_corpus_of_the_candidate_or_more_like_it_is_not_bounded() -> None:
    own = np.arange(300)
    assert tail_bound(scored(own), scored(own), 0.95).high == 1
    assert tail_bound(scored(own), scored(own + 1000), 0.95).high == 1


def test_a_corpus_apart_is_bounded_by_its_size_alone() -> None:
    own = np.arange(300) + 1000
    small, large = (tail_bound(scored(own), scored(-np.arange(n)), 0.95).high for n in (50, 5000))
    assert 0 < large < 0.01 < small < 0.3


def test_copies_and_groups_tell_less_than_documents() -> None:
    rng = np.random.default_rng(0)
    own, corpus = scored(rng.normal(2, 1, 400)), rng.normal(0, 1, 200)
    apart = tail_bound(own, scored(corpus), 0.95).high
    copied = scored(np.repeat(corpus, 5), cluster=np.repeat(np.arange(200), 5))
    assert tail_bound(own, copied, 0.95).high == pytest.approx(apart)
    assert tail_bound(own, scored(corpus, 5 * np.ones(200)), 0.95).high == pytest.approx(apart)
    grouped = scored(corpus, cluster=np.arange(200) // 10)
    assert tail_bound(own, grouped, 0.95).high > apart


@given(st.floats(0.5, 0.99), st.integers(0, 99))
def test_a_higher_level_bounds_less(level: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, corpus = scored(rng.normal(1, 1, 60)), scored(rng.normal(-1, 1, 80))
    one, other = (tail_bound(own, corpus, at).high for at in (level, level + 0.009))
    assert 0 < one <= other <= 1
    scaled = tail_bound(scored(3 * own.score + 7), scored(3 * corpus.score + 7), level)
    assert scaled.high == pytest.approx(one)


@pytest.mark.parametrize("truth", [0.0, 0.2, 0.6])
def test_the_bound_is_seldom_below_the_share(truth: float) -> None:
    """Normal scores, whatever the rest; at least 95 % of 200 draws, and not for want of a bound."""
    rng = np.random.default_rng(1)
    highs = []
    for _ in range(200):
        n_own = rng.binomial(300, truth)
        corpus = np.concatenate([rng.normal(2, 1, n_own), rng.normal(-1, 1.5, 300 - n_own)])
        highs.append(tail_bound(scored(rng.normal(2, 1, 200)), scored(corpus), 0.95).high)
    assert np.mean(np.array(highs) >= truth) >= 0.95
    assert np.median(highs) < truth + 0.25


@pytest.mark.slow
@pytest.mark.parametrize("strength", [0.5, 1.5])
def test_simulated_mixtures_lie_below_their_bounds(strength: float) -> None:
    spec = FeatureSpec()
    api = NGramModel.fit(library_texts()[:300])
    other = api.distorted(strength, np.random.default_rng(0))
    below = 0
    for place in range(40):
        rng = np.random.default_rng([place, 5])
        n_own = [0, 20, 60, 120][place % 4]
        sample = [api.sample(rng, 60) for _ in range(150)]
        corpus = [api.sample(rng, 60) for _ in range(n_own)]
        corpus += [other.sample(rng, 60) for _ in range(200 - n_own)]
        made = fit_fingerprint(sample, "api", spec), fit_fingerprint(corpus, "corpus", spec)
        bounds = share_bounds(*made, seed=place, confidence_level=0.95)
        assert bounds is not None
        below += bounds["documents"].high < n_own / 200
    assert below <= 2


@given(st.integers(0, 40), st.integers(0, 9))
def test_the_bound_of_a_mixture_holds_its_share(n_own: int, seed: int) -> None:
    """Scores of two known laws, of which a part of the corpus is drawn."""
    rng = np.random.default_rng(seed)
    own, rest = rng.normal(-1.2, 0.7, 90), rng.normal(-3.8, 0.8, 400)
    drawn = [rng.normal(-1.2, 0.7, n_own), rng.normal(-3.8, 0.8, 400 - n_own)]
    corpus = scored(np.concatenate(drawn))
    found = mixture_bound(scored(own), scored(rest), corpus, 0.9999)
    assert n_own / 400 <= found <= n_own / 400 + 0.2
    assert mixture_bound(scored(own), scored(rest), corpus, 0.9999, 2.0) >= found


def test_a_candidate_who_scores_below_the_rest_is_not_bounded() -> None:
    low, high = scored(np.full(50, -3.0)), scored(np.full(50, -1.0))
    assert mixture_bound(low, high, high, 0.95) == 1
