"""Findings of a match: what was not found, what nobody looked for."""

from __future__ import annotations

from known_text import SPEC, documents, scored, texts

from provenance.matching.findings import findings, with_unchecked
from provenance.matching.tally import Tally


def tallied(found: list[str]) -> Tally:
    result = Tally(SPEC, 2)
    result.add(scored(documents(found)))
    return result


def test_nothing_found_is_said_and_nothing_unchecked_is_found() -> None:
    read = findings(tallied(texts("human", 3, 7)), ("alpha", "human"))
    found = {item.kind: item for item in with_unchecked(read)}
    assert found["text_repair"].verdict == "not_found"
    assert found["overlap"].n_documents == 0
    unchecked = {kind for kind, item in found.items() if item.verdict == "not_checked"}
    assert unchecked == {
        *("overlap", "near_duplicate", "watermark", "disclosure", "suppressed_signature"),
        "regenerated",
    }


def test_rows_of_a_sample_and_disguises_are_counted_and_placed() -> None:
    known = texts("human", 150, 0)[:25]
    hidden = [text.replace(" ", " \u200b", 2) for text in texts("human", 2, 8)]
    found = {item.kind: item for item in findings(tallied([*hidden, *known]), ("alpha", "human"))}
    assert found["overlap"].n_documents == 25
    assert found["overlap"].details == {"by_source": {"human": 25}}
    assert len(found["overlap"].where) == 20
    assert found["text_repair"].n_documents == 2
    assert [place.id for place in found["text_repair"].where] == ["d0001", "d0002"]
    assert found["text_repair"].statistic == 4
