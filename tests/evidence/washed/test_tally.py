"""Traces add up the same in any order and any parts, and copies count once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from provenance.corpus.document import Document
from provenance.evidence.washed import tally
from provenance.evidence.washed.tally import (
    OTHER_IDENTITY,
    REPAIRED,
    SPEAKS,
    Traces,
    traces_of,
)
from provenance.features.features import prepare
from provenance.features.spec import FeatureSpec

TEXTS = [
    "As an AI language model, I cannot taste soup.",
    "The so\u200bup was w\u0430rm.",
    "As an AI assistant created by Acme, I like soup.",
    "Soup is what we had",
    "Soup again.",
]


def rows(texts: list[str]) -> list[Document]:
    return [Document(id=f"d{n}", text=text, path="x", line=n + 1) for n, text in enumerate(texts)]


def compared(found: Traces) -> tuple[object, ...]:
    return (
        *(found.key.tolist(), found.flags.tolist(), found.lengths.tolist()),
        *(found.n_documents, found.shown, found.edits, found.phrases, found.places),
    )


def test_each_text_shows_its_own() -> None:
    found, flags, _ = traces_of(rows(TEXTS), prepare(TEXTS, FeatureSpec()))
    assert flags.tolist() == [SPEAKS, REPAIRED, OTHER_IDENTITY, 0, 0]
    assert found.shown == {SPEAKS: 1, REPAIRED: 1, OTHER_IDENTITY: 1}
    assert found.edits == {"hidden": 1, "homoglyphs": 1}
    assert sorted(found.lengths.tolist())[-1] == [19, 5, 5]
    place = found.places[SPEAKS][0]
    assert (place.id, place.start, place.end) == ("d0", 0, 26)


def test_a_phrase_is_read_through_a_disguise_and_then_has_no_characters() -> None:
    text = TEXTS[0].replace("language", "lan\u200bgu\u0430ge")
    found, flags, _ = traces_of(rows([text]), prepare([text], FeatureSpec()))
    assert flags.tolist() == [SPEAKS | REPAIRED]
    assert found.places[SPEAKS][0].start is None
    assert traces_of(rows([text]), None)[1].tolist() == [REPAIRED]


def test_parts_add_up_in_any_order() -> None:
    every = rows(TEXTS * 3)
    whole, _, _ = traces_of(every, None)
    for cuts in ([4, 9], [1, 2, 14]):
        edges = [0, *cuts, len(every)]
        parts = [traces_of(every[a:b], None)[0] for a, b in pairwise(edges)]
        added = Traces()
        added.merge(*reversed(parts))
        assert compared(added) == compared(whole)
    assert len(whole.key) == 5 and whole.n_documents == 15


def test_a_conversation_counts_once() -> None:
    grouped = [replace(one, group="talk") for one in rows(TEXTS)]
    found, _, _ = traces_of(grouped, None)
    assert len(found.key) == 1
    assert found.flags.tolist() == [SPEAKS | REPAIRED | OTHER_IDENTITY]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_UNITS", 10)
    every = rows([f"Soup number {n}." for n in range(50)])
    whole, _, _ = traces_of(every, None)
    added = Traces()
    for one in every:
        added.merge(traces_of([one], None)[0])
    assert added.key.tolist() == whole.key.tolist() and len(added.key) == 10
    assert np.all(np.diff(added.key.astype(float)) > 0)
