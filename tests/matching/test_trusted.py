"""Rows before a day are trusted to be of no model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from known_text import fingerprint, texts
from typer.testing import CliRunner, Result

from provenance.cli.app import app


@pytest.fixture(scope="module")
def fingerprints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in ("alpha", "human"):
        fingerprint(name).save(folder / f"{name}.fp")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def matched(folder: Path, rows: list[dict[str, str]], *words: object) -> Result:
    corpus = folder / "suspect.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sources = ("--candidate", folder / "alpha.fp", "--reference", folder / "human.fp")
    kept = ("--cache-dir", folder / "cache", "-o", folder / "out")
    return run("match", corpus, *sources, *kept, *words)


def dated(n_old: int, n_new: int, n_undated: int = 0) -> list[dict[str, str]]:
    rows = [{"text": text, "date": "2019-12-31"} for text in texts("human", n_old, 3)]
    rows += [{"text": text, "date": "2020-01-01"} for text in texts("alpha", n_new, 4)]
    return rows + [{"text": text} for text in texts("human", n_undated, 5)]


BEFORE = ("--reference-before", "2020-01-01")


def test_rows_before_a_day_are_trusted_and_no_part_of_the_suspect(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(40, 50, 3), *BEFORE, "--date-field", "date")
    assert result.exit_code == 0, result.output
    told = json.loads((fingerprints / "out" / "report.json").read_text())
    assert told["corpus"]["n_documents"] == 53
    assert told["corpus"]["n_trusted"] == 40
    assert told["corpus"]["reference_before"] == "2020-01-01"
    (undated,) = (item for item in told["diagnostics"] if item["name"] == "undated")
    assert undated["verdict"] == "warn"
    assert undated["statistic"] == 3


def test_too_few_rows_before_a_day_are_refused(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(12, 50), *BEFORE, "--date-field", "date")
    assert result.exit_code == 2
    assert "12 different documents" in result.output
    assert "at least 30" in result.output


@pytest.mark.parametrize(
    ("n_old", "n_new", "told"),
    [(0, 50, "0 different documents"), (40, 0, "none is left to estimate")],
)
def test_a_day_with_nothing_on_one_side_is_refused(
    fingerprints: Path, n_old: int, n_new: int, told: str
) -> None:
    result = matched(fingerprints, dated(n_old, n_new), *BEFORE, "--date-field", "date")
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_day_without_a_date_field_is_refused(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(40, 50), *BEFORE)
    assert result.exit_code == 2
    assert "--date-field" in result.output
