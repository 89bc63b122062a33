"""``filter`` on the command line."""

from __future__ import annotations

import pytest
from known_commands import SOURCES, Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


def test_a_match_is_filtered(files: Files) -> None:
    corpus = files.root / "filtered.jsonl"
    corpus.write_bytes((files.root / "mixed.jsonl").read_bytes())
    done("match", corpus.name, *SOURCES, "--only", "--same-domain", "-o", "out")
    told = done("filter", "filtered.jsonl", "--report", "out", "--drop", "q<=0.2", "-o", "clean")
    assert "rows were dropped" in told
    before = (files.root / "filtered.jsonl").read_bytes().splitlines()
    after = (files.root / "clean" / "filtered.jsonl").read_bytes().splitlines()
    assert len(after) < len(before)
    assert [line for line in before if line in after] == after

    result = run("filter", "filtered.jsonl", "--report", "out", "--until", "0.0001%", "-o", "none")
    assert result.exit_code == 3
    assert "Cannot promise less than" in result.stdout
    assert not (files.root / "none").exists()

    files.write("filtered.jsonl", {"text": "another"})
    result = run("filter", "filtered.jsonl", "--report", "out", "--drop", "hidden", "-o", "none")
    assert result.exit_code == 2
    assert "filtered.jsonl: the file is not the one" in " ".join(result.stderr.split())


def test_until_is_a_fraction_or_a_percentage() -> None:
    result = run("filter", "mixed.jsonl", "--report", "out", "--until", "one", "-o", "clean")
    assert result.exit_code == 2
    assert "--until one cannot be read" in result.stderr
