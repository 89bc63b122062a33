"""The word-occurrence mixture of Liang et al. (2024), of sentences and of documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.validation.peers.training import Interval, PeerTexts, Training

__all__ = ["documents", "fit_liang", "mixture_alpha", "sentences"]

MINIMUM_CANDIDATE: Final = 3
"""Documents of the candidate that hold a word before Liang et al. count it."""
MINIMUM_REST: Final = 5
"""Documents of the rest (their human text) that hold it."""
_LARGEST: Final = 700.0
_SMALLEST: Final = 1e-300
_HALVINGS: Final = 20


def mixture_alpha(log_posterior: NDArray[np.float64], weights: NDArray[Any]) -> float:
    """Share that maximises the likelihood of a mixture of two known densities, by bisection.

    The log-likelihood ``sum(w log((1 - alpha) + alpha exp(log_posterior)))`` of Liang et al. (2024)
    is concave in alpha.

    Parameters
    ----------
    log_posterior : ndarray of float64, shape (n_texts,)
        Log density under the candidate less that under the rest, in nats.
    weights : ndarray, shape (n_texts,)
        How often each text counts.

    Examples
    --------
    >>> round(mixture_alpha(np.log([3.0, 1 / 3]), np.ones(2)), 3)
    0.5
    """
    excess = np.expm1(log_posterior.clip(-_LARGEST, _LARGEST))

    def slope(alpha: float) -> float:
        density = np.maximum(1 + alpha * excess, _SMALLEST)
        return float(weights @ (excess / density))

    low, high = 0.0, 1.0
    if slope(low) <= 0 or slope(high) >= 0:
        return float(slope(low) > 0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def documents(texts: PeerTexts) -> tuple[PeerTexts, NDArray[np.int64]]:
    """Whole documents, each its own number."""
    return texts, np.arange(len(texts))


def sentences(texts: PeerTexts) -> tuple[PeerTexts, NDArray[np.int64]]:
    """Sentences, with the number of the document of each."""
    return texts.sentences


Units = Callable[[PeerTexts], tuple[PeerTexts, NDArray[np.int64]]]
"""Cuts texts, and tells the document of each piece."""


@dataclass(frozen=True, slots=True, eq=False)
class _WordMixture:
    """Occurrence rates of words in two sources; see ``fit_liang``.

    Parameters
    ----------
    weights : dict of str to float
        What the presence of a word adds to the log ratio of a text, in nats.
    constant : float
        Log ratio of a text without any of the words.
    units : callable
    training : Training
    """

    weights: dict[str, float]
    constant: float
    units: Units
    training: Training

    def log_posterior(self, words: Iterable[str]) -> float:
        """Log density of a set of words under the candidate less that under the rest."""
        # Sets have another order in every process, and sums of floats heed it.
        return self.constant + sum(self.weights.get(word, 0.0) for word in sorted(words))

    def read(self, texts: PeerTexts) -> Interval:
        pieces, _ = self.units(texts)
        ratios = np.sort([self.log_posterior(words) for words in pieces.words if len(words) > 1])
        if not ratios.any():
            return 0.0, 0.0, 1.0
        n = len(ratios)
        rng = np.random.default_rng(self.training.seed)
        drawn = (rng.multinomial(n, np.full(n, 1 / n)) for _ in range(self.training.resamples))
        tail = (1 - self.training.confidence_level) / 2
        low, high = np.quantile([mixture_alpha(ratios, one) for one in drawn], [tail, 1 - tail])
        return mixture_alpha(ratios, np.ones(n)), float(low), float(high)


def fit_liang(training: Training, units: Units) -> _WordMixture:
    """Word-occurrence mixture of Liang et al. (ICML 2024; as coded for their COLM 2024 paper).

    A text is a set of words that occur independently: its log density is the sum of log p of the
    words that are there and of log(1 - p) of those that are not. Words count where both sources
    have them, in ``MINIMUM_CANDIDATE`` and ``MINIMUM_REST`` texts, and not in all texts of one.
    The interval is the percentile bootstrap of the corpus. The published unit is the sentence,
    and the share is then of sentences.
    """
    texts, document = units(training.texts)
    is_candidate = training.is_candidate[document]
    kept = np.array([len(words) > 1 for words in texts.words])
    own, n_own = _text_counts(texts, kept & is_candidate)
    rest, n_rest = _text_counts(texts, kept & ~is_candidate)
    vocabulary = sorted(
        word
        for word, count in own.items()
        if MINIMUM_CANDIDATE <= count < n_own and MINIMUM_REST <= rest[word] < n_rest
    )
    p = np.array([own[word] / n_own for word in vocabulary])
    q = np.array([rest[word] / n_rest for word in vocabulary])
    absent = np.log1p(-p) - np.log1p(-q)
    present = np.log(p) - np.log(q) - absent
    weights = dict(zip(vocabulary, present.tolist(), strict=True))
    return _WordMixture(weights, float(absent.sum()), units, training)


def _text_counts(texts: PeerTexts, chosen: NDArray[np.bool_]) -> tuple[Counter[str], int]:
    """Number of the chosen texts that hold each word, and of all chosen ones."""
    words = compress(texts.words, chosen.tolist())
    return Counter(chain.from_iterable(words)), int(np.count_nonzero(chosen))
