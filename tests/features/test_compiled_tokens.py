"""Our own loops in place of tiktoken: used behind a test, and left where they do not hold."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from provenance.errors import ProvenanceWarning
from provenance.features import compiled_tokens, tested_tokens
from provenance.features.compiled_tokens import CompiledEncoder, compiled_encoder
from provenance.features.tested_tokens import HARD, SWITCH
from provenance.features.token_ids import encode_texts
from provenance.features.tokens import LONGEST_RUN, encode, load_encoding

NAME = "o200k_base"
TEXTS = [
    "One two three.",
    "",
    "it'ſ",
    "a\ud800b",
    "aB" * LONGEST_RUN,
    "我们都在这里",
    "Am Ende ist es gut 😀",
]
LEFT = [2, 3, 4, 5]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(compiled_tokens, "LOADING_PAYS", 0)
    compiled_encoder.cache_clear()
    yield
    compiled_encoder.cache_clear()


def told(texts: Sequence[str]) -> list[list[int]]:
    ids, n_tokens = encode_texts(texts, load_encoding(NAME))
    return [part.tolist() for part in np.split(ids, np.cumsum(n_tokens)[:-1])]


def by_tiktoken(texts: Sequence[str]) -> list[list[int]]:
    return [encode(text, load_encoding(NAME)).tolist() for text in texts]


def spoilt(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the loops read one text otherwise than tiktoken does."""
    right = CompiledEncoder._ids

    def wrong(self: CompiledEncoder, encoded: Sequence[bytes]) -> Any:
        ids, n_tokens = right(self, encoded)
        for place in [at for at, one in enumerate(encoded) if one == text.encode()]:
            ids[n_tokens[:place].clip(0).sum()] += 1
        return ids, n_tokens

    monkeypatch.setattr(CompiledEncoder, "_ids", wrong)


def test_what_they_do_not_know_is_read_by_others() -> None:
    ours = compiled_encoder(NAME)
    assert ours is not None
    found = ours.encode(TEXTS)
    assert found is not None
    assert np.flatnonzero(found[1] < 0).tolist() == LEFT
    assert told(TEXTS) == by_tiktoken(TEXTS)
    assert told(TEXTS[2:4]) == by_tiktoken(TEXTS[2:4])
    assert told([]) == [[]]


@pytest.mark.parametrize("odd", [HARD[5], "Ende"])
def test_a_difference_is_told_and_tiktoken_is_used(
    monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    spoilt(monkeypatch, odd)
    with pytest.warns(ProvenanceWarning, match="otherwise than tiktoken"):
        assert told(["Ende"]) == by_tiktoken(["Ende"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # told once
        assert told(TEXTS) == by_tiktoken(TEXTS)


def test_a_difference_in_a_later_batch_is_met_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tested_tokens, "_FIRST", 0)
    spoilt(monkeypatch, "late")
    assert told(["early"]) == by_tiktoken(["early"])
    with pytest.warns(ProvenanceWarning, match="otherwise"):
        assert told(["late", "other"]) == by_tiktoken(["late", "other"])


def test_what_another_thread_found_is_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = compiled_encoder(NAME)
    assert ours is not None

    def agrees(*_: object) -> bool:
        ours.is_trusted = False  # as another thread would, in the meantime
        return True

    monkeypatch.setattr(ours._test, "agrees", agrees)
    assert ours.encode(["One"]) is None
    assert not ours.is_trusted


def test_they_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "tiktoken")
    assert compiled_encoder(NAME) is None
    assert told(TEXTS) == by_tiktoken(TEXTS)


@pytest.mark.parametrize(
    "changed",
    [
        {"_pat_str": r"\s+|\S+"},
        {"_mergeable_ranks": {b"a": 1, b"b": 0}},
        {"_mergeable_ranks": {bytes([1]) * 129: 0}},
        {"_mergeable_ranks": {}},
    ],
)
def test_of_an_encoding_that_is_cut_or_numbered_otherwise_there_are_none(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    known = load_encoding(NAME)
    fields = {"_pat_str": known._pat_str, "_mergeable_ranks": known._mergeable_ranks}
    other = SimpleNamespace(**(fields | changed))
    monkeypatch.setattr(compiled_tokens, "load_encoding", lambda _: other)
    assert compiled_encoder(NAME) is None


def test_of_little_text_no_tables_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_tokens, "LOADING_PAYS", 20)
    monkeypatch.setattr(tested_tokens, "_MET", Counter())
    for texts in (["One two."], ["Three four five."], ["Six."]):
        assert compiled_encoder.cache_info().currsize == 0
        assert told(texts) == by_tiktoken(texts)
    assert compiled_encoder.cache_info().currsize == 1
