"""Compiled loops of the moments: asked a thousand times of a corpus, each a pass over many rows."""

from __future__ import annotations

from typing import Any

from provenance.files.compiled import njit

__all__ = ["add_influence"]


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
