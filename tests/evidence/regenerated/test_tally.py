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
from provenance.features.features import prepare, repaired
from provenance.features.hashes import text_hash

ASKED = np.array(sorted(text_hash(f"prompt {n}") for n in range(3)), np.uint64)
FINDER = RowsFinder(ASKED, SPEC)


def document(name: str, prompt: str | None, time: int = 0) -> Document:
    return Document(name, answer("one", 0, time), "corpus", 1, prompt=prompt)


def held(documents: list[Document]) -> list[HeldRow]:
    return pickle.loads(pickle.dumps(FINDER))(documents, None).rows  # type: ignore[no-any-return]


def test_only_rows_of_asked_prompts_are_taken() -> None:
    short = Document("s", "too short", "corpus", 1, prompt="prompt 1")
    empty = document("e", "")
    found = held([document("a", "prompt 1"), document("b", None), document("c", "x"), short, empty])
    assert [row.place.id for row in found] == ["a"]
    assert found[0].prompt == "prompt 1"
    assert not RowsFinder(ASKED[:0], SPEC)([document("a", "prompt 1")], None).rows


def test_any_order_holds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [document(f"{n}-{t}", f"prompt {n}", t) for n in range(3) for t in range(4)]
    found = held(documents)
    monkeypatch.setattr(tally, "MOST_TEXTS", 2)
    monkeypatch.setattr(tally, "MOST_PROMPTS", 2)
    told = []
    for seed in range(3):
        rows = AskedRows()
        for at in np.random.default_rng(seed).permutation(len(found)):
            rows.add([found[at]])
            rows.add([found[at]])
        told.append([row.key for row in rows.rows()])
    assert told[0] == told[1] == told[2] == sorted(told[0])
    assert len(told[0]) == 4
    of_a_batch = AskedRows()
    of_a_batch.add(held(documents))
    assert [row.key for row in of_a_batch.rows()] == told[0]


def test_a_batch_hands_on_what_may_be_compared_alone() -> None:
    documents = [document(f"{n}-{t}", f"prompt {n}", t) for n in range(2) for t in range(9)]
    every = FINDER([*documents, *documents], None)
    assert every.at.tolist() == list(range(36))
    assert len(every.rows) == 2 * tally.MOST_TEXTS
    assert {row.place.id for row in every.rows} <= {one.id for one in documents}
    rows = AskedRows()
    for one in documents:
        rows.add(held([one]))
    assert [row.key for row in rows.rows()] == sorted(row.key for row in every.rows)


def test_what_is_prepared_is_not_prepared_again() -> None:
    documents = [document("a", "prompt 1"), document("b", "x"), document("c", "prompt 2", 1)]
    texts = [one.text for one in documents]
    prepared = prepare(texts, SPEC)
    no_ids = repaired(texts, SPEC, prepared.text_hash, prepared.n_tokens)
    alone, *others = (FINDER(documents, given) for given in (None, prepared, no_ids))
    for other in others:
        assert other.at.tolist() == alone.at.tolist() == [0, 2]
        assert [row.place for row in other.rows] == [row.place for row in alone.rows]
        for one, two in zip(alone.rows, other.rows, strict=True):
            assert one.key == two.key
            assert one.answers.rows.indices.tolist() == two.answers.rows.indices.tolist()
