"""What is looked up beside the scores is told with the findings."""

from __future__ import annotations

from pathlib import Path

from known_matches import MIXED, matched, told

from provenance import Report


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
