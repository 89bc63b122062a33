"""Bayesian peers: worked by hand, and beside what QuaPy samples."""

from __future__ import annotations

import numpy as np
import pytest
from known_peers import Told, able, telling, told
from numpy.typing import NDArray
from scipy import stats

from provenance.validation.peers.bayesian import _BayesianMixture
from provenance.validation.peers.peers import Classifier


def halves(n_own: int, n_rest: int) -> tuple[float, float, float]:
    """Documents that are surely the candidate's, and such that surely are not."""
    classifier = Classifier(Told(), np.array([]))

    def densities(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([1 - posterior, posterior], axis=1)

    mixture = _BayesianMixture(classifier, densities, 0.9)
    return mixture.read(telling([1.0] * n_own + [0.0] * n_rest))


@pytest.mark.parametrize(("n_own", "n_rest"), [(0, 10), (3, 7), (40, 60), (20, 0)])
def test_of_sure_documents_the_posterior_is_a_beta(n_own: int, n_rest: int) -> None:
    expected = stats.beta(n_own + 1, n_rest + 1)
    share, low, high = halves(n_own, n_rest)
    assert share == pytest.approx(expected.mean(), abs=1e-6)
    assert (low, high) == pytest.approx(expected.ppf([0.05, 0.95]), abs=1e-4)


def test_a_higher_level_holds_the_lower_one() -> None:
    corpus = telling([0.9] * 20 + [0.2] * 60)
    found = []
    for level in (0.5, 0.9, 0.99):
        training = told([0.8, 0.9] * 30, [0.1, 0.2] * 30, confidence_level=level)
        found.append(able("BayesianKDEy").fit(training).read(corpus))
    lows, highs = [one[1] for one in found], [one[2] for one in found]
    assert lows == sorted(lows, reverse=True) and highs == sorted(highs)
    assert len({one[0] for one in found}) == 1


def beta_told() -> tuple[list[float], list[float], list[float]]:
    rng = np.random.default_rng(5)
    own, rest = rng.beta(4, 2, 150), rng.beta(2, 4, 150)
    corpus = np.concatenate([rng.beta(4, 2, 60), rng.beta(2, 4, 140)])
    return own.tolist(), rest.tolist(), corpus.tolist()


@pytest.mark.slow
def test_the_posterior_is_the_one_that_quapy_samples() -> None:
    able("PQ")
    from quapy.method._bayesian import BayesianKDEy

    own, rest, corpus = beta_told()
    training = told(own, rest)
    theirs = BayesianKDEy(Told(), fit_classifier=False, val_split=None, num_samples=4000)
    held_out = training.classifier.held_out
    theirs.aggregation_fit(np.stack([1 - held_out, held_out], axis=1), np.arange(300) < 150)
    samples = theirs.sample_from_posterior(Told().predict_proba([str(one) for one in corpus]))[:, 1]
    share, low, high = able("BayesianKDEy").fit(training).read(telling(corpus))
    spread = float(samples.std())
    # 4,000 draws that hang together: ten standard errors of their mean are a sixth of their spread.
    assert share == pytest.approx(samples.mean(), abs=spread / 6)
    assert (low, high) == pytest.approx(np.quantile(samples, [0.025, 0.975]), abs=spread / 3)


@pytest.mark.slow
def test_a_precise_quantifier_knows_what_is_sure() -> None:
    """Of bins that hold one class alone the share is counted; of equal histograms nothing is known.

    The bins are quartiles of the training posteriors.
    """
    sure = able("PQ").fit(told([0.6, 0.7, 0.8, 0.9] * 100, [0.1, 0.2, 0.3, 0.4] * 100))
    share, low, high = sure.read(telling([0.75] * 30 + [0.25] * 70))
    assert share == pytest.approx(0.3, abs=0.05)
    assert low < share < high and high - low < 0.1
    vague = able("PQ").fit(told([0.2, 0.4, 0.6, 0.8] * 20, [0.2, 0.4, 0.6, 0.8] * 20))
    _, low, high = vague.read(telling([0.2, 0.4, 0.6, 0.8] * 20))
    assert high - low > 0.7


@pytest.mark.slow
def test_documents_beyond_what_was_learnt_are_counted() -> None:
    sure = able("PQ").fit(told([0.6, 0.7, 0.8, 0.9] * 50, [0.1, 0.2, 0.3, 0.4] * 50))
    inside = sure.read(telling([0.89] * 20 + [0.15] * 80))
    beyond = sure.read(telling([0.999] * 20 + [0.001] * 80))
    assert beyond[0] == pytest.approx(inside[0], abs=0.03)
    assert beyond[2] < 0.4
