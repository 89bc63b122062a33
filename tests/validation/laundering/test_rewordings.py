"""Edits that cost no sense: by hand, and that nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from known_edits import ANY_TEXT, draw

from provenance.validation.laundering.edits import sentences
from provenance.validation.laundering.rewordings import (
    change_contractions,
    cut_ends,
    swap_sentences,
)


def test_short_forms_are_written_out_and_long_ones_short() -> None:
    assert change_contractions("Don't, I can't: it is so.", 1.0, draw()) == (
        "Do not, I cannot: it is so."
    )
    assert change_contractions("It is so. I do not know.", 1.0, draw()) == "It's so. I don't know."


@given(ANY_TEXT, st.floats(0, 1), st.integers(0, 5))
def test_swapped_sentences_are_all_there(text: str, strength: float, seed: int) -> None:
    found = swap_sentences(text, strength, draw(seed))
    assert sorted(found) == sorted(text)


def test_sentences_change_with_the_next() -> None:
    assert swap_sentences("A.\nB. C. D.", 1.0, draw()) in ("B.\nA. D. C.", "A.\nC. B. D.")
    assert swap_sentences("A. B.", 1.0, draw()) == "B. A."


def test_the_first_and_the_last_sentence_are_cut_off() -> None:
    text = "A. B. C. D. E. F."
    assert cut_ends(text, 1.0, draw()) == "".join(sentences(text)[1:-1])
    assert cut_ends(text, 0.0, draw()) == text
    assert cut_ends("A. B. C.", 1.0, draw()) == "A. B. C."
