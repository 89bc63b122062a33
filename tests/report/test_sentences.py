"""What one sentence of a card declares: ends worked by hand, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.report.sentences import mentions, stated


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5 % synthetic", 0.045, 0.055),
        ("2.50 % synthetic", 0.02495, 0.02505),
        ("about 20 % synthetic", 0.145, 0.255),  # a quarter of 20 and half of the last digit
        ("at most 5 % synthetic", 0.0, 0.055),
        ("at least 5 % synthetic", 0.045, 1.0),
        ("5 to 10 % synthetic", 0.045, 0.105),
        ("A quarter of the rows are synthetic.", 0.1825, 0.3175),  # about 25 %
        ("Three in 20 texts are AI-generated.", 0.1075, 0.1925),  # about 15 %
        ("Ninety-nine percent of the rows are synthetic.", 0.985, 0.995),
        ("Most of the rows are synthetic.", 0.495, 1.0),
        ("Synthetic data: none", 0.0, 0.0),
        ("No synthetic data.", 0.0, 0.0),
    ],
)
def test_ends_by_hand(text: str, low: float, high: float) -> None:
    (found,) = stated(text)
    assert [found.low, found.high] == pytest.approx([low, high])
    assert found.is_read and found.said == text


@given(st.integers(0, 99))
def test_a_number_in_words_is_the_number(number: int) -> None:
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    ones += " fifteen sixteen seventeen eighteen nineteen"
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if number < 20:
        word = ones.split()[number]
    else:
        word = tens[number // 10 - 2] + (f"-{ones.split()[number % 10]}" if number % 10 else "")
    (spelled,) = stated(f"{word} percent synthetic")
    (written,) = stated(f"{number} % synthetic")
    assert (spelled.low, spelled.high) == (written.low, written.high)


@given(
    st.text(st.sampled_from("5 10,.%~-–tonf synthetic AI-generated\n|:*#?allhrows"), max_size=80)
)
def test_whatever_is_written_is_a_share_or_is_not_read(text: str) -> None:
    for one in stated(text):
        assert 0.0 <= one.low <= one.high <= 1.0
        assert one.is_read or mentions(one.said)
        assert int(one.where.removeprefix("line ")) <= text.count("\n") + 1


def test_people_are_no_machines() -> None:
    for text in ("Written by people.", "By an AIDS charity.", "Kirchengeneration", "unsaid", ""):
        assert not mentions(text)
