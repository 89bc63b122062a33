"""Ridge regression on sparse rows: the linear algebra of the scorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["product", "repeated", "ridge"]

_MOST_ITERATIONS: Final = 200
_SHARED_WORK: Final = 10_000_000
"""Multiplications from which threads share them, about ten milliseconds: where fewer are shared,
threads mostly wait for one another. A round figure, not tuned."""


def repeated(features: scipy.sparse.csr_matrix) -> tuple[Any, NDArray[np.int64]]:
    """Only the columns that more than one passage fills, and which these are."""
    import scipy.sparse

    columns = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) > 1)
    number = np.full(features.shape[1], -1, np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    indices = number[features.indices]
    kept = indices >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    parts = (features.data[kept], indices[kept], before[features.indptr])
    return scipy.sparse.csr_matrix(parts, (features.shape[0], len(columns))), columns


def ridge(
    features: scipy.sparse.csr_matrix,
    targets: NDArray[np.float32],
    sample_weight: NDArray[np.float64],
    penalty: float,
    tolerance: float,
) -> NDArray[np.float32]:
    """Weighted ridge regression without intercept, all targets at once.

    Conjugate gradients on ``(X' W X + penalty) w = X' W T`` with the diagonal as preconditioner:
    frequent n-grams would otherwise slow it four times.

    Parameters
    ----------
    features : sparse matrix, shape (n_rows, n_features)
    targets : ndarray, shape (n_rows, n_columns)
    sample_weight : ndarray, shape (n_rows,)
    penalty : float
    tolerance : float
        Part of the first residual, in the preconditioner's norm, that may be left.

    Returns
    -------
    ndarray of float32, shape (n_features, n_columns)
    """
    root = np.sqrt(sample_weight).astype(np.float32)
    scaled = _scaled_rows(features, root)
    transposed = scaled.T.tocsr()
    diagonal = np.bincount(scaled.indices, scaled.data**2, minlength=scaled.shape[1]) + penalty
    inverse = (1 / diagonal).astype(np.float32)[:, None]
    residual = product(transposed, targets * root[:, None])
    solution = np.zeros_like(residual)
    direction = residual * inverse
    square = _inner(residual, direction)
    stop = tolerance**2 * square
    for _ in range(_MOST_ITERATIONS):
        image = product(transposed, product(scaled, direction)) + np.float32(penalty) * direction
        step = (square / np.maximum(_inner(direction, image), 1e-30)).astype(np.float32)
        solution += direction * step
        residual -= image * step
        conditioned = residual * inverse
        before, square = square, _inner(residual, conditioned)
        if np.all(square <= stop):
            break
        direction = conditioned + direction * (square / np.maximum(before, 1e-30)).astype(
            np.float32
        )
    return solution


def _scaled_rows(features: scipy.sparse.csr_matrix, factor: NDArray[np.float32]) -> Any:
    """The matrix with each row multiplied by its factor."""
    import scipy.sparse

    lengths = np.diff(features.indptr)
    values = features.data * np.repeat(factor, lengths)
    return scipy.sparse.csr_matrix((values, features.indices, features.indptr), features.shape)


def _inner(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.einsum("ij,ij->j", left, right, dtype=np.float64)
    return result


def product(matrix: Any, dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sparse matrix times a dense one; of large ones the rows are shared by threads."""
    from numba import get_num_threads

    from provenance.features.kernels import sparse_times_dense

    if matrix.nnz * dense.shape[1] < _SHARED_WORK or get_num_threads() == 1:
        result: NDArray[np.float32] = (matrix @ dense).astype(np.float32, copy=False)
    else:
        values = matrix.data.astype(np.float32, copy=False)
        result = sparse_times_dense(
            matrix.indptr, matrix.indices, values, np.ascontiguousarray(dense)
        )
    return result
