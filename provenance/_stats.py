"""Tail probabilities, intervals and multiple testing; knows no type of the domain."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "benjamini_hochberg",
    "chi_square_tail",
    "clopper_pearson",
    "connected",
    "critical_heads",
    "effective_number",
    "holm",
    "holm_levels",
    "log_heads_tail",
    "normal_quantile",
    "student_quantile",
    "weighted_quantiles",
]

_TINY: Final = 1e-290
"""Below it a tail is summed in logarithms."""

_LOG_PRECISION: Final = 40.0
"""Terms that are smaller by a factor of e to this power are left out of a sum."""


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution.

    Examples
    --------
    >>> round(normal_quantile(0.975), 2)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(probability))


def student_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t distribution of so many degrees of freedom.

    Examples
    --------
    >>> round(student_quantile(0.975, 4), 2)
    2.78
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Probability that a chi-square variable of so many degrees exceeds the statistic.

    Examples
    --------
    >>> round(chi_square_tail(6.635, 1), 3)
    0.01
    """
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))


def clopper_pearson(
    successes: float, trials: float, confidence_level: float = 0.95
) -> tuple[float, float]:
    """Exact two-sided interval of a binomial probability (Clopper and Pearson 1934).

    Numbers of trials that are not whole are effective numbers of dependent trials.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    tail = (1 - confidence_level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    if successes >= trials:
        return low, 1.0
    return low, float(betaincinv(successes + 1, trials - successes, 1 - tail))


def log_heads_tail(heads: int, tosses: int) -> float:
    """Logarithm of the chance of so many heads or more in tosses of a fair coin.

    Examples
    --------
    >>> round(log_heads_tail(2000, 2000) / math.log(0.5), 6)
    2000.0
    """
    from scipy.special import betainc, gammaln

    if heads <= 0:
        return 0.0
    tail = float(betainc(heads, tosses - heads + 1, 0.5))
    if tail > _TINY:
        return math.log(tail)
    # Far out the terms fall by more than this ratio: the first few are the sum.
    ratio = (tosses - heads) / (heads + 1)
    n_terms = min(tosses - heads, math.ceil(_LOG_PRECISION / (1 - ratio))) + 1
    terms = np.arange(heads, heads + n_terms, dtype=np.float64)
    logs = gammaln(tosses + 1) - gammaln(terms + 1) - gammaln(tosses - terms + 1)
    first = float(logs[0])
    return first + math.log(np.exp(logs - first).sum()) - tosses * math.log(2)


def critical_heads(tosses: int, log_level: float) -> int:
    """Fewest heads whose chance is at most the level; more than the tosses where none is.

    Examples
    --------
    >>> critical_heads(10, math.log(0.05)), critical_heads(4, math.log(0.05))
    (9, 5)
    """
    return bisect.bisect_left(
        range(tosses + 1), -log_level, key=lambda heads: -log_heads_tail(heads, tosses)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted by Holm's step-down rule (Holm 1979).

    Examples
    --------
    >>> holm([0.01, 0.5, 0.02])
    [0.03, 0.5, 0.04]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, raised)
    return [float(value) for value in adjusted]


def holm_levels(p_values: Sequence[float], level: float) -> list[float]:
    """Level at which each hypothesis is tested by Holm's step-down rule (Holm 1979).

    A hypothesis behind one that was not rejected gets level 0.

    Examples
    --------
    >>> holm_levels([0.001, 0.5, 0.02], 0.05)
    [0.016666666666666666, 0.05, 0.025]
    """
    levels = [0.0] * len(p_values)
    for rank, position in enumerate(np.argsort(p_values, kind="stable").tolist()):
        levels[position] = level / (len(p_values) - rank)
        if p_values[position] > levels[position]:
            break
    return levels


def benjamini_hochberg(
    p_values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Benjamini–Hochberg q-values of distinct p-values that stand for so many tests each.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Ascending.
    weights : ndarray, shape (n,), optional
        Number of tests with each p-value; 1 each where left out.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.5]), np.array([2, 2])).tolist()
    [0.02, 0.5]
    """
    counts = np.ones(len(p_values)) if weights is None else np.asarray(weights, np.float64)
    if not len(counts):
        return np.empty(0)
    raw = p_values * counts.sum() / np.maximum(np.cumsum(counts), 1e-300)
    result: NDArray[np.float64] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    return result


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
