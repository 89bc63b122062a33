"""What is shown on a terminal moves nothing there but the bar."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from known_commands import control_characters, done, run

from provenance.cli.terminal import progress_bar, steady_width, steps_bar
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


NARROW = [
    ("index", "mixed.jsonl", "-o", "{out}/narrow.idx"),
    ("fingerprint", "mixed.jsonl", "--name", "a/model-of-a-long-name-2026", "-o", "{out}/n.fp"),
    ("inspect", "fps/api.fp"),
    ("compare", "fps/api.fp", "fps/human.fp"),
    ("library", "list"),
    ("doctor",),
    ("scan", "mixed.jsonl"),
    ("inspect", "mixed.jsonl"),
    ("library", "show", "no-such-source"),
]


@pytest.mark.parametrize("command", NARROW, ids=" ".join)
def test_lines_have_room_on_eighty_columns(
    command: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what is one word, as a path."""
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*(word.format(out=folder) for word in command))
    lines = [line.rstrip() for line in (result.stdout + result.stderr).splitlines()]
    assert result.exit_code in (0, 2) and lines
    assert [line for line in lines if len(line) > 80 and " " in line] == []
    assert not any(line.lstrip().startswith("%") for line in lines)


def test_lines_of_a_pipe_stay_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    told = done("index", "mixed.jsonl", "-o", folder / "whole.idx").splitlines()[0]
    assert told.endswith("bytes a word") and len(told) > 80


@pytest.mark.parametrize(
    ("asked", "width"),
    [
        *(("", None), ("0", None), ("00", None), ("-1", None), ("abc", None), ("1e3", None)),
        *(("\N{SUPERSCRIPT TWO}", None), ("1", "20"), ("0120", "120"), ("10000", "10000")),
        ("9" * 5_000, "10000"),
    ],
)
def test_whatever_width_is_asked_for_is_one_of_terminals(
    asked: str, width: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", asked)
    steady_width()
    assert os.environ.get("COLUMNS") == width
