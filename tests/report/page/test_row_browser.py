"""Rows: each once, with all that was found of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from in_a_browser import BROWSER, said

from provenance.records import Finding, Place
from provenance.report.ci import sarif
from provenance.report.page.page import render_html
from provenance.report.page.row_browser import DRAWN, browsed_rows
from provenance.report.report import Report


def test_a_row_that_two_kinds_point_at_stands_there_once() -> None:
    found = examples.estimated()
    known = found.excerpts[0]
    where = (
        Place(id=known.id, path=known.path, line=known.line),
        Place(id="other", path="b.jsonl", line=2),
    )
    one = Finding(kind="overlap", verdict="found", where=where, details={"of": "log"})
    none = Finding(kind="watermark", verdict="not_found", where=where)
    rows = browsed_rows(replace(found, findings=(one, none)))
    assert [(row.id, row.findings) for row in rows] == [
        ("conv-118/3", ("Style", "The API's own log: word for word")),
        ("r9", ("Style",)),
        ("other", ("The API's own log: word for word",)),
    ]


def test_parts_are_files_and_fields() -> None:
    found = examples.estimated()
    excerpt = replace(found.excerpts[0], fields={"month": "2025-01", "empty": ""})
    (row,) = browsed_rows(replace(found, excerpts=(excerpt,), findings=()))
    assert row.parts == ("file suspect/sft-part-1.jsonl", "month 2025-01", "empty (none)")


CLICK = """
const bar = document.querySelector(".controls");
const [search] = bar.querySelectorAll("input");
const shown = () => [...document.querySelectorAll(".entry:not([hidden])")];
const told = [shown().length];
search.value = "MARK in this";
bar.dispatchEvent(new Event("input"));
told.push(shown().length, shown()[0].querySelector("b").textContent);
search.value = "";
const orders = [...bar.querySelectorAll("select")].at(-1);
orders.value = "where";
bar.dispatchEvent(new Event("input"));
told.push(shown().length, document.querySelector("[role=status]").textContent);
const said = told.join("|");
"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser")
def test_rows_are_searched_and_sorted_in_a_browser(tmp_path: Path) -> None:
    told = said(render_html(examples.estimated()), CLICK, tmp_path)
    assert told == "3|1|suspect/sft-part-2.jsonl:9|3|3 of 3 rows"


def test_drawn_rows_stand_after_the_others_and_are_no_evidence(tmp_path: Path) -> None:
    found = examples.estimated()
    drawn = tuple(
        replace(found.excerpts[0], id=f"d{line}", line=line, spans=(), q_value=1.0)
        for line in range(100, 103)
    )
    made = replace(found, drawn=drawn)
    rows = browsed_rows(made)
    assert [row.findings for row in rows[-3:]] == [(DRAWN,)] * 3
    assert {row.source for row in rows[-3:]} == {""}
    assert [row for row in rows if DRAWN not in row.findings] == browsed_rows(found)
    page = render_html(made)
    assert "Drawn by chance from the rest of the corpus" in page and "3 rows, below these." in page
    assert page.index("conv-118/3") < page.index("d100")
    lone = render_html(replace(made, excerpts=(), findings=()))
    assert "No row is listed by its style. Drawn by chance" in lone and "like: 3 rows. That" in lone
    assert sarif(made) == sarif(found)
    made.save(tmp_path / "report.json")
    assert Report.load(tmp_path / "report.json").drawn == drawn
    with pytest.raises(ValueError, match="drawn: more than 40"):
        replace(made, drawn=drawn * 14)


def test_a_drawn_row_that_is_pointed_at_shows_its_text_there() -> None:
    found = examples.estimated()
    excerpt = replace(found.excerpts[0], id="other", path="b.jsonl", line=2, spans=())
    place = Place(id="other", path="b.jsonl", line=2)
    log = Finding(kind="overlap", verdict="found", where=(place,), details={"of": "log"})
    (row,) = browsed_rows(replace(found, excerpts=(), findings=(log,), drawn=(excerpt,)))
    assert row.findings == ("The API's own log: word for word",) and row.excerpt == excerpt
