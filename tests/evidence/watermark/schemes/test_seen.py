"""Contexts that a prompt holds are left out and not held as seen."""

from __future__ import annotations

import numpy as np
from known_schemes import KGW

from provenance import detect_watermark


def test_contexts_of_the_prompt_are_left_out() -> None:
    ids = [1, 2, 3, 4, 5, 6]
    found = detect_watermark([ids, ids[::-1]], scheme="kgw", prompts=[[9, 2, 3, 4, 8], []], **KGW)
    assert np.isnan(found.values[:6]).tolist() == [True, False, True, True, True, False]
    assert not np.isnan(found.values[7:]).any()


def test_what_a_prompt_left_out_is_not_held_as_seen() -> None:
    ids = [1, 2, 3]
    found = detect_watermark([ids, ids], scheme="kgw", prompts=[[1, 2, 3], []], **KGW)
    assert found.scored.in_corpus.tolist() == [False, False, False, False, True, True]
