"""Texts that are told to be tidy are those of common characters that no repair changes."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from provenance.features.normalize import normalize
from provenance.features.normalize.gaps import are_odd
from provenance.features.normalize.repairs import uncommon
from provenance.features.normalize.tidy import all_repaired, are_tidy

TEXTS = st.lists(
    st.text(st.sampled_from("ab. \t\n\r\x00\x0b\x1f\x7fé“我😀\xa0\u200b\ud800"))
    | st.text(st.sampled_from("ab,é \t\n"), min_size=20, max_size=60)
    | st.lists(st.sampled_from(["a  b", "a\tb", "a\xa0b", ",  a", " \n", "\n\n\n", "é"])).map(
        "".join
    )
    | st.text(),
    max_size=6,
)


@given(TEXTS)
def test_what_is_tidy_is_common_and_not_repaired(texts: list[str]) -> None:
    for text, is_tidy in zip(texts, are_tidy(texts).tolist(), strict=True):
        result = normalize(text)
        assert is_tidy == (not uncommon(text) and result.text == text)
        assert not (is_tidy and result.repairs)


@given(TEXTS)
def test_all_are_repaired_as_each_is(texts: list[str]) -> None:
    found, each = all_repaired(texts), [normalize(text) for text in texts]
    assert found.texts == [one.text for one in each]
    assert found.repairs == {at: one.repairs for at, one in enumerate(each) if one.repairs}
    assert found.tidy.tolist() == are_tidy(texts).tolist()
    assert found.odd.tolist() == [are_odd(text) for text in texts]


def test_no_character_beyond_the_table_is_common() -> None:
    beyond = range(0x20000, sys.maxunicode + 1)
    assert len(uncommon("".join(map(chr, beyond)))) == len(beyond)
