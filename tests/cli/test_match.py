"""``match`` and ``report``: options arrive, the exit status is as told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import report_examples as examples
from known_commands import SOURCES, Files, called, control_characters, done, run
from known_text import fingerprint, texts
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.cli.match import exit_status
from provenance.report.report import Report

pytestmark = pytest.mark.usefixtures("folder")


# match


def test_options_of_a_match_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    args = (
        "--panel fps/*.fp --by kind --by lang --confidence-level 0.9 --same-domain --only"
        " --corpus-is sample --precision 2% --fdr 0.1"
        " --alias b=a --alias c=a=a --no-text --baseline b.json --cache-dir kept --workers 3"
        " --seed 9 --watermark-keys K.toml --case 24-117"
    )
    (corpus,), named = called(
        monkeypatch,
        "match",
        *args.split(),
        *("--author", "A. Analyst", "--role", "ftp://me:secret@host/"),
    )
    sources = {role: named.pop(role) for role in ("candidates", "references", "panel")}
    command = named.pop("command")
    assert sources == {
        "candidates": ["fps/api.fp"],
        "references": ["fps/human.fp"],
        "panel": ["fps/*.fp"],
    }
    assert corpus.options.by == ("kind", "lang")
    assert named == {
        "aliases": {"b": "a", "c": "a=a"},
        "watermark_keys": Path("K.toml"),
        "baseline": "b.json",
        "output": Path("out"),
        "confidence_level": 0.9,
        "same_domain": True,
        "only": True,
        "corpus_is": "sample",
        "precision": 0.02,
        "fdr": 0.1,
        "logs": (),
        "decoy_logs": (),
        "partials": None,
        "keep_text": False,
        "seed": 9,
        "workers": 3,
        "executor": None,
        "reference_before": None,
        "cache_dir": Path("kept"),
        "library": True,
        "title": None,
        "case": "24-117",
        "author": "A. Analyst",
        "progress": None,
        "stages": None,
    }
    assert command[:3] == ("provenance", "match", "mixed.jsonl")
    assert "secret" not in " ".join(command) and command[-1] == "ftp://***@host/"


@pytest.fixture(scope="module")
def matched(files: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    output = tmp_path_factory.mktemp("matched") / "out"
    corpus = files.root / "mixed.jsonl"
    sources = [files.root / part if part.endswith(".fp") else part for part in SOURCES]
    options = ("--same-domain", "--only", "--cache-dir", files.cache, "--fail-above", 0.05)
    return output, run("match", corpus, *sources, "-o", output, *options)


def test_a_match_is_told_and_written(matched: tuple[Path, Result]) -> None:
    output, result = matched
    assert {path.name for path in output.iterdir()} == {
        *("report.json", "report.html", "documents.parquet")
    }
    report = Report.load(output)
    assert report.answer() in " ".join(result.stdout.split())
    assert f"Report: {output / 'report.html'}" in result.stdout
    assert result.stderr == ""
    (row,) = report.candidates()
    assert row.low <= 0.5 <= row.high


def test_a_share_above_the_limit_ends_with_one(matched: tuple[Path, Result]) -> None:
    output, result = matched
    assert Report.load(output).candidates()[0].low > 0.05
    assert result.exit_code == 1


def test_a_candidate_alone_gets_an_upper_bound(folder: Path) -> None:
    args = ("match", "mixed.jsonl", "--candidate", "fps/api.fp", "-o", folder / "out")
    told = done(*args)
    assert re.search(r"^At most \d+\.\d % of the documents look like the sample of api", told)
    assert "95 % upper bound; a share cannot be told, and" in " ".join(told.split())
    assert "Bring --reference H.fp" in " ".join(told.split())
    assert sorted(os.listdir(folder / "out")) == ["report.html", "report.json"]
    report = Report.load(folder / "out")
    [row] = report.candidates()
    assert (row.share, row.low, row.verdict) == (None, 0, "bounded")
    assert 0.5 <= row.high < 1
    assert ">upper bound</span>" in (folder / "out" / "report.html").read_text()
    assert run(*args, "--fail-above", 0.1).exit_code == 3
    assert run(*args, "--fail-above", 1).exit_code == 0


def test_a_match_against_its_own_baseline_shows_no_fall(folder: Path) -> None:
    args = ("match", "mixed.jsonl", *SOURCES, "--by", "kind", "-o", folder / "out")
    done(*args)
    told = " ".join(done(*args, "--baseline", folder / "out" / "report.json").split())
    assert "Against the baseline, mixed.jsonl" in told
    assert "No fall can be shown." in told
    assert "Both reports are of the same text" in told
    other = run("match", "mixed.jsonl", *SOURCES[:2], "--baseline", folder / "out", "-o", "out")
    assert other.exit_code == 2
    assert "only it has the reference 'human'" in other.stderr


def test_a_share_below_the_limit_ends_with_none(folder: Path) -> None:
    done("match", "mixed.jsonl", *SOURCES, "-o", folder / "out", "--fail-above", 1)


def with_share(report: Report, low: float, high: float) -> Report:
    rows = [
        replace(row, low=low, high=high, share=None if row.share is None else low)
        if row.role == "candidate"
        else row
        for row in report.shares
    ]
    return replace(report, shares=tuple(rows))


@pytest.mark.parametrize(
    ("make", "low", "high", "limit", "status"),
    [
        (examples.estimated, 0.2, 0.3, 0.1, 1),
        (examples.estimated, 0.2, 0.3, 0.2, 0),
        (examples.estimated, 0.0, 0.3, 0.1, 0),
        (examples.withheld, 0.0, 1.0, 0.1, 3),
        (examples.withheld, 0.0, 0.05, 0.1, 0),
        (examples.withheld, 0.0, 1.0, 1.0, 0),
        (examples.withheld, 0.2, 1.0, 0.1, 1),
    ],
)
def test_exit_status(
    make: Callable[[], Report], low: float, high: float, limit: float, status: int
) -> None:
    assert exit_status(with_share(make(), low, high), limit) == status


def test_a_withheld_share_ends_with_three_only_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provenance.matching.matching.match", lambda *_, **__: examples.withheld())
    args = ("match", "mixed.jsonl", *SOURCES, "-o", "out")
    assert run(*args, "--fail-above", 0.1).exit_code == 3
    assert run(*args).exit_code == 0


def test_tokens_and_other_sources_fail_nothing() -> None:
    report = with_share(examples.estimated(), 0.0, 0.1)
    rows = [
        replace(row, low=0.9, high=0.9, share=0.9)
        if row.unit == "tokens" or row.role == "panel"
        else row
        for row in report.shares
    ]
    assert exit_status(replace(report, shares=tuple(rows)), 0.1) == 0


def test_a_report_is_shown_as_table_json_and_page(folder: Path) -> None:
    report = examples.crowded()
    report.save(folder / "report.json")
    assert report.answer() in " ".join(done("inspect", folder / "report.json").split())
    assert done("inspect", folder) == done("inspect", folder / "report.json")
    # Whole, so that what is written of it is a report that can be read.
    whole = orjson.loads((folder / "report.json").read_bytes())
    assert orjson.loads(done("inspect", folder, "--json")) == whole
    assert "content_sha256" in whole and Report.from_dict(whole) == report
    assert (
        done("report", folder / "report.json", "-o", folder / "page.html")
        == f"{folder / 'page.html'}\n"
    )
    assert (folder / "page.html").read_text().startswith("<!doctype html>")


def long() -> Report:
    """Every word of it is as long as a file may hold."""
    return Report.from_dict(
        examples.rewritten(examples.estimated().to_dict(), lambda word: (word or "x") * 600)
        | {"excerpts": []}
    )


@pytest.mark.parametrize("make", [examples.hostile, long], ids=["hostile", "long"])
def test_a_hostile_report_is_printed_safely(make: Callable[[], Report], folder: Path) -> None:
    make().save(folder / "report.json")
    assert not control_characters(done("inspect", folder))
    assert done("inspect", folder, "--json").isascii()
    assert not control_characters(done("report", folder, "-o", folder / "page.html"))
    page = (folder / "page.html").read_text()
    assert "<script>alert" not in page and "<img" not in page and "<iframe" not in page
    assert not control_characters(page)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "cannot be read"),
        (b"[1, 2]", "is a list"),
        (b'{"schema": "provenance-report/1", "verdict"', "not JSON"),
        (b'{"schema": "provenance-report/0"}', "provenance-report/0"),
        ("other", "it lacks the candidate 'alpha'"),
    ],
)
def test_the_command_refuses_a_baseline_in_one_paragraph(
    data: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")  # in a pipe it stands on one line
    place = tmp_path / "before.json"
    if data == "other":
        examples.estimated().save(place)
    elif data is not None:
        place.write_bytes(data)
    fingerprint("alpha").save(tmp_path / "a.fp")
    fingerprint("human").save(tmp_path / "h.fp")
    (tmp_path / "c.txt").write_text("\n".join(texts("human", 30, 5)))
    sources = ["--candidate", tmp_path / "a.fp", "--reference", tmp_path / "h.fp"]
    args = ["match", tmp_path / "c.txt", *sources, "--baseline", place, "-o", tmp_path / "out"]
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == 2
    assert message in result.stderr
    assert str(place) in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_prompts_of_the_corpus_are_written_to_be_asked(files: Files, folder: Path) -> None:
    rows = ({"text": text, "prompt": f"prompt {n}"} for n, text in enumerate(files.texts["api"]))
    corpus = files.write("prompted.jsonl", *rows)
    given = ("match", corpus, "--candidate", "fps/api.fp", "--reference", "fps/human.fp")
    asked = folder / "ask.jsonl"
    told = done(*given, "--ask", asked, "-o", folder / "out").replace("\n", " ")
    prompts = [orjson.loads(line)["prompt"] for line in asked.read_bytes().splitlines()]
    assert len(prompts) == len({*prompts}) > 0 and prompts[0].startswith("prompt ")
    assert f"{len(prompts)} prompts of the corpus" in told and "--asked" in told
    # Whatever cannot be asked is told before the work, and leaves nothing.
    nothing = ("match", "api.jsonl", *given[2:], "--ask", folder / "no.jsonl")
    result = run(*nothing, "-o", folder / "no")
    assert result.exit_code == 2 and "without a prompt" in result.stderr
    assert not (folder / "no").exists() and not (folder / "no.jsonl").exists()
