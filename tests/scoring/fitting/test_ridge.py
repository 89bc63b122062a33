"""Ridge regression: against a dense solution and scikit-learn, and by law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from provenance.scoring.fitting import ridge as module
from provenance.scoring.fitting.ridge import (
    product,
    products_of_rows,
    repeated,
    ridge,
    scores_by_products,
)


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
    rows = np.repeat(np.arange(60), counts)
    once = ridge(features, targets, counts.astype(float), 0.3, 1e-5)
    rows_again = scipy.sparse.csr_matrix(features.toarray()[rows])
    often = ridge(rows_again, targets[rows], np.ones(len(rows)), 0.3, 1e-5)
    assert once == pytest.approx(often, abs=0.01 * float(np.abs(once).max()))


def test_rows_without_features_give_no_weights() -> None:
    nothing = scipy.sparse.csr_matrix(np.zeros((5, 4), np.float32))
    assert not ridge(nothing, np.ones((5, 2), np.float32), np.ones(5), 0.3, 0.1).any()


def test_only_columns_that_two_rows_fill_are_kept() -> None:
    dense = np.array([[1, 0, 2, 0], [0, 0, 3, 4], [5, 0, 0, 0]], np.float32)
    found, columns = repeated(scipy.sparse.csr_matrix(dense))
    assert columns.tolist() == [0, 2]
    assert found.toarray().tolist() == [[1, 2], [0, 3], [5, 0]]


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_what_one_row_alone_fills_changes_no_score_of_another(seed: int, n_columns: int) -> None:
    features, _, _ = problem(seed, n_rows=20, n_features=60)
    kept, columns = repeated(features)
    weights = np.random.default_rng(seed).normal(size=(60, n_columns)).astype(np.float32)
    alone = np.setdiff1d(np.arange(60), columns)
    weights[alone] = 0
    expected = features.toarray() @ weights
    assert product(kept, weights[columns]) == pytest.approx(expected, abs=1e-5)


def some_rows(n_rows: int, n_columns: int, density: float) -> Any:
    values = np.random.default_rng(3).random((n_rows, n_columns)).astype(np.float32)
    return scipy.sparse.csr_matrix(np.where(values < density, values, 0))


def test_inner_products_leave_out_what_a_single_row_fills() -> None:
    features = some_rows(40, 300, 0.06)
    dense = features.toarray()
    kept = dense[:, (dense > 0).sum(axis=0) > 1]
    assert (dense.shape[1] - kept.shape[1]) > 0 and ((dense > 0).sum(axis=0) > 5).any()
    np.testing.assert_allclose(products_of_rows(features), kept @ kept.T, rtol=1e-5, atol=1e-6)


def test_scores_by_inner_products_are_those_of_the_regression() -> None:
    rng = np.random.default_rng(4)
    features = repeated(some_rows(60, 200, 0.1))[0]
    learned, scored = np.arange(45), np.arange(45, 60)
    targets = rng.choice([-1.0, 1.0], 45).astype(np.float32)
    weight = rng.uniform(0.5, 2, 45)
    products = (features @ features.T).toarray() / 0.3
    found = scores_by_products(products, learned, scored, targets, weight)
    fitted = ridge(features[learned], targets[:, np.newaxis], weight, 0.3, 1e-6)
    np.testing.assert_allclose(found, (features[scored] @ fitted)[:, 0], atol=1e-4)


@pytest.mark.parametrize("n_columns", [1, 2, 5])
def test_threads_change_no_product(n_columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    features, _, _ = problem(3, n_rows=200, n_features=80)
    dense = np.random.default_rng(3).normal(size=(80, n_columns)).astype(np.float32)
    monkeypatch.setattr("numba.get_num_threads", lambda: 2)
    alone = product(features, dense)
    monkeypatch.setattr(module, "_SHARED_WORK", 0)
    shared = product(features, dense)
    assert alone.dtype == shared.dtype == np.float32
    np.testing.assert_allclose(alone, shared, rtol=1e-5, atol=1e-6)
