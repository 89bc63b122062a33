"""What is done to rows: by hand, and the laws that all of it keeps."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_edits import ANY_TEXT, draw

from provenance.validation.laundering.corpora import (
    CORPUS_LAUNDERERS,
    FAMOUS_WORDS,
    spread_over_files,
    telling_words,
)

OTHERS = ["one", "two"]
NAMES = sorted(CORPUS_LAUNDERERS)


@pytest.mark.parametrize("name", NAMES)
@given(texts=st.lists(ANY_TEXT, max_size=6), seed=st.integers(0, 9), strength=st.floats(0, 1))
def test_the_same_generator_gives_the_same_rows(
    name: str, texts: list[str], seed: int, strength: float
) -> None:
    function = CORPUS_LAUNDERERS[name]
    once, again = (function(texts, OTHERS, strength, draw(seed)) for _ in range(2))
    assert once == again
    nothing = function(texts, OTHERS, 0.0, draw(seed))
    assert [text for text in nothing if text] == [text for text in texts if text]


def test_refusals_are_dropped() -> None:
    texts = ["I'm sorry, but no.", "Sure.", "As an AI language model, no.", "Sorryfull is no word."]
    drop = CORPUS_LAUNDERERS["refusal_drop"]
    assert drop(texts, OTHERS, 1.0, draw()) == ["Sure.", "Sorryfull is no word."]
    assert {len(drop(texts, OTHERS, 0.5, draw(seed))) for seed in range(20)} == {3}


def test_documents_are_split_after_three_sentences() -> None:
    split = CORPUS_LAUNDERERS["splitting"]
    assert split(["A. B. C. D."], OTHERS, 1.0, draw()) == ["A. B. C. ", "D."]


@given(st.lists(ANY_TEXT, max_size=6))
def test_what_is_split_is_all_there(texts: list[str]) -> None:
    assert "".join(CORPUS_LAUNDERERS["splitting"](texts, OTHERS, 1.0, draw())) == "".join(texts)


def test_documents_are_mixed() -> None:
    (mixed,) = CORPUS_LAUNDERERS["mixing"](["x"], OTHERS, 1.0, draw())
    assert mixed in {"one\n\nx\n\ntwo", "two\n\nx\n\none"}


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 9), st.integers(0, 9))
def test_spread_rows_are_all_there(texts: list[str], n_files: int, seed: int) -> None:
    files = spread_over_files(texts, n_files, draw(seed))
    assert len(files) == n_files and sorted(chain.from_iterable(files)) == sorted(texts)
    assert max(map(len, files)) - min(map(len, files)) <= 1


def test_telling_words_stand_in_more_texts_here() -> None:
    own = ["Delve into it.", "We delve.", "They delve, it is said."]
    assert telling_words(own, ["It is.", "We are into it.", "They said."], 1) == ["delve"]
    assert telling_words(own, ["x"], 0) == []
    assert len(set(FAMOUS_WORDS)) == len(FAMOUS_WORDS) > 40
