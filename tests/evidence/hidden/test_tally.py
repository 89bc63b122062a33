"""Hidden marks of a corpus: by payload, with places, in any order."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from hidden_encoders import COVER, binary, inserted, selectors
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus.document import Document
from provenance.evidence.hidden.tally import HiddenMarks, hidden_summary
from provenance.records import Finding, Place

ZERO, ONE, JOINER = "\u200b", "\u200c", "\u200d"


# --- corpora -------------------------------------------------------------------------------------


def corpus_of(n: int, start: int = 0) -> list[Document]:
    """Documents of which every third is marked, some with a common payload."""
    names = ["for-all-of-them", *(f"account-{number}" for number in range(40))]
    return [
        Document(
            id=f"d{number}",
            path="x.jsonl",
            line=number + 1,
            text=inserted(binary(names[number // 3 % 50 % 41], ZERO, ONE))
            if number % 3 == 0
            else COVER,
        )
        for number in range(start, start + n)
    ]


def test_a_corpus_is_told_by_payload_with_places() -> None:
    tally = HiddenMarks()
    assert tally.add(corpus_of(6)) == [1, 0, 0, 1, 0, 0]
    told = tally.summary()
    assert (told.n_documents, told.n_marked, told.n_decoded) == (6, 2, 2)
    assert told.by_kind == {"zero_width": 2}
    assert {row.payload for row in told.payloads} == {"for-all-of-them", "account-0"}
    row = next(row for row in told.payloads if row.payload == "for-all-of-them")
    assert row.where == (Place(id="d0", path="x.jsonl", line=1, start=100, end=220),)
    assert "for-all-of-them" in " ".join(tally.lines())


@pytest.mark.slow
@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=5, deadline=None)
def test_shards_and_order_change_nothing(seed: int, n_shards: int) -> None:
    documents = corpus_of(200)
    whole = HiddenMarks()
    whole.add(documents)
    rng = random.Random(seed)
    rng.shuffle(documents)
    shards = [HiddenMarks() for _ in range(n_shards)]
    for number, document in enumerate(documents):
        shards[number % n_shards].add([document])
    rng.shuffle(shards)
    merged = HiddenMarks()
    for shard in shards:
        merged.merge(shard)
    assert merged.told() == whole.told()


def test_too_many_payloads_are_a_sample_that_no_order_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provenance.evidence.hidden.tally._HELD", 7)
    documents = corpus_of(150)
    forward, backward, halves = HiddenMarks(), HiddenMarks(), HiddenMarks()
    forward.add(documents)
    backward.add(documents[::-1])
    for half in (documents[75:], documents[:75]):
        shard = HiddenMarks()
        shard.add(half)
        halves.merge(shard)
    assert forward.told() == backward.told() == halves.told()
    assert forward.summary().n_payloads <= 7
    assert not forward.summary().payloads_complete
    assert forward.summary().n_decoded == 50


def test_a_payload_is_escaped() -> None:
    tally = HiddenMarks()
    tally.add(
        [
            Document(
                id="a",
                text=f"\u2764{selectors('first line<b>' + chr(10) + 'second one')}",
                path="x",
                line=1,
            )
        ]
    )
    (row,) = tally.summary().payloads
    assert row.payload == "first line<b><U+000A>second one"


def test_details_of_others_are_not_trusted() -> None:
    given: tuple[Any, ...] = ("text", [], {"n_marked": "1"}, {})
    for wrong in given:
        finding = Finding(kind="text_repair", verdict="found", details={"hidden_marks": wrong})
        assert hidden_summary(finding) is None


@pytest.mark.slow
def test_clean_real_text_has_no_mark() -> None:
    """The figures of the README: no mark in 63,987 real documents in English and Chinese."""
    named = os.environ.get("PROVENANCE_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    files = sorted(folder.glob("**/*.jsonl.gz"))
    if not files:
        pytest.skip("the folder of measuring data is not there (PROVENANCE_DATA)")
    tally = HiddenMarks()
    for file in files:
        with gzip.open(file, "rb") as lines:
            found = (
                (row.get("text") or row.get("output"), n)
                for n, row in enumerate(map(orjson.loads, lines), 1)
            )
            tally.add(
                [
                    Document(id=str(n), text=text, path=file.name, line=n)
                    for text, n in found
                    if isinstance(text, str)
                ]
            )
    assert tally.n_marked <= 1e-4 * tally.n_documents, tally.lines()
