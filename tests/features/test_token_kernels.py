"""The loops that cut as o200k_base does give tiktoken's ids, or say that they did not read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known_features import NASTY

from provenance.features import compiled_tokens
from provenance.features.compiled_tokens import (
    CompiledEncoder,
    code_point_classes,
    compiled_encoder,
)
from provenance.features.token_kernels import LONGEST_PIECE, UNKNOWN
from provenance.features.tokens import load_encoding

NAME = "o200k_base"
LIKELY = st.sampled_from([*" \t\n\r'’.,-/*1aAsStTrReEvVlLdDmMzé中\xa0\u0301\ufe0f\u2028ªǅʰ²٣😀"])
WORDS = st.text(LIKELY, max_size=40) | st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture(scope="module", name="ours")
def loops() -> CompiledEncoder:
    found = compiled_encoder(NAME)
    assert found is not None
    return found


def read(ours: CompiledEncoder, texts: Sequence[str]) -> list[list[int] | None]:
    """The ids of each text, whatever scripts it has; None where it was not read."""
    ids, n_tokens = ours._ids([text.encode() for text in texts])
    ends = np.cumsum(np.maximum(n_tokens, 0)).tolist()
    return [
        None if n < 0 else ids[end - n : end].tolist()
        for n, end in zip(n_tokens.tolist(), ends, strict=True)
    ]


def by_tiktoken(texts: Sequence[str]) -> list[list[int]]:
    return [load_encoding(NAME).encode_ordinary(text) for text in texts]


def check(ours: CompiledEncoder, texts: Sequence[str]) -> None:
    found, classes = read(ours, texts), code_point_classes()
    for text, ids, expected in zip(texts, found, by_tiktoken(texts), strict=True):
        if ids is None:
            codes = [*map(ord, text)]
            is_unknown = any(c >= len(classes) or classes[c] == UNKNOWN for c in codes)
            assert is_unknown or len(text.encode()) > LONGEST_PIECE
        else:
            assert ids == expected, text


@settings(deadline=None, max_examples=400)
@given(texts=st.lists(WORDS | NASTY.filter(lambda text: text.isprintable()), max_size=4))
@example(["don'T", "it'ſ", "'s", "a's'll", "x'", "x'r", "X'RE"])
@example(["\u0301ABC", "\u0301", " \u0301a", "ªABC", "ABªC", "AªbC", "!\u0301ABC", "Ǆǅ"])
@example(["  a", " \n a", "\n\n ", " \t\n  x", "a \r\n", "   ", "\xa0 b", " \xa0", "\x1c\x1c x"])
@example(["!//\n/\n", " ...\r\n//x", " !a", "!!a", "1234567", " 12", "½x", "/\n"])
def test_ids_are_tiktokens(ours: CompiledEncoder, texts: list[str]) -> None:
    check(ours, texts)


@settings(deadline=None)
@given(word=st.text("abeinrstzqxABZ", min_size=1, max_size=LONGEST_PIECE))
@example("a" * LONGEST_PIECE)
@example("=" * 200)
@example("q" * (LONGEST_PIECE + 1))
def test_long_words_are_merged_as_tiktoken_merges_them(ours: CompiledEncoder, word: str) -> None:
    check(ours, [word, f" {word}", word.lower(), word.capitalize() * 2])


def test_every_known_code_point_is_of_its_class(ours: CompiledEncoder) -> None:
    """Each in the company in which classes differ: letters, capitals, digits, spaces, itself."""
    known = np.flatnonzero(code_point_classes() != UNKNOWN).tolist()
    texts = [f"a{c}b A{c}B {c} x{c}{c}'s.{c} 1{c}2\n{c}\n{c}X" for c in map(chr, known)]
    assert len(texts) > 56_000
    found = read(ours, texts)
    differ = [
        hex(code)
        for code, ids, expected in zip(known, found, by_tiktoken(texts), strict=True)
        if ids != expected
    ]
    assert not differ


def test_a_text_with_an_unknown_code_point_is_left_to_others(ours: CompiledEncoder) -> None:
    first, *others, last = read(ours, ["one", "it'ſ", "a\U00020000", "\u0378", "three"])
    assert (first, others, last) == ([690], [None] * 3, by_tiktoken(["three"])[0])


def test_what_is_unknown_far_behind_is_met_too(ours: CompiledEncoder) -> None:
    """Pieces are cut some at a time."""
    long = " and so on" * 60
    texts = [long, f"{long}\u0378", long[: 64 * 4], f"{long[: 64 * 4]}\u0378 one", "two"]
    expected = [*by_tiktoken(texts)]
    assert read(ours, texts) == [expected[0], None, expected[2], None, expected[4]]


def test_texts_do_not_reach_into_one_another(ours: CompiledEncoder) -> None:
    """Every cut of a text in two gives the ids of its two parts."""
    whole = "It's a TEST, isn’t it? 12 34\n\n  yes "
    for cut in range(len(whole) + 1):
        parts = [whole[:cut], whole[cut:]]
        assert read(ours, parts) == by_tiktoken(parts)


def test_what_is_remembered_of_merged_pieces_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With two places only nearly every piece takes the place of another."""
    monkeypatch.setattr(compiled_tokens, "_MEMORY_BITS", 1)
    ours = CompiledEncoder(NAME, [*load_encoding(NAME)._mergeable_ranks])
    texts = ["qzxj vbkq qzxj zzqqxxj ", "vbkq qzxj wwqxzj vbkq"] * 3
    assert read(ours, texts) == by_tiktoken(texts)
    assert sum(held.nbytes for held in [ours._memories.held]) == 2 * 24
