"""The page: the answer first, and nothing from a corpus can act."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from in_a_browser import BROWSER, said
from known_pages import TAGS, Page

from provenance import report
from provenance.records import Diagnostic, Finding, Looks
from provenance.report.page.grounds import MOST_WORDS, grounds
from provenance.report.page.page import _flat, _held, _pieces, render_html, save_html
from provenance.report.page.weaknesses import weaknesses
from provenance.report.report import LIMITS, Report

ATTRIBUTES = set(
    "lang charset http-equiv content name class height width role aria-label aria-hidden scope"
    " x x1 x2 y y1 y2 rx data-label data-q data-llr tabindex".split()
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
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; ")
    assert not re.search("unsafe-eval|script-src[^;]*(unsafe|http|self|\\*)", policy)
    style = page.text("style")
    assert "url(" not in style and "@import" not in style and "//" not in style


@pytest.mark.parametrize("make", examples.REPORTS)
def test_no_control_character_is_on_the_page(make: Callable[[], Report]) -> None:
    allowed = {"\n", "\t", "\xa0"}
    assert {c for c in render_html(make()) if not c.isprintable()} <= allowed


@pytest.mark.parametrize("make", examples.REPORTS)
def test_the_one_script_is_ours(make: Callable[[], Report]) -> None:
    html = render_html(make())
    page = Page(html)
    ours = (Path(report.__file__).parent / "templates" / "rows.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode()
    (policy,) = (value for value in page.attributes["content"] if "default-src" in value)
    assert f"script-src 'sha256-{digest}';" in policy
    assert html.count("<script") == len(page.texts.get("script", [])) <= 1
    assert {*page.texts.get("script", [])} <= {ours}
    assert not [name for name in page.attributes if name.startswith("on")]


STATES = {
    **{make.__name__: make() for make in examples.REPORTS},
    "nobody": replace(examples.estimated(), shares=()),
    "long names": replace(
        examples.crowded(),
        shares=tuple(
            replace(row, source=row.source and f"{row.source} {'a ' * 60}")
            for row in examples.crowded().shares
        ),
        families=(),
    ),
    "withheld, of many": replace(examples.crowded(), verdict="withheld", reasons=("why " * 90,)),
    "anyone's, withheld": replace(
        examples.model_like(),
        verdict="withheld",
        reasons=("why " * 90,),
        shares=tuple(
            replace(row, share=None, low=0.0, verdict="withheld")
            for row in examples.model_like().shares
        ),
    ),
    "no candidate": replace(
        examples.model_like(),
        shares=tuple(row for row in examples.model_like().shares if row.role != "candidate"),
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_told_at_one_look_is_short(state: str) -> None:
    found = STATES[state]
    told = [found.headline(), *(one.sentence for one in grounds(found))]
    told += [one.plain for one in weaknesses(found)]
    assert [one for one in told if len(one.split()) > MOST_WORDS] == []
    assert len(weaknesses(found)) == len({one.plain for one in weaknesses(found)})
    assert Page(render_html(found)).text("h1") == " ".join(found.headline().split())


def sentences(html: str) -> list[str]:
    """What the page says itself: not what it cites, nor commands."""
    for tag in ("blockquote", "pre", "code", "style", "script", "svg", "head"):
        html = re.sub(rf"<{tag}\b.*?</{tag}>", " ", html, flags=re.DOTALL)
    blocks = re.split(r"</?(?:p|li|td|th|dd|dt|h\d|summary|div|tr|figcaption)\b[^>]*>", html)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", block).split()) for block in blocks]
    return [one for block in plain for one in re.split(r"(?<=[.;])\s", block)]


@pytest.mark.parametrize("state", sorted({*STATES} - {"hostile"}))
def test_no_sentence_is_said_twice(state: str) -> None:
    told = [one for one in sentences(render_html(STATES[state])) if one.endswith((".", ";"))]
    told = [one for one in told if len(re.findall(r"\b[a-z]{2,}\b", one)) > 5]
    assert [one for one in {*told} if told.count(one) > 1] == []


def test_a_finding_does_not_repeat_its_sentence_in_figures() -> None:
    details = {"of": "library", "by_source": {"GPT": 3}, "sentence": "Three are so."}
    copies = replace(
        examples.estimated().findings[0], kind="overlap", verdict="found", details=details
    )
    page = render_html(replace(examples.estimated(), findings=(copies,)))
    assert "by source · GPT" in page
    assert page.count("Three are so.") == 1


ORDER = (
    "What it rests on|In one picture|What weakens it|What to do next|Families and sources|Parts"
    "|Evidence that needs no share|Rows|Telling words|Method|How it was made|Limits|Words"
).split("|")


def test_the_page_is_in_the_order_of_its_readers() -> None:
    assert Page(render_html(examples.estimated())).texts["h2"] == ORDER


@pytest.mark.parametrize("state", STATES)
def test_no_colour_says_more_than_the_answer(state: str) -> None:
    found = STATES[state]
    header = render_html(found).split("</header>")[0].rsplit("<h1>")[1]
    measured = found.model_like()
    rows = found.candidates() if measured is None else (measured,)
    shown = found.verdict == "estimated" and any(row.low > 0 for row in rows)
    assert ('class="badge found"' in header) == shown
    assert 'class="badge ok"' not in header and 'class="badge estimated"' not in header


@pytest.mark.parametrize("make", examples.REPORTS)
def test_no_raw_json_is_on_the_page(make: Callable[[], Report]) -> None:
    page = Page(render_html(replace(make(), excerpts=())))
    for tag in ("p", "li", "code", "dd", "td"):
        assert not re.search(r'\{"|": [\[{]', page.text(tag))


def test_a_finding_of_an_unknown_shape_is_told_in_pairs() -> None:
    details = {
        "phrases": {"As an AI": 7},
        "levels": [0.123456, 1],
        "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
        "rows": [{"id": "x", "held": True}],
        "none": None,
    }
    assert _flat(details)[:3] == [("deep · a · b · c", "…"), ("levels", "0.1235, 1"), ("none", "–")]
    assert ("rows · 1 · held", "yes") in _flat(details)
    assert len(_flat({str(n): n for n in range(1000)})) == 41
    finding = Finding(kind="disclosure", verdict="found", n_documents=7, details=details)
    text = Page(render_html(replace(examples.estimated(), findings=(finding,)))).text("dt")
    assert "phrases · As an AI" in text


def test_title_case_and_author_stand_above() -> None:
    made = replace(examples.MANIFEST, title="The <case>", case="24-117", author="A. Analyst")
    html = render_html(replace(examples.estimated(), manifest=made))
    assert "<title>The &lt;case&gt;</title>" in html
    assert "Case 24-117 · By A. Analyst · 2026-11-23" in Page(html).text("p")
    looked = replace(made, looks=Looks(n_before=3, first="2026-01-01", last="2026-02-02"))
    page = Page(render_html(replace(examples.estimated(), manifest=looked)))
    assert "3, from 2026-01-01 to 2026-02-02" in page.text("dd")


def test_hostile_text_is_shown_as_it_is() -> None:
    page = render_html(examples.hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page and "49{%" not in page
    assert "&lt;U+202E&gt;" in page and "&lt;U+001B&gt;" in page


@pytest.mark.parametrize("make", examples.REPORTS)
def test_the_page_answers_first_and_states_its_limits(make: Callable[[], Report]) -> None:
    made = make()
    page = Page(render_html(made))
    assert page.text("h1") == " ".join(made.headline().split())
    listed = page.text("li")
    assert all(sentence in listed for sentence in LIMITS)


def test_the_page_tells_what_the_report_holds() -> None:
    html = render_html(examples.estimated())
    page = Page(html)
    assert page.texts["mark"] == ["Certainly! Here", "Delve"]
    assert "How much of suspect/sft-part-1.jsonl and suspect/sft-part-2.jsonl is" in html
    assert "copies from the samples, near copies, watermarks, odd characters" in html
    assert "<i>layout:</i> bold, a numbered list, a new line" in html
    assert "provenance match suspect/ --candidate &#39;gpt 4.fp&#39; -o out" in html
    assert "ab" * 32 in html and "Siblings: gpt-4, gpt-4-turbo." in html
    assert "12,000" in page.text("dd") and "no share of the tokens would be seen" in html
    assert 'x="40.480%" width="17.840%"' in html
    assert page.texts["text"][:6] == [f"{tick}\xa0%" for tick in (0, 5, 10, 15, 20, 25)]


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
    assert "<h2>Parts" not in html and "Strongest rows" not in html and "<script" not in html
    assert "copies from the samples, near copies, watermarks, what the texts say of" in html


def test_many_excerpts_places_and_values_stay_bounded() -> None:
    made = examples.estimated()
    many = replace(
        made,
        excerpts=tuple(replace(made.excerpts[0], line=line) for line in range(100)),
        breakdown=made.breakdown[:1] * 5_000,
        findings=(replace(made.findings[0], where=made.findings[0].where * 5_000),),
        signature=made.signature * 1_000,
    )
    html = render_html(many)
    assert "4,800 more in report.json" in html and "4,980 more in report.json" in html
    assert "91 more rows" in html and len(html) < 300_000


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
    assert '<span class="tag of-source">text like a language model' in page
    assert "whose they are is not told" in page
    assert ">upper bound</span>" not in page
    assert "whose they are is not told" not in render_html(examples.estimated())


def test_beside_other_models_rows_are_a_candidates_own() -> None:
    found = examples.model_like()
    own = examples.share("a", "candidate", "documents", 0.1, 0.0, 0.2)
    panel = examples.share("b", "panel", "documents", 0.1, 0.0, 0.2)
    machine = examples.share(None, "machine", "documents", 0.3, 0.2, 0.4)
    page = render_html(replace(found, shares=(own, machine, panel), parts_listed=None))
    assert "whose they are is not told" not in page
    assert "It would be seen as text like a language model" not in page


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

    monkeypatch.setattr("provenance.report.page.log_view.join_picture", picture)
    days = [["2024-05-01", 10, 2]]
    details = {"of": "log", "pairs": [], "n_answers": 10, "days": days}
    overlap = Finding(kind="overlap", verdict="found", n_documents=2, details=details)
    page = render_html(replace(examples.estimated(), findings=(overlap,)))
    assert page.count("<title>days</title>") == len(drawn) == 1


# What is wider than its box, but for boxes that scroll; and columns of a few letters.
WIDTHS = """
const scrolls = (one) => one.closest(".wide, .steps pre, svg") !== null;
const shown = [...document.body.querySelectorAll("*")].filter((one) => one.clientWidth > 0);
const wide = shown.filter((one) => one.scrollWidth > one.clientWidth + 1 && !scrolls(one));
const narrow = shown.filter((one) =>
  /^(P|LI|TD|TH|DD|BLOCKQUOTE)$/.test(one.tagName)
  && one.textContent.trim().length > 40 && one.clientWidth < 100);
const name = (one) => `${one.tagName}.${one.className} ${one.clientWidth}`;
const said = [document.documentElement.scrollWidth, ...[...wide, ...narrow].map(name)].join("|");
"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser")
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_narrower_than_its_text_in_a_browser(width: int, tmp_path: Path) -> None:
    pairs = [
        {
            "id": "r1",
            "path": "suspect/sft-part-1.jsonl",
            "line": 1,
            "answers": ["a1"],
            "text": examples.EXCERPT,
            "spans": [[0, 30]],
            "answer_text": examples.EXCERPT,
            "answer_spans": [[0, 30]],
        }
    ]
    details = {"of": "log", "pairs": pairs, "n_answers": 10}
    overlap = Finding(kind="overlap", verdict="found", n_documents=2, details=details)
    made = examples.estimated()
    long = {"source+created:month": "instructions of a long name + 2024-05 and more " * 2}
    drawn = [replace(made.excerpts[0], line=500 + n, fields=long, spans=()) for n in range(3)]
    cross = [replace(made.breakdown[0], field="source+month", value=f"web + {n}") for n in range(9)]
    html = render_html(
        replace(
            made,
            findings=(overlap, *made.findings),
            drawn=tuple(drawn),
            breakdown=(*made.breakdown, *cross),
        )
    )
    told = said(html.replace("<details", "<details open"), WIDTHS, tmp_path, width)
    # A bar to scroll with may take some of the width.
    wide, *bad = told.split("|")
    assert bad == [] and int(wide) <= width


@pytest.mark.parametrize(
    ("name", "statistic", "shown"),
    [("overlap", 1e-12, 0.0), ("overlap", 1e-6, 1e-6), ("washed[typing]", 1e-12, 1e-12)],
)
def test_rounding_is_shown_as_0_and_a_small_p_value_is_not(
    name: str, statistic: float, shown: float
) -> None:
    check = Diagnostic(
        name=name, verdict="ok", statistic=statistic, limit=1e-4, sentence="It is told."
    )
    assert _held(check) == shown
