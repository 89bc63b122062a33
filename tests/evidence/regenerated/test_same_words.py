"""Rows beside fresh answers of the same model, and of one that is near to it."""

from __future__ import annotations

import numpy as np
from known_asked import N_PROMPTS, fresh, sampled, sibling_rows
from known_text import SPEC

from provenance.evidence.regenerated.likeness import Answers
from provenance.evidence.regenerated.same_words import SameWords, same_words
from provenance.matching.checks.fresh_answers import answers_of


def beside(one: Answers, other: Answers, seed: int = 0) -> SameWords:
    return same_words(one, other, SPEC.n_word_features, np.random.default_rng(seed))


def again(time: int) -> Answers:
    return answers_of(fresh("one", time).sample)


def test_a_model_answers_as_it_did() -> None:
    pairs = [(one, other) for one in range(4) for other in range(one)]
    found = [beside(again(one), again(other)) for one, other in pairs]
    assert {one.n_prompts for one in found} == {N_PROMPTS}
    assert min(one.p_value for one in found) > 0.01


def test_a_sibling_leans_one_way_and_from_either_side() -> None:
    near = answers_of(sampled("near", sibling_rows("one", 9)).sample)
    first, second = beside(near, again(0)), beside(again(0), near)
    assert first == second
    assert first.p_value < 0.001


def test_what_is_word_for_word_the_same_says_nothing() -> None:
    assert beside(again(0), again(0)) == SameWords(0, 1.0)
    few = again(0).take(np.arange(5))
    assert beside(few, again(1)).n_prompts == 5
