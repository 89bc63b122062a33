"""One pass finds what a search for each finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.needles import present

SHORT = st.text("abc我 ", min_size=1, max_size=4)


TEXTS = st.lists(st.text("abc我 é", max_size=60), max_size=5)


@given(st.lists(SHORT, min_size=1, max_size=9, unique=True), TEXTS)
def test_as_each_by_itself(needles: list[str], texts: list[str]) -> None:
    expected = [
        sum(1 << number for number, needle in enumerate(needles) if needle in text)
        for text in texts
    ]
    assert present(tuple(needles), texts).tolist() == expected


def test_every_bit_can_be_had() -> None:
    needles = tuple(f"<{number}>" for number in range(64))
    assert present(needles, ["".join(needles), "<1 \ud800"]).tolist() == [2**64 - 1, 0]


@given(st.lists(SHORT.filter(str.islower), min_size=1, max_size=9, unique=True), TEXTS)
def test_in_letters_of_any_case(needles: list[str], texts: list[str]) -> None:
    capital = [text.upper() if text.isascii() else text for text in texts]
    assert present(tuple(needles), capital).tolist() == present(tuple(needles), texts).tolist()
