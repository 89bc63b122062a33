"""Compiled loops over rows of counts: their lengths, their scores, some of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.files.compiled import njit, prefetch

__all__ = ["family_sums", "gathered", "row_norms", "score_passages"]

_AHEAD: Final = 16
"""Features that weights are asked for ahead: of 4, 8, 16 and 32 the fastest with 48 columns."""


@njit(cache=True, nogil=True)
def gathered(indptr: Any, indices: Any, counts: Any, rows: Any) -> Any:
    """Some rows of a sparse matrix in row form, in the given order: its three arrays."""
    n = 0
    for row in rows:
        n += indptr[row + 1] - indptr[row]
    starts = np.zeros(len(rows) + 1, np.int64)
    found, held = np.empty(n, indices.dtype), np.empty(n, counts.dtype)
    end = 0
    for number in range(len(rows)):
        for place in range(indptr[rows[number]], indptr[rows[number] + 1]):
            found[end] = indices[place]
            held[end] = counts[place]
            end += 1
        starts[number + 1] = end
    return starts, found, held


@njit(cache=True, inline="always")
def _family(feature: Any, bounds: Any) -> Any:
    """Which family a bucket is of, by the bounds that `FeatureSpec.family_bounds` tells."""
    family = 0
    while feature >= bounds[family + 1]:
        family += 1
    return family


@njit(cache=True)
def _inverse_roots(squares: Any) -> Any:
    inverse = np.zeros_like(squares)
    for row in range(squares.shape[0]):
        for family in range(squares.shape[1]):
            if squares[row, family] > 0:
                inverse[row, family] = 1 / np.sqrt(squares[row, family])
    return inverse


@njit(cache=True, nogil=True)
def row_norms(indptr: Any, indices: Any, logs: Any, counts: Any, bounds: Any) -> Any:
    """Inverse Euclidean norm of log(1 + count) of each family of each row; 0 where it is empty."""
    squares = np.zeros((len(indptr) - 1, len(bounds) - 1), np.float32)
    for row in range(len(indptr) - 1):
        for position in range(indptr[row], indptr[row + 1]):
            value = logs[counts[position]]
            squares[row, _family(indices[position], bounds)] += value * value
    return _inverse_roots(squares)


@njit(cache=True)
def _add_one(
    indices: Any,
    counts: Any,
    logs: Any,
    table: Any,
    place: Any,
    last: Any,
    low: Any,
    high: Any,
    total: Any,
    square: Any,
) -> Any:
    """Add the features of one family from a place on, to one column; return where they end."""
    one, ahead = np.uint64(1), np.uint64(_AHEAD)
    while place < last:
        feature = np.uint64(indices[place])
        if feature < low or feature >= high:
            break
        if place + ahead < last:
            prefetch(table, np.int64(indices[place + ahead]))
        value = logs[counts[place]]
        square += value * value
        total += value * table[feature, 0]
        place += one
    return place, total, square


@njit(cache=True, nogil=True)
def family_sums(
    indptr: Any, indices: Any, counts: Any, logs: Any, bounds: Any, weights: Any
) -> Any:
    """The same as `score_passages` by weights of one column that are not narrowed.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, 1)

    Returns
    -------
    sums : ndarray of float64, shape (n_passages, n_families)
    inverse : ndarray of float32, shape (n_passages, n_families)
        As `row_norms` gives it.
    """
    shape = len(indptr) - 1, len(bounds) - 1
    sums, squares = np.zeros(shape), np.zeros(shape, np.float32)
    for row in range(len(sums)):
        place, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        while place < last:
            family = _family(indices[place], bounds)
            low, high = np.uint64(bounds[family]), np.uint64(bounds[family + 1])
            place, sums[row, family], squares[row, family] = _add_one(
                *(indices, counts, logs, weights, place, last, low, high),
                *(sums[row, family], squares[row, family]),
            )
    return sums, _inverse_roots(squares)


@njit(cache=True, nogil=True)
def score_passages(
    indptr: Any,
    indices: Any,
    counts: Any,
    logs: Any,
    bounds: Any,
    folds: Any,
    weights: Any,
) -> Any:
    """Weighted sums of log(1 + count) over each family of each passage.

    Parameters
    ----------
    bounds : ndarray of int64, shape (n_families + 1,)
        First bucket of each family and the end of the last.
    folds : ndarray of int64, shape (n_passages,)
        Whose weights are used.
    weights : ndarray of int16, shape (n_folds, n_features, n_columns)

    Returns
    -------
    sums : ndarray of float32, shape (n_passages, n_families, n_columns)
    inverse : ndarray of float32, shape (n_passages, n_families)
        As `row_norms` gives it.
    """
    n_columns = np.uint64(weights.shape[2])
    n_passages = len(indptr) - 1
    n_families = len(bounds) - 1
    sums = np.zeros((n_passages, n_families, weights.shape[2]), np.float32)
    squares = np.zeros((n_passages, n_families), np.float32)
    ahead, end = np.uint64(_AHEAD), np.uint64(len(indices))
    # One fold after the other: its table stays in the cache.
    for number in range(len(weights) * n_passages):
        fold, row = divmod(number, n_passages)
        if folds[row] != fold:
            continue
        table = weights[fold]
        place, last = np.uint64(indptr[row]), np.uint64(indptr[row + 1])
        while place < last:
            # A family's features stand together nearly always: what is added to stays at hand.
            family = _family(indices[place], bounds)
            low, high = np.uint64(bounds[family]), np.uint64(bounds[family + 1])
            total, square = sums[row, family], squares[row, family]
            if n_columns == 1:
                place, total[0], square = _add_one(
                    indices, counts, logs, table, place, last, low, high, total[0], square
                )
            else:
                while place < last and low <= indices[place] < high:
                    if place + ahead < end:
                        prefetch(table, np.int64(indices[place + ahead]))
                    value = logs[counts[place]]
                    square += value * value
                    weight = table[np.uint64(indices[place])]
                    for column in range(n_columns):
                        total[column] += value * weight[column]
                    place += np.uint64(1)
            squares[row, family] = square
    return sums, _inverse_roots(squares)
