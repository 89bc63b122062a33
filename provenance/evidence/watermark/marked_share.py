"""How much of a corpus was marked, from the mean score of its tokens; where that can be told.

The mean lies between that of unmarked text and that of marked text. The second depends on how free
the marked text was in its choice of words, and is measured on text that is known to be marked. The
first is the null's only over all keys: under the one key each frequent draw has one score wherever
it stands, which moves the mean of unmarked text by what the draws' frequencies say. Tokens count
here as often as documents hold their draw, so that marked text is weighed as the known text is.

Without known text a floor stands: the share that would do if marked tokens scored as high as any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.intervals import normal_quantile, student_quantile

__all__ = ["FEWEST_MARKED", "CorpusMean", "MarkedShare", "MarkedText", "marked_share"]

FEWEST_MARKED: Final = 20
"""Documents known to be marked that an interval needs; a round figure; not tuned."""

_STEPS: Final = 1000
_WIDEST: Final = 0.9
"""Width above which no interval is told; a round figure; not tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedShare:
    """Share of the scored tokens of a corpus that were marked.

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
    """Documents that are known to be marked.

    Parameters
    ----------
    counts, totals, squares : ndarray of float64, shape (n_documents,)
        Scored tokens of each, their scores' sum and sum of squares; a draw counts once a document,
        and of equal documents there is one.
    """

    counts: NDArray[np.float64]
    totals: NDArray[np.float64]
    squares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CorpusMean:
    """What is kept of the scored tokens of a corpus; a draw counts once a document.

    Parameters
    ----------
    n : int
    total : float
        Sum of their scores.
    repeats, most_repeated : float
        Sum over draws of their squared numbers of documents, and the largest such number.
    clusters, largest_cluster : float
        Sum over different documents of their squared numbers of scored tokens, over all copies, and
        the largest such number.
    copies : float
        Sum over different documents of their tokens times their squared numbers of copies.
    """

    n: int
    total: float
    repeats: float
    most_repeated: float
    clusters: float
    largest_cluster: float
    copies: float


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
    n_documents, n = len(text.counts), float(text.counts.sum())
    mean = float(text.totals.sum()) / n
    residuals = float(((text.totals - mean * text.counts) ** 2).sum())
    within = float(text.squares.sum()) / n - mean**2
    error = math.sqrt(n_documents / (n_documents - 1) * residuals) / n
    between = max(0.0, (residuals - within * n) / float((text.counts**2).sum()))
    return _Marked(mean, error, within, between, n_documents)


def marked_share(
    corpus: CorpusMean,
    null: tuple[float, float] | None,
    text: MarkedText | None,
    *,
    largest: float,
    significant: bool,
    confidence_level: float,
) -> MarkedShare:
    """Tell the share, or why it is not identifiable.

    Parameters
    ----------
    corpus : CorpusMean
    null : (float, float) or None
        Mean and standard deviation of one score under the null.
    text : MarkedText or None
        Known to be marked, and found by the key.
    largest : float
        No score is larger.
    significant : bool
        Whether the exact test rejects a share of 0 at half of 1 - confidence_level.
    confidence_level : float
    """
    floor = 0.0
    if null is not None and corpus.n and significant and math.isfinite(largest):
        floor = _floor(corpus, null, largest, confidence_level)
    reason = _missing(corpus, null, text)
    low = high = share = 0.0
    if not reason and null is not None and text is not None:
        marked = _measured(text)
        low, high = _interval(corpus, null, marked, confidence_level)
        share = (corpus.total / corpus.n - null[0]) / (marked.mean - null[0])
        low = low if significant else 0.0
        if low > 1:
            reason = "the corpus scores higher than the text that is known to be marked"
        elif high - low > _WIDEST:
            reason = "a few frequent draws of the key decide what unmarked text scores"
    if reason:
        sentence = f"not identifiable: {reason}"
        if floor > 0:
            sentence += "; the floor stands without it"
        return MarkedShare(
            identified=False, floor=floor, confidence_level=confidence_level, sentence=sentence
        )
    return MarkedShare(
        identified=True,
        share=min(high, max(low, share)),
        low=low,
        high=high,
        floor=floor,
        confidence_level=confidence_level,
        sentence="of the scored tokens, if marked text in the corpus scores as the text that is"
        " known to be marked; what was edited since counts for less",
    )


def _missing(corpus: CorpusMean, null: tuple[float, float] | None, text: MarkedText | None) -> str:
    if null is None:
        return "the statistic has no known mean without the key"
    if text is None:
        return "no text that is known to be marked was given and found"
    if not corpus.n:
        return "nothing was scored"
    if np.count_nonzero(text.counts) < FEWEST_MARKED:
        return f"fewer than {FEWEST_MARKED} documents are known to be marked"
    if text.totals.sum() <= null[0] * text.counts.sum():
        return "the text that is known to be marked scores no higher than other text"
    return ""


def _interval(
    corpus: CorpusMean, null: tuple[float, float], marked: _Marked, confidence_level: float
) -> tuple[float, float]:
    """Shares that a score test does not reject; from above 1 where it rejects all of them."""
    n = corpus.n
    shares = np.linspace(0, 1, _STEPS + 1)
    rise = marked.mean - null[0]
    away = corpus.total / n - null[0] - shares * rise
    # At worst all that is frequent is unmarked, and the longest and most copied is marked.
    repeats = np.minimum(corpus.repeats, (1 - shares) * n * corpus.most_repeated)
    clusters = np.minimum(corpus.clusters, shares * n * corpus.largest_cluster)
    copies = np.minimum(corpus.copies, shares * n * corpus.most_repeated)
    own = null[1] ** 2 * repeats + marked.within * copies + marked.between * clusters
    error = np.sqrt(own / n**2 + (shares * marked.error) ** 2)
    quantile = student_quantile((1 + confidence_level) / 2, marked.n_documents - 1)
    kept = np.flatnonzero(np.abs(away) <= quantile * error)
    if not len(kept):
        return (math.inf, math.inf) if away[-1] > 0 else (0.0, float(quantile * error[0] / rise))
    step = 1 / _STEPS
    low, high = float(shares[kept[0]]), float(shares[kept[-1]])
    return max(0.0, low - step), min(1.0, high + step)


def _floor(
    corpus: CorpusMean, null: tuple[float, float], largest: float, confidence_level: float
) -> float:
    """The share at which the rest would be as high as the null allows, and the marked highest."""
    error = null[1] * math.sqrt(corpus.repeats) / corpus.n
    highest = null[0] + normal_quantile(confidence_level) * error
    if highest >= largest:
        return 0.0
    return min(1.0, max(0.0, (corpus.total / corpus.n - highest) / (largest - highest)))
