"""What to do next: commands that the program takes."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import report_examples as examples
import typer

from provenance.cli.app import app
from provenance.report.page.next_steps import next_steps
from provenance.report.report import Report

COMMANDS: Any = typer.main.get_command(app)


@pytest.mark.parametrize("make", [one for one in examples.REPORTS if one.__name__ != "hostile"])
def test_commands_are_taken(make: Callable[[], Report]) -> None:
    steps = next_steps(make())
    assert 1 <= len(steps) <= 6
    for command in (one for step in steps for one in step.commands):
        program, name, *words = shlex.split(command.replace("\\\n", " "))
        assert program == "provenance"
        COMMANDS.commands[name].make_context(name, words)


def test_a_hostile_command_is_one_word_of_the_shell() -> None:
    report = replace(
        examples.estimated(),
        manifest=replace(
            examples.MANIFEST, command=("provenance", "match", "a; rm -rf ~", "-o", "$(rm x)")
        ),
    )
    told = [one for step in next_steps(report) for one in step.commands]
    assert "provenance verify '$(rm x)'" in told
    assert any("'a; rm -rf ~'" in one for one in told)
    assert next_steps(examples.hostile())


def test_a_match_that_kept_its_scores_is_made_again_whole() -> None:
    words = ("provenance", "match", "a", "--candidate", "b.fp", "--partials", "p", "-oout")
    report = replace(examples.estimated(), manifest=replace(examples.MANIFEST, command=words))
    told = [one for step in next_steps(report) for one in step.commands]
    (with_log,) = [one for one in told if "--log" in one]
    assert "--partials" not in with_log and "-o out-2" in with_log


def test_what_is_there_is_not_asked_for() -> None:
    told = " ".join(one.why for one in next_steps(examples.estimated()))
    assert "its own log alone" in told and "other models" not in told
    anyones = " ".join(one.why for one in next_steps(examples.model_like()))
    assert "samples of the other models" in anyones
    finding = replace(examples.estimated().findings[0], details={"of": "log"})
    with_log = replace(examples.estimated(), findings=(finding,))
    assert "its own log alone" not in " ".join(one.why for one in next_steps(with_log))


def test_rows_of_the_log_are_taken_out_where_some_match() -> None:
    finding = replace(examples.estimated().findings[0], details={"of": "log"})
    words = ("provenance", "match", "a", "--candidate", "b.fp", "--log", "l.idx", "-o", "out")
    found, missed = replace(finding, verdict="found"), replace(finding, verdict="not_found")
    for one_finding, n in ((found, 1), (missed, 0)):
        report = replace(
            examples.estimated(),
            findings=(one_finding,),
            manifest=replace(examples.MANIFEST, command=words),
        )
        told = [one.split() for step in next_steps(report) for one in step.commands]
        filters = [" ".join(one).replace("\\ ", "") for one in told if "filter" in one]
        assert sum("--report out --drop log -o" in one for one in filters) == n


def test_rows_are_read_again_as_they_were() -> None:
    """Where the text is has to be said to the next command too; a filter needs no word of it."""
    words = ("provenance", "scan", "a.parquet", "--text-field", "body", "--by", "who", "-o", "out")
    report = examples.model_like()
    report = replace(
        report,
        shares=tuple(row for row in report.shares if row.role != "candidate"),
        manifest=replace(examples.MANIFEST, command=words),
    )
    told = [one for step in next_steps(report) for one in step.commands]
    again = [one for one in told if one.startswith(("provenance match", "provenance ask"))]
    assert again
    assert all("--text-field body" in one for one in again)
    assert not any("--text-field" in one for one in told if "filter" in one)
