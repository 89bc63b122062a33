"""``provenance run``: one file for all of it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from known_commands import done, run

RECIPE = """
[fingerprint.api-again]
paths = ["api.jsonl"]
[index.log]
paths = ["api.jsonl"]
"""


@pytest.mark.usefixtures("folder")
def test_steps_are_made_once() -> None:
    Path("R.toml").write_text(RECIPE)
    assert "fingerprint api-again: made: api-again.fp" in done("run", "R.toml")
    assert Path("log.idx").is_file()
    told = orjson.loads(done("run", "R.toml", "--json"))
    assert [step["state"] for step in told["steps"]] == ["up to date", "up to date"]
    assert "made: log.idx" not in done("run", "R.toml", "--dry-run")


@pytest.mark.usefixtures("folder")
def test_a_word_that_no_command_knows_is_told_before_any_work() -> None:
    recipe = RECIPE.replace("api-again", "untouched")
    Path("R.toml").write_text(f'{recipe}[match.out]\npaths=["mixed.jsonl"]\nonli = true\n')
    result = run("run", "R.toml")
    assert result.exit_code == 2
    assert "--onli" in result.stderr
    assert not Path("untouched.fp").exists()


@pytest.mark.usefixtures("folder")
def test_a_step_that_fails_ends_with_its_paragraph() -> None:
    Path("R.toml").write_text('[fingerprint.a]\npaths = ["none.jsonl"]\n')
    result = run("run", "R.toml")
    assert result.exit_code == 2
    assert "none.jsonl" in result.stderr
    assert "failed" in result.stdout
