"""Answers that were cut, wrapped or written at other lengths are of another kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from known_text import SPEC, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus
from provenance.matching.library.kindred import at_one_length, nearest, of_another_kind

MODELS = tuple(f"model{number}" for number in range(9))
WORDS = np.random.default_rng(5).integers(20, 160, 60).tolist()


def uneven(text: str, number: int) -> str:
    return " ".join((text.split() * 9)[: WORDS[number]])


@cache
def answers(name: str, changed: Callable[[str, int], str] = uneven, first: int = 0) -> Fingerprint:
    rows = (
        {"text": changed(text, number), "prompt": f"prompt {first + number}"}
        for number, text in enumerate(texts(name, len(WORDS), 0))
    )
    return fit_fingerprint(open_corpus(rows), name, SPEC)


def cut(text: str, number: int) -> str:
    return uneven(text, number)[:300]


def wrapped(text: str, number: int) -> str:
    return f"Here is what I found, as you asked me to. {uneven(text, number)}"


def longer(text: str, number: int) -> str:
    return " ".join([uneven(text, number)] * 2)


def told(candidate: Fingerprint) -> str:
    return of_another_kind(candidate, [answers(name) for name in MODELS])


def test_a_model_as_the_others_is_of_their_kind() -> None:
    assert told(answers("alpha")) == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [(cut, "end at one length"), (wrapped, "less like any model's"), (longer, "far shorter or")],
)
def test_answers_that_were_changed_are_not(changed: Callable[[str, int], str], said: str) -> None:
    assert said in told(answers("alpha", changed))


def test_too_few_prompts_tell_nothing() -> None:
    assert "too few" in told(answers("alpha", first=50))


def test_a_cut_shows_in_lengths() -> None:
    assert at_one_length(answers("alpha")) < 0.3 < at_one_length(answers("alpha", cut))


def test_the_nearest_is_the_same_source() -> None:
    same = fit_fingerprint(
        open_corpus(
            {"text": uneven(text, number), "prompt": f"prompt {number}"}
            for number, text in enumerate(texts("alpha", 120, 0)[60:])
        ),
        "again",
        SPEC,
    )
    found = nearest([answers("alpha"), same, *(answers(name) for name in MODELS[:3])])
    assert found is not None
    assert found[0] == found[1] and found[0] < 0.2 * found[2:].min()
