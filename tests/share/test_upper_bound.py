"""A candidate alone: the bound by hand, never below the truth, and its report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import fingerprint, folder, rows, texts

from provenance import FeatureSpec, Report, fit_fingerprint, match, open_corpus
from provenance.share.upper_bound import N_THRESHOLDS, ScoredDocuments, share_bounds, tail_bound
from provenance.simulate.words import NGramModel, library_texts
from provenance.statistics.intervals import clopper_pearson

ALPHA = fingerprint("alpha")


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


def matched(n_alpha: int, n_human: int, output: Path | None = None, **options: Any) -> Report:
    found = rows(texts("alpha", n_alpha, 41), kind="a") + rows(texts("human", n_human, 41))
    corpus = options.pop("corpus", None) or open_corpus(found)
    cache = folder() / "cache"
    return match(corpus, candidates=[ALPHA], output=output, cache_dir=cache, **options)


def test_the_report_says_that_it_is_a_bound(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "documents.parquet").write_bytes(b"rows of an earlier report")
    report = matched(20, 180, out)
    assert report.verdict == "estimated"
    candidate, unknown = (row for row in report.shares if row.unit == "documents")
    assert (candidate.source, candidate.share, candidate.verdict) == ("alpha", None, "bounded")
    assert candidate.low == 0
    assert 0.1 <= candidate.high < 1
    assert (unknown.role, unknown.low, unknown.high) == ("unknown", 1 - candidate.high, 1)
    assert len(report.shares) == len(report.shares_all) == 4
    assert "only an upper bound" in report.reasons[0] and "--reference" in report.reasons[0]
    assert "other prompts" in report.reasons[1]
    assert report.summary().startswith("At most ")
    assert report.power[0].smallest_detectable_share is None
    assert {path.name for path in out.iterdir()} == {"report.html", "report.json"}
    assert Report.load(out) == report


def test_iterators_are_read_once() -> None:
    found = rows(texts("alpha", 20, 41)) + rows(texts("human", 180, 41))
    once = matched(0, 0, corpus=open_corpus(iter(found)))
    assert once.shares == matched(20, 180).shares
    assert (once.corpus.n_documents, once.corpus.n_scored, once.corpus.n_distinct) == (200,) * 3


def test_short_rows_widen_the_bound_of_all_rows() -> None:
    found = [*rows(texts("human", 150, 41)), *[{"text": "too short", "kind": "b"}] * 50]
    report = matched(0, 0, corpus=open_corpus(found, by=("kind",)))
    assert (report.corpus.n_scored, report.corpus.n_too_short) == (150, 50)
    assert report.shares_all[0].high == pytest.approx(0.75 * report.shares[0].high + 0.25)
    assert "by kind" in report.reasons[-1]


@pytest.mark.parametrize("counts", [(0, 12), (200, 0)], ids=["too few", "all its own"])
def test_no_bound_is_withheld(counts: tuple[int, int]) -> None:
    report = matched(*counts)
    assert report.verdict == "withheld"
    [row] = report.candidates()
    assert (row.low, row.high, row.verdict) == (0, 1, "withheld")
    assert "not even an upper bound" in report.reasons[0]


def test_a_bound_can_be_a_baseline() -> None:
    before = matched(100, 100)
    report = matched(0, 200, baseline=before)
    assert report.baseline is not None
    change = report.baseline.changes[0]
    assert change.verdict == "not_shown"
    assert "No share was told before and after" in change.sentence


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
