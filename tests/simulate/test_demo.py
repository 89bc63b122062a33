"""The demonstration: its text, its split, and that what it tells to type does the same."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from provenance.cli.app import app
from provenance.errors import InputError
from provenance.report.report import Report
from provenance.simulate import demo
from provenance.simulate.demo import (
    CANDIDATE,
    REFERENCE,
    DemoResult,
    manual_pieces,
    prose,
    run_demo,
)

Row = dict[str, Any]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoResult]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield run_demo(tmp_path_factory.mktemp("demo"))


def rows(path: Path) -> list[Row]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_the_estimate_is_near_the_truth(result: DemoResult) -> None:
    (row,) = result.report.candidates()
    assert result.truth == pytest.approx(0.3, abs=0.01)
    assert row.share is not None and abs(row.share - result.truth) < 0.05
    assert row.low <= result.truth <= row.high < 0.6
    assert row.low > 0.1


def test_everything_stands_in_the_folder(result: DemoResult) -> None:
    names = {path.name for path in result.output.iterdir()}
    made = {f"{name}{suffix}" for name in (CANDIDATE, REFERENCE) for suffix in (".jsonl", ".fp")}
    assert names == {*made, "suspect.jsonl", "report.json", "report.html", "documents.parquet"}
    assert result.page.is_file()


def test_the_authors_of_the_suspect_corpus_are_told_apart(result: DemoResult) -> None:
    low = {part.value: part.shares[0].low for part in result.report.breakdown}
    high = {part.value: part.shares[0].high for part in result.report.breakdown}
    assert low[CANDIDATE] > 0.5 > high[REFERENCE]


def test_no_topic_and_no_paragraph_stands_on_both_sides(result: DemoResult) -> None:
    samples = [
        row for name in (CANDIDATE, REFERENCE) for row in rows(result.output / f"{name}.jsonl")
    ]
    suspect = rows(result.output / "suspect.jsonl")
    paragraphs = [
        {part for row in side if row["author"] == REFERENCE for part in row["text"].split("\n\n")}
        for side in (samples, suspect)
    ]
    assert not {row["topic"] for row in samples} & {row["topic"] for row in suspect}
    assert all(paragraphs) and not paragraphs[0] & paragraphs[1]


def test_both_sides_write_texts_of_one_length(result: DemoResult) -> None:
    for name in (CANDIDATE, REFERENCE, "suspect"):
        lengths = [len(row["text"].split()) for row in rows(result.output / f"{name}.jsonl")]
        assert all(80 <= length <= 150 for length in lengths)


def test_the_suspect_corpus_is_the_mixture_told(result: DemoResult) -> None:
    authors = [row["author"] for row in rows(result.output / "suspect.jsonl")]
    assert authors.count(CANDIDATE) == result.n_api
    assert len(authors) == result.n_api + result.n_human
    assert authors != sorted(authors)


@pytest.mark.slow
def test_the_commands_told_do_the_same(result: DemoResult, tmp_path: Path) -> None:
    told = [
        shlex.split(line.replace(str(result.output), str(tmp_path))) for line in result.commands
    ]
    for name in (CANDIDATE, REFERENCE, "suspect"):
        corpus = (result.output / f"{name}.jsonl").read_bytes()
        (tmp_path / f"{name}.jsonl").write_bytes(corpus)
    told[-1] += ["--cache-dir", str(tmp_path / "cache")]
    for command in told:
        assert command[0] == "provenance"
        assert CliRunner().invoke(app, command[1:]).exit_code == 0
    again = Report.load(tmp_path)
    assert again.shares == result.report.shares
    assert again.breakdown == result.report.breakdown


def test_one_seed_gives_one_corpus() -> None:
    first, again, other = (demo._corpora(seed) for seed in (0, 0, 1))
    assert first == again
    assert first["suspect"] != other["suspect"]
    assert first[CANDIDATE] == other[CANDIDATE]


def test_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="the output is a file"):
        run_demo(tmp_path / "taken")


def test_a_python_without_its_manual_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(InputError, match="complete Python"):
        run_demo(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_fixtures_are_found_in_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "provenance"
    package.mkdir()
    monkeypatch.setattr("importlib.resources.files", lambda name: tmp_path / name)
    assert demo._fixtures() == tmp_path / "fixtures"
    (package / "fixtures").mkdir()
    assert demo._fixtures() == package / "fixtures"


def test_the_fixtures_are_what_their_readme_says() -> None:
    sample, held_back = (demo._answers(name) for name in ("api_sample", "api_held_back"))
    every = sample + held_back
    readme = (demo._fixtures() / "README.md").read_text()
    counts = [(len(part), len({row["topic"] for row in part})) for part in (sample, held_back)]
    told = re.findall(r"\| `api_\w+\.jsonl` \| (\d+) \| (\d+) \|", readme)
    assert [(int(answers), int(topics)) for answers, topics in told] == counts
    assert "written by a language model for this project" in readme
    assert len(every) >= 160
    assert len({row["id"] for row in every}) == len({row["text"] for row in every}) == len(every)
    assert all(80 <= len(row["text"].split()) <= 150 for row in every)
    assert not {row["topic"] for row in sample} & {row["topic"] for row in held_back}


PROSE = [
    ("One two three four five six.", "One two three four five six."),
    (
        "   Wrapped at\n   the seventieth column, as ever.",
        "Wrapped at the seventieth column, as ever.",
    ),
    ("* A point of a list of points:", "A point of a list of points:"),
    ("2. See **PEP 414** for more of this.", "See **PEP 414** for more of this."),
    ("Too short a line.", None),
    ("A heading without an end to it\n******************************", None),
    (">>> print(1) and some more words to read.", None),
    ('assert_stmt ::= "assert" expression ["," expression] and so it goes.', None),
    (
        "object.__iadd__(self, other)\nobject.__isub__(self, other)\nobject.__imul__(self, other)",
        None,
    ),
    ("", None),
]


@pytest.mark.parametrize(("block", "text"), PROSE)
def test_prose_is_kept_without_its_layout(block: str, text: str | None) -> None:
    assert prose(block) == text


def paragraph(word: str, n_words: int) -> str:
    return " ".join([word] * (n_words - 1)) + f" {word}."


def test_pieces_end_where_paragraphs_end() -> None:
    parts = [paragraph(word, 50) for word in ("one", "two", "three", "four", "five")]
    found = manual_pieces({"numbers": "\n\n".join(parts)})
    assert [row["text"] for row in found] == ["\n\n".join(parts[:2]), "\n\n".join(parts[2:4])]
    assert [row["id"] for row in found] == ["numbers-1", "numbers-2"]


def test_a_paragraph_that_is_too_long_is_left_out() -> None:
    parts = [paragraph("short", 85), paragraph("long", 151), paragraph("last", 70)]
    found = manual_pieces({"a": "\n\n".join(parts)})
    assert [row["text"] for row in found] == [parts[0]]


def test_a_repeated_paragraph_is_of_the_shorter_topic() -> None:
    shared, own = paragraph("shared", 100), paragraph("own", 120)
    found = manual_pieces({"all": f"{own}\n\n{shared}", "part": shared})
    assert [(row["topic"], row["text"]) for row in found] == [("part", shared), ("all", own)]
