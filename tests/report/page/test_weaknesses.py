"""Doubts: each once, in everyday words, and none lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples

import provenance
from provenance.records import FIT, ROWS, SHIFT, SHORT, Diagnostic, Looks
from provenance.report.page.weaknesses import IN_PLAIN_WORDS, weaknesses
from provenance.report.report import Report

TECHNICAL = (
    "mixture nats Cllr likelihood posterior quantile calibrat score threshold statistic estimat"
).split()


def check(name: str, verdict: str = "warn", sentence: str = "x.") -> Diagnostic:
    return Diagnostic(name=name, verdict=verdict, statistic=1, limit=0, sentence=sentence)  # type: ignore[arg-type]


NAMED = re.compile(
    r'(?:Diagnostic|warn_where|_check)\([^")]{0,90}"([a-z_]+)(?:\[\{[^"]*\]"|")(?!\s+if)'
)
NO_NAMES = {"documents", "ok", "warn", "fail"}


def test_every_check_of_the_package_has_everyday_words() -> None:
    sources = [path.read_text("utf-8") for path in Path(provenance.__file__).parent.rglob("*.py")]
    named = {name for source in sources for name in NAMED.findall(source)} - NO_NAMES
    named |= {FIT, SHIFT, SHORT, ROWS}
    assert len(named) > 20
    assert named - {*IN_PLAIN_WORDS} == set()


@pytest.mark.parametrize("kind", IN_PLAIN_WORDS)
def test_words_are_everyday_ones(kind: str) -> None:
    told = IN_PLAIN_WORDS[kind]
    assert told.endswith(".") and len(told.split()) <= 30
    assert not [word for word in TECHNICAL if word in told.lower()]


@pytest.mark.parametrize("make", examples.REPORTS)
def test_no_doubt_is_lost_or_told_twice(make: Callable[[], Report]) -> None:
    report = make()
    found = weaknesses(report)
    checks = [one for doubt in found for one in doubt.checks]
    assert len(checks) == sum(one.verdict != "ok" for one in report.diagnostics)
    told = " ".join(f"{one.plain} {one.rest}" for one in found)
    sentences = {one.sentence for one in checks}
    for reason in {*report.reasons} - sentences:
        assert reason.split()[0][:5] in told or "<U+" in told


def test_a_reason_that_a_check_gave_is_told_as_the_check() -> None:
    one = check("fit[a]", "fail", "No mixture explains it.")
    found = weaknesses(
        replace(examples.estimated(), diagnostics=(one,), reasons=(one.sentence, one.sentence))
    )
    (doubt,) = found
    assert doubt.plain == IN_PLAIN_WORDS["fit"] and doubt.checks == (one,)


def test_several_checks_of_a_kind_are_one_doubt_and_failed_ones_come_first() -> None:
    given = (check("rows[a]"), check("fit[a]", "fail"), check("fit[b]"), check("new_kind"))
    found = weaknesses(replace(examples.estimated(), diagnostics=given, reasons=()))
    assert [(one.verdict, len(one.checks)) for one in found] == [
        ("fail", 2),
        ("warn", 1),
        ("warn", 1),
    ]
    assert found[2].plain == "x."


def test_earlier_looks_are_told() -> None:
    def told(n: int, at_least: bool = False) -> list[str]:
        made = replace(examples.MANIFEST, looks=Looks(n_before=n, at_least=at_least))
        found = weaknesses(replace(examples.estimated(), manifest=made))
        return [one.plain for one in found if "looked at" in one.plain]

    assert told(0) == [] and "looked at once before" in told(1)[0]
    assert "looked at 3 times before" in told(3)[0]
    assert "looked at 1,000 times or more before" in told(1000, at_least=True)[0]


def test_what_is_no_check_is_taken_for_granted() -> None:
    found = weaknesses(replace(examples.estimated(), reasons=("It was declared.",)))
    assert [one.verdict for one in found] == ["fail", "warn", "granted"]
    held = weaknesses(examples.withheld())
    assert [one.verdict for one in held] == ["fail", "note", "note", "warn"]
    assert held[1].plain.startswith("The fitted mixture")
