"""Options that several commands share arrive where they should."""

from __future__ import annotations

import datetime
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import report_examples as examples
import typer
from hypothesis import given
from hypothesis import strategies as st
from known_commands import TARGETS, called, run

from provenance import InputError
from provenance.cli.options import fraction, numbers
from provenance.corpus import CorpusOptions

pytestmark = pytest.mark.usefixtures("folder")


CORPUS_OPTIONS: dict[str, tuple[str, Any]] = {
    "text_field": ("text", "text"),
    "role": ("user", "user"),
    "prompt_field": ("p", "p"),
    "id_field": ("i", "i"),
    "group_field": ("g", "g"),
    "domain_field": ("d.e", "d.e"),
    "date_field": ("t", "t"),
    "before": ("2024-02-29", datetime.date(2024, 2, 29)),
    "after": ("2023-01-01", datetime.date(2023, 1, 1)),
    "limit": ("5", 5),
    "sample": ("6", 6),
    "seed": ("7", 7),
    "on_error": ("skip", "skip"),
}


@pytest.mark.parametrize("command", TARGETS)
@pytest.mark.parametrize("left_out", ["limit", "sample"])
def test_every_option_of_a_corpus_arrives(
    monkeypatch: pytest.MonkeyPatch, command: str, left_out: str
) -> None:
    given = {name: pair for name, pair in CORPUS_OPTIONS.items() if name != left_out}
    args = [
        part for name, (text, _) in given.items() for part in (f"--{name}".replace("_", "-"), text)
    ]
    (corpus, *_), _ = called(monkeypatch, command, *args)
    assert corpus.options == CorpusOptions(**{name: value for name, (_, value) in given.items()})
    assert {*CORPUS_OPTIONS} == {item.name for item in fields(CorpusOptions)} - {
        "by",
        "segments",
        "with_said",
        "with_text",
    }


@pytest.mark.parametrize("command", TARGETS)
def test_without_options_a_corpus_is_read_as_ever(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (corpus, *_), named = called(monkeypatch, command)
    assert corpus.options == CorpusOptions()
    assert (named["workers"], named["progress"]) == (1, None)


@given(st.integers(0, 100))
def test_a_percentage_is_a_fraction(hundredths: int) -> None:
    expected = hundredths / 100
    assert fraction(0, 1)(f"{hundredths}%") == fraction(0, 1)(f" {expected} ") == expected
    assert numbers("--shares", [f"{hundredths}%"], fractions=True) == [expected]


@pytest.mark.parametrize("text", ["nan", "101%", "-1%", "2", "%", "5%%", "half", "inf", ""])
def test_what_is_no_fraction_is_told(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no number from 0 to 1"):
        fraction(0, 1)(text)


def test_a_number_of_documents_is_no_percentage() -> None:
    with pytest.raises(InputError, match="--sizes 5% cannot be read"):
        numbers("--sizes", ["5%"])


def test_a_report_is_no_corpus(folder: Path) -> None:
    (folder / "out").mkdir()
    examples.estimated().save(folder / "out" / "report.json")
    match = ("match", "--candidate", "fps/api.fp", "--reference", "fps/human.fp", "-o", "new")
    for command in (("scan",), match):
        for place in (folder / "out", folder / "out" / "report.json"):
            result = run(*command, place)
            assert result.exit_code == 2
            assert "it is a report of provenance, not a corpus" in result.stderr
    # A file of that name that is none is read as any other.
    (folder / "report.json").write_text('[{"text": "too short"}]')
    assert "a report of provenance" not in run("scan", folder / "report.json").stderr
