"""A compiled loop over scored rows: the same row gives the same number wherever it stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from provenance.files.compiled import njit

__all__ = ["row_products"]


@njit(cache=True, fastmath={"reassoc", "contract"})
def row_products(table: Any, weights: Any) -> Any:
    """Sum of each row of a table, weighted by columns; a library's product may add up otherwise.

    Parameters
    ----------
    table : ndarray of float64, shape (n_rows, n_columns)
    weights : ndarray of float64, shape (n_columns,)

    Returns
    -------
    ndarray of float64, shape (n_rows,)
    """
    found = np.empty(len(table))
    for row in range(len(table)):
        total = 0.0
        for column in range(len(weights)):
            total += table[row, column] * weights[column]
        found[row] = total
    return found
