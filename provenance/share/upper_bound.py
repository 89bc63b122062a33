"""At most how much of a corpus a candidate wrote, where nothing else was given to tell it from.

Estimation of mixture proportions (Blanchard, Lee and Scott 2010; Scott 2015): if a share a of the
corpus is the candidate's, the corpus has at least a times the candidate's probability on every set,
whatever the rest is. So a is at most the smallest ratio of the two probabilities, here over the
sets of documents that look most like the candidate's sample to a scorer that was fitted between the
sample and the corpus itself, and scores both without having seen them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.fitting.dealing import components
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS, fit_panel
from provenance.share.estimate import UNITS
from provenance.statistics.clusters import effective_number, weighted_quantiles
from provenance.statistics.intervals import clopper_pearson, normal_quantile

if TYPE_CHECKING:
    from provenance.fingerprint.fingerprint import Fingerprint

__all__ = ["ScoredDocuments", "TailBound", "mixture_bound", "share_bounds", "tail_bound"]

N_THRESHOLDS: Final = 20
"""Thresholds whose ratios are bounded at once. A round figure, not tuned."""
_VIEW: Final = "words"
"""Not the shape: whoever strips the layout of a corpus would lower the bound."""


@dataclass(frozen=True, slots=True)
class ScoredDocuments:
    """Documents of one origin with their scores.

    Parameters
    ----------
    score : ndarray of float64, shape (n_documents,)
        High where a document looks like the candidate's.
    weight : ndarray of float64, shape (n_documents,)
    cluster : ndarray of int64, shape (n_documents,)
        Number of the unit of independence.
    """

    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]

    def above(self, threshold: float) -> float:
        """Part of the weight with a score above a threshold."""
        return float(self.weight[self.score > threshold].sum() / self.weight.sum())

    @property
    def n_effective(self) -> float:
        """Number of independent documents that these are worth."""
        return effective_number(self.weight, self.cluster)


@dataclass(frozen=True, slots=True)
class TailBound:
    """The largest share that the scores allow, and the set of scores that says so.

    Parameters
    ----------
    high : float
        Upper confidence bound of the share, in [0, 1]; 1 bounds nothing.
    own_above, corpus_above : float
        Parts of the candidate's sample and of the corpus in that set.
    n_own, n_corpus : float
        Independent documents of both.
    """

    high: float
    own_above: float
    corpus_above: float
    n_own: float
    n_corpus: float


def tail_bound(own: ScoredDocuments, corpus: ScoredDocuments, confidence_level: float) -> TailBound:
    """Upper confidence bound of the candidate's share, whatever the rest of the corpus is.

    The thresholds stand at evenly spaced quantiles of the candidate's scores, wherever the ratio is
    smallest. All of the probabilities above them are bounded at once (Clopper and Pearson 1934 on
    effective numbers, Bonferroni), so that the smallest of the ratios may be taken.

    Parameters
    ----------
    own, corpus : ScoredDocuments
    confidence_level : float

    Examples
    --------
    >>> alike = ScoredDocuments(np.arange(400.0), np.ones(400), np.arange(400))
    >>> tail_bound(alike, alike, 0.95).high
    1.0
    """
    n_own, n_corpus = own.n_effective, corpus.n_effective
    # Each of the 2 N one-sided bounds fails with (1 - confidence_level) / (2 N) at most.
    each = 1 - (1 - confidence_level) / N_THRESHOLDS
    levels = np.arange(1, N_THRESHOLDS + 1) / (N_THRESHOLDS + 1)
    best = TailBound(1.0, 1.0, 1.0, n_own, n_corpus)
    for threshold in weighted_quantiles(own.score, own.weight, levels).tolist():
        own_above, corpus_above = own.above(threshold), corpus.above(threshold)
        least = clopper_pearson(own_above * n_own, n_own, each)[0]
        most = clopper_pearson(corpus_above * n_corpus, n_corpus, each)[1]
        if most < best.high * least:
            best = TailBound(most / least, own_above, corpus_above, n_own, n_corpus)
    return best


def mixture_bound(
    own: ScoredDocuments,
    rest: ScoredDocuments,
    corpus: ScoredDocuments,
    confidence_level: float,
    caution: float = 1.0,
) -> float:
    """Upper confidence bound of the candidate's share, where it is known how the rest scores.

    The corpus's mean likelihood ratio lies between those of the rest and of the candidate as its
    share does (the method of moments for a mixture of two).

    Parameters
    ----------
    own, rest, corpus : ScoredDocuments
        Their scores are log likelihood ratios.
    confidence_level : float
    caution : float
        Times as much noise as there is.

    Examples
    --------
    >>> low, high = np.full(90, -4.0), np.full(10, -1.0)
    >>> docs = [ScoredDocuments(one, np.ones(len(one)), np.arange(len(one)))
    ...         for one in (high, low, np.concatenate([low, high]))]
    >>> round(mixture_bound(*docs, 0.95), 2)
    0.16
    >>> mixture_bound(docs[1], docs[0], docs[2], 0.95)
    1.0
    """
    (one, one_noise), (other, other_noise), (found, noise) = map(_mean_ratio, (own, rest, corpus))
    if one <= other:
        return 1.0
    share = min(1.0, max(0.0, (found - other) / (one - other)))
    error = np.sqrt(noise + (1 - share) ** 2 * other_noise + share**2 * one_noise) / (one - other)
    return min(1.0, share + caution * normal_quantile((1 + confidence_level) / 2) * float(error))


def _mean_ratio(documents: ScoredDocuments) -> tuple[float, float]:
    """Mean likelihood ratio, and the square of its standard error."""
    ratio = np.exp(documents.score)
    mean = float(np.average(ratio, weights=documents.weight))
    spread = float(np.average(np.square(ratio - mean), weights=documents.weight))
    return mean, spread / documents.n_effective


def share_bounds(
    candidate: Fingerprint, corpus: Fingerprint, *, seed: int, confidence_level: float
) -> dict[str, TailBound] | None:
    """Bounds by unit; None where the corpus has too few independent documents for any.

    Parameters
    ----------
    candidate, corpus : Fingerprint
        Of one spec, with different names.
    seed : int
        Draws the folds of the fit.
    confidence_level : float

    Raises
    ------
    InputError
        Where the candidate has too little text.
    """
    samples = candidate.sample, corpus.sample
    pooled, source = SampledDocuments.pooled(samples)
    if len(np.unique(components(pooled, source)[source == 1])) < MINIMUM_DOCUMENTS:
        return None
    scored = fit_panel([candidate, corpus], seed).samples(_VIEW).scored
    score = scored.row_statistic(0).astype(np.float64)
    bounds = {}
    for unit in UNITS:
        weight = pooled.multiplicity * (pooled.n_tokens if unit == "tokens" else 1.0)
        own, rest = (
            ScoredDocuments(score[one], weight[one], scored.cluster[one])
            for one in (source == 0, source == 1)
        )
        bounds[unit] = tail_bound(own, rest, confidence_level)
    return bounds
