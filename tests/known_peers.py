"""What the tests of the peers share: told posteriors, and simulated text."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from provenance.simulate.words import NGramModel, library_texts
from provenance.validation.peers.peers import PEERS, Classifier, Peer, PeerTexts, Training, missing

FEW = 12
"""Resamples."""


def able(name: str) -> Peer:
    """A peer that can run here; else the test is skipped, with what is missing."""
    if (why := missing(PEERS[name])) is not None:
        pytest.skip(why)
    return PEERS[name]


class Told(BaseEstimator):  # type: ignore[misc]
    """A fitted classifier that reads the posterior from the text."""

    classes_ = np.array([0, 1])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, texts: list[str], labels: NDArray[np.int64]) -> Told:
        return self

    def predict_proba(self, documents: list[str]) -> NDArray[np.float64]:
        posterior = np.array([float(text) for text in documents])
        return np.stack([1 - posterior, posterior], axis=1)


def told(own: list[float], rest: list[float], **changes: Any) -> Training:
    """A training set whose held-out posteriors are as told."""
    posterior = np.array([*own, *rest])
    texts, is_candidate = PeerTexts([""] * len(posterior)), np.arange(len(posterior)) < len(own)
    training = Training(texts, is_candidate, **{"resamples": FEW, **changes})
    vars(training)["classifier"] = Classifier(Told(), posterior)
    return training


def telling(posterior: list[float]) -> PeerTexts:
    texts = PeerTexts([str(value) for value in posterior])
    vars(texts)["features"] = texts.documents
    return texts


@cache
def models() -> tuple[NGramModel, NGramModel]:
    model = NGramModel.fit(library_texts()[:150])
    return model, model.distorted(1.0, np.random.default_rng(7))


@cache
def written(model: int, count: int, seed: int) -> tuple[str, ...]:
    rng = np.random.default_rng([seed, model])
    return tuple(models()[model].sample(rng, 60) for _ in range(count))


@cache
def simulated() -> Training:
    texts = PeerTexts([*written(0, 100, 0), *written(1, 100, 0)])
    return Training(texts, np.arange(200) < 100, resamples=FEW)


def mixed(n_own: int, of: int = 100) -> list[str]:
    return [*written(0, 100, 1)[:n_own], *written(1, 100, 1)[: of - n_own]]
