"""Classify and count with scikit-learn: what most do without a second thought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.statistics.intervals import clopper_pearson
from provenance.validation.peers.training import Classifier, Interval, PeerTexts, Training

__all__ = ["fit_counting"]


@dataclass(frozen=True, slots=True, eq=False)
class _Counting:
    """Share of documents that a classifier gives to the candidate (Forman 2008, CC)."""

    classifier: Classifier
    confidence_level: float

    def read(self, texts: PeerTexts) -> Interval:
        n_own = int(np.count_nonzero(self.classifier.posterior(texts) > 0.5))
        low, high = clopper_pearson(n_own, len(texts), self.confidence_level)
        return n_own / len(texts), low, high


def fit_counting(training: Training) -> _Counting:
    """Classify and count, with the exact interval of the count."""
    return _Counting(training.classifier, training.confidence_level)
