"""Words that do not follow each other: what counts as some, and what never does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.glance import glance
from provenance.evidence.washed.joins import NEEDLES, holds_misjoined, may_hold_misjoined
from provenance.validation.laundering.table import launder

PLAIN = (
    "The old man was at the door of the house when they came by, but he had a letter that was to be"
    " read. It was on the table of a friend, and his sister knew that we were to have it by the end"
    " of the week. They are at an inn on the hill, and you have to be on the way to the town. "
)


@pytest.mark.parametrize(("name", "strength"), [("word_drop", 0.3), ("word_swap", 0.5)])
def test_edits_of_words_leave_them(name: str, strength: float) -> None:
    texts = [launder(PLAIN * 4, name, strength, np.random.default_rng(n)) for n in range(40)]
    assert sum(map(holds_misjoined, texts)) >= 30


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "",
        "It is the of the thing, and the of the other.",  # one kind
        "In and out of it, from and to the end of the street, the in-laws came by.",
        "Of the songs an LP, an MP and an FBI man, a one-day trip, a once good hour of a use.",
        "The IN clause of the query, an OR gate of the circuit, The With and the Is of it.",
        "The for loop of a file, the with statement of it, the or operator. An or expression.",
        "Er stand an der Wand und ging an die Tür, dann an das Haus.",
        "Il a obtenu un prix, il a acheté une maison.",
    ],
)
def test_what_people_write_is_none(text: str) -> None:
    assert not holds_misjoined(text)


def test_one_pair_twice_is_one() -> None:
    once = "All of the words: it was the of it. "
    assert not holds_misjoined(once * 2)
    assert holds_misjoined(once + "And a important one. ")


@given(st.lists(st.sampled_from(["the", "of", "an", "a", "my", "was", "idea", "big", "in"])))
def test_what_is_misjoined_holds_needles_of_two_kinds(words: list[str]) -> None:
    text = " ".join(["Of the end of it:", *words, "."])
    if holds_misjoined(text):
        assert may_hold_misjoined(glance([text], NEEDLES, frozenset())[0]).tolist() == [0]
