"""Rows of counts: weights by hand, parts and order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_features import counted, row_counts

from provenance.features.features import extract
from provenance.features.rows import FeatureRows
from provenance.features.spec import FAMILIES, FeatureSpec


@pytest.mark.parametrize("families", [["words"], ["shape"], ["tokens"], FAMILIES])
def test_rows_of_a_matrix_have_length_one(families: Sequence[str]) -> None:
    spec = FeatureSpec(word_bits=10)
    batch = extract(["One two three, four five six seven eight!", "Eins zwei " * 40], spec)
    matrix = batch.rows.matrix(spec, families)
    np.testing.assert_allclose(matrix.multiply(matrix).sum(axis=1), 1, rtol=1e-5)


def test_matrix_holds_log_counts_by_hand() -> None:
    spec = FeatureSpec(word_bits=2, shape_bits=1, token_bits=1)
    rows = FeatureRows(
        np.array([0, 4]), np.array([0, 2, 5, 7], np.uint32), np.array([1, 3, 9, 2], np.uint8)
    )
    expected = np.zeros((1, 8))
    expected[0, [0, 2]] = np.log([2, 4]) / np.sqrt(2 * (np.log(2) ** 2 + np.log(4) ** 2))
    expected[0, 5] = 1 / np.sqrt(2)
    np.testing.assert_allclose(rows.matrix(spec, ["words", "shape"]).toarray(), expected, rtol=1e-6)


@given(st.lists(st.integers(0, 2), max_size=5))
def test_take_and_concatenate_agree(order: list[int]) -> None:
    rows, *_ = counted(["a b", "", "c d e"], [3, 3, 3], FeatureSpec(word_bits=8))
    chosen = np.array(order, np.int64)
    taken = rows.take(chosen)
    joined = FeatureRows.concatenate([rows.take(np.array([row])) for row in order])
    for name in ("indptr", "indices", "counts"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(joined, name))
    assert [row_counts(taken, row) for row in range(len(order))] == [
        row_counts(rows, row) for row in order
    ]


def test_sorted_rows_hold_the_same_counts() -> None:
    rows, *_ = counted(["b a d c", "z y x"], [3, 3], FeatureSpec())
    ordered = rows.sorted()
    for row in range(2):
        assert row_counts(ordered, row) == row_counts(rows, row)
        part = ordered.indices[ordered.indptr[row] : ordered.indptr[row + 1]].astype(int)
        assert (np.diff(part) > 0).all()


def test_features_of_any_number_are_sorted() -> None:
    indices = np.array([1 << 30, 3, 1 << 24, 9, 7], np.uint32)
    rows = FeatureRows(np.array([0, 3, 3, 5]), indices, np.array([1, 2, 255, 4, 5], np.uint8))
    ordered = rows.sorted()
    assert ordered.indices.tolist() == [3, 1 << 24, 1 << 30, 7, 9]
    assert ordered.counts.tolist() == [2, 255, 1, 5, 4]
    assert ordered.indices.dtype == np.uint32
    assert ordered.counts.dtype == np.uint8
