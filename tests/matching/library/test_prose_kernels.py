"""The one look at all texts tells of each what the slow rules tell of it alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.corpus.languages import COMMON_WORDS
from provenance.matching.library import prose_kernels as kernels
from provenance.matching.library.prose import all_left_out, left_out

_PIECES = st.one_of(
    st.sampled_from(["the", "Of", "it’s", "don't", "zebra", "THE", "would'", "'and'", "x'y'z"]),
    st.sampled_from(
        [" ", ", ", "(", "{}", "_", "the_of", "1st", "\n", "‘", "’’", "\u0307", "\ud800"]
    ),
    st.sampled_from(
        ["İt", "\u212a", "naïve", "ΟΔΟΣ", "ªⅣ²", "한국", "潮汐", "😀", "\U00020000", "é"]
    ),
    st.text(max_size=5),
)
_TEXTS = st.tuples(
    st.lists(_PIECES, max_size=12).map("".join), st.sampled_from([1, 1, 1, 400])
).map(lambda made: made[0] * made[1])


@given(st.lists(_TEXTS, max_size=4))
@example(["the " * 500 + "x " * 5000, "x " * 1000 + "the " * 1000, "(" * 5000, "é" * 2001])
@example(["a " * 999 + "don't", "a " * 999 + "dont’t", "a " * 1999 + "{" * 165, "", "'the'"])
def test_all_texts_are_told_as_each_alone(texts: list[str]) -> None:
    assert all_left_out(texts) == [left_out(text) for text in texts]


def test_every_character_is_told_as_alone() -> None:
    ranges = (range(0x600), range(0x1F00, 0x2500), range(0xFF00, 0xFFF0), range(0x1F0F0, 0x1F150))
    texts = [f"the {chr(code)}of{chr(code)} and" for codes in ranges for code in codes]
    assert all_left_out(texts) == [left_out(text) for text in texts]


def test_common_words_are_found_and_no_others() -> None:
    words = COMMON_WORDS["en"]
    assert all_left_out([*words]) == [("", "")] * len(words)
    assert all_left_out([f"{word}q" for word in words]) == [("unlike", "")] * len(words)


def test_a_word_that_fits_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        kernels.common_words(["ninechars"])
