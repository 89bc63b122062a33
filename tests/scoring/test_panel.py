"""Scores of new documents: parts of documents, calibration, folds, stored weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import documents, panel, scored, texts

from provenance.scoring.panel import N_FOLDS, Calibration, drawn_folds, views_of


def test_calibrated_scores_are_posteriors() -> None:
    one = Calibration(
        *(np.zeros(1), np.ones(1), np.full(1, np.inf)),
        *(np.array([[-1.0], [1.0]]), np.zeros(2)),
    )
    found = np.exp(one.log_posteriors(np.array([[0.0], [2.0], [-500.0]], np.float32)))
    assert found[0] == pytest.approx([0.5, 0.5])
    assert found[1, 1] == pytest.approx(1 / (1 + np.exp(-4)))
    assert found.sum(axis=1) == pytest.approx(1)
    assert found[2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("n_sources", [2, 3])
def test_a_document_of_a_sample_is_scored_by_the_model_that_has_not_seen_it(n_sources: int) -> None:
    fitted = panel(n_sources)
    batch = scored(documents(texts("alpha", 150, 0)), n_sources)
    known = {
        cluster: place for place, cluster in enumerate(fitted.references.cluster_hash.tolist())
    }
    first = {
        document: place for place, document in reversed([*enumerate(fitted.references.document)])
    }
    for name in views_of(n_sources):
        held_out = fitted.views[name].log_posterior
        for place, document in enumerate(batch.document.tolist()):
            if place and batch.document[place - 1] == document:
                continue
            expected = held_out[first[known[int(batch.cluster_hash[document])]]]
            assert batch.log_posterior[name][place] == pytest.approx(expected, abs=2e-4)


@given(st.integers(0, 2**64 - 1), st.integers(0, 100))
def test_a_fold_depends_on_the_words_alone(value: int, seed: int) -> None:
    hashes = np.array([value, value, 1], np.uint64)
    found = drawn_folds(hashes, seed)
    assert found[0] == found[1] == drawn_folds(hashes[:1], seed)[0]
    assert 0 <= found.min() <= found.max() < N_FOLDS


def test_folds_of_strangers_are_even() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**63, 20_000).astype(np.uint64)
    for seed in (0, 1, 2**40):
        counts = np.bincount(drawn_folds(hashes, seed), minlength=N_FOLDS)
        assert abs(counts - 4000).max() < 4 * np.sqrt(4000 * 0.8)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_no_passage_has_no_scores(n_sources: int) -> None:
    """Documents that are all too short, or none at all."""
    for found in (documents([]), documents(["Too short."])):
        for ratio in scored(found, n_sources).log_posterior.values():
            assert ratio.shape == (0, n_sources)
