"""One pass finds what a search for each finds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.glance import glance
from provenance.evidence.washed.typing import all_mistyped, is_mistyped, mistyped_forms

SHORT = st.text("abc我 ", min_size=1, max_size=4)
LONG = "a" * 30
WORDS = frozenset(["becuase", "ab", "wouldd", LONG])
NO_WORDS: frozenset[str] = frozenset()


TEXTS = st.lists(st.text("abc我 é", max_size=60), max_size=5)
OF_WORDS = st.lists(
    st.lists(st.sampled_from([*sorted(WORDS), "Becuase", "b", "the", "é", "_", "7"])).map(" ".join)
    | st.text(alphabet="ab é.\x00Z", max_size=12),
    max_size=6,
)


def present(texts: list[str], needles: list[str]) -> list[int]:
    found: list[int] = glance(texts, tuple(needles), NO_WORDS)[0].tolist()
    return found


@given(st.lists(SHORT, min_size=1, max_size=9, unique=True), TEXTS)
def test_needles_are_found_as_each_by_itself(needles: list[str], texts: list[str]) -> None:
    expected = [
        sum(1 << number for number, needle in enumerate(needles) if needle in text)
        for text in texts
    ]
    assert present(texts, needles) == expected


def test_every_bit_can_be_had() -> None:
    needles = [f"<{number}>" for number in range(64)]
    assert present(["".join(needles), "<1 \ud800"], needles) == [2**64 - 1, 0]


@given(st.lists(SHORT.filter(str.islower), min_size=1, max_size=9, unique=True), TEXTS)
def test_needles_stand_in_letters_of_any_case(needles: list[str], texts: list[str]) -> None:
    capital = [text.upper() if text.isascii() else text for text in texts]
    assert present(capital, needles) == present(texts, needles)


@given(OF_WORDS)
def test_a_text_may_hold_what_stands_in_it(texts: list[str]) -> None:
    runs = [re.findall("[a-z]+", text.replace("Z", "z").lower()) for text in texts]
    expected = [any(run in WORDS for run in found) for found in runs]
    assert glance(texts, ("x",), WORDS)[1].tolist() == expected


def test_a_long_word_is_told_by_its_end_and_no_word_stands_in_no_text() -> None:
    assert glance([f"b{LONG}"], ("x",), WORDS)[1].tolist() == [True]
    assert glance(["a b", "", "a"], ("x",), NO_WORDS)[1].tolist() == [False] * 3


def test_all_texts_are_judged_as_one_is() -> None:
    rain = "It was {} of the rain that it fell in the end."
    forms = sorted(mistyped_forms())
    texts = [rain.format(form) for form in forms[::500]] + [rain.format("because"), "", "becuase"]
    texts += [rain.format("x" * 8000 + " becuase")]
    may_hold = glance(texts, ("x",), mistyped_forms())[1]
    assert all_mistyped(texts, may_hold) == [is_mistyped(text) for text in texts]
    assert sum(all_mistyped(texts, may_hold)) == len(forms[::500])
