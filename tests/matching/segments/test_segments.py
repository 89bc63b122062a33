"""Segments are matched each on its own, like beside like, and the whole is their sum."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from known_matches import CACHE, MIXED, matched
from known_text import SPEC, fingerprint, texts

from provenance import Fingerprint, InputError, Report, fit_fingerprint, merge, open_corpus
from provenance.matching.checks.checks import segments_check
from provenance.matching.filtering.rows import ReportRows
from provenance.matching.segments.segments import comparable, folder_of
from provenance.share.sources import Sources

BEGINNING = "It is that which they have in the order of all these:"
TRUTH = 0.4


def row(answer: str, thought: str | None = None, **fields: str) -> dict[str, str]:
    beside = {} if thought is None else {"reasoning_content": f"{BEGINNING} {thought}"}
    return {"text": f"{BEGINNING} {answer}", **beside, **fields}


@cache
def split(name: str, *, thinks: bool = True) -> Fingerprint:
    answers, thoughts = texts(name, 120, 1), texts(name, 120, 2)
    found = [row(one, two if thinks else None) for one, two in zip(answers, thoughts, strict=True)]
    return fit_fingerprint(open_corpus(found, segments=True), name, SPEC)


@cache
def suspects() -> tuple[dict[str, str], ...]:
    """Answers of which alpha wrote two in five, each with a thought of beta's."""
    answers = [*texts("alpha", 64, 5), *texts("gamma", 96, 5)]
    return tuple(row(one, two) for one, two in zip(answers, texts("beta", 160, 6), strict=True))


def read(found: tuple[dict[str, str], ...], output: Path | None = None, **given: object) -> Report:
    sources = {"candidates": [split("alpha")], "panel": [split("beta"), split("gamma")]}
    corpus = open_corpus([*found], segments=True)
    return matched(corpus, output, references=[], **{**sources, **given})


def test_shares_of_segments_are_their_own(tmp_path: Path) -> None:
    report = read(suspects(), tmp_path / "out")
    parts = {part.value: part for part in report.breakdown}
    assert {*parts} == {"prose:en", "reasoning:en"}
    own = {
        value: next(one for one in part.shares if one.source == "alpha" and one.unit == "documents")
        for value, part in parts.items()
    }
    assert own["prose:en"].low <= TRUTH <= own["prose:en"].high and own["prose:en"].low > 0
    assert own["reasoning:en"].low == 0 and (own["reasoning:en"].share or 0) < 0.1
    whole = report.candidates()[0]
    assert whole.low == pytest.approx((own["prose:en"].low + own["reasoning:en"].low) / 2)
    assert whole.high == pytest.approx((own["prose:en"].high + own["reasoning:en"].high) / 2)
    assert whole.share == pytest.approx(
        ((own["prose:en"].share or 0) + (own["reasoning:en"].share or 0)) / 2
    )
    assert Report.load(tmp_path / "out") == report
    for name in parts:
        place = tmp_path / "out" / "segments" / folder_of(name)
        assert Report.load(place).corpus.n_documents == 160
        assert pq.read_table(place / "documents.parquet").num_rows == 160
    rows = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    assert len(rows) == 320 and {one["segment"] for one in rows} == {*parts}
    assert (tmp_path / "out" / "report.html").exists()
    with pytest.raises(InputError, match="several segments"):
        ReportRows(tmp_path / "out" / "documents.parquet", [])


def test_what_samples_have_none_of_is_not_comparable() -> None:
    report = read(suspects(), candidates=[split("alpha", thinks=False)])
    part = next(one for one in report.breakdown if one.value == "reasoning:en")
    assert {(one.share, one.low, one.high) for one in part.shares} == {(None, 0.0, 1.0)}
    assert report.verdict == "withheld"
    assert report.candidates()[0].high >= 0.5
    check = next(one for one in report.diagnostics if one.name == "segments[reasoning:en]")
    assert check.verdict == "fail" and "alpha holds fewer than 20" in check.sentence


def test_references_need_no_thoughts_and_others_do() -> None:
    people, model = split("gamma", thinks=False), split("beta")
    for roles, able in (
        (("candidate", "panel", "reference"), True),
        (("candidate", "panel", "panel"), False),
    ):
        sources = Sources((split("alpha"), model, people), roles)
        found, why = comparable(sources, "reasoning:en")
        assert (found is not None) == able and bool(why) != able
    found, why = comparable(
        Sources((split("alpha"), people), ("candidate", "reference")), "reasoning:en"
    )
    assert found is None and "nothing that holds it" in why


def test_whole_rows_and_segments_do_not_meet() -> None:
    with pytest.raises(InputError, match="of whole rows"):
        read(suspects(), candidates=[fingerprint("alpha")])
    with pytest.raises(InputError, match="read whole"):
        matched(MIXED, candidates=[split("alpha")], references=[split("gamma")])
    with pytest.raises(InputError, match="were split into segments"):
        merge(split("alpha"), fingerprint("beta"))
    with pytest.raises(InputError, match="no segment of the corpus can be compared"):
        read(suspects()[:5])
    with pytest.raises(InputError, match="together with nothing else"):
        read(suspects(), precision=0.1)


def test_a_fingerprint_keeps_its_segments(tmp_path: Path) -> None:
    made = split("alpha")
    made.save(tmp_path / "a.fp")
    loaded = Fingerprint.load(tmp_path / "a.fp")
    assert loaded.segments == made.segments == {"prose:en": (120, 0), "reasoning:en": (120, 0)}
    assert loaded.sha256 == made.sha256
    prose, thoughts = (loaded.of_segment(name) for name in made.segments)
    assert (prose.sums + thoughts.sums == made.sums).all()
    assert prose.n_tokens + thoughts.n_tokens == made.n_tokens
    assert len(loaded.of_segment("code").sample) == 0
    both = merge(loaded, split("beta"))
    assert both.segments == {"prose:en": (240, 0), "reasoning:en": (240, 0)}
    assert merge(Fingerprint.empty("", SPEC), loaded).segments == loaded.segments
    replace(made, segments={"prose:en": (1, 2)}).save(tmp_path / "b.fp")
    with pytest.raises(InputError, match="too short than there are"):
        Fingerprint.load(tmp_path / "b.fp")


def test_rows_that_were_not_split_are_told() -> None:
    tagged = [
        {**one, "text": f"<think>{BEGINNING}</think>{one['text']}"} if number % 2 else one
        for number, one in enumerate(MIXED)
    ]
    report = matched(tagged)
    check = next(one for one in report.diagnostics if one.name == "segments")
    assert check.verdict == "warn" and check.statistic == 0.5
    assert not any(one.name == "segments" for one in matched(MIXED).diagnostics)
    assert segments_check(open_corpus(MIXED).counts) == []
    assert CACHE.exists()
