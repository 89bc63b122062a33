"""The mixture of Liang et al., worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from provenance.validation.peers.peers import PEERS, PeerTexts, Training, mixture_alpha

LIANG = ("Liang, sentences", "Liang, documents")


def holding(word: str, count: int, of: int) -> list[str]:
    """So many texts, the first of which hold a word; all hold two others."""
    return [f"x y {word}"] * count + ["x y"] * (of - count)


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
    texts = PeerTexts(holding("a", 15, 20) + holding("a", 5, 20))
    fitted: Any = PEERS[name].fit(Training(texts, np.arange(40) < 20, resamples=12))
    assert list(fitted.weights) == ["a"]
    assert fitted.log_posterior(["x", "y", "a"]) == pytest.approx(np.log(3))
    assert fitted.log_posterior(["x", "y"]) == pytest.approx(-np.log(3))
    share, low, high = fitted.read(PeerTexts(holding("a", 40, 100)))
    assert share == pytest.approx(0.3, abs=1e-5)
    assert 0 <= low < share < high <= 0.6


def test_which_words_count() -> None:
    own = PeerTexts([*holding("few", 2, 20), *holding("three", 3, 20), *holding("alone", 9, 20)])
    rest = [*holding("few", 9, 20), *holding("three", 5, 20), *holding("other", 9, 20)]
    texts = PeerTexts([*own.documents, *rest, "word", "word"])
    fitted: Any = PEERS["Liang, documents"].fit(Training(texts, np.arange(122) < 60))
    assert list(fitted.weights) == ["three"]


@pytest.mark.parametrize("name", LIANG)
def test_nothing_known_is_said_to_be_unknown(name: str) -> None:
    fitted = PEERS[name].fit(Training(PeerTexts(["x y"] * 10), np.arange(10) < 5))
    assert fitted.read(PeerTexts(["x y"])) == (0.0, 0.0, 1.0)
    assert fitted.read(PeerTexts(["x"])) == (0.0, 0.0, 1.0)
