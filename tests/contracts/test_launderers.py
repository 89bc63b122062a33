"""Launderers: the laws all of them keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_edits import ANY_TEXT, HOSTILE, NAMES, draw
from known_growth import assert_grows_slowly

from provenance.validation.laundering.table import LAUNDERERS, launder

# --- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@given(text=ANY_TEXT, seed=st.integers(0, 9))
def test_strength_0_changes_nothing(name: str, text: str, seed: int) -> None:
    assert launder(text, name, 0.0, draw(seed)) == text


@pytest.mark.parametrize("name", NAMES)
@given(text=ANY_TEXT, strength=st.floats(0, 1), seed=st.integers(0, 9))
def test_the_same_generator_gives_the_same_text(
    name: str, text: str, strength: float, seed: int
) -> None:
    assert launder(text, name, strength, draw(seed)) == launder(text, name, strength, draw(seed))


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_refused(name: str) -> None:
    for text in HOSTILE:
        for strength in (0.0, 0.3, 1.0):
            assert isinstance(launder(text, name, strength, draw()), str), text


UNITS = ["a", " ", "*", "* ", "[", "[](", "`", "_ ", "|", "| ", "- ", "\n", ".", "as an AI ", "【"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_cost_of_hostile_text_grows_slowly(name: str) -> None:
    def run(text: str) -> None:
        launder(text, name, 0.5, draw())

    for unit in UNITS:
        assert_grows_slowly(run, unit * (2_000 // len(unit)), repr(unit))


# --- the tables ----------------------------------------------------------------------------------


def test_every_launderer_says_what_it_does() -> None:
    for name, row in LAUNDERERS.items():
        assert row.name == name
        assert row.sentence.endswith(".") and row.sentence.count(".") == 1
