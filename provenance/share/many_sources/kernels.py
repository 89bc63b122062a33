"""Compiled loops of the moments: asked a thousand times of a corpus, each a pass over many rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.files.compiled import njit

__all__ = ["add_influence", "nearest", "write_moments"]

_IN_ANY_ORDER: Final = {"reassoc", "contract"}
"""Sums may be taken several terms at a time, as libraries of linear algebra take them."""
_HEAVY: Final = 1e3
"""How much heavier than the longest column the sums of shares weigh. A round figure."""
_DEPENDENT: Final = 1e-12
"""Part of a column that others leave of it where it is made of them but for rounding."""
_ROUNDING: Final = 1e-15
"""A share below it is none."""
_MOST_STEPS: Final = 50
"""Steps a column after which the search ends without a result. A round figure."""


@njit(cache=True)
def add_influence(
    values: Any, means: Any, weight: Any, place: Any, starts: Any, shares: Any, total: Any
) -> None:
    """Add what rows of some origins add to the mean of their mixture, in place.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows, n_moments)
    means : ndarray of float64, shape (n_used, n_moments)
        Of the origins used.
    weight : ndarray of float64, shape (n_rows,)
    place : ndarray of int64, shape (n_rows,)
        Row of the total that a row is added to.
    starts : ndarray of int64, shape (n_used, 2)
        Where the rows of each origin begin and end.
    shares : ndarray of float64, shape (n_used,)
    total : ndarray of float64, shape (n_places, n_moments)
    """
    n_moments = values.shape[1]
    for one in range(len(starts)):
        for row in range(starts[one, 0], starts[one, 1]):
            factor, to = shares[one] * weight[row], place[row]
            for column in range(n_moments):
                total[to, column] += factor * (values[row, column] - means[one, column])


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _dot(first: Any, second: Any) -> Any:
    found = 0.0
    for place in range(len(first)):
        found += first[place] * second[place]
    return found


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def write_moments(ratios: Any, rows: Any, kept: Any, scores: Any, edges: Any, values: Any) -> None:
    """Write the score functions of some rows, and behind them which edges their scores are above.

    Parameters
    ----------
    ratios : ndarray of float64, shape (n_all_rows, n_sources)
        Likelihoods of all rows, the largest of each 1.
    rows : ndarray of int64, shape (n_rows,)
    kept : ndarray of float64, shape (n_sources,)
        Shares of the mixture whose score functions they are.
    scores : ndarray of float64, shape (n_rows,)
    edges : ndarray of float64, shape (n_edges,)
    values : ndarray of float64, shape (n_rows, n_sources + n_edges)
    """
    n_sources = len(kept)
    for place in range(len(rows)):
        ratio = ratios[rows[place]]
        density = _dot(ratio, kept)
        for one in range(n_sources):
            values[place, one] = ratio[one] / density
        for edge in range(len(edges)):
            values[place, n_sources + edge] = 1.0 if scores[place] > edges[edge] else 0.0


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _append(column: Any, basis: Any, factor: Any, n_used: Any) -> Any:
    """Make a column orthogonal to some, twice over, and put it behind them; False if it cannot be.

    Once over leaves a part of them in it where it nearly depends on them (Björck 1967).
    """
    own = basis[n_used]
    own[:] = column
    length = np.sqrt(_dot(column, column))
    factor[: n_used + 1, n_used] = 0.0
    for _ in range(2):
        for other in range(n_used):
            part = _dot(basis[other], own)
            factor[other, n_used] += part
            for place in range(len(own)):
                own[place] -= part * basis[other, place]
    left = np.sqrt(_dot(own, own))
    if left <= _DEPENDENT * length:
        return False
    factor[n_used, n_used] = left
    for place in range(len(own)):
        own[place] /= left
    return True


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _begun(columns: Any, used: Any, n_used: Any, basis: Any, factor: Any) -> Any:
    """A basis of the columns to begin with, but for those that depend on others; their number."""
    n_kept = 0
    for place in range(n_used):
        if _append(columns[used[place]], basis, factor, n_kept):
            used[n_kept] = used[place]
            n_kept += 1
    return n_kept


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _solve(target: Any, basis: Any, factor: Any, n_used: Any, gap: Any, found: Any) -> None:
    """Least squares on the columns used, and what they leave of the target."""
    gap[:] = target
    for one in range(n_used):
        part = _dot(basis[one], gap)
        found[one] = part
        for place in range(len(gap)):
            gap[place] -= part * basis[one, place]
    for one in range(n_used - 1, -1, -1):
        for other in range(one + 1, n_used):
            found[one] -= factor[one, other] * found[other]
        found[one] /= factor[one, one]


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _kept(
    columns: Any, used: Any, n_used: Any, keep: Any, basis: Any, factor: Any, held: Any
) -> Any:
    """Only some of the columns used, in their order with what they held, and their number.

    Those before the first that goes stand in the basis as they are.
    """
    n_kept = 0
    while n_kept < n_used and keep[n_kept]:
        n_kept += 1
    for place in range(n_kept, n_used):
        if keep[place] and _append(columns[used[place]], basis, factor, n_kept):
            used[n_kept], held[n_kept] = used[place], held[place]
            n_kept += 1
    return n_kept


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def _least_squares(columns: Any, target: Any, used: Any, n_used: Any, shares: Any) -> Any:
    """Least squares with coefficients that are not negative (Lawson and Hanson 1974, chapter 23).

    Parameters
    ----------
    columns : ndarray of float64, shape (n_columns, n_rows)
    target : ndarray of float64, shape (n_rows,)
    used : ndarray of int64, shape (n_columns,)
        Columns to begin with, the first `n_used` of them; those found stand there afterwards.
    n_used : int
    shares : ndarray of float64, shape (n_columns,)
        Where what is found is written.

    Returns
    -------
    int
        How many columns are used; -1 where the search did not end.
    """
    n_columns, n_rows = columns.shape
    basis, factor = np.empty((n_columns + 1, n_rows)), np.zeros((n_columns + 1, n_columns + 1))
    gap, found, held = np.empty(n_rows), np.empty(n_columns + 1), np.zeros(n_columns + 1)
    keep = np.ones(n_columns + 1, np.bool_)
    n_used = _begun(columns, used, n_used, basis, factor)
    while True:  # what is not negative of the columns to begin with
        _solve(target, basis, factor, n_used, gap, found)
        n_kept = 0
        for place in range(n_used):
            keep[place] = found[place] > 0
            n_kept += keep[place]
        if n_kept == n_used:
            break
        n_used = _kept(columns, used, n_used, keep, basis, factor, held)
    held[:n_used] = found[:n_used]
    refused, is_used = np.zeros(n_columns, np.bool_), np.zeros(n_columns, np.bool_)
    for place in range(n_used):
        is_used[used[place]] = True
    for _ in range(_MOST_STEPS * n_columns):
        best, slope = -1, 0.0
        for one in range(n_columns):
            if not is_used[one] and not refused[one]:
                own = _dot(columns[one], gap)
                if own > slope:
                    best, slope = one, own
        if best < 0 or n_used == n_rows:
            break
        if not _append(columns[best], basis, factor, n_used):
            refused[best] = True
            continue
        used[n_used], held[n_used] = best, 0.0
        _solve(target, basis, factor, n_used + 1, gap, found)
        if found[n_used] <= 0:
            # Its slope is rounding.
            refused[best] = True
            _solve(target, basis, factor, n_used, gap, found)
            continue
        n_used += 1
        is_used[best], refused[:] = True, False
        while n_used > 0:
            step = 1.0
            for place in range(n_used):
                if found[place] <= 0:
                    way = held[place] - found[place]
                    step = min(step, held[place] / way if way > 0 else 0.0)
            if step == 1.0 and found[:n_used].min() > 0:
                break
            for place in range(n_used):
                held[place] += step * (found[place] - held[place])
                keep[place] = found[place] > 0 or held[place] > _ROUNDING
            n_used = _kept(columns, used, n_used, keep, basis, factor, held)
            is_used[:] = False
            for place in range(n_used):
                is_used[used[place]] = True
            _solve(target, basis, factor, n_used, gap, found)
        held[:n_used] = found[:n_used]
    else:
        return -1
    shares[:] = 0.0
    for place in range(n_used):
        shares[used[place]] = held[place]
    return n_used


@njit(cache=True, fastmath=_IN_ANY_ORDER)
def nearest(columns: Any, targets: Any, held: Any, total: Any) -> Any:
    """Least squares over shares that are not negative and add up to 1, some of them to a part.

    Of several problems that are much alike: each search begins with the columns that the one
    before it ended with.

    Parameters
    ----------
    columns : ndarray of float64, shape (n_problems, n_columns, n_rows)
    targets : ndarray of float64, shape (n_problems, n_rows)
    held : ndarray of bool, shape (n_columns,)
        Those that have a share together.
    total : float
        That share; below 0 where all are free.

    Returns
    -------
    shares : ndarray of float64, shape (n_problems, n_columns)
    distances : ndarray of float64, shape (n_problems,)
        Squared; below 0 where a search did not end.
    """
    n_problems, n_columns, n_rows = columns.shape
    n_totals = 1 if total < 0 else 2
    found, distances = np.zeros((n_problems, n_columns)), np.zeros(n_problems)
    used, n_used = np.zeros(n_columns, np.int64), 0
    left, right = np.zeros((n_columns, n_rows + n_totals)), np.empty(n_rows + n_totals)
    group, wanted = np.zeros(n_columns, np.int64), np.ones(n_totals)
    if n_totals == 2:
        group[~held] = 1
        wanted[0], wanted[1] = total, 1 - total
    for number in range(n_problems):
        own, target, shares = columns[number], targets[number], found[number]
        longest = 0.0
        for one in range(n_columns):
            longest = max(longest, _dot(own[one], own[one]))
        heavy = _HEAVY * np.sqrt(longest)
        left[:, :n_rows], right[:n_rows] = own, target
        for one in range(n_columns):
            left[one, n_rows + group[one]] = heavy
        right[n_rows:] = heavy * wanted
        n_used = _least_squares(left, right, used, n_used, shares)
        if n_used < 0:
            distances[number:] = -1.0
            break
        # The heavy rows leave a trace of the distance; a covariance of shares above 1 is none.
        sums = np.zeros(2)
        for one in range(n_columns):
            sums[group[one]] += shares[one]
        for one in range(n_columns):
            shares[one] *= wanted[group[one]] / max(sums[group[one]], 1e-300)
        for place in range(n_rows):
            gap = -target[place]
            for one in used[:n_used]:
                gap += own[one, place] * shares[one]
            distances[number] += gap * gap
    return found, distances
