"""What is looked up beside the scores: one protocol, and what nobody looked for told once."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import known_log
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_matches import MIXED, matched, told
from known_text import documents
from report_examples import estimated

from provenance.corpus import Document
from provenance.evidence.hidden.evidence import HiddenEvidence
from provenance.evidence.log.evidence import LogEvidence
from provenance.evidence.log.tally import log_files
from provenance.evidence.protocol import Evidence, MatchContext, ToldEvidence
from provenance.evidence.washed.evidence import WashedEvidence
from provenance.evidence.watermark.corpus import WatermarkTally
from provenance.evidence.watermark.evidence import WatermarkEvidence
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.files.keys import Secret
from provenance.matching.evidence import AllEvidence
from provenance.matching.findings import with_unchecked
from provenance.records import Diagnostic, Finding, unchecked_kinds
from provenance.report.report import Report

KEY = 7391846215503
TEXTS = ["one two three four five six seven eight nine ten", "To be, or not to be: that is all."]


def finding(kind: Any, verdict: Any = "found") -> Finding:
    return Finding(kind=kind, verdict=verdict)


def kinds_of(found: Sequence[Finding]) -> list[str]:
    return [item.kind for item in found]


REPAIR = finding("text_repair", "not_found")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(
            [REPAIR],
            "overlap text_repair near_duplicate watermark disclosure suppressed_signature"
            " regenerated",
            id="nothing was looked up",
        ),
        pytest.param(
            [finding("overlap"), REPAIR],
            "overlap text_repair near_duplicate watermark disclosure suppressed_signature"
            " regenerated",
            id="rows of a sample",
        ),
        pytest.param(
            [finding("overlap"), finding("near_duplicate", "not_checked"), REPAIR],
            "overlap near_duplicate text_repair watermark disclosure suppressed_signature"
            " regenerated",
            id="a log with too few decoys",
        ),
        pytest.param(
            [finding("watermark"), finding("watermark", "not_checked"), REPAIR],
            "watermark watermark overlap text_repair near_duplicate disclosure"
            " suppressed_signature regenerated",
            id="keys",
        ),
    ],
)
def test_each_kind_is_told(found: list[Finding], told: str) -> None:
    whole = with_unchecked(found)
    assert kinds_of(whole) == told.split()
    assert [item for item in whole if item in found] == found
    assert all(item.verdict == "not_checked" for item in whole if item not in found)


@given(st.sets(st.sampled_from(["overlap", "near_duplicate", "watermark", "disclosure"])))
def test_what_is_added_is_what_nobody_looked_for(kinds: set[Any]) -> None:
    found = [*map(finding, sorted(kinds)), REPAIR]
    whole = with_unchecked(found)
    assert unchecked_kinds(whole) == unchecked_kinds(found)
    assert {item.kind for item in whole if item.verdict == "not_checked"} == {
        *unchecked_kinds(found)
    }


class Stub:
    """Counts documents; tells one finding, a diagnostic and a reason."""

    def __init__(self, kind: Any, *, is_asked_for: bool = True) -> None:
        self.kind, self.is_asked_for = kind, is_asked_for
        self.n_documents = self.n_trusted = 0
        self.asked: MatchContext | None = None

    @property
    def look_up(self) -> Callable[[Sequence[Document], Any], int]:
        return lambda found, _: len(found)

    def add(self, documents: Sequence[Document], found: int) -> dict[str, Any]:
        self.n_documents += found
        return {f"{self.kind} kept": np.arange(found)}

    def add_trusted(self, documents: Sequence[Document], found: int) -> None:
        self.n_trusted += found

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        self.asked = asked
        check = Diagnostic(name=self.kind, verdict="ok", statistic=0, limit=0, sentence=self.kind)
        return ToldEvidence((finding(self.kind), *findings), (check,), (f"why {self.kind}",))

    def columns(self, table: Any) -> dict[str, Any]:
        return {self.kind: table}


def test_every_kind_is_handed_its_own_part() -> None:
    first, second = Stub("overlap"), Stub("watermark", is_asked_for=False)
    evidence = AllEvidence((first, second))
    batch = documents(TEXTS)
    found = evidence.look_up(batch, None)
    kept = evidence.add(batch, found)
    evidence.add_trusted(batch, found)
    assert (first.n_documents, second.n_trusted, [*kept]) == (
        *(2, 2),
        ["overlap kept", "watermark kept"],
    )
    assert evidence.columns(7) == {"overlap": 7, "watermark": 7}
    assert evidence.is_asked_for and not AllEvidence((second,)).is_asked_for


def test_later_kinds_are_told_first() -> None:
    evidence = AllEvidence((Stub("overlap"), Stub("watermark")))
    before = replace(estimated(), findings=(REPAIR,))
    after = evidence.told(before, keep_text=True)
    assert kinds_of(after.findings)[:3] == ["watermark", "overlap", "text_repair"]
    assert after.diagnostics[len(before.diagnostics) :][0].name == "overlap"
    assert after.reasons == ("why watermark", "why overlap", *before.reasons)


def test_a_candidate_alone_is_not_told_of_what_was_not_checked() -> None:
    before = replace(estimated(), findings=())
    assert AllEvidence((HiddenEvidence(),)).told(before, keep_text=True).findings == ()
    told = AllEvidence((Stub("watermark"),)).told(before, keep_text=True)
    assert kinds_of(told.findings) == ["watermark"]


def test_evidence_knows_the_largest_share_that_the_scores_allow() -> None:
    report = estimated()
    kind = Stub("overlap")
    AllEvidence((kind,)).told(report, keep_text=False)
    highest = max(row.high for row in report.candidates("documents"))
    level = report.shares[0].confidence_level
    assert kind.asked == MatchContext(level, False, report.manifest.seed, highest)


def all_kinds(folder: Path) -> list[Evidence]:
    log = known_log.index(folder / "log.idx", TEXTS)
    files = log_files([log], [], folder)
    key = WatermarkKey(name="k", scheme_name="gumbel_vllm", key=Secret(KEY), tokenizer="o200k_base")
    assert files is not None
    return [
        *(WashedEvidence(), HiddenEvidence(), LogEvidence(files, 0.05)),
        WatermarkEvidence(WatermarkTally([key])),
    ]


def test_what_workers_are_sent_is_pickled_and_holds_no_key(tmp_path: Path) -> None:
    for kind in all_kinds(tmp_path):
        sent = pickle.dumps(kind.look_up)
        assert str(KEY).encode() not in sent
        assert KEY.to_bytes(8, "little").rstrip(b"\0") not in sent
        pickle.dumps(pickle.loads(sent)(documents(TEXTS), None))


def test_batches_change_nothing(tmp_path: Path) -> None:
    def told(cuts: Sequence[int], folder: Path) -> Report:
        evidence = AllEvidence(tuple(all_kinds(folder)))
        batch = documents([*TEXTS, TEXTS[0].upper(), "x"])
        for start, end in zip([0, *cuts], [*cuts, len(batch)], strict=True):
            part = batch[start:end]
            evidence.add(part, evidence.look_up(part, None))
        before = replace(estimated(), findings=(REPAIR,))
        return evidence.told(before, keep_text=True)

    whole = told([], tmp_path)
    assert kinds_of(whole.findings)[:3] == ["watermark", "overlap", "near_duplicate"]
    for cuts in ([1], [1, 2, 3]):
        assert told(cuts, tmp_path) == whole


def test_hidden_marks_are_told_with_the_repairs(tmp_path: Path) -> None:
    found = [dict(row) for row in MIXED]
    for number in (2, 5):
        found[number]["text"] += "".join(chr(0xE0000 + ord(letter)) for letter in "for ann")
    expected = {found[number]["id"]: len(found[number]["text"]) for number in (2, 5)}
    report = matched(found, tmp_path / "out")
    (finding,) = (item for item in report.findings if item.kind == "text_repair")
    assert (finding.verdict, finding.n_documents) == ("found", 2)
    assert {place.id: place.end for place in finding.where} == expected
    (payload,) = finding.details["hidden_marks"]["payloads"]
    assert (payload["payload"], payload["n_documents"]) == ("for ann", 2)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "for ann" in page and f"–{max(expected.values())}" in page
    assert Report.load(tmp_path / "out").findings == report.findings
    clean = [item for item in told()[0].findings if item.kind == "text_repair"]
    assert clean[0].details["hidden_marks"]["n_marked"] == 0
    assert clean[0].verdict == "not_found"


def test_traces_of_washing_are_told_with_rows(tmp_path: Path) -> None:
    found = [dict(row) for row in MIXED]
    for number in range(40):
        found[number]["text"] = f"As an AI language model, I say this. {found[number]['text']}"
        found[number + 40]["text"] = found[number + 40]["text"].replace("e", "\u0435", 3)
    report = matched(found, tmp_path / "out")
    by_name = {str(item.details.get("of", item.kind)): item for item in report.findings}
    assert by_name["phrases"].verdict == "found" and by_name["phrases"].n_documents == 40
    assert by_name["text_repair"].verdict == "found"
    assert by_name["telling words"].verdict == "not_found"
    assert {by_name[name].verdict for name in ("identity", "lengths")} == {"not_found"}
    rows = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    assert sum("disclosure" in row["findings"] for row in rows) == 40
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "As an AI (language model), I" in page
    checks = [item for item in report.diagnostics if item.kind == "washed"]
    assert [item.source for item in checks] == ["repairs", "phrases"]


def test_rows_cut_at_one_length_are_marked(tmp_path: Path) -> None:
    found = [dict(row) for row in MIXED]
    for row in found[:30]:
        row["text"] = (row["text"].replace(".", "") * 9)[:200].strip().ljust(200, "x")
    report = matched(found, tmp_path / "out")
    (finding,) = (one for one in report.findings if one.details.get("of") == "lengths")
    assert (finding.verdict, finding.details["length"]) == ("found", 200)
    rows = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    marked = {row["id"] for row in rows if "suppressed_signature" in row["findings"]}
    assert marked == {row["id"] for row in found[:30]}
