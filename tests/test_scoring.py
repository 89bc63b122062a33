"""Scores and folds: ridge against a dense solution, held-out scores, independent documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from known_text import SPEC, documents, fingerprint, panel, rows, scored, texts
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.scoring import N_FOLDS, Calibration, drawn_folds, fit_panel, ridge, token_shares

VIEWS = ("words and shape", "words")


def problem(
    seed: int, n_rows: int = 60, n_features: int = 25, n_columns: int = 3
) -> tuple[
    Any,
    NDArray[np.float32],
    NDArray[np.float64],
]:
    rng = np.random.default_rng(seed)
    features = scipy.sparse.random(
        n_rows, n_features, 0.3, format="csr", dtype=np.float32, random_state=rng
    )
    return (
        features,
        rng.normal(size=(n_rows, n_columns)).astype(np.float32),
        rng.uniform(0.2, 3, n_rows),
    )


@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from([0.1, 0.3, 5.0]))
@settings(max_examples=30, deadline=None)
def test_ridge_is_the_dense_solution(seed: int, n_columns: int, penalty: float) -> None:
    features, targets, weight = problem(seed, n_columns=n_columns)
    dense = features.toarray().astype(np.float64)
    gram = dense.T @ (weight[:, None] * dense) + penalty * np.eye(dense.shape[1])
    expected = np.linalg.solve(gram, dense.T @ (weight[:, None] * targets))
    found = ridge(features, targets, weight, penalty, 1e-5)
    assert np.linalg.norm(found - expected) <= 0.02 * np.linalg.norm(expected)


def test_ridge_is_that_of_scikit_learn() -> None:
    features, targets, weight = problem(1, n_rows=400, n_features=100)
    peer = Ridge(alpha=0.3, fit_intercept=False, solver="cholesky")
    peer.fit(features.toarray().astype(np.float64), targets, sample_weight=weight)
    found = ridge(features, targets, weight, 0.3, 1e-5)
    assert found == pytest.approx(peer.coef_.T, abs=0.02 * float(np.abs(peer.coef_).max()))


def test_a_weight_is_as_many_equal_rows() -> None:
    features, targets, _ = problem(2)
    counts = np.random.default_rng(2).integers(1, 4, 60)
    repeated = np.repeat(np.arange(60), counts)
    once = ridge(features, targets, counts.astype(float), tolerance=1e-5)
    rows_again = scipy.sparse.csr_matrix(features.toarray()[repeated])
    often = ridge(rows_again, targets[repeated], np.ones(len(repeated)), tolerance=1e-5)
    assert once == pytest.approx(often, abs=0.01 * float(np.abs(once).max()))


def test_rows_without_features_give_no_weights() -> None:
    nothing = scipy.sparse.csr_matrix(np.zeros((5, 4), np.float32))
    assert not ridge(nothing, np.ones((5, 2), np.float32), np.ones(5)).any()


def test_parts_of_documents_by_hand() -> None:
    found = token_shares(np.array([0, 2, 2]), np.array([7, 1, 3]), 3)
    assert found.tolist() == [1.0, 0.25, 0.75]


def test_calibrated_scores_are_posteriors() -> None:
    one = Calibration(np.zeros(1), np.ones(1), np.array([[-1.0], [1.0]]), np.array([0.0, 0.0]))
    found = np.exp(one.log_ratios(np.array([[0.0], [2.0], [-500.0]], np.float32)))
    assert found[0] == pytest.approx([0.5, 0.5])
    assert found[1, 1] == pytest.approx(1 / (1 + np.exp(-4)))
    assert found.sum(axis=1) == pytest.approx(1)
    assert found[2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("n_sources", [2, 3, 5])
def test_posteriors_of_held_out_passages_add_up_and_tell_sources_apart(n_sources: int) -> None:
    fitted = panel(n_sources)
    references = fitted.references
    for name in VIEWS:
        ratio = fitted.views[name].log_ratio
        assert np.exp(ratio).sum(axis=1) == pytest.approx(1, abs=1e-5)
        right = ratio.argmax(axis=1) == references.source[references.document]
        assert right.mean() > 0.8
    assert references.passage_weight.sum() == pytest.approx(n_sources)


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
    for name in VIEWS:
        held_out = fitted.views[name].log_ratio
        for place, document in enumerate(batch.document.tolist()):
            if place and batch.document[place - 1] == document:
                continue
            expected = held_out[first[known[int(batch.cluster_hash[document])]]]
            assert batch.log_ratio[name][place] == pytest.approx(expected, abs=2e-4)


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


@pytest.mark.parametrize("n_sources", [2, 5])
def test_folds_of_the_samples_are_even_and_keep_components_together(n_sources: int) -> None:
    references = panel(n_sources).references
    counts = np.bincount(references.fold, minlength=N_FOLDS)
    assert counts.max() - counts.min() <= 1
    for component in np.unique(references.component):
        assert len(np.unique(references.fold[references.component == component])) == 1


def grouped(count: int, size: int, **fields: str) -> Corpus:
    """Rows in groups of a size."""
    found = rows(texts("alpha", count, 4))
    numbered = [{**row, "talk": f"t{place // size}", **fields} for place, row in enumerate(found)]
    prompt = "ask" if fields else None
    return open_corpus(numbered, group_field="talk", prompt_field=prompt)


@pytest.mark.parametrize("size", [1, 3, 12])
def test_documents_of_a_group_are_one_unit(size: int) -> None:
    """Also where a group holds a large part of a small sample."""
    source = fit_fingerprint(grouped(24 * size, size), "talks", SPEC)
    references = fit_panel([source, fingerprint("human")]).references
    component = references.component[references.source == 0]
    assert sorted(np.bincount(component)[np.unique(component)].tolist()) == [size] * 24


def test_a_prompt_that_most_documents_share_joins_nothing() -> None:
    source = fit_fingerprint(grouped(60, 1, ask="Go on."), "talks", SPEC)
    references = fit_panel([source, fingerprint("human")]).references
    assert len(np.unique(references.component[references.source == 0])) == 60


def test_documents_of_one_group_cannot_be_a_source() -> None:
    source = fit_fingerprint(grouped(60, 30), "talks", SPEC)
    with pytest.raises(InputError, match=r"'talks' come in 2 groups.*at least 20"):
        fit_panel([source, fingerprint("human")])


def test_a_source_of_copies_is_too_small() -> None:
    copies = fit_fingerprint(iter(texts("alpha", 4, 4) * 30), "copies", SPEC)
    with pytest.raises(InputError, match="'copies' has 4 different documents"):
        fit_panel([copies, fingerprint("human")])


def test_sources_of_the_same_texts_cannot_be_told_apart() -> None:
    twin = replace(fingerprint("alpha"), name="twin")
    fitted = fit_panel([fingerprint("alpha"), twin])
    assert fitted.views["words"].log_ratio == pytest.approx(np.log(0.5), abs=1e-3)


def test_the_seed_draws_the_folds_and_nothing_else() -> None:
    first, second = panel(2, seed=0), panel(2, seed=1)
    assert (first.references.fold != second.references.fold).any()
    assert np.array_equal(first.references.component, second.references.component)
    again = fit_panel([fingerprint("alpha"), fingerprint("human")], 0)
    assert np.array_equal(again.weights, first.weights)
