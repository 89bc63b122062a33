"""ReadMe of Hopkins and King (2010): which words stand together, without a classifier."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.validation.peers.quapy_methods import quiet
from provenance.validation.peers.training import Interval, PeerTexts, Training

__all__ = ["fit_read_me"]

RAREST: Final = 0.01
"""Words of fewer than 1 % or more than 99 % of the documents are left out (Hopkins and King)."""
N_WORDS: Final = 10
"""Words of a subset; Hopkins and King: 5 to 25, QuaPy: 15, at eighteen times the run time."""
N_SUBSETS: Final = 20
"""Subsets of each resample; QuaPy: 300. A corpus takes seconds so, where it would take minutes."""
_FEWEST: Final = 3
"""Words without which nothing is told."""


@dataclass(frozen=True, slots=True, eq=False)
class _ReadMe:
    """QuaPy's ReadMe on the words of the training set.

    Parameters
    ----------
    vocabulary : dict of str to int
        Columns of the words.
    held : ndarray of uint8, shape (n_training, n_words)
        1 where a training document holds a word.
    training : Training
    quantifier : quapy.method.non_aggregative.ReadMe
    """

    vocabulary: dict[str, int]
    held: NDArray[np.uint8]
    training: Training
    quantifier: Any

    def read(self, texts: PeerTexts) -> Interval:
        n_words = min(N_WORDS, len(self.vocabulary))
        if n_words < _FEWEST:
            return 0.0, 0.0, 1.0
        rng = np.random.default_rng(self.training.seed)
        corpus = _held(texts, self.vocabulary)
        with quiet():
            found = [self._resample(rng, corpus, n_words) for _ in range(self.training.resamples)]
        told = np.array(found)[np.isfinite(found)]
        if not len(told):
            return 0.0, 0.0, 1.0
        tail = (1 - self.training.confidence_level) / 2
        low, high = np.quantile(told, [tail, 1 - tail])
        return float(told.mean()), float(low), float(high)

    def _resample(self, rng: np.random.Generator, corpus: NDArray[np.uint8], n_words: int) -> float:
        """Mean share over the subsets of words that tell one, by a resample of the training texts.

        NaN where none does.
        """
        # QuaPy's own loop ends in an error in 0.2.3: it gives a list where an array is asked for.
        rows = rng.integers(len(self.held), size=len(self.held))
        labels = self.training.is_candidate[rows].astype(int)
        shares = []
        for _ in range(N_SUBSETS):
            words = rng.choice(len(self.vocabulary), size=n_words, replace=False)
            learnt = self.held[np.ix_(rows, words)]
            share = self.quantifier._quantify_iteration(learnt, labels, corpus[:, words])
            shares.append(share[1])
        told = np.array(shares)[np.isfinite(shares)]
        return float(told.mean()) if len(told) else math.nan


def fit_read_me(training: Training) -> _ReadMe:
    """Least squares on how often words stand together, over subsets of words and resamples.

    The frequency of every combination of a few words in the corpus is the mixture of its
    frequencies in the two sources (Hopkins and King 2010, American Journal of Political Science
    54). Training documents are resampled, so that the interval tells what is not known of the
    sources; the share is the mean of all, as QuaPy tells it.
    """
    from quapy.method.non_aggregative import ReadMe

    counts = Counter(chain.from_iterable(training.texts.words))
    n = len(training.texts)
    kept = sorted(word for word, count in counts.items() if RAREST <= count / n <= 1 - RAREST)
    vocabulary = {word: column for column, word in enumerate(kept)}
    quantifier = ReadMe(bootstrap_trials=training.resamples, bagging_trials=N_SUBSETS)
    quantifier.classes_ = np.array([0, 1])
    return _ReadMe(vocabulary, _held(training.texts, vocabulary), training, quantifier)


def _held(texts: PeerTexts, vocabulary: dict[str, int]) -> NDArray[np.uint8]:
    """1 where a document holds a word, shape (n_documents, n_words)."""
    held = np.zeros((len(texts), len(vocabulary)), dtype=np.uint8)
    for row, words in enumerate(texts.words):
        held[row, [vocabulary[word] for word in words if word in vocabulary]] = 1
    return held
