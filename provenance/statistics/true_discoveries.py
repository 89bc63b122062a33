"""How many of any list of tests are false at most, whatever is chosen to be on the list.

Closed testing (Marcus, Peritz and Gabriel 1976) by the test of Simes (1986), in the short form of
Goeman, Meijer, Krebs and Solari (2019, Biometrika 106, 841). The bounds hold for all lists at once
with the chance asked for, so that a list may be cut anywhere, after a look at it. They need
p-values that are positively dependent on those of the true null hypotheses, which those by rank
against one common null sample are (Bates, Candès, Lei, Romano and Sesia 2023), copies of a row
among them. Independent tests allow for closer bounds (Katsevich and Ramdas 2020); tests that share
a null sample are not independent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["false_at_most", "largest_unrejected"]


def largest_unrejected(
    p_values: NDArray[np.float64], counts: NDArray[np.int64], alpha: float
) -> int:
    """Largest number of tests, those with the largest p-values, that Simes's test leaves standing.

    It is the ``h`` of Goeman et al.: with the chance ``1 - alpha`` no more null hypotheses are
    true. Simes's test rejects that n of them are all true where the j-th smallest p-value is at
    most ``j * alpha / n`` for some j.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Distinct, ascending.
    counts : ndarray of int64, shape (n,)
        Number of tests with each.
    alpha : float

    Returns
    -------
    int

    Examples
    --------
    Of four, the smallest is at most 0.05 / 4; of the other three no j-th is at most j * 0.05 / 3.

    >>> largest_unrejected(np.array([0.01, 0.04, 0.6, 0.7]), np.array([1, 1, 1, 1]), 0.05)
    3
    """
    below = np.cumsum(counts)
    n_tests = int(below[-1]) if len(below) else 0
    most, least = n_tests, 0
    while least < most:
        # Where that many stand so do fewer, so that halving finds the most.
        middle = (least + most + 1) // 2
        if _stands(p_values, below, n_tests, middle, alpha):
            least = middle
        else:
            most = middle - 1
    return least


def _stands(
    p_values: NDArray[np.float64],
    below: NDArray[np.int64],
    n_tests: int,
    size: int,
    alpha: float,
) -> bool:
    """Whether Simes's test does not reject so many tests, those with the largest p-values."""
    rank = below - (n_tests - size)
    among = rank > 0
    return bool((p_values[among] * size > rank[among] * alpha).all())


def false_at_most(
    p_values: NDArray[np.float64], counts: NDArray[np.int64], alpha: float
) -> NDArray[np.int64]:
    """Most true null hypotheses among the tests with p-values up to each, for all of them at once.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Distinct, ascending.
    counts : ndarray of int64, shape (n,)
        Number of tests with each.
    alpha : float
        Chance at most that any of the bounds is too small.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    Of four tests three may be of true null hypotheses (h = 3, see `largest_unrejected`). The first
    is none of them, as 3 * 0.01 is at most 0.05; the others may be.

    >>> p_values, counts = np.array([0.01, 0.04, 0.6, 0.7]), np.array([1, 1, 1, 1])
    >>> false_at_most(p_values, counts, 0.05).tolist()
    [0, 1, 2, 3]

    Of 100 tests forty are at 0.001, and the rest speak for nothing: at most one of these forty.

    >>> false_at_most(np.array([0.001, 0.9]), np.array([40, 60]), 0.05).tolist()
    [1, 61]
    """
    below = np.cumsum(counts)
    if not len(below):
        return np.empty(0, np.int64)
    largest = largest_unrejected(p_values, counts, alpha)
    # Among tests with p-values up to u * alpha / h all but u - 1 are discoveries.
    needed = np.maximum(1, np.ceil(p_values * largest / alpha)).astype(np.int64)
    found = np.maximum.accumulate(np.maximum(0, 1 - needed + below))
    result: NDArray[np.int64] = below - found
    return result
