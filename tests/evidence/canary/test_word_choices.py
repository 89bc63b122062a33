"""Places where one wording stands for another."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest
from known_canaries import WORDINGS

from provenance.evidence.canary.word_choices import (
    CHOICES,
    Occurrence,
    WordChoice,
    in_case_of,
    lowered,
    occurrences,
)

# choices of words


def test_every_wording_is_a_choice_of_one_kind() -> None:
    assert len({*WORDINGS}) == 2 * len(CHOICES)
    assert all(wording == wording.lower() for wording in WORDINGS)


STARTS = [" ".join(wording.split()[:n]) for wording in WORDINGS for n in (1, 2, 3)]


def reworded(text: str, places: Iterable[Occurrence], side: int) -> str:
    """The text with one side's wording at every place."""
    pieces, last = [], 0
    for place in places:
        pieces += [text[last : place.start], CHOICES[place.choice].wordings[side]]
        last = place.end
    return "".join([*pieces, text[last:]])


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.wordings[0])
def test_a_place_is_a_place_whatever_stands_beside_it(choice: WordChoice) -> None:
    """Else another wording of one place would make, or hide, a place beside it."""
    for beside, side in product({*STARTS, *WORDINGS}, (0, 1)):
        text = f"x {beside} {choice.wordings[side]} {beside} the a"
        places = [*occurrences(text)]
        found = [place.choice for place in places]
        for other in (0, 1):
            again = occurrences(reworded(text, places, other))
            assert [place.choice for place in again] == found, text


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("we go, for  example, there", ["for example"]),
        ("we go for\nInstance", ["for instance"]),
        ("for example-like, co-for example's", []),
        ("forexample for examples before example", []),
        ("for instance variables", []),
        ("see `for example` and ```\nfor example\n``` or for example", ["for example"]),
        ("```\nfor example", []),
        ("http://a.b/for example and https://a.b/often", []),
        ("quite often, more often than not", ["often"]),
        ("an often seen thing", []),
        ("is hard to see, works hard to win", ["hard to"]),
        ("it allows you to go and allows no one", ["allows"]),
        ("usually.com and usually.", ["usually"]),
        ("a therefore, b. Therefore, c", ["therefore,"]),
        ("", []),
    ],
)
def test_places(text: str, wordings: list[str]) -> None:
    found = occurrences(lowered(text))
    assert [CHOICES[place.choice].wordings[place.side] for place in found] == wordings


def test_words_before_a_place_are_told_whatever_the_wordings() -> None:
    texts = ["a b usually, c for example d", "A b typically c: for\ninstance d"]
    first, second = ([p.context for p in occurrences(lowered(text))] for text in texts)
    assert first == second == [("a", "b"), ("b", "<usually>", "c")]


@pytest.mark.parametrize(
    ("wording", "shown", "made"),
    [
        ("for instance", "for example", "for instance"),
        ("for instance", "For  example", "For  instance"),
        ("for instance", "FOR\nEXAMPLE", "FOR\nINSTANCE"),
        ("for instance", "For Example", "For Instance"),
        ("in addition,", "Additionally,", "In addition,"),
        ("thus,", "THEREFORE,", "THUS,"),
        ("despite", "in spite\nof", "despite"),
    ],
)
def test_letter_case_and_white_space_are_kept(wording: str, shown: str, made: str) -> None:
    assert in_case_of(wording, shown) == made
