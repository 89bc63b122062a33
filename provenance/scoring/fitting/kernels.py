"""Compiled loops of the ridge: every array of weights is gone through as seldom as can be.

Rows are gone through in chunks of a fixed size, one thread each, so that sums do not depend on how
many threads there are.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import prange

from provenance.files.compiled import njit

__all__ = ["blocks", "blocks_times_dense", "descend", "sparse_times_dense", "turn"]

_CHUNK: Final = 1024
"""Rows a thread takes at once: a round figure, so many that taking them costs nothing."""

_BLOCK: Final = 2048
"""Rows of a block: of 1,024 to 8,192 the fastest, or nearly, with 24 and 48 columns."""


@njit(cache=True)
def _times_dense(indptr: Any, indices: Any, data: Any, row: int, dense: Any, total: Any) -> None:
    """Write one row of the product of a matrix in row form with a dense one."""
    total[:] = 0
    for position in range(indptr[row], indptr[row + 1]):
        value, other = data[position], indices[position]
        for column in range(len(total)):
            total[column] += value * dense[other, column]


@njit(cache=True, parallel=True)
def sparse_times_dense(indptr: Any, indices: Any, data: Any, dense: Any) -> Any:
    """Product of a matrix in row form with a dense one, float32."""
    n_rows = len(indptr) - 1
    result = np.empty((n_rows, dense.shape[1]), np.float32)
    for chunk in prange(-(-n_rows // _CHUNK)):
        for row in range(chunk * _CHUNK, min(n_rows, (chunk + 1) * _CHUNK)):
            _times_dense(indptr, indices, data, row, dense, result[row])
    return result


@njit(cache=True)
def blocks(indptr: Any, indices: Any, data: Any, n_rows: int) -> Any:
    """The entries of a matrix, block of rows by block of rows, in each in the order of columns.

    A product with a dense matrix that no cache of the machine holds then goes through it in order,
    once a block, and adds to rows that a cache does hold.

    Parameters
    ----------
    indptr, indices, data
        Of the matrix, transposed.
    n_rows : int

    Returns
    -------
    starts : ndarray of int64, shape (n_blocks + 1,)
    rows, columns : ndarray of int32, shape (n_entries,)
    values : ndarray of float32, shape (n_entries,)
    """
    starts = np.zeros(-(-n_rows // _BLOCK) + 1, np.int64)
    for row in indices:
        starts[row // _BLOCK + 1] += 1
    starts = np.cumsum(starts)
    place = starts[:-1].copy()
    rows, columns = np.empty(len(indices), np.int32), np.empty(len(indices), np.int32)
    values = np.empty(len(indices), np.float32)
    for column in range(len(indptr) - 1):
        for position in range(indptr[column], indptr[column + 1]):
            row = indices[position]
            to = place[row // _BLOCK]
            place[row // _BLOCK] += 1
            rows[to], columns[to], values[to] = row, column, data[position]
    return starts, rows, columns, values


@njit(cache=True, parallel=True)
def blocks_times_dense(
    starts: Any, rows: Any, columns: Any, values: Any, dense: Any, n_rows: int
) -> Any:
    """Product of a matrix, as `blocks` orders it, with a dense one, float32."""
    n_columns = dense.shape[1]
    result = np.zeros((n_rows, n_columns), np.float32)
    for block in prange(len(starts) - 1):
        for position in range(starts[block], starts[block + 1]):
            row, other, value = rows[position], columns[position], values[position]
            for column in range(n_columns):
                result[row, column] += value * dense[other, column]
    return result


@njit(cache=True, parallel=True)
def descend(
    indptr: Any,
    indices: Any,
    data: Any,
    image: Any,
    inverse: Any,
    penalty: Any,
    step: Any,
    direction: Any,
    solution: Any,
    residual: Any,
) -> Any:
    """One step of conjugate gradients, in place.

    Parameters
    ----------
    indptr, indices, data
        Of the features, transposed: a row for each feature.
    image : ndarray of float32, shape (n_rows, n_columns)
        Features times direction.
    inverse : ndarray of float32, shape (n_features,)
        The preconditioner.
    penalty : float32
    step : ndarray of float32, shape (n_columns,)
    direction, solution, residual : ndarray of float32, shape (n_features, n_columns)
        Of these, solution and residual are changed.

    Returns
    -------
    ndarray of float64, shape (n_columns,)
        Squares of the new residual in the preconditioner's norm.
    """
    n_features, n_columns = direction.shape
    n_chunks = -(-n_features // _CHUNK)
    squares = np.zeros((n_chunks, n_columns))
    for chunk in prange(n_chunks):
        total = np.empty(n_columns, np.float32)
        for row in range(chunk * _CHUNK, min(n_features, (chunk + 1) * _CHUNK)):
            _times_dense(indptr, indices, data, row, image, total)
            for column in range(n_columns):
                along = direction[row, column]
                solution[row, column] += along * step[column]
                left = residual[row, column] - (total[column] + penalty * along) * step[column]
                residual[row, column] = left
                squares[chunk, column] += np.float64(left) * left * inverse[row]
    return squares.sum(axis=0)


@njit(cache=True, parallel=True)
def turn(residual: Any, inverse: Any, ratio: Any, direction: Any) -> Any:
    """The next direction, in place, and its squares, float64 of shape (n_columns,)."""
    n_features, n_columns = direction.shape
    n_chunks = -(-n_features // _CHUNK)
    squares = np.zeros((n_chunks, n_columns))
    for chunk in prange(n_chunks):
        for row in range(chunk * _CHUNK, min(n_features, (chunk + 1) * _CHUNK)):
            for column in range(n_columns):
                along = (
                    residual[row, column] * inverse[row] + direction[row, column] * ratio[column]
                )
                direction[row, column] = along
                squares[chunk, column] += np.float64(along) * along
    return squares.sum(axis=0)
