"""Strings that stand for a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.canary.nonce_strings import BITS, nonce_string, strings_in


@given(st.integers(0, 2**BITS - 1), st.integers(0, 2**BITS - 1))
def test_every_number_is_a_string_of_its_own(number: int, other: int) -> None:
    """So a string has as many bits as it claims."""
    string = nonce_string(number)
    assert (string == nonce_string(other)) == (number == other)
    assert list(strings_in(f"(ref. {string}).")) == [string]
    assert BITS >= 64


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bababa-bababa-bababa-bababa", 1),
        ("bababa–bababa—bababa‑bababa", 1),
        ("xbababa-bababa-bababa-bababa", 0),
        ("bababa-bababa-bababa", 0),
        ("bababa-bababa-bababa-bababay", 0),
        ("bebaba-bababa-bababa-bababa", 0),
    ],
)
def test_strings_of_the_form(text: str, found: int) -> None:
    assert len(list(strings_in(text))) == found
