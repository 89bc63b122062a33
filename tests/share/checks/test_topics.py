"""A candidate that was asked about other things is told from one that was not, by texts alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

import pytest

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.share.checks.topics import FEWEST_OTHERS, topic_checks
from provenance.share.sources import Sources

_Which = Literal["same", "own", "half"]


def _answers(name: str, prompts: Sequence[str]) -> list[dict[str, str]]:
    """Answers of a model: words of its own, words of all, and some that the prompt calls for."""
    rng = Random(f"{name} answers")
    own, common = ([f"{kind}{number}" for number in range(40)] for kind in (name, "word"))
    return [
        {
            "text": " ".join(
                [
                    *rng.choices(own, k=15),
                    *rng.choices(common, k=25),
                    *rng.choices([f"{prompt}{letter}" for letter in "abcdefghij"], k=12),
                ]
            ),
            "prompt": prompt,
        }
        for prompt in prompts
    ]


def _fingerprint(name: str, prompts: Sequence[str], *, shown: bool = False) -> Fingerprint:
    rows = _answers(name, prompts)
    return fit_fingerprint(rows if shown else [{"text": one["text"]} for one in rows], name)


def _sources(which: _Which, n_others: int = 4, *, shown: bool = False) -> Sources:
    """A candidate on the others' prompts, on prompts of its own, or on the rest of theirs."""
    theirs = [f"about{number}" for number in range(60)]
    asked = {"same": theirs, "own": [f"other{n}" for n in range(60)], "half": theirs[30:]}[which]
    given = theirs[:30] if which == "half" else theirs
    made = [_fingerprint("api", asked, shown=shown)]
    made += [_fingerprint(f"model{n}", given, shown=shown) for n in range(n_others)]
    return Sources(tuple(made), ("candidate", *["panel"] * n_others))


@pytest.mark.parametrize(("which", "verdict"), [("same", "ok"), ("own", "fail"), ("half", "fail")])
def test_a_candidate_that_was_asked_other_things_is_withheld(which: _Which, verdict: str) -> None:
    (check,) = topic_checks(_sources(which))
    assert (check.name, check.verdict) == ("topics[api]", verdict)
    assert "provenance ask" in check.sentence or verdict == "ok"


def test_models_that_share_no_prompt_say_nothing_against_one_of_them() -> None:
    """Each answered its own part of one set: none is farther from the others than they are."""
    made = [
        _fingerprint(f"model{n}", [f"about{(7 * n + k) % 60}" for k in range(20)]) for n in range(6)
    ]
    (check,) = topic_checks(Sources(tuple(made), ("candidate", *["panel"] * 5)))
    assert check.verdict == "ok"


def test_prompts_that_were_read_are_held_against_each_other_instead() -> None:
    assert topic_checks(_sources("own", shown=True)) == []


def test_fewer_models_than_can_be_held_against_each_other_say_nothing() -> None:
    assert topic_checks(_sources("own", FEWEST_OTHERS - 1)) == []
    assert len(topic_checks(_sources("own", FEWEST_OTHERS))) == 1


def test_of_many_others_the_nearest_are_looked_through() -> None:
    """Four of twelve share the candidate's prompts: that is enough."""
    prompts = [f"about{number}" for number in range(40)]
    far = [f"other{number}" for number in range(40)]
    made = [_fingerprint("api", prompts)]
    made += [_fingerprint(f"model{n}", prompts if n < 4 else far) for n in range(12)]
    (check,) = topic_checks(Sources(tuple(made), ("candidate", *["panel"] * 12)))
    assert check.verdict == "ok"


def test_a_sample_of_texts_without_rare_words_is_no_error() -> None:
    """Every word is common: nobody can tell what a text is about, and nothing is said."""
    same = "the same few words in each text of every sample here "
    made = [fit_fingerprint([{"text": same * n} for n in range(1, 25)], f"m{k}") for k in range(5)]
    assert topic_checks(Sources(tuple(made), ("candidate", *["panel"] * 4))) == []
