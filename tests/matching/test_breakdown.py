"""Shares by a field are of their own rows."""

from __future__ import annotations

from pathlib import Path

from known_matches import MIXED, matched, told
from known_text import texts

from provenance import Report, open_corpus


def test_breakdowns_are_of_their_own_rows() -> None:
    report, _ = told()
    found = {part.value: part for part in report.breakdown}
    assert {value: part.n_documents for value, part in found.items()} == {"alpha": 60, "human": 140}
    high = {
        value: next(row for row in part.shares if row.source == "alpha")
        for value, part in found.items()
    }
    assert high["alpha"].low > 0.5
    assert high["human"].low == 0


HOSTILE = ("", "<script>alert(1)</script>", "\x1b[2J\x00", "a\u202eb", "x" * 5000, "{{7*7}}")


def test_hostile_values_break_nothing_down_but_the_shares(tmp_path: Path) -> None:
    values = [HOSTILE[place % len(HOSTILE)] for place in range(120)]
    found = [{**row, "kind": value} for row, value in zip(MIXED[:120], values, strict=True)]
    found += [{"text": texts("human", 1, 90)[0]}]
    report = matched(open_corpus(found, by=("kind",)), tmp_path / "out")
    assert {part.value for part in report.breakdown} == set(HOSTILE)
    assert sum(part.n_documents for part in report.breakdown) == 121
    assert Report.load(tmp_path / "out") == report
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page


def test_a_breakdown_of_few_documents_is_withheld() -> None:
    found = [{**row, "kind": "rare" if place < 5 else "common"} for place, row in enumerate(MIXED)]
    report = matched(open_corpus(found, by=("kind",)))
    verdicts = {part.value: part.shares[0].verdict for part in report.breakdown}
    assert verdicts == {"common": "estimated", "rare": "withheld"}
