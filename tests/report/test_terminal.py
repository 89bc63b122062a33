"""The report on the terminal: the answer first, and nothing from a corpus can act."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from known_pages import TAGS, Page
from rich.console import Console

from provenance.report.page.page import render_html
from provenance.report.report import Report
from provenance.report.terminal import render_terminal

SGR = re.compile(r"\x1b\[[0-9;]*m")


def terminal(report: Report, width: int = 100, **options: object) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="truecolor", width=width)
    render_terminal(report, console, **options)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("make", examples.REPORTS)
@pytest.mark.parametrize("width", [40, 100])
def test_nothing_moves_the_terminal(make: Callable[[], Report], width: int) -> None:
    shown = SGR.sub("", terminal(make(), width=width, where="out\x1b[2J/report.html"))
    assert {c for c in shown if not c.isprintable()} <= {"\n"}


def test_a_long_answer_is_told_at_one_look() -> None:
    found = replace(examples.withheld(), reasons=("why " * 90,))
    shown = " ".join(SGR.sub("", terminal(found)).split())
    assert shown.startswith(found.headline()) and len(found.answer().split()) > 60


def test_nothing_is_read_as_markup() -> None:
    shown = SGR.sub("", terminal(examples.hostile(), width=400))
    for word in ("[link=https://evil.example]x[/link][bold red]", ":skull: $"):
        made = examples.estimated()
        odd = replace(made, reasons=(word,), diagnostics=(), power=())
        assert word in SGR.sub("", terminal(odd, width=400))
    assert "<U+001B>]8;;https://evil.example" in shown


@given(st.text(min_size=1, max_size=20), st.sampled_from([20, 80]))
def test_any_word_is_harmless(word: str, width: int) -> None:
    values = examples.rewritten(examples.estimated().to_dict(), lambda _: word)
    made = Report.from_dict(values)
    assert Page(render_html(made)).tags <= TAGS
    shown = SGR.sub("", terminal(made, width=width))
    assert {c for c in shown if not c.isprintable()} <= {"\n"} | examples.HARMLESS


def test_the_terminal_answers_first() -> None:
    lines = SGR.sub("", terminal(examples.estimated(), where="out/report.html")).splitlines()
    assert " ".join(map(str.strip, lines)).startswith(examples.estimated().answer())
    assert lines[-1] == "Report: out/report.html"
    text = "\n".join(lines)
    assert "warn length: Documents are shorter" in text and "fail negative_control" in text
    assert "fit: The fitted" not in text
    assert re.search(r"gpt-4 +candidate +12\.3 % +10\.1 to 14\.6 % +20\.5 %", text)


def test_no_name_is_broken_on_a_narrow_terminal() -> None:
    name = "anthropic/claude-sonnet-4.5-20250929-thinking"
    made = Report.from_dict(
        examples.rewritten(
            examples.estimated().to_dict(), lambda word: name if word == "gpt-4" else word
        )
    )
    lines = SGR.sub("", terminal(made, width=80)).splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = (at for at, line in enumerate(lines) if re.match(rf" {name} +12\.3 %", line))
    assert lines[row + 1].strip() == "candidate"
    assert not any(line.startswith("%") for line in lines)


def test_a_reason_is_told_once() -> None:
    found = examples.withheld()
    shown = " ".join(SGR.sub("", terminal(found)).split())
    assert found.reasons[0].rstrip(". ") in found.answer()
    assert all(shown.count(reason.rstrip(". ")) == 1 for reason in found.reasons)


def test_the_terminal_folds_a_large_panel() -> None:
    text = SGR.sub("", terminal(examples.crowded()))
    assert "44 more, none above 1.8 %" in text and "panel-model-00" not in text
