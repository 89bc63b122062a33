"""Ridge regression on sparse rows: the linear algebra of the scorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import sums_of_rows

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["product", "products_of_rows", "repeated", "ridge", "scores_by_products"]

_MOST_ITERATIONS: Final = 200
_OFTEN: Final = 1 / 8
"""Part of the rows above which a column is dense; a round figure, not tuned."""
_SHARED_WORK: Final = 10_000_000
"""Multiplications from which threads share them, about ten milliseconds: where fewer are shared,
threads mostly wait for one another. A round figure, not tuned."""


def repeated(features: scipy.sparse.csr_matrix) -> tuple[Any, NDArray[np.int64]]:
    """Only the columns that more than one passage fills, and which these are.

    Parameters
    ----------
    features : scipy.sparse.csr_matrix, shape (n_passages, n_features)

    Returns
    -------
    kept : scipy.sparse.csr_matrix, shape (n_passages, n_kept)
    columns : ndarray of int64, shape (n_kept,)
    """
    import scipy.sparse

    columns = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) > 1)
    number = np.full(features.shape[1], -1, np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    indices = number[features.indices]
    kept = indices >= 0
    lengths = sums_of_rows(kept, features.indptr)
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    parts = (features.data[kept], indices[kept], indptr)
    return scipy.sparse.csr_matrix(parts, (features.shape[0], len(columns))), columns


def ridge(
    features: scipy.sparse.csr_matrix,
    targets: NDArray[np.float32],
    sample_weight: NDArray[np.float64],
    penalty: float,
    tolerance: float,
    rows: NDArray[np.int64] | None = None,
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
    rows : ndarray of int64, shape (n_rows,), optional
        Which rows of the features are meant, where they hold more: copied here, they are let go
        as soon as they are turned.

    Returns
    -------
    ndarray of float32, shape (n_features, n_columns)
    """
    from provenance.scoring.fitting.kernels import blocks, blocks_times_dense, descend, turn

    root = np.sqrt(sample_weight).astype(np.float32)
    scaled = _scaled_rows(features if rows is None else features[rows], root)
    diagonal = np.bincount(scaled.indices, scaled.data**2, minlength=scaled.shape[1]) + penalty
    transposed = scaled.T.tocsr()
    ordered = blocks(transposed.indptr, transposed.indices, transposed.data, scaled.shape[0])
    del scaled  # the entries are held twice now, which is enough
    inverse = (1 / diagonal).astype(np.float32)
    residual = product(transposed, targets * root[:, None])
    # Their memory is the system's until they are written to.
    solution, direction = (np.zeros(residual.shape, np.float32) for _ in range(2))
    square = _inner(residual, residual * inverse[:, None])
    stop = tolerance**2 * square
    ratio = np.zeros(residual.shape[1], np.float32)
    for _ in range(_MOST_ITERATIONS):
        length = turn(residual, inverse, ratio, direction)
        image = blocks_times_dense(*ordered, direction, len(root))
        # The direction's square in the norm of the system, which needs no product of its own.
        curved = _inner(image, image) + penalty * length
        step = (square / np.maximum(curved, 1e-30)).astype(np.float32)
        before = square
        square = descend(
            transposed.indptr,
            transposed.indices,
            transposed.data,
            image,
            inverse,
            np.float32(penalty),
            step,
            direction,
            solution,
            residual,
        )
        if np.all(square <= stop):
            break
        ratio = (square / np.maximum(before, 1e-30)).astype(np.float32)
    return solution


def products_of_rows(features: scipy.sparse.csr_matrix) -> NDArray[np.float32]:
    """Inner products of all rows with one another, shape (n_rows, n_rows).

    Columns that many rows fill are multiplied as a dense matrix, which is five times as fast.
    """
    filled = np.bincount(features.indices, minlength=features.shape[1])
    often = filled > features.shape[0] * _OFTEN
    columns = features.tocsc()
    dense = columns[:, np.flatnonzero(often)].toarray().astype(np.float32)
    rest = columns[:, np.flatnonzero(~often & (filled > 1))].tocsr().astype(np.float32)
    found: NDArray[np.float32] = dense @ dense.T + (rest @ rest.T).toarray()
    return found


def scores_by_products(
    products: NDArray[np.float32],
    learned: NDArray[np.int64],
    scored: NDArray[np.int64],
    targets: NDArray[np.float32],
    sample_weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Scores of some rows under the ridge regression of others, from inner products alone.

    The same regression as `ridge` with the penalty 1, solved for as many numbers as there are rows
    to learn from instead of features (Saunders, Gammerman and Vovk 1998). Inner products of several
    families, each over its penalty, are added: that is one regression on all of them.

    Parameters
    ----------
    products : ndarray, shape (n_rows, n_rows)
        As `products_of_rows` gives them, over the penalty.
    learned, scored : ndarray of int64, shape (n_learned,) and (n_scored,)
        Which rows.
    targets : ndarray, shape (n_learned,) or (n_learned, n_columns)
    sample_weight : ndarray, shape (n_learned,)
        Above 0.

    Returns
    -------
    ndarray of float64, shape (n_scored,) or (n_scored, n_columns)
    """
    from scipy.linalg import cho_factor, cho_solve

    inner = products[np.ix_(learned, learned)].astype(np.float64)
    inner[np.diag_indices_from(inner)] += 1 / sample_weight
    solved = cho_solve(cho_factor(inner, overwrite_a=True), targets.astype(np.float64))
    found: NDArray[np.float64] = products[np.ix_(scored, learned)].astype(np.float64) @ solved
    return found


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
    """A sparse matrix times a dense one; of large ones the rows are shared by threads.

    Parameters
    ----------
    matrix : scipy.sparse.csr_matrix, shape (n, m)
    dense : ndarray of float32, shape (m, k)

    Returns
    -------
    ndarray of float32, shape (n, k)
    """
    from numba import get_num_threads

    from provenance.scoring.fitting.kernels import sparse_times_dense

    if matrix.nnz * dense.shape[1] < _SHARED_WORK or get_num_threads() == 1:
        result: NDArray[np.float32] = (matrix @ dense).astype(np.float32, copy=False)
    else:
        values = matrix.data.astype(np.float32, copy=False)
        result = sparse_times_dense(
            matrix.indptr, matrix.indices, values, np.ascontiguousarray(dense)
        )
    return result
