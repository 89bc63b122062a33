"""gigatoken beside tiktoken: equal, or put away and told. A stand-in shows what may go wrong."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import ProvenanceWarning
from provenance.features import fast_tokens, tested_tokens
from provenance.features.fast_tokens import fast_encoder
from provenance.features.tested_tokens import HARD, SWITCH
from provenance.features.token_ids import encode_texts
from provenance.features.tokens import LONGEST_RUN, encode, load_encoding

NAME = "cl100k_base"
TEXTS = ["One two three.", "", "x\x85y", "a\ud800b", "w" * (LONGEST_RUN + 9), "\u088f(w", "Ende"]
TO_TIKTOKEN = [2, 3, 4, 5]

Cut = Callable[[str], list[int]]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(fast_tokens, "LOADING_PAYS", 0)
    fast_encoder.cache_clear()
    yield
    fast_encoder.cache_clear()


class StandIn:
    """What gigatoken does, by tiktoken; it remembers what it was asked."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.loads: list[tuple[Any, ...]] = []
        self.asked: list[str] = []

    def from_tiktoken(self, path: Path, pretokenizer: str, special: dict[str, int]) -> StandIn:
        self.loads.append((path.stat().st_size, pretokenizer, special))
        return self

    def encode_batch(self, texts: Sequence[str], *, parallel: bool) -> Any:
        assert parallel is False
        self.asked += texts
        found = [self.cut(text) for text in texts]
        content = np.array([one for part in found for one in part], np.uint32)
        ends = np.cumsum([0, *map(len, found)])
        layout = SimpleNamespace(
            content=SimpleNamespace(data=content), offsets=SimpleNamespace(data=ends)
        )
        return SimpleNamespace(layout=layout)


def right(text: str) -> list[int]:
    return load_encoding(NAME).encode_ordinary(text)


def stand_in(monkeypatch: pytest.MonkeyPatch, cut: Cut = right) -> StandIn:
    made, module = StandIn(cut), ModuleType("gigatoken")
    module.Tokenizer = made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gigatoken", module)
    return made


def by_tiktoken(texts: Sequence[str]) -> list[list[int]]:
    return [encode(text, load_encoding(NAME)).tolist() for text in texts]


def told(texts: Sequence[str]) -> list[list[int]]:
    ids, n_tokens = encode_texts(texts, load_encoding(NAME))
    return [part.tolist() for part in np.split(ids, np.cumsum(n_tokens)[:-1])]


def test_special_tokens_are_off_and_the_vocabulary_is_tiktokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = stand_in(monkeypatch)
    assert told(TEXTS) == by_tiktoken(TEXTS)
    assert made.loads == [(1681126, "cl100k", {})]
    assert made.asked[: len(HARD)] == [*HARD]


def test_what_it_is_known_to_read_otherwise_never_reaches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = stand_in(monkeypatch)
    told(TEXTS)
    assert not {TEXTS[place] for place in TO_TIKTOKEN} & {*made.asked}
    assert told([TEXTS[2]]) == by_tiktoken([TEXTS[2]])


@pytest.mark.parametrize("odd", [HARD[5], "Ende"])
def test_a_difference_is_told_and_tiktoken_is_used(
    monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    stand_in(monkeypatch, lambda text: [7] if text == odd else right(text))
    with pytest.warns(ProvenanceWarning, match="otherwise than tiktoken"):
        assert told(TEXTS) == by_tiktoken(TEXTS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # told once
        assert told(TEXTS) == by_tiktoken(TEXTS)


def test_a_difference_in_a_later_batch_is_met_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tested_tokens, "_FIRST", 0)
    stand_in(monkeypatch, lambda text: [7] if text == "late" else right(text))
    assert told(["early"]) == by_tiktoken(["early"])
    with pytest.warns(ProvenanceWarning, match="otherwise"):
        assert told(["late", "other"]) == by_tiktoken(["late", "other"])


class PanicException(BaseException):
    """As Rust code raises where it panics; no `Exception`."""

    __module__ = "pyo3_runtime"


@pytest.mark.parametrize("failure", [RuntimeError, PanicException])
def test_one_that_fails_at_a_text_is_put_away(
    monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    def cut(text: str) -> list[int]:
        if text == "Ende":
            raise failure(text)
        return right(text)

    stand_in(monkeypatch, cut)
    match = rf"failed \({failure.__name__}\): tiktoken is used"
    with pytest.warns(ProvenanceWarning, match=match):
        assert told(TEXTS) == by_tiktoken(TEXTS)
    assert told(["again"]) == by_tiktoken(["again"])


def test_whoever_ends_the_run_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(text: str) -> list[int]:
        if text == "Ende":
            raise KeyboardInterrupt
        return right(text)

    stand_in(monkeypatch, cut)
    with pytest.raises(KeyboardInterrupt):
        told(TEXTS)


def test_one_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stand_in(monkeypatch)

    def broken(*_: object) -> StandIn:
        raise ValueError("no such scheme")

    monkeypatch.setattr(made, "from_tiktoken", broken)
    with pytest.warns(ProvenanceWarning, match="no such scheme"):
        assert told(["a"]) == by_tiktoken(["a"])


def test_where_it_is_not_installed_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gigatoken", None)
    assert fast_encoder(NAME) is None


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stand_in(monkeypatch)
    monkeypatch.setenv(SWITCH, "tiktoken")
    assert told(TEXTS) == by_tiktoken(TEXTS)
    assert not made.asked


@pytest.mark.parametrize("tells", [True, False])
def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch, tells: bool) -> None:
    made = stand_in(monkeypatch)
    held = iter(range(0, 1 << 40, 1 << 20))
    monkeypatch.setattr(fast_tokens, "_memory", lambda: next(held) if tells else None)
    monkeypatch.setattr(fast_tokens, "_CACHE", 5 << 20)
    monkeypatch.setattr(fast_tokens, "_UNSEEN", 5)
    for _ in range(20):
        assert told(["one"]) == by_tiktoken(["one"])
    assert len(made.loads) > 2


CHARACTERS = st.characters() | st.sampled_from(" \n\r\t\x85\xa0\u2028'’.aZ1é中\u0301\u200b\ud800")


@given(st.lists(st.text(CHARACTERS, max_size=40), max_size=5))
def test_gigatoken_itself_says_what_tiktoken_says(texts: list[str]) -> None:
    pytest.importorskip("gigatoken", reason="the extra [fast] is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ProvenanceWarning)
        ids, n_tokens = encode_texts(texts, load_encoding(NAME))
    assert n_tokens.tolist() == [len(part) for part in by_tiktoken(texts)]
    assert ids.tolist() == [one for part in by_tiktoken(texts) for one in part]


def test_of_little_text_it_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stand_in(monkeypatch)
    monkeypatch.setattr(fast_tokens, "LOADING_PAYS", 20)
    monkeypatch.setattr(tested_tokens, "_MET", Counter())
    for texts in (["One two."], ["Three four five."]):
        assert told(texts) == by_tiktoken(texts)
        assert not made.loads
    assert told(["Six."]) == by_tiktoken(["Six."])
    assert made.loads
