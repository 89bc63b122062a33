"""Hashes of texts and words are the same on every machine."""

from __future__ import annotations

from provenance.features.features import n_grams
from provenance.features.hashes import text_hash


def test_hashes_are_the_same_on_every_machine() -> None:
    assert [value for *_, value in n_grams("To be", 2)] == [
        13630114294526817500,
        10015401682117916581,
        8293252137995090650,
    ]
    assert text_hash("To be") == 7355348977363234042
