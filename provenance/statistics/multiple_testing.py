"""Several tests at once: Bonferroni, Holm, and Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["benjamini_hochberg", "holm", "holm_levels", "joint_level"]


def joint_level(confidence_level: float, n_intervals: int) -> float:
    """Confidence level of each of many intervals, so that all of them hold together at this one.

    By Bonferroni's inequality, whatever the intervals have to do with each other.

    Examples
    --------
    >>> joint_level(0.95, 1), joint_level(0.95, 50)
    (0.95, 0.999)
    """
    return 1 - (1 - confidence_level) / n_intervals


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
