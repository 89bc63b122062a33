"""How much of a corpus was marked, from the mean of its distinct draws; where that can be told.

The mean score of the corpus's distinct draws lies between the null's and that of marked text. The
second depends on how free the marked text was in its choice of words, and is measured on text that
is known to be marked. A draw that other text of the corpus holds as well was hardly a choice, so
that marked text is measured twice: over all of its draws, and over those that the corpus does not
hold. The interval holds what either gives.

Without such text a floor stands: the share that would do if marked draws scored as high as any can.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance._stats import student_quantile

__all__ = ["FEWEST_MARKED", "CorpusMean", "MarkedShare", "MarkedText", "marked_share"]

FEWEST_MARKED: Final = 20
"""Documents known to be marked that an interval needs."""

_STEPS: Final = 1000
_FEWEST_FRESH: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedShare:
    """Share of the distinct draws of a corpus that come from marked text.

    Parameters
    ----------
    identified : bool
        Whether an interval is told.
    share, low, high : float or None
    floor : float
        At least so much, whatever marked text scores, at the same confidence (one-sided); it does
        not stand on text that is known to be marked.
    confidence_level : float
    sentence : str
    """

    identified: bool
    share: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float
    confidence_level: float
    sentence: str


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Distinct draws of text that is known to be marked.

    Parameters
    ----------
    states : ndarray of uint64, shape (n,)
    values : ndarray of float64, shape (n,)
    documents : ndarray of int64, shape (n,)
        Number of the document that each stands in first.
    """

    states: NDArray[np.uint64]
    values: NDArray[np.float64]
    documents: NDArray[np.int64]

    def among(self, kept: NDArray[np.bool_]) -> MarkedText:
        """Some of the draws."""
        return MarkedText(self.states[kept], self.values[kept], self.documents[kept])


@dataclass(frozen=True, slots=True)
class CorpusMean:
    """What is kept of the distinct draws of a corpus.

    Parameters
    ----------
    n : int
    total : float
    n_squared : float
        Sum over documents of their squared numbers of draws.
    n_largest : int
        Draws of the longest document.
    """

    n: int
    total: float
    n_squared: float
    n_largest: int


@dataclass(frozen=True, slots=True)
class _Marked:
    """Mean score of marked text, its error, and the spread of documents around it."""

    mean: float
    error: float
    within: float
    between: float
    n_documents: int


def _measured(text: MarkedText) -> _Marked:
    """By document: the tokens of one share what it is about."""
    _, numbers = np.unique(text.documents, return_inverse=True)
    counts = np.bincount(numbers).astype(np.float64)
    n_documents = len(counts)
    mean = float(text.values.mean())
    residuals = np.bincount(numbers, text.values - mean)
    within = float(text.values.var())
    squares = float((residuals**2).sum())
    error = math.sqrt(n_documents / (n_documents - 1) * squares) / len(text.values)
    between = max(0.0, (squares - within * len(text.values)) / float((counts**2).sum()))
    return _Marked(mean, error, within, between, n_documents)


def marked_share(
    corpus: CorpusMean,
    null: tuple[float, float] | None,
    text: MarkedText | None,
    fresh: NDArray[np.bool_] | None,
    *,
    floor: float,
    significant: bool,
    confidence_level: float,
    obstacle: str = "",
) -> MarkedShare:
    """Tell the share, or why it is not identifiable.

    Parameters
    ----------
    corpus : CorpusMean
    null : (float, float) or None
        Mean and standard deviation of one score under the null.
    text : MarkedText or None
        Known to be marked, and found by the key.
    fresh : ndarray of bool, or None
        Which of its draws the corpus does not hold.
    floor : float
        See `MarkedShare`.
    significant : bool
        Whether the exact test rejects a share of 0 at half of 1 - confidence_level.
    confidence_level : float
    obstacle : str
        Why this scheme identifies no share; empty where it does.
    """
    reason = obstacle or _missing(corpus, null, text, fresh)
    if reason or null is None or text is None or fresh is None:
        sentence = f"not identifiable: {reason}"
        if floor > 0:
            sentence += "; the floor stands without it"
        return MarkedShare(
            identified=False, floor=floor, confidence_level=confidence_level, sentence=sentence
        )
    ends, points = [], []
    for marked in (_measured(text), _measured(text.among(fresh))):
        ends.append(_interval(corpus, null, marked, confidence_level))
        points.append((corpus.total / corpus.n - null[0]) / (marked.mean - null[0]))
    low = min(end[0] for end in ends) if significant else 0.0
    high = max(end[1] for end in ends)
    share = min(high, max(low, float(np.clip(np.mean(points), 0, 1))))
    return MarkedShare(
        identified=True,
        share=share,
        low=low,
        high=high,
        floor=floor,
        confidence_level=confidence_level,
        sentence="of the distinct draws of the corpus, if its marked text scores as the text that "
        "is known to be marked; text that was edited since counts for less",
    )


def _missing(
    corpus: CorpusMean,
    null: tuple[float, float] | None,
    text: MarkedText | None,
    fresh: NDArray[np.bool_] | None,
) -> str:
    if null is None:
        return "the statistic has no known mean without the key"
    if text is None or fresh is None:
        return "no text that is known to be marked was given and found"
    if not corpus.n:
        return "nothing was scored"
    n_documents = len(np.unique(text.documents[fresh]))
    if len(np.unique(text.documents)) < FEWEST_MARKED:
        return f"fewer than {FEWEST_MARKED} documents are known to be marked"
    if n_documents < FEWEST_MARKED or fresh.mean() < _FEWEST_FRESH:
        return "most of the text that is known to be marked stands in the corpus"
    for part in (text.values, text.values[fresh]):
        if part.mean() <= null[0]:
            return "the text that is known to be marked scores no higher than other text"
    return ""


def _interval(
    corpus: CorpusMean, null: tuple[float, float], marked: _Marked, confidence_level: float
) -> tuple[float, float]:
    """Shares that a score test does not reject; its variance is the null's at a share of 0."""
    shares = np.linspace(0, 1, _STEPS + 1)
    mean = corpus.total / corpus.n
    away = mean - null[0] - shares * (marked.mean - null[0])
    # At worst the marked draws are those of the longest documents.
    clustered = np.minimum(corpus.n_squared, shares * corpus.n * corpus.n_largest)
    own = (1 - shares) * corpus.n * null[1] ** 2 + shares * corpus.n * marked.within
    variance = (own + marked.between * clustered) / corpus.n**2 + (shares * marked.error) ** 2
    quantile = student_quantile((1 + confidence_level) / 2, marked.n_documents - 1)
    kept = np.flatnonzero(np.abs(away) <= quantile * np.sqrt(variance))
    if not len(kept):
        # Further from 0 than marked text is: 1 is the nearest share; or below it by chance.
        nearest = 1.0 if away[-1] > 0 else float(shares[np.argmin(np.abs(away))])
        return nearest, nearest
    step = 1 / _STEPS
    low, high = float(shares[kept[0]]), float(shares[kept[-1]])
    return max(0.0, low - step), min(1.0, high + step)


def floor_of(
    log_tail: Callable[[float, int], float], total: float, n: int, largest: float, log_level: float
) -> float:
    """Least share of marked draws for which so large a sum is no surprise.

    Were k of the n draws marked and as high as can be, the others would have to make up the rest:
    the least k at which their exact test does not reject at the level (cf. Clopper and Pearson).

    Examples
    --------
    >>> from provenance._tails import binomial_tail
    >>> coin = lambda total, n: binomial_tail(round(total), n, 0.5)
    >>> floor_of(coin, 50, 100, 1.0, math.log(0.05)), floor_of(coin, 95, 100, 1.0, math.log(0.05))
    (0.0, 0.83)
    """
    if not n or not math.isfinite(largest):
        return 0.0
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        left = n - middle
        rejected = left > 0 and log_tail(total - middle * largest, left) < log_level
        low, high = (middle + 1, high) if rejected else (low, middle)
    return low / n
