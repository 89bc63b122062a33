"""Hashes are what they were: of texts, and of words as SplitMix64 mixes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from provenance.features.features import n_grams
from provenance.features.hashes import GOLDEN, mix64, text_hash
from provenance.features.kernels import mix

WORDS = st.lists(st.integers(0, 2**64 - 1), max_size=8)


@njit
def compiled(words: Any) -> Any:
    out = np.empty(len(words), np.uint64)
    for place in range(len(words)):
        out[place] = mix(words[place])
    return out


def unmixed(word: int) -> int:
    """`mix64` undone step by step."""
    mask = 2**64 - 1
    word ^= (word >> 31) ^ (word >> 62)
    word = word * pow(0x94D049BB133111EB, -1, 2**64) & mask
    word ^= (word >> 27) ^ (word >> 54)
    word = word * pow(0xBF58476D1CE4E5B9, -1, 2**64) & mask
    return word ^ (word >> 30) ^ (word >> 60)


def test_the_numbers_of_splitmix() -> None:
    """The first numbers of the generator that starts at 1234567, as its authors' C gives them."""
    with np.errstate(over="ignore"):
        states = np.uint64(1234567) + GOLDEN * np.arange(1, 4, dtype=np.uint64)
    assert mix64(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


@given(WORDS)
def test_compiled_and_plain_are_the_same_and_lose_nothing(words: list[int]) -> None:
    given_words = np.array(words, np.uint64)
    found = mix64(given_words)
    assert compiled(given_words).tolist() == found.tolist()
    assert [unmixed(word) for word in found.tolist()] == words


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        ("", 0xB4B2797457A0A6E4),
        ("a", 0x2F42665B399EF840),
        ("\ud800", text_hash("?")),
    ],
)
def test_a_text_has_the_hash_that_it_had(text: str, hashed: int) -> None:
    """As ``b2sum -l 64`` gives it, the last byte first."""
    assert text_hash(text) == hashed


def test_hashes_are_the_same_on_every_machine() -> None:
    assert [value for *_, value in n_grams("To be", 2)] == [
        13630114294526817500,
        10015401682117916581,
        8293252137995090650,
    ]
    assert text_hash("To be") == 7355348977363234042
