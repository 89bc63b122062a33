"""Exchange tests: are two labels as good as drawn, within strata?

The difference of two labels' mean scores, summed over strata, is held against the differences that
it would have had, had the labels been dealt otherwise within each stratum. Where any dealing was as
likely as the one that happened, such a p-value is at most p with a chance of at most p (Phipson and
Smyth 2010), whatever the scores are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.conformal import conformal_p
from provenance.statistics.intervals import normal_quantile

__all__ = ["Exchanged", "combined_in_turn", "exchanged", "exchanged_pairs", "right_order"]

_DRAWS: Final = 1_999
"""Dealings that are drawn where there are more; a round figure, not tuned: p-values of one test go
down to 0.0005, those of several in turn far below."""
_ENUMERATED: Final = 10
"""Most pairs whose every dealing is tried, 1,024 of them; fewer than are drawn of more pairs."""
_CELLS: Final = 2_000_000
"""Scores that are dealt at once; a bound of memory."""
_NEARLY: Final = 1e-9
"""Part of the statistic's range within which two sums are one number to a computer."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange test found.

    Parameters
    ----------
    statistic : float
        Sum over the strata of the first label's mean score less the other's.
    spread : float
        Standard deviation of the statistic over all dealings of the labels.
    noise : float
        Sum over the strata of one over each label's number of scores: what the statistic's variance
        is in units of that of one score within its stratum.
    n_strata : int
        Strata that hold both labels.
    p_value : float
    """

    statistic: float
    spread: float
    noise: float
    n_strata: int
    p_value: float


def exchanged(
    score: NDArray[np.float64],
    first: NDArray[np.bool_],
    stratum: NDArray[np.int64],
    rng: np.random.Generator,
    n_draws: int = _DRAWS,
) -> Exchanged:
    """Test whether the first label's scores are the larger ones within strata, by dealing anew.

    Parameters
    ----------
    score : ndarray of float64, shape (n,)
    first : ndarray of bool, shape (n,)
        Which of the two labels a score has.
    stratum : ndarray of int64, shape (n,)
        Within which labels may be exchanged. One that holds a single label says nothing.
    rng : Generator
    n_draws : int
        Dealings drawn; all are tried where only a few pairs are to be dealt.

    Examples
    --------
    Of two pairs there are four dealings, and the one that happened has the largest difference:

    >>> score, first = np.array([3.0, 1.0, 5.0, 4.0]), np.array([True, False, True, False])
    >>> found = exchanged(score, first, np.array([0, 0, 1, 1]), np.random.default_rng(0))
    >>> found.statistic, found.p_value
    (3.0, 0.25)
    """
    order = np.lexsort((~first, stratum))
    score, first = score[order], first[order]
    number = np.unique(stratum[order], return_inverse=True)[1]
    n_strata = int(number.max(initial=-1)) + 1
    n_first = np.bincount(number, first, minlength=n_strata)
    n_other = np.bincount(number, ~first, minlength=n_strata)
    both = (n_first > 0) & (n_other > 0)
    kept = both[number]
    score, first, number = score[kept], first[kept], number[kept]
    if not len(score):
        return Exchanged(0.0, 0.0, 0.0, 0, 1.0)
    part = np.where(first, 1 / n_first[number], -1 / n_other[number])
    noise = np.zeros(n_strata)
    noise[both] = 1 / n_first[both] + 1 / n_other[both]
    paired = (n_first + n_other)[number] == 2
    differences = score[paired][::2] - score[paired][1::2]
    statistic = float(differences.sum() + (score * part)[~paired].sum())
    draws = _dealt(differences, score[~paired], part[~paired], number[~paired], rng, n_draws)
    near = _NEARLY * float(np.abs(score * part).sum())
    rank = int((draws >= statistic - near).sum())
    # What is enumerated holds the dealing that happened; what is drawn does not.
    whole = len(draws) != n_draws
    p_value = rank / len(draws) if whole else float(conformal_p(rank, n_draws))
    variance = _variances(score, number, n_strata) * noise
    return Exchanged(
        statistic, float(np.sqrt(variance.sum())), float(noise.sum()), int(both.sum()), p_value
    )


def _variances(
    score: NDArray[np.float64], number: NDArray[np.int64], n_strata: int
) -> NDArray[np.float64]:
    """Variance of the scores of each stratum, shape (n_strata,); 0 where there are none."""
    size = np.bincount(number, minlength=n_strata)
    mean = np.bincount(number, score, minlength=n_strata) / np.maximum(1, size)
    squares = np.bincount(number, (score - mean[number]) ** 2, minlength=n_strata)
    found: NDArray[np.float64] = squares / np.maximum(1, size - 1)
    return found


def _dealt(
    differences: NDArray[np.float64],
    score: NDArray[np.float64],
    part: NDArray[np.float64],
    number: NDArray[np.int64],
    rng: np.random.Generator,
    n_draws: int,
) -> NDArray[np.float64]:
    """The statistic under other dealings: signs of pairs, and orders within larger strata."""
    if not len(score) and len(differences) <= _ENUMERATED:
        signs = np.array([*product((1.0, -1.0), repeat=len(differences))])
        return np.asarray(signs @ differences)
    found = np.empty(n_draws)
    step = max(1, _CELLS // (len(differences) + len(score)))
    for start in range(0, n_draws, step):
        n_now = min(step, n_draws - start)
        signs = rng.integers(0, 2, (n_now, len(differences)), np.int8) * 2.0 - 1.0
        keys = number + rng.random((n_now, len(score)))
        found[start : start + n_now] = signs @ differences + score[np.argsort(keys)] @ part
    return found


def exchanged_pairs(
    products: NDArray[np.float64], rng: np.random.Generator, n_draws: int = _DRAWS
) -> float:
    """P-value of whether the differences of pairs lean one way, whichever way that is.

    The squared length of the sum of the differences is held against those that it would have had,
    had the two of each pair been exchanged otherwise (of means in a feature space, the maximum mean
    discrepancy of Gretton et al. 2012, for pairs).

    Parameters
    ----------
    products : ndarray of float64, shape (n, n)
        Inner products of the differences.
    rng : Generator
    n_draws : int

    Examples
    --------
    Ten differences that are one and the same, and ten that are at right angles:

    >>> exchanged_pairs(np.ones((10, 10)), np.random.default_rng(0)) < 0.01
    True
    >>> exchanged_pairs(np.eye(10), np.random.default_rng(0))
    1.0
    """
    # A difference times itself is the same however it is dealt.
    crossed = products - np.diag(np.diag(products))
    draws = np.empty(n_draws)
    step = max(1, _CELLS // max(1, len(crossed)))
    for start in range(0, n_draws, step):
        n_now = min(step, n_draws - start)
        signs = rng.integers(0, 2, (n_now, len(crossed)), np.int8) * 2.0 - 1.0
        draws[start : start + n_now] = ((signs @ crossed) * signs).sum(axis=1)
    near = _NEARLY * float(np.abs(crossed).sum())
    return float(conformal_p(int((draws >= crossed.sum() - near).sum()), n_draws))


def right_order(
    score: NDArray[np.float64], first: NDArray[np.bool_], stratum: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How often one of the first label's scores is above one of the other's, within each stratum.

    Ties count half: the statistic of Mann and Whitney over its largest value, which is the area
    under the ROC curve (Bamber 1975). 0.5 is what chance gives.

    Returns
    -------
    strata : ndarray of int64, shape (n_strata,)
        Those that hold both labels, ascending.
    rate : ndarray of float64, shape (n_strata,)

    Examples
    --------
    >>> score, first = np.array([3.0, 1.0, 2.0, 2.0]), np.array([True, True, False, False])
    >>> right_order(score, first, np.zeros(4, np.int64))[1].tolist()
    [0.5]
    """
    strata, number = np.unique(stratum, return_inverse=True)
    order = np.lexsort((score, number))
    ordered, label, place = score[order], first[order], number[order]
    opens = np.ones(len(order), bool)
    opens[1:] = (ordered[1:] != ordered[:-1]) | (place[1:] != place[:-1])
    tie = np.cumsum(opens) - 1
    before = np.concatenate([[0.0], np.cumsum(~label)])
    starts = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]])[: len(place)])
    below = before[np.flatnonzero(opens)][tie] - before[starts][place]
    equal = np.bincount(tie, ~label)[tie] if len(tie) else np.empty(0)
    n_first = np.bincount(number, first, len(strata))
    n_other = np.bincount(number, ~first, len(strata))
    above = np.bincount(place[label], (below + equal / 2)[label], len(strata))
    both = (n_first > 0) & (n_other > 0)
    return strata[both], above[both] / (n_first * n_other)[both]


def combined_in_turn(p_values: Sequence[float], weights: Sequence[float]) -> float:
    """One p-value of several that were had in turn.

    Each p-value may be of a test that was made after a look at all that the earlier ones were of,
    so long as, given these, it is at most p with a chance of at most p. The weighted sum of their
    normal quantiles is then no larger than a normal one would be (Brannath, Posch and Bauer 2002;
    the weights, fixed beforehand, as of Lehmacher and Wassmer 1999).

    Parameters
    ----------
    p_values, weights : sequence of float
        Weights above 0.

    Examples
    --------
    >>> round(combined_in_turn([0.05, 0.05], [1.0, 1.0]), 4)
    0.01
    """
    from scipy.special import ndtr

    weight = np.asarray(weights, np.float64)
    quantile = np.array([-normal_quantile(p_value) for p_value in p_values])
    return float(ndtr(-(quantile @ weight) / np.sqrt((weight**2).sum())))
