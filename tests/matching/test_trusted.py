"""Rows before a day are trusted to be of no model."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from known_text import fingerprint, texts
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.corpus import open_corpus
from provenance.features.spec import FeatureSpec
from provenance.matching.tally import Tally
from provenance.matching.trusted import TrustedRows


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
    # The errors on rows of the corpus's own kind, of different texts.
    [rates] = told["calibration"]
    assert rates["n_trusted"] == 40 and len(rates["trusted"]) == len(rates["others"])
    assert rates["trusted"] == sorted(rates["trusted"]) and rates["trusted"][25] < 0


COARSE = [
    (datetime.date(2020, 1, 1), [True, True, False, False], 0),
    (datetime.date(2019, 7, 1), [False, False, False, False], 2),
    (datetime.date(2020, 6, 15), [True, True, False, False], 1),
    (datetime.date(2021, 1, 1), [True, True, True, False], 0),
]


@pytest.mark.parametrize(("before", "taken", "n_coarse"), COARSE)
def test_a_year_is_trusted_by_its_last_day(
    before: datetime.date, taken: list[bool], n_coarse: int
) -> None:
    rows = [{"text": "a", "d": value} for value in ("2019", 2019, "2020", None)]
    documents = [*open_corpus(rows, date_field="d")]
    trusted = TrustedRows(before, Tally(FeatureSpec(), 2))
    assert [trusted.takes(document) for document in documents] == taken
    apart = [*trusted.apart([documents])]
    assert sum(map(len, apart)) == len(documents)
    assert (trusted.n_undated, trusted.n_coarse) == (1, n_coarse)


@pytest.mark.parametrize("day", ["2020", "2020-01", "2020-01-01"])
def test_a_bare_year_is_its_first_day(fingerprints: Path, day: str) -> None:
    """The day that is asked for, in the refusal of a field that is missing."""
    result = matched(fingerprints, dated(1, 1), "--reference-before", day)
    assert result.exit_code == 2
    assert "rows dated before 2020-01-01 are to be trusted" in result.stderr


@pytest.mark.parametrize("day", ["20", "2020-13", "soon", "", "01/02/2020"])
def test_what_is_no_day_is_refused(fingerprints: Path, day: str) -> None:
    result = matched(fingerprints, dated(1, 1), "--reference-before", day)
    assert result.exit_code == 2
    assert "--reference-before" in result.stderr


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
