"""The report of a candidate alone says that it is a bound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from known_text import fingerprint, folder, rows, texts

from provenance import Report, match, open_corpus

ALPHA = fingerprint("alpha")


def matched(n_alpha: int, n_human: int, output: Path | None = None, **options: Any) -> Report:
    found = rows(texts("alpha", n_alpha, 41), kind="a") + rows(texts("human", n_human, 41))
    corpus = options.pop("corpus", None) or open_corpus(found)
    cache = folder() / "cache"
    return match(corpus, candidates=[ALPHA], output=output, cache_dir=cache, **options)


def test_the_report_says_that_it_is_a_bound(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "documents.parquet").write_bytes(b"rows of an earlier report")
    report = matched(20, 180, out)
    assert report.verdict == "estimated"
    candidate, unknown = (row for row in report.shares if row.unit == "documents")
    assert (candidate.source, candidate.share, candidate.verdict) == ("alpha", None, "bounded")
    assert candidate.low == 0
    assert 0.1 <= candidate.high < 1
    assert (unknown.role, unknown.low, unknown.high) == ("unknown", 1 - candidate.high, 1)
    assert len(report.shares) == len(report.shares_all) == 4
    assert "only an upper bound" in report.reasons[0] and "--reference" in report.reasons[0]
    assert "other prompts" in report.reasons[1]
    assert "provenance ask CORPUS" in report.reasons[1] and "--asked" in report.reasons[1]
    assert report.summary().startswith("At most ")
    assert report.power[0].smallest_detectable_share is None
    assert {path.name for path in out.iterdir()} == {"report.html", "report.json"}
    assert Report.load(out) == report


def test_iterators_are_read_once() -> None:
    found = rows(texts("alpha", 20, 41)) + rows(texts("human", 180, 41))
    once = matched(0, 0, corpus=open_corpus(iter(found)))
    assert once.shares == matched(20, 180).shares
    assert (once.corpus.n_documents, once.corpus.n_scored, once.corpus.n_distinct) == (200,) * 3


def test_short_rows_widen_the_bound_of_all_rows() -> None:
    found = [*rows(texts("human", 150, 41)), *[{"text": "too short", "kind": "b"}] * 50]
    report = matched(0, 0, corpus=open_corpus(found, by=("kind",)))
    assert (report.corpus.n_scored, report.corpus.n_too_short) == (150, 50)
    assert report.shares_all[0].high == pytest.approx(0.75 * report.shares[0].high + 0.25)
    assert "by kind" in report.reasons[-1]


@pytest.mark.parametrize("counts", [(0, 12), (200, 0)], ids=["too few", "all its own"])
def test_no_bound_is_withheld(counts: tuple[int, int]) -> None:
    report = matched(*counts)
    assert report.verdict == "withheld"
    [row] = report.candidates()
    assert (row.low, row.high, row.verdict) == (0, 1, "withheld")
    assert "not even an upper bound" in report.reasons[0]


def test_a_bound_can_be_a_baseline() -> None:
    before = matched(100, 100)
    report = matched(0, 200, baseline=before)
    assert report.baseline is not None
    change = report.baseline.changes[0]
    assert change.verdict == "not_shown"
    assert "No share was told before and after" in change.sentence
