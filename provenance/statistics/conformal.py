"""P-values by rank: how many values of a null sample are at least as large as what is tested.

Where what is tested and the null are drawn alike, in whatever order, such a p-value is at most p
with a chance of at most p (Vovk, Gammerman and Shafer 2005); so it is of random draws that the
observed one is counted among (Phipson and Smyth 2010).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["conformal_p", "n_at_least"]


def n_at_least(null: NDArray[Any], statistic: Any) -> Any:
    """How many values of the null are at least so large.

    Parameters
    ----------
    null : ndarray, shape (n,)
        Ascending.
    statistic : float or ndarray, shape (m,)
        Larger speaks more against the null.

    Returns
    -------
    int64 or ndarray of int64, shape (m,)

    Examples
    --------
    >>> n_at_least(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 2.0, 4.0])).tolist()
    [4, 3, 0]
    """
    return len(null) - np.searchsorted(null, statistic, "left")


def conformal_p(rank: Any, n_null: int) -> Any:
    """P-value of what so many of the values of a null are at least as large as.

    Parameters
    ----------
    rank : int or ndarray of int64, shape (m,)
        From `n_at_least`.
    n_null : int
        Values of the null.

    Returns
    -------
    float or ndarray of float64, shape (m,)

    Examples
    --------
    >>> conformal_p(0, 4), conformal_p(4, 4)
    (0.2, 1.0)
    """
    return (1 + rank) / (n_null + 1)
