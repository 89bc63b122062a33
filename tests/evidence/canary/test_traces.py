"""Bounded samples of places and strings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.canary.traces import HeldStates, HeldStrings
from provenance.records import Place


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=30), max_size=8), st.integers(1, 20))
def test_held_places_are_a_sample_by_their_number(parts: list[list[int]], most: int) -> None:
    held = HeldStates(most)
    for part in parts:
        held.add(np.array(part, np.uint64), np.ones(len(part), np.int64))
    held.settle()
    every = [value for part in parts for value in part]
    limit = 1 << (64 - held.halvings)
    assert held.ids.tolist() == sorted({value for value in every if value < limit})
    assert held.leads.sum() == sum(value < limit for value in every)
    assert len(held.ids) <= most
    if held.halvings:
        assert len({value for value in every if value < 2 * limit}) > most


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=6))
def test_held_strings_do_not_depend_on_the_order(parts: list[list[str]]) -> None:
    held = HeldStrings(3)
    for part in parts:
        held.add({string: [Place(id="x", path="p", line=1)] for string in part})
    assert sorted(held.places) == sorted({string for part in parts for string in part})[:3]
