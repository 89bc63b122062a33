"""Agreement of raters: kappa with an interval, and who agrees with a judge oftener."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.intervals import normal_quantile
from provenance.statistics.tails import binomial_tail

__all__ = ["Beyond", "Kappa", "beyond_rater", "kappa"]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa.

    Parameters
    ----------
    value, low, high : float, optional
        None where chance alone would always agree.
    agreement : float
        Part of the items with the same label; 0 where there is no item.
    n_items : int
    """

    value: float | None
    low: float | None
    high: float | None
    agreement: float
    n_items: int


def kappa(first: Sequence[str], second: Sequence[str], confidence_level: float = 0.95) -> Kappa:
    """Agreement beyond what the frequencies of labels give (Cohen 1960).

    The interval is the jackknife's over items: it takes one after the other away.

    Parameters
    ----------
    first, second : sequence of str
        Labels of the same items.
    confidence_level : float

    Examples
    --------
    Eight of ten agree, and chance would give five:

    >>> round(kappa("aaaaabbbbb", "aaaabbbbba").value or 0, 3)
    0.6
    """
    n = len(first)
    names = sorted({*first, *second})
    at = {name: number for number, name in enumerate(names)}
    one = np.array([at[name] for name in first], np.int64)
    two = np.array([at[name] for name in second], np.int64)
    same = one == two
    rows, columns = (np.bincount(values, minlength=len(names)) for values in (one, two))
    agreed, expected = int(same.sum()), int(rows @ columns)
    value = float(_kappa(np.array([agreed]), np.array([expected]), n)[0]) if n else math.nan
    if n < 2 or math.isnan(value):
        return Kappa(None, None, None, agreed / n if n else 0.0, n)
    # Without an item a row and a column lack one each.
    without = expected - columns[one] - rows[two] + same
    left_out = _kappa(agreed - same, without, n - 1)
    if np.isnan(left_out).any():  # one item makes the difference: nothing is known of the spread
        return Kappa(value, -1.0, 1.0, agreed / n, n)
    spread = (n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum())
    reach = normal_quantile((1 + confidence_level) / 2) * math.sqrt(spread)
    return Kappa(value, max(-1.0, value - reach), min(1.0, value + reach), agreed / n, n)


def _kappa(agreed: NDArray[np.int64], expected: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    chance = expected / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (agreed / n - chance) / (1 - chance)
    value: NDArray[np.float64] = np.where(chance < 1, found, math.nan)
    return value


@dataclass(frozen=True, slots=True)
class Beyond:
    """How much oftener one rater agrees with a judge than another does.

    Parameters
    ----------
    n_items : int
    n_suspect, n_rater : int
        Items on which each agrees with the judge.
    n_only_suspect, n_only_rater : int
        Items on which only one of them does.
    p_value : float
        Exact.
    """

    n_items: int
    n_suspect: int
    n_rater: int
    n_only_suspect: int
    n_only_rater: int
    p_value: float


def beyond_rater(suspect: Sequence[str], rater: Sequence[str], judge: Sequence[str]) -> Beyond:
    """Does a suspect agree with a judge oftener than a rater does?

    Under the null the two are alike: on each item their labels may as well be exchanged. Only items
    on which one of them agrees tell anything, and each is a fair coin (McNemar 1947, exact).

    Parameters
    ----------
    suspect, rater, judge : sequence of str
        Labels of the same items.

    Examples
    --------
    >>> round(beyond_rater("aaaaa", "bbbba", "aaaaa").p_value, 6)
    0.0625
    """
    hits = [
        (one == truth, two == truth) for one, two, truth in zip(suspect, rater, judge, strict=True)
    ]
    only_suspect = sum(one and not two for one, two in hits)
    only_rater = sum(two and not one for one, two in hits)
    p_value = math.exp(binomial_tail(only_suspect, only_suspect + only_rater, 0.5))
    return Beyond(
        len(hits),
        sum(one for one, _ in hits),
        sum(two for _, two in hits),
        only_suspect,
        only_rater,
        min(1.0, p_value),
    )
