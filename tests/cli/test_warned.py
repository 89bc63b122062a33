"""What was changed, is damaged or is hostile is told in one line, and nothing else is."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import orjson
import pytest
import report_examples as examples
from known_commands import SOURCES, control_characters, done, run

from provenance.errors import ProvenanceWarning
from provenance.report.report import Report

pytestmark = pytest.mark.usefixtures("folder")


def changed_report(folder: Path) -> Path:
    path = folder / "report.json"
    examples.estimated().save(path)
    text = path.read_text()
    assert text.count("0.1458") > 1
    path.write_text(text.replace("0.1458", "0.1459", 1))
    return path


def without_checksum(folder: Path) -> Path:
    path = folder / "report.json"
    path.write_bytes(orjson.dumps(examples.estimated().to_dict()))
    return path


@pytest.mark.parametrize(
    "args",
    [
        ("inspect", "REPORT"),
        ("inspect", "REPORT", "--json"),
        ("report", "REPORT", "-o", "FOLDER/page.html"),
        ("match", "mixed.jsonl", *SOURCES, "--baseline", "REPORT", "-o", "FOLDER/out"),
    ],
    ids=lambda args: args[0],
)
def test_a_changed_report_is_refused(args: tuple[str, ...], folder: Path) -> None:
    path = changed_report(folder)
    named = {"REPORT": str(path)}
    result = run(*(named.get(arg, arg.replace("FOLDER", str(folder))) for arg in args))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {path}: the report was changed since it was written")
    assert result.stderr.count("\n") == 1
    assert os.listdir(folder) == [path.name]


@pytest.mark.parametrize("args", [("inspect",), ("inspect", "--json"), ("report", "-o", "PAGE")])
def test_a_report_without_a_checksum_is_shown_and_told(args: tuple[str, ...], folder: Path) -> None:
    path = without_checksum(folder)
    command, *more = (arg.replace("PAGE", str(folder / "page.html")) for arg in args)
    result = run(command, path, *more)
    assert result.exit_code == 0
    assert result.stdout
    assert result.stderr.startswith(f"Warning: {path}: the report carries no checksum")
    assert result.stderr.count("\n") == 1


def test_warnings_of_others_go_where_they_go(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    def warned(*_: Any, **__: Any) -> Report:
        warnings.warn("theirs", UserWarning, stacklevel=1)
        for _times in range(2):
            warnings.warn("ours \x1b[2J", ProvenanceWarning, stacklevel=1)
        return examples.estimated()

    monkeypatch.setattr("provenance.report.report.Report.load", warned)
    result = run("inspect", "any.json")
    assert result.stderr == "Warning: ours <U+001B>[2J\n"
    assert [str(one.message) for one in recwarn] == ["theirs"]


@pytest.mark.slow
def test_an_unusable_cache_is_told_and_done_without(folder: Path) -> None:
    (folder / "cache").write_text("a file")
    args = ("match", "mixed.jsonl", *SOURCES, "-o", folder / "out")
    result = run(*args, "--cache-dir", folder / "cache")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"Warning: {folder / 'cache'}: the cache folder cannot be writ")
    assert sorted(os.listdir(folder)) == ["cache", "out"]
    assert not [name for name in os.listdir(folder / "out") if name.endswith(".panel")]
    assert {**orjson.loads((folder / "out" / "report.json").read_bytes())}["content_sha256"]


@pytest.mark.parametrize("name", ["\x1b[2J.json", "a\u202egpj.json", "two\nlines.json"])
def test_a_hostile_path_of_a_report_is_printed_safely(name: str, folder: Path) -> None:
    """In each of the ways that it is told: done without, refused, written."""
    without_checksum(folder).rename(folder / name)
    for args in (("inspect", folder / name), ("report", folder / name, "-o", folder / "page.html")):
        result = run(*args)
        assert result.exit_code == 0
        assert "<U+" in result.stderr and not control_characters(result.output)
    (folder / name).write_text("{}")
    result = run("inspect", folder / name)
    assert result.exit_code == 2
    assert "<U+" in result.stderr and not control_characters(result.output)
    assert result.stderr.count("\n") == 1


def test_a_hostile_path_of_an_index_is_printed_safely(folder: Path) -> None:
    made = folder / "a.idx"
    done("index", "api.jsonl", "-o", made)
    hostile = made.rename(folder / "\x1b[2J\u202e.idx")
    told = done("inspect", hostile)
    assert "<U+001B>[2J<U+202E>.idx" in told and not control_characters(told)
