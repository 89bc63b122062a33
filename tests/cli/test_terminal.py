"""What is shown on a terminal moves nothing there but the bar."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from known_commands import control_characters, done, run

from provenance.cli.terminal import progress_bar, steps_bar
from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint

pytestmark = pytest.mark.usefixtures("folder")


def check(*args: object) -> None:
    assert not control_characters(done(*args))
    printed = done(*args, "--json")
    assert printed.isascii() and not control_characters(printed)


@pytest.mark.parametrize("name", examples.HOSTILE)
def test_nothing_foreign_reaches_the_terminal(name: str, folder: Path) -> None:
    source = replace(
        Fingerprint.load("other.fp"),
        name=name,
        origin=(name,),
        readable=(f"{name} as",),
        domains=(name,),
    )
    source.save(folder / "h.fp")
    check("inspect", folder / "h.fp")
    assert not control_characters(done("merge", folder / "h.fp", "-o", folder / "m.fp"))


def test_no_foreign_name_of_those_compared_reaches_the_terminal(folder: Path) -> None:
    paths = []
    for number, name in enumerate(examples.HOSTILE):
        paths.append(folder / f"{number}.fp")
        replace(Fingerprint.load("other.fp"), name=name).save(paths[-1])
    check("compare", *paths)


def test_errors_show_no_control_characters() -> None:
    result = run("inspect", "\x1b[2J\nmissing.fp")
    assert result.exit_code == 2
    assert "<U+001B>" in result.stderr and not control_characters(result.stderr)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    corpus = open_corpus("mixed.jsonl")
    with progress_bar() as progress:
        assert progress is not None
        for _ in corpus:
            pass
        progress(corpus)
    assert "100 documents" in terminal.getvalue()


def test_a_bar_counts_the_steps_of_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with steps_bar() as stage:
        assert stage is not None
        stage("learning [red]sources", 1, 5)
    assert "learning [red]sources (2 of 5)" in terminal.getvalue()
