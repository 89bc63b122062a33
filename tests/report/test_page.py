"""The page and the terminal: the answer first, and nothing from a corpus can act."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import report_examples as examples
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from provenance.report.page import _pieces, render_html, save_html
from provenance.report.report import LIMITS, Report
from provenance.report.terminal import render_terminal

REPORTS = (
    examples.estimated,
    examples.withheld,
    examples.nothing_found,
    examples.crowded,
    examples.hostile,
)
TAGS = set(
    "html head meta title style body main header section h1 h2 h3 p ul li span b small code pre"
    " div dl dt dd table thead tbody tr th td svg line rect text details summary figure"
    " figcaption blockquote mark".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class height width role aria-label aria-hidden scope"
    " x x1 x2 y y1 y2 rx".split()
)
VOID = {"meta"}
SGR = re.compile(r"\x1b\[[0-9;]*m")


class Page(HTMLParser):
    """Tags, attributes and text of a page; ends of elements are checked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open[-1:]):
            self.texts.setdefault(tag, []).append(data)

    def text(self, tag: str) -> str:
        return " ".join("".join(self.texts.get(tag, [])).split())


def terminal(report: Report, width: int = 100, **options: object) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="truecolor", width=width)
    render_terminal(report, console, **options)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("make", REPORTS)
def test_the_page_is_of_known_parts_only(make: Callable[[], Report]) -> None:
    page = Page(render_html(make()))
    assert page.tags <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert page.open == []
    for name in ("class", "role", "x", "x1", "x2", "width", "height", "aria-label"):
        assert all(re.fullmatch(r"[\w .%<>\-\xa0]*", value) for value in page.attributes[name])


@pytest.mark.parametrize("make", REPORTS)
def test_the_page_fetches_nothing(make: Callable[[], Report]) -> None:
    page = Page(render_html(make()))
    (policy,) = (value for value in page.attributes["content"] if "default-src" in value)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    style = page.text("style")
    assert "url(" not in style and "@import" not in style and "//" not in style


@pytest.mark.parametrize("make", REPORTS)
def test_no_control_character_is_on_the_page(make: Callable[[], Report]) -> None:
    allowed = {"\n", "\t", "\xa0"}
    assert {c for c in render_html(make()) if not c.isprintable()} <= allowed


def test_hostile_text_is_shown_as_it_is() -> None:
    page = render_html(examples.hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page and "49{%" not in page
    assert "&lt;U+202E&gt;" in page and "&lt;U+001B&gt;" in page


@pytest.mark.parametrize("make", REPORTS)
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


@pytest.mark.parametrize("make", REPORTS)
@pytest.mark.parametrize("width", [40, 100])
def test_nothing_moves_the_terminal(make: Callable[[], Report], width: int) -> None:
    shown = SGR.sub("", terminal(make(), width=width, where="out\x1b[2J/report.html"))
    assert {c for c in shown if not c.isprintable()} <= {"\n"}


def test_nothing_is_read_as_markup() -> None:
    shown = SGR.sub("", terminal(examples.hostile(), width=400))
    for word in ("[link=https://evil.example]x[/link][bold red]", ":skull: $"):
        made = examples.estimated()
        odd = replace(made, reasons=(word,), diagnostics=(), power=())
        assert word in SGR.sub("", terminal(odd, width=400))
    assert "<U+001B>]8;;https://evil.example" in shown


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=20), st.sampled_from([20, 80]))
def test_any_word_is_harmless(word: str, width: int) -> None:
    values = examples.rewritten(examples.estimated().to_dict(), lambda _: word)
    made = Report.from_dict(values)
    assert Page(render_html(made)).tags <= TAGS
    shown = SGR.sub("", terminal(made, width=width))
    assert {c for c in shown if not c.isprintable()} <= {"\n"} | examples.HARMLESS


def test_the_terminal_answers_first() -> None:
    lines = SGR.sub("", terminal(examples.estimated(), where="out/report.html")).splitlines()
    assert lines[0] == examples.estimated().summary()
    assert lines[-1] == "Report: out/report.html"
    text = "\n".join(lines)
    assert "warn length: Documents are shorter" in text and "fail negative_control" in text
    assert "fit: The fitted" not in text
    assert re.search(r"gpt-4 +candidate +12\.3 % +10\.1 to 14\.6 % +20\.5 %", text)


def test_the_terminal_folds_a_large_panel() -> None:
    text = SGR.sub("", terminal(examples.crowded()))
    assert "44 more, none above 1.8 %" in text and "panel-model-00" not in text
