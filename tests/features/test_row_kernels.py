"""Loops over rows of counts give what plain products and slices give."""

from __future__ import annotations

import numpy as np

from provenance.features.features import extract
from provenance.features.row_kernels import family_sums, gathered, row_norms, score_passages
from provenance.features.rows import FeatureRows, family_factors, log_counts
from provenance.features.spec import FAMILIES, FeatureSpec


def test_scores_are_the_product_with_the_weights_of_the_fold() -> None:
    spec = FeatureSpec(word_bits=6, shape_bits=4, token_bits=5)
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["a", "bee", "Sea", "9", ",", "."], 30)) for _ in range(7)]
    rows = extract(texts, spec).rows
    weights = rng.normal(size=(2, spec.n_features, 3)).astype(np.float32)
    folds = np.arange(7) % 2
    for families in (["words"], ["words", "shape"], ["tokens"], FAMILIES):
        sums, inverse = score_passages(
            *(rows.indptr, rows.indices, rows.counts, log_counts()),
            *(spec.family_bounds, folds, weights),
        )
        scores = np.einsum("nfc,nf->nc", sums, inverse * family_factors(families))
        dense = rows.matrix(spec, families).toarray()
        slow = np.stack([dense[row] @ weights[folds[row]] for row in range(7)])
        np.testing.assert_allclose(scores, slow, rtol=1e-4, atol=1e-6)


def test_sums_of_families_are_added_entry_by_entry() -> None:
    spec = FeatureSpec(word_bits=6, shape_bits=4, token_bits=5)
    rng = np.random.default_rng(0)
    rows = extract(
        [" ".join(rng.choice(["a", "bee", "Sea", "9", "."], 30)) for _ in range(5)], spec
    ).rows
    weights, bounds = rng.normal(size=spec.n_features).astype(np.float32), spec.family_bounds
    arrays = rows.indptr, rows.indices
    sums, inverse = family_sums(*arrays, rows.counts, log_counts(), bounds, weights[:, None])
    family = np.searchsorted(bounds, rows.indices, side="right") - 1
    first = np.repeat(np.arange(5) * len(FAMILIES), np.diff(rows.indptr))
    products = log_counts()[rows.counts] * weights[rows.indices]
    # To the last bit: in the order of the entries, and as wide.
    assert (sums.ravel() == np.bincount(first + family, products, 5 * len(FAMILIES))).all()
    assert (inverse == row_norms(*arrays, log_counts(), rows.counts, bounds)).all()


def test_norm_of_an_empty_row_is_zero() -> None:
    rows = FeatureRows(np.zeros(2, np.int64), np.empty(0, np.uint32), np.empty(0, np.uint8))
    bounds = np.array([0, 4, 6, 9])
    found = row_norms(rows.indptr, rows.indices, log_counts(), rows.counts, bounds)
    assert found.tolist() == [[0, 0, 0]]


def test_rows_are_gathered_by_hand() -> None:
    indptr, indices = np.array([0, 2, 2, 5]), np.array([7, 8, 1, 2, 3], np.uint32)
    counts = np.array([1, 2, 3, 4, 5], np.uint8)
    starts, found, held = gathered(indptr, indices, counts, np.array([2, 1, 0, 2]))
    assert starts.tolist() == [0, 3, 3, 5, 8]
    assert found.tolist() == [1, 2, 3, 7, 8, 1, 2, 3]
    assert held.tolist() == [3, 4, 5, 1, 2, 3, 4, 5]
    assert (found.dtype, held.dtype) == (np.uint32, np.uint8)
