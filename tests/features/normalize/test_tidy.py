"""Texts that are told to be tidy are those of ASCII that no repair changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.features.normalize import normalize
from provenance.features.normalize.tidy import are_tidy

TEXTS = st.lists(
    st.text(st.sampled_from("ab. \t\n\r\x00\x0b\x1f\x7fé\u200b\ud800")) | st.text(), max_size=6
)


@given(TEXTS)
def test_what_is_tidy_is_not_repaired_and_other_ascii_is(texts: list[str]) -> None:
    for text, is_tidy in zip(texts, are_tidy(texts).tolist(), strict=True):
        result = normalize(text)
        assert is_tidy == (text.isascii() and result.text == text)
        assert not (is_tidy and result.repairs)
