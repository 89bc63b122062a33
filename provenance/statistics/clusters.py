"""Documents that are no independent draws: clusters, what they are worth, weighted quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["connected", "effective_number", "weighted_quantiles"]


def weighted_quantiles(
    values: NDArray[np.floating], weights: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Smallest values below which so much of the weight lies, shape (len(levels),).

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), np.array([0.5])).tolist()
    [2.0]
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    position = np.searchsorted(below, levels * below[-1])
    found: NDArray[np.float64] = values[order][position.clip(max=len(values) - 1)].astype(float)
    return found


def effective_number(weight: NDArray[np.float64], cluster: NDArray[np.int64]) -> float:
    """Number of equal independent clusters that the weights are worth (Kish 1965).

    Parameters
    ----------
    weight : ndarray of float64, shape (n,)
    cluster : ndarray of int64, shape (n,)
        Number of each item's cluster, from 0.

    Examples
    --------
    >>> effective_number(np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1]))
    2.0
    """
    totals = np.bincount(cluster, weight)
    return float(totals.sum() ** 2 / (totals**2).sum())


def connected(
    n: int, joins: Sequence[tuple[NDArray[np.integer], NDArray[np.generic]]]
) -> NDArray[np.int64]:
    """Number of the component of each of n items, where equal labels join items.

    Parameters
    ----------
    n : int
    joins : sequence of (positions, labels)
        Items at ``positions`` with equal ``labels`` belong together.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> connected(3, [(np.array([0, 2]), np.array([7, 7]))]).tolist()
    [0, 1, 0]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows: list[NDArray[Any]] = [np.arange(n)]
    columns: list[NDArray[Any]] = [np.arange(n)]
    nodes = n
    for positions, labels in joins:
        values, number = np.unique(labels, return_inverse=True)
        rows.append(positions)
        columns.append(nodes + number)
        nodes += len(values)
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_matrix((np.ones(len(row), np.int8), (row, column)), (nodes, nodes))
    found = connected_components(graph, directed=False)[1][:n]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
