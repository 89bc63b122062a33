"""What takes how long, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from known_commands import SOURCES, Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


def test_a_bench_tells_each_step_beside_tiktoken() -> None:
    told = done("bench", "mixed.jsonl")
    assert "The first 100 documents" in told
    assert "tiktoken alone" in told
    found = json.loads(done("bench", "mixed.jsonl", "--json"))
    assert found["n_documents"] == 100
    assert len(found["steps"]) == 4


def test_a_dry_run_writes_nothing(files: Files) -> None:
    before = files.listed()
    told = done("match", "mixed.jsonl", *SOURCES, "-o", "out", "--dry-run")
    assert "1 input" in told
    assert "Would be read: all of it." in told
    assert "Nothing was written (--dry-run)." in told
    assert files.listed() == before
    assert not Path("out").exists()
    sampled = done("match", "mixed.jsonl", *SOURCES, "-o", "out", "--dry-run", "--sample", "10")
    assert "Would be read: 10 rows, drawn" in sampled


def test_a_dry_run_refuses_what_a_match_refuses() -> None:
    sources = ("--candidate", "no.fp", "--reference", "fps/human.fp")
    result = run("match", "mixed.jsonl", *sources, "-o", "out", "--dry-run")
    assert result.exit_code == 2
    result = run("match", "mixed.jsonl", *SOURCES, "-o", "o", "--precision", "1%", "--sample", "9")
    assert result.exit_code == 2
    assert "beside a number of rows" in result.stderr


def test_a_dry_run_knows_the_names_that_a_match_knows() -> None:
    sources = (
        "--candidate",
        "gpt-4o-2024-05-13",
        "--reference",
        "fps/human.fp",
        "--panel",
        "library",
    )
    told = done("match", "mixed.jsonl", *sources, "-o", "out", "--dry-run")
    assert "Nothing was written (--dry-run)." in told
