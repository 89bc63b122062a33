"""Compiled loops of the ridge: against dense products, more rows than a block holds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from numpy.typing import NDArray

from provenance.scoring.fitting.kernels import (
    blocks,
    blocks_times_dense,
    descend,
    sparse_times_dense,
    turn,
)

N_ROWS, N_FEATURES, N_COLUMNS = 5_000, 1_500, 3


@pytest.fixture(scope="module")
def matrix() -> Any:
    rng = np.random.default_rng(0)
    return scipy.sparse.random(
        N_ROWS, N_FEATURES, 0.01, format="csr", dtype=np.float32, random_state=rng
    )


def drawn(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_sparse_times_dense_is_the_product(matrix: Any) -> None:
    dense = drawn(1, N_FEATURES, N_COLUMNS)
    found = sparse_times_dense(matrix.indptr, matrix.indices, matrix.data, dense)
    np.testing.assert_allclose(found, matrix.toarray() @ dense, rtol=1e-4, atol=1e-4)


def test_blocks_hold_every_entry_once_in_order(matrix: Any) -> None:
    other = matrix.T.tocsr()
    starts, rows, columns, values = blocks(other.indptr, other.indices, other.data, N_ROWS)
    again = scipy.sparse.csr_matrix((values, (rows, columns)), matrix.shape)
    assert (again != matrix).nnz == 0 and starts[-1] == matrix.nnz
    last = -1
    for start, end in pairwise(starts):
        assert (np.diff(columns[start:end]) >= 0).all()
        assert rows[start:end].min() > last
        last = rows[start:end].max()
    dense = drawn(1, N_FEATURES, N_COLUMNS)
    found = blocks_times_dense(starts, rows, columns, values, dense, N_ROWS)
    np.testing.assert_allclose(found, matrix.toarray() @ dense, rtol=1e-4, atol=1e-4)


def test_a_step_and_a_turn_are_those_of_conjugate_gradients(matrix: Any) -> None:
    other, penalty = matrix.T.tocsr(), np.float32(0.3)
    solution, residual, direction = (drawn(seed, N_FEATURES, N_COLUMNS) for seed in (2, 3, 4))
    inverse = np.abs(drawn(5, N_FEATURES))
    step, ratio = drawn(6, N_COLUMNS), drawn(7, N_COLUMNS)
    image = matrix @ direction
    expected = solution + direction * step
    left = residual - (matrix.T @ image + penalty * direction) * step
    parts = (other.indptr, other.indices, other.data, image, inverse, penalty, step, direction)
    squares = descend(*parts, solution, residual)
    np.testing.assert_allclose(solution, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(residual, left, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(squares, (left**2 * inverse[:, None]).sum(axis=0), rtol=1e-3)
    turned = residual * inverse[:, None] + direction * ratio
    length = turn(residual, inverse, ratio, direction)
    np.testing.assert_allclose(direction, turned, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(length, (turned**2).sum(axis=0), rtol=1e-4)
