"""ReadMe: worked by hand, and where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
from known_peers import able

from provenance.validation.peers.peers import PeerTexts, Training


def training(own: list[str], rest: list[str]) -> Training:
    texts = PeerTexts([*own, *rest])
    return Training(texts, np.arange(len(texts)) < len(own), resamples=12)


def marked(words: str, count: int, of: int) -> list[str]:
    """So many texts that hold three words, and others that hold none of them."""
    return [f"x {words}"] * count + ["x"] * (of - count)


def test_words_that_stand_together_by_hand() -> None:
    # 80 % of the candidate and 20 % of the rest hold all three: 44 % are 40 % of the candidate.
    fitted = able("ReadMe").fit(training(marked("a b c", 800, 1000), marked("a b c", 200, 1000)))
    share, low, high = fitted.read(PeerTexts(marked("a b c", 44, 100)))
    assert share == pytest.approx(0.4, abs=0.03)
    assert low < share < high < low + 0.2


def test_rare_and_common_words_are_left_out() -> None:
    own = [*["x a b c rare"] * 1, *["x a b c"] * 99]
    fitted = able("ReadMe").fit(training(own, ["x other thing here"] * 100))
    assert set(fitted.vocabulary) == {"a", "b", "c", "other", "thing", "here"}  # type: ignore[attr-defined]


def test_nothing_known_is_said_to_be_unknown() -> None:
    fitted = able("ReadMe").fit(training(["x y"] * 10, ["x y"] * 10))
    assert fitted.read(PeerTexts(["x y"])) == (0.0, 0.0, 1.0)


def test_a_corpus_like_neither_source_is_unknown() -> None:
    """Of a corpus that holds a combination that neither source has, no subset tells anything."""
    fitted = able("ReadMe").fit(training(["a b c"] * 10, ["d e f"] * 10))
    assert fitted.read(PeerTexts(["a b c d e f"] * 5)) == (0.0, 0.0, 1.0)
