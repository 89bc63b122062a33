"""The published peers: worked by hand, the laws of a reading, sanity on text of known origin."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from provenance.errors import InputError
from provenance.simulate.words import NGramModel, library_texts
from provenance.validation.peers import peers
from provenance.validation.peers.peers import (
    PEERS,
    Classifier,
    Peer,
    Texts,
    Training,
    compare,
    missing,
    mixture_alpha,
)

NAMES = tuple(PEERS)
LIANG = ("Liang, sentences", "Liang, documents")
QUAPY = tuple(name for name, peer in PEERS.items() if "quapy" in peer.packages)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "N_RESAMPLES", 12)


def able(name: str) -> Peer:
    for package in PEERS[name].packages:
        pytest.importorskip(package)
    return PEERS[name]


def holding(word: str, count: int, of: int) -> list[str]:
    """So many texts, the first of which hold a word; all hold two others."""
    return [f"x y {word}"] * count + ["x y"] * (of - count)


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


def told(own: list[float], rest: list[float]) -> Training:
    """A training set whose held-out posteriors are as told."""
    posterior = np.array([*own, *rest])
    training = Training(Texts([""] * len(posterior)), np.arange(len(posterior)) < len(own))
    vars(training)["classifier"] = Classifier(Told(), posterior)
    return training


def telling(posterior: list[float]) -> Texts:
    texts = Texts([str(value) for value in posterior])
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
    texts = Texts([*written(0, 100, 0), *written(1, 100, 0)])
    return Training(texts, np.arange(200) < 100)


def mixed(n_own: int, of: int = 100) -> list[str]:
    return [*written(0, 100, 1)[:n_own], *written(1, 100, 1)[: of - n_own]]


@pytest.mark.parametrize(("ratios", "alpha"), [((9.0, 2.0), 1.0), ((0.5, 0.1), 0.0)])
def test_where_all_texts_speak_for_one_source(ratios: tuple[float, ...], alpha: float) -> None:
    assert mixture_alpha(np.log(ratios), np.ones(2)) == alpha


def test_a_mixture_is_found_where_no_density_overflows() -> None:
    ratios = np.array([5000.0] * 3 + [-5000.0] * 7)
    assert mixture_alpha(ratios, np.ones(10)) == pytest.approx(0.3, abs=1e-5)
    assert mixture_alpha(ratios[::5], np.array([1, 3])) == pytest.approx(0.25, abs=1e-5)


@pytest.mark.parametrize("name", LIANG)
def test_word_occurrence_by_hand(name: str) -> None:
    # With one word at rates p and q the likelihood is binomial: alpha is (m / n - q) / (p - q).
    texts = Texts(holding("a", 15, 20) + holding("a", 5, 20))
    fitted: Any = PEERS[name].fit(Training(texts, np.arange(40) < 20))
    assert list(fitted.weights) == ["a"]
    assert fitted.log_posterior(["x", "y", "a"]) == pytest.approx(np.log(3))
    assert fitted.log_posterior(["x", "y"]) == pytest.approx(-np.log(3))
    share, low, high = fitted.read(Texts(holding("a", 40, 100)))
    assert share == pytest.approx(0.3, abs=1e-5)
    assert 0 <= low < share < high <= 0.6


def test_which_words_count() -> None:
    own = Texts([*holding("few", 2, 20), *holding("three", 3, 20), *holding("alone", 9, 20)])
    rest = [*holding("few", 9, 20), *holding("three", 5, 20), *holding("other", 9, 20)]
    texts = Texts([*own.documents, *rest, "word", "word"])
    fitted: Any = PEERS["Liang, documents"].fit(Training(texts, np.arange(122) < 60))
    assert list(fitted.weights) == ["three"]


def test_sentences_are_cut() -> None:
    pieces, document = Texts(["One two. Three four?\nFive 1.5", "six"]).sentences
    assert pieces.documents == ["One two.", "Three four?", "Five 1.5", "six"]
    assert document.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("name", LIANG)
def test_nothing_known_is_said_to_be_unknown(name: str) -> None:
    fitted = PEERS[name].fit(Training(Texts(["x y"] * 10), np.arange(10) < 5))
    assert fitted.read(Texts(["x y"])) == (0.0, 0.0, 1.0)
    assert fitted.read(Texts(["x"])) == (0.0, 0.0, 1.0)


def test_classify_and_count_by_hand() -> None:
    fitted = PEERS["classify and count"].fit(told([0.9] * 5, [0.1] * 5))
    share, low, high = fitted.read(telling([0.9, 0.6, 0.5, 0.4, *[0.1] * 6]))
    assert (share, round(low, 4), round(high, 4)) == (0.2, 0.0252, 0.5561)


@pytest.mark.parametrize(("name", "posterior"), [("ACC", 0.9), ("PACC", 1.0)])
def test_adjusted_counts_by_hand(name: str, posterior: float) -> None:
    # 80 % of the candidate and 20 % of the rest are taken for the candidate, 44 % of the corpus.
    def with_share(count: int, of: int) -> list[float]:
        return [posterior] * count + [1 - posterior] * (of - count)

    fitted = able(name).fit(told(with_share(8, 10), with_share(2, 10)))
    share, low, high = fitted.read(telling(with_share(44, 100)))
    assert share == pytest.approx(0.4, abs=1e-3)
    assert 0 < low < share < high < 1


def test_kernel_densities_are_those_of_quapy() -> None:
    able("KDEyML")
    from quapy.method.aggregative import KDEyML

    rng = np.random.default_rng(3)
    training = told(rng.beta(4, 2, 60).tolist(), rng.beta(2, 4, 60).tolist())
    corpus = telling(rng.beta(3, 3, 80).tolist())
    whole = KDEyML(Told(), fit_classifier=False, val_split=None)
    held_out = training.classifier.held_out
    whole.aggregation_fit(np.stack([1 - held_out, held_out], axis=1), np.arange(120) < 60)
    expected = whole.aggregate(Told().predict_proba(list(corpus.documents)))[1]
    share, _, _ = PEERS["KDEyML"].fit(training).read(corpus)
    assert share == pytest.approx(expected, abs=1e-4)


# Words are not independent: the mixture of Liang et al. is biased, most of all on sentences here.
TOLERANCE = dict.fromkeys(NAMES, 0.1) | {"Liang, sentences": 0.3, "Liang, documents": 0.3}


@pytest.mark.parametrize("name", NAMES)
def test_shares_of_simulated_text(name: str) -> None:
    able(name)
    corpora = [(mixed(count), count / 100) for count in (0, 50, 100)]
    found = compare(simulated(), corpora, {name: PEERS[name]})
    assert [reading.truth for reading in found] == [0.0, 0.5, 1.0]
    for reading in found:
        assert reading.share == pytest.approx(reading.truth, abs=TOLERANCE[name])
        assert 0 <= reading.low <= reading.high <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_documents_does_not_matter(name: str) -> None:
    fitted, documents = able(name).fit(simulated()), mixed(10, 40)
    assert fitted.read(Texts(documents)) == fitted.read(Texts(documents[::-1]))


def test_groups_are_held_out_together() -> None:
    texts = simulated().texts
    groups = [str(number % 20) for number in range(200)]
    alone = simulated().classifier
    together = Training(texts, np.arange(200) < 100, groups).classifier
    assert alone.posterior(texts).tolist() == together.posterior(texts).tolist()
    assert alone.held_out.tolist() != together.held_out.tolist()


@pytest.mark.parametrize("name", QUAPY)
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec

    def without_quapy(name: str) -> Any:
        return None if name == "quapy" else there(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_quapy)
    assert "quapy" in str(missing(PEERS[name]))
    assert compare(simulated(), [(["x y"], 0.0)], {name: PEERS[name]}) == []


@pytest.mark.parametrize(
    ("texts", "is_candidate"),
    [
        pytest.param(["a"] * 20, np.arange(19) < 9, id="labels"),
        pytest.param(["a"] * 20, np.arange(20) < 4, id="few of the candidate"),
        pytest.param(["a"] * 20, np.arange(20) < 16, id="few of the rest"),
    ],
)
def test_training_sets_that_teach_nothing(
    texts: list[str], is_candidate: NDArray[np.bool_]
) -> None:
    with pytest.raises(InputError):
        Training(Texts(texts), is_candidate)


def test_a_corpus_holds_something() -> None:
    with pytest.raises(InputError, match="no texts"):
        compare(simulated(), [([], 0.0)], {"Liang, documents": PEERS["Liang, documents"]})
