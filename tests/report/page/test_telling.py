"""Telling n-grams: words before layout."""

from __future__ import annotations

from dataclasses import replace

import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from provenance.records import SignatureRow
from provenance.report.page.telling import layout_told, told_grams


def row(ngram: str) -> SignatureRow:
    return replace(examples.estimated().signature[0], ngram=ngram)


def test_words_come_before_scraps_and_layout() -> None:
    found = told_grams([row(one) for one in ("1.", "'t", ":", "so", "delve", "of the")])
    assert [one.row.ngram for one in found] == ["delve", "of the", "so", "'t", "1.", ":"]
    assert [one.layout for one in found[-2:]] == ["a numbered list", "a colon"]


def test_the_same_words_and_the_same_layout_are_told_once() -> None:
    texts = ("remember,", ". Remember", "please", "please note", "1.", "2.", "**")
    found = [(one.row.ngram, one.layout) for one in told_grams([row(one) for one in texts])]
    words = [("remember,", ""), ("please", ""), ("please note", "")]
    assert found == [*words, ("1.", "a numbered list"), ("**", "bold")]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_none_is_told_twice_and_layout_holds_no_word(texts: list[str]) -> None:
    found = told_grams([row(one) for one in texts])
    assert {one.row.ngram for one in found} <= {*texts}
    assert {one.layout for one in found} == {layout_told(text) for text in texts}
    assert told_grams([one.row for one in found]) == found
    for one in found:
        assert bool(one.layout) == (not any(letter.isalpha() for letter in one.row.ngram))
        assert one.layout == layout_told(one.row.ngram)
