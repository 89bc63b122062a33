"""Rows whose prompts were asked: which are held, whatever their order."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from known_asked import answer
from known_text import SPEC

from provenance.corpus import Document
from provenance.evidence.regenerated import tally
from provenance.evidence.regenerated.tally import AskedRows, HeldRow, RowsFinder
from provenance.features.hashes import text_hash

ASKED = np.array(sorted(text_hash(f"prompt {n}") for n in range(3)), np.uint64)
FINDER = RowsFinder(ASKED, SPEC)


def document(name: str, prompt: str | None, time: int = 0) -> Document:
    return Document(name, answer("one", 0, time), "corpus", 1, prompt=prompt)


def held(documents: list[Document]) -> list[HeldRow]:
    return pickle.loads(pickle.dumps(FINDER))(documents, None)  # type: ignore[no-any-return]


def test_only_rows_of_asked_prompts_are_taken() -> None:
    short = Document("s", "too short", "corpus", 1, prompt="prompt 1")
    empty = document("e", "")
    found = held([document("a", "prompt 1"), document("b", None), document("c", "x"), short, empty])
    assert [row.place.id for row in found] == ["a"]
    assert found[0].prompt == "prompt 1"
    assert RowsFinder(ASKED[:0], SPEC)([document("a", "prompt 1")], None) == []


def test_any_order_holds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_TEXTS", 2)
    monkeypatch.setattr(tally, "MOST_PROMPTS", 2)
    found = held([document(f"{n}-{t}", f"prompt {n}", t) for n in range(3) for t in range(4)])
    told = []
    for seed in range(3):
        rows = AskedRows()
        for at in np.random.default_rng(seed).permutation(len(found)):
            rows.add([found[at]])
            rows.add([found[at]])
        told.append([row.key for row in rows.rows()])
        assert rows.n_documents == 24
    assert told[0] == told[1] == told[2] == sorted(told[0])
    assert len(told[0]) == 4
