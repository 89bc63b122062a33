"""The page: the answer first, and nothing from a corpus can act."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from known_pages import TAGS, Page

from provenance.records import Finding
from provenance.report.page import _pieces, render_html, save_html
from provenance.report.report import LIMITS, Report

ATTRIBUTES = set(
    "lang charset http-equiv content name class height width role aria-label aria-hidden scope"
    " x x1 x2 y y1 y2 rx".split()
)


@pytest.mark.parametrize("make", examples.REPORTS)
def test_the_page_is_of_known_parts_only(make: Callable[[], Report]) -> None:
    page = Page(render_html(make()))
    assert page.tags <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert page.open == []
    for name in ("class", "role", "x", "x1", "x2", "width", "height", "aria-label"):
        assert all(re.fullmatch(r"[\w .%<>\-\xa0]*", value) for value in page.attributes[name])


@pytest.mark.parametrize("make", examples.REPORTS)
def test_the_page_fetches_nothing(make: Callable[[], Report]) -> None:
    page = Page(render_html(make()))
    (policy,) = (value for value in page.attributes["content"] if "default-src" in value)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    style = page.text("style")
    assert "url(" not in style and "@import" not in style and "//" not in style


@pytest.mark.parametrize("make", examples.REPORTS)
def test_no_control_character_is_on_the_page(make: Callable[[], Report]) -> None:
    allowed = {"\n", "\t", "\xa0"}
    assert {c for c in render_html(make()) if not c.isprintable()} <= allowed


def test_hostile_text_is_shown_as_it_is() -> None:
    page = render_html(examples.hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page and "49{%" not in page
    assert "&lt;U+202E&gt;" in page and "&lt;U+001B&gt;" in page


@pytest.mark.parametrize("make", examples.REPORTS)
def test_the_page_answers_first_and_states_its_limits(make: Callable[[], Report]) -> None:
    made = make()
    page = Page(render_html(made))
    assert page.text("h1") == " ".join(made.summary().split())
    listed = page.text("li")
    assert all(sentence in listed for sentence in LIMITS)


def test_the_page_tells_what_the_report_holds() -> None:
    html = render_html(examples.estimated())
    page = Page(html)
    assert page.texts["mark"] == ["Certainly! Here", "Delve"]
    assert "How much of suspect/sft-part-1.jsonl and suspect/sft-part-2.jsonl is" in html
    assert "overlap, near duplicate, watermark, text repair" in html
    assert "provenance match suspect/ --candidate &#39;gpt 4.fp&#39; -o out" in html
    assert "ab" * 32 in html and "Siblings: gpt-4, gpt-4-turbo." in html
    assert "12,000" in page.text("dd") and "no share of the tokens would be seen" in html
    assert 'x="40.480%" width="17.840%"' in html
    assert page.texts["text"] == [f"{tick}\xa0%" for tick in (0, 5, 10, 15, 20, 25)]


def test_a_withheld_page_draws_no_share() -> None:
    html = render_html(examples.withheld())
    assert 'class="share"' not in html and "Why it is withheld" in html
    assert 'x="0.000%" width="42.000%"' in html


def test_a_large_panel_is_folded() -> None:
    html = render_html(examples.crowded())
    head, rest = html.split("40 more panel sources")
    assert "panel-model-47" in head and "panel-model-00" not in head and "panel-model-00" in rest


def test_empty_parts_are_left_out_or_said() -> None:
    bare = replace(
        examples.estimated(),
        reasons=(),
        shares=(),
        shares_all=(),
        breakdown=(),
        findings=(),
        diagnostics=(),
        power=(),
        signature=(),
        families=(),
        excerpts=(),
        manifest=replace(examples.MANIFEST, inputs=({"path": "hf:x"},), peak_memory_bytes=None),
    )
    html = render_html(bare)
    assert "No diagnostic was run." in html and "Not checked: no candidate" in html
    assert "Breakdowns" not in html and "Strongest rows" not in html
    assert "overlap, near duplicate, watermark, disclosure, text repair, suppressed" in html


def test_many_excerpts_places_and_values_stay_bounded() -> None:
    made = examples.estimated()
    many = replace(
        made,
        excerpts=made.excerpts[:1] * 100,
        breakdown=made.breakdown[:1] * 5_000,
        findings=(replace(made.findings[0], where=made.findings[0].where * 5_000),),
        signature=made.signature * 1_000,
    )
    html = render_html(many)
    assert "4,800 more in report.json" in html and "4,980 more in report.json" in html
    assert "90 more rows" in html and len(html) < 300_000


@given(
    st.text(max_size=30).flatmap(
        lambda text: st.tuples(
            st.just(text),
            st.lists(st.tuples(st.integers(0, 15), st.integers(1, 15)), max_size=5),
        )
    )
)
def test_pieces_are_the_text_and_mark_what_the_spans_cover(
    case: tuple[str, list[tuple[int, int]]],
) -> None:
    text, starts = case
    spans = [(start, start + n) for start, n in starts if start + n <= len(text)]
    pieces = list(_pieces(text, spans))
    assert "".join(piece for piece, _ in pieces) == text
    marks = "".join("x" * len(piece) if marked else "." * len(piece) for piece, marked in pieces)
    covered = {at for start, end in spans for at in range(start, end)}
    assert marks == "".join("x" if at in covered else "." for at in range(len(text)))


def test_save_html_is_whole_or_nothing(tmp_path: Path) -> None:
    save_html(examples.estimated(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == render_html(examples.estimated())
    assert len(list(tmp_path.iterdir())) == 1


def test_rows_beside_people_alone_are_shown_as_model_like() -> None:
    page = render_html(examples.model_like())
    assert page.count("text like a language model&#39;s") >= 3
    assert '<span class="scores">model-like · 18.4 nats' in page
    assert "whose they are is not told" in page
    assert ">upper bound</span>" not in page
    assert "model-like" not in render_html(examples.estimated())


def test_a_family_of_two_candidates_is_told_once() -> None:
    report = examples.estimated()
    family = report.families[0]
    other = replace(family, source="gpt-4-turbo", members=family.members[::-1], candidate_low=0.01)
    page = render_html(replace(report, families=(family, other)))
    assert page.count("Siblings: gpt-4, gpt-4-turbo. Together") == 1
    assert "low end of gpt-4 alone is 2.0\xa0%, that of gpt-4-turbo alone is 1.0\xa0%." in page
    assert "the low end of gpt-4 alone is 2.0\xa0%.</p>" in render_html(report)


def test_a_picture_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes longer than the rest of the page."""
    drawn = []

    def picture(*given: object) -> str:
        drawn.append(given)
        return "<svg><title>days</title></svg>"

    monkeypatch.setattr("provenance.report.log_view.join_picture", picture)
    days = [["2024-05-01", 10, 2]]
    details = {"of": "log", "pairs": [], "n_answers": 10, "days": days}
    overlap = Finding(kind="overlap", verdict="found", n_documents=2, details=details)
    page = render_html(replace(examples.estimated(), findings=(overlap,)))
    assert page.count("<title>days</title>") == len(drawn) == 1
