"""Bayesian quantifiers of QuaPy: the interval is the middle of what the corpus leaves possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.validation.peers.quapy_methods import (
    Columns,
    both_classes,
    fit_quapy,
    kernel_densities,
    quiet,
)
from provenance.validation.peers.training import Classifier, Interval, PeerTexts, Training

__all__ = ["fit_bayesian_kdey", "fit_pq"]

_PLACES: Final = 4000
"""Shares at which a posterior is evaluated: a round figure, not tuned; a fortieth of a point."""
_SMALLEST: Final = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class _BayesianMixture:
    """The share's posterior where a document's density is a mixture of two known ones.

    Parameters
    ----------
    classifier : Classifier
    densities : callable
        From posteriors of documents to their densities under the rest and the candidate.
    confidence_level : float
    """

    classifier: Classifier
    densities: Columns
    confidence_level: float

    def read(self, texts: PeerTexts) -> Interval:
        rest, own = self.densities(self.classifier.posterior(texts)).T
        edges = np.linspace(0.0, 1.0, _PLACES + 1)
        middles = (edges[1:] + edges[:-1]) / 2
        # One place at a time: all at once would be a table of places by documents.
        found = [np.log(np.maximum(rest + at * (own - rest), _SMALLEST)).sum() for at in middles]
        mass = np.exp(np.array(found) - max(found))
        below = np.concatenate([[0.0], np.cumsum(mass) / mass.sum()])
        tail = (1 - self.confidence_level) / 2
        low, high = np.interp([tail, 1 - tail], below, edges)
        return float(mass @ middles / mass.sum()), float(low), float(high)


def fit_bayesian_kdey(training: Training) -> _BayesianMixture:
    """KDEy with the share's posterior under a uniform prior, instead of the likeliest share.

    QuaPy samples this posterior with numpyro, compiled anew for each corpus. Of two sources it has
    one dimension and is summed here, so that nothing is left to the draw; a test holds it to
    QuaPy's samples. The share is the posterior's mean, the interval lies between its quantiles.
    """
    quantifier = fit_quapy(training, "KDEyML").bootstrap.quantifier
    densities = kernel_densities(quantifier)
    return _BayesianMixture(training.classifier, densities, training.confidence_level)


@dataclass(frozen=True, slots=True, eq=False)
class _PreciseQuantifier:
    """QuaPy's PQ on the shared classifier, with its own credible interval.

    Parameters
    ----------
    classifier : Classifier
    quantifier : quapy.method.confidence.PQ
    """

    classifier: Classifier
    quantifier: Any

    def read(self, texts: PeerTexts) -> Interval:
        # QuaPy counts no document beyond the posteriors that it has learnt from.
        ends: NDArray[np.float64] = self.quantifier.bin_limits[[0, -1]]
        inside = self.classifier.posterior(texts).clip(*ends)
        with quiet():
            share, region = self.quantifier.aggregate_conf(both_classes(inside))
        return float(share[1]), float(region.I_low[1]), float(region.I_high[1])


def fit_pq(training: Training) -> _PreciseQuantifier:
    """Precise quantifier (arXiv:2507.06061): a Bayesian HDy, sampled by Stan.

    Both histograms and the share are unknown; what is told is the share of the corpus's own
    documents. The first run of all compiles the model, for a minute or more; it is kept.
    """
    with quiet():
        from quapy.method.confidence import PQ

        quantifier = PQ(
            training.classifier.model,
            fit_classifier=False,
            val_split=None,
            stan_seed=training.seed,
            confidence_level=training.confidence_level,
        )
        labels = training.is_candidate.astype(int)
        quantifier.aggregation_fit(both_classes(training.classifier.held_out), labels)
    return _PreciseQuantifier(training.classifier, quantifier)
