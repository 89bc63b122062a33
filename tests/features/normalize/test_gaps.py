"""Odd gaps between words: what is joined, and what is somebody's own and stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.features.normalize import normalize
from provenance.features.normalize.gaps import FEWEST, are_odd, join
from provenance.features.normalize.tidy import repaired_texts
from provenance.validation.laundering.table import launder

PLAIN = (
    "It was because of the rain that nothing could be done in the country, and people with"
    " children were going through the water to the other side of the street again."
)


def test_gaps_are_odd_between_words_of_one_line_alone() -> None:
    assert not are_odd("One ended.  Two began.  Three went on.  Four.  Five.  Six.  Seven.")
    assert not are_odd("def f():\n\tif x:\n\t\treturn 1\n" * 9)
    assert not are_odd("we  had" + " soup" * 20)
    assert are_odd("soup  and " * FEWEST)


@pytest.mark.parametrize("strength", [0.3, 0.6, 1.0])
def test_what_a_launderer_does_to_the_gaps_of_a_line_is_undone(strength: float) -> None:
    washed = launder(f"{PLAIN} {PLAIN}", "whitespace", strength, np.random.default_rng(1))
    assert washed != f"{PLAIN} {PLAIN}" and are_odd(washed)
    found = normalize(washed)
    assert found.text == f"{PLAIN} {PLAIN}"
    assert found.repairs["gaps"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "One ended.  Two began.  Three went.  Four.  Five.  Six.  Seven.",
        "if x:\n    y = 1  # so\n    z = 2  # so\n" * 9 + "end",
        "We  had soup  and bread.",
        "a | b\n--|--\n" * 9 + "end",
    ],
)
def test_what_is_somebodys_own_stays(text: str) -> None:
    assert normalize(text).text == text and join(text) == (text, 0)


@given(st.lists(st.sampled_from(["a", "b,", ".", "  ", "\t", " ", "\n", "\xa0", "é"])).map("".join))
def test_the_look_at_bytes_misses_no_gap(text: str) -> None:
    assert repaired_texts([text]) == [normalize(text).text]
    assert normalize(normalize(text).text).repairs == {}
