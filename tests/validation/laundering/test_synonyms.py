"""Words become others of the same meaning and count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_edits import ANY_TEXT, LONG, draw, outcomes

from provenance.simulate.words import library_texts
from provenance.validation.laundering.synonyms import (
    ALTERNATIVES,
    WORD,
    alternatives,
)
from provenance.validation.laundering.table import launder


def reachable_share(text: str) -> float:
    """Share of the running words of a text that the table can swap."""
    words = WORD.findall(text)
    return sum(bool(alternatives(word)) for word in words) / len(words)


def swapped_share(before: str, after: str) -> float:
    """Share of the running words of a text that another word stands for."""
    words, others = WORD.findall(before), WORD.findall(after)
    return sum(map(str.__ne__, words, others)) / len(words)


@pytest.mark.parametrize("name", ["case", "whitespace", "synonyms"])
@given(text=ANY_TEXT, strength=st.floats(0, 1), seed=st.integers(0, 9))
def test_as_many_words_as_before(name: str, text: str, strength: float, seed: int) -> None:
    plain = text.encode("ascii", "ignore").decode()
    laundered = launder(plain, name, strength, draw(seed))
    assert len(WORD.findall(laundered)) == len(WORD.findall(plain))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_words_swapped_for_others(rate: float) -> None:
    assert swapped_share(LONG, launder(LONG, "synonyms", rate, draw(3))) == pytest.approx(
        rate, abs=0.002
    )


def test_synonyms_go_as_far_as_the_table() -> None:
    reach = reachable_share(LONG)
    assert 0.3 < reach < 1
    assert swapped_share(LONG, launder(LONG, "synonyms", 1.0, draw())) == pytest.approx(reach)


def test_synonyms() -> None:
    assert outcomes("Using", "synonyms") == {"Employing", "Utilizing"}
    assert outcomes("USING zebras, you’re", "synonyms") == {
        f"{word} zebras, you've" for word in ("EMPLOYING", "UTILIZING")
    }


def test_a_word_becomes_another_word_of_the_same_count() -> None:
    for word, others in ALTERNATIVES.items():
        assert others and word not in others and len(set(others)) == len(others)
        assert all(WORD.fullmatch(one) and one == one.lower() for one in (word, *others))


def test_alternatives_are_written_as_the_word_is() -> None:
    assert alternatives("simple") == tuple(map(str.lower, alternatives("SIMPLE")))
    assert all(word.istitle() for word in alternatives("Simple"))
    assert alternatives("") == ()


def test_the_table_reaches_a_third_of_ordinary_english() -> None:
    shares = [reachable_share(text) for text in library_texts() if len(text.split()) >= 100]
    assert np.median(shares) > 0.33
