"""What page and terminal both show: names in a sentence, the panel, what is in doubt."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import report_examples as examples
from known_pages import Page
from rich.console import Console

from provenance.report.page.page import render_html
from provenance.report.shown import (
    corpus_named,
    doubts,
    enumerated,
    list_sentence,
    panel_rows,
    part_told,
    parts_doubt,
    parts_sentence,
    shown_rows,
)
from provenance.report.terminal import render_terminal


@pytest.mark.parametrize(
    ("words", "n_more", "said"),
    [
        ([], 0, "nothing"),
        (["a"], 0, "a"),
        (["a", "b"], 0, "a and b"),
        (["a", "b"], 7, "a, b and 7 more"),
    ],
)
def test_words_in_a_sentence(words: list[str], n_more: int, said: str) -> None:
    assert enumerated(words, n_more) == said


def test_three_paths_of_a_corpus_are_named() -> None:
    assert corpus_named(["a", "b"]) == "a and b"
    assert corpus_named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert "\x1b" not in corpus_named(["\x1b[2J"])


@pytest.mark.parametrize("make", examples.REPORTS)
def test_a_row_has_the_shares_of_its_source(make: type) -> None:
    report = make()
    rows = shown_rows(report)
    assert len({(row.source, row.role) for row in rows}) == len(rows)
    kept = {(row.source, row.role, row.unit): row for row in report.shares}
    for row in rows:
        assert row.documents == kept.get((row.source, row.role, "documents"))
        assert row.tokens == kept.get((row.source, row.role, "tokens"))
    assert {row.role for row in panel_rows(rows)} <= {"panel"}
    assert all(row.verdict != "ok" for row in doubts(report))


def test_parts_are_told_in_words() -> None:
    found = examples.estimated().parts_listed
    assert found is not None
    assert parts_sentence(found) == (
        "3 of the 4 parts that were judged have a low end above 0, corrected for their number (the"
        " chance that any of them is wrong is at most 5.0 %):"
    )
    assert part_told(found.parts[0]) == (
        "source instructions: at least 51.2 % of 2,200 documents are consistent with gpt-4"
    )
    anyones = replace(found.parts[0], source=None, value="")
    assert part_told(anyones) == (
        "source (none): at least 51.2 % of 2,200 documents are text like a language model's"
    )
    one = replace(found, parts=found.parts[:1])
    assert parts_sentence(one).startswith("1 of the 4 parts that were judged has a low end")
    assert parts_sentence(replace(found, parts=())) == (
        "None of the 4 parts that were judged has a low end above 0, corrected for their number."
    )


def test_lists_are_told_in_words() -> None:
    (found,) = examples.estimated().row_lists
    assert list_sentence(found) == (
        "Of 11,790 scored documents at least 1,061 (9.0 %) are consistent with gpt-4 and read as"
        " those of no other source given (95 % bound). Text of a source that was not given may be"
        " among them."
    )
    assert "are text like a language model's and" in list_sentence(replace(found, source=None))
    nothing = replace(found, true_at_least=0, listed_at_least=0.0, cuts=())
    assert list_sentence(nothing).startswith("No row that is consistent with gpt-4 can be told")
    text = Page(render_html(examples.estimated())).text("td")
    assert "1,100" in text and "39" in text


def test_page_and_terminal_tell_the_parts_alike() -> None:
    found = examples.estimated()
    stream = io.StringIO()
    render_terminal(found, Console(file=stream, width=200))
    text = Page(render_html(found)).text("li").replace("\xa0", " ")
    assert found.parts_listed is not None
    for part in found.parts_listed.parts:
        assert part_told(part) in stream.getvalue() and part_told(part) in text


def test_many_parts_are_cut_short_on_the_terminal() -> None:
    found = examples.estimated()
    assert found.parts_listed is not None
    many = replace(found.parts_listed, n_judged=9, parts=found.parts_listed.parts[:1] * 9)
    stream = io.StringIO()
    render_terminal(replace(found, parts_listed=many), Console(file=stream, width=200))
    assert stream.getvalue().count("source instructions: at least") == 5
    assert "and 4 more in the report" in stream.getvalue()


def test_a_part_that_shows_what_the_whole_does_not_is_doubted() -> None:
    """Its own range may stand; that the whole corpus shows nothing is said beside it."""
    made = examples.estimated()
    assert made.parts_listed is not None and made.parts_listed.parts
    assert parts_doubt(made) == ""
    shares = tuple(
        replace(row, low=0.0) if row.source == "gpt-4" and row.unit == "documents" else row
        for row in made.shares
    )
    found = replace(made, shares=shares)
    told = "Of the whole corpus no share is shown of gpt-4."
    assert parts_doubt(found).startswith(told)
    assert render_html(found).count(told) == 1 and told not in render_html(made)
    console = Console(file=io.StringIO(), width=1000)
    render_terminal(found, console)
    assert told in console.file.getvalue()  # type: ignore[attr-defined]
