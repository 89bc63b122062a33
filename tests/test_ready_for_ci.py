"""``action.yml`` and ``.pre-commit-hooks.yaml``: ready to be used, and run here as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from provenance.simulate.words import NGramModel, library_texts

ROOT = Path(__file__).resolve().parents[1]
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
(MATCH,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == "match"]
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """An environment with the program on its path."""
    program = tmp_path / "bin" / "provenance"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m provenance "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    import numpy as np

    model, rng = NGramModel.fit(library_texts()[:100]), np.random.default_rng(0)
    path = tmp_path / "texts of $(touch owned).jsonl"
    path.write_bytes(
        b"".join(orjson.dumps({"text": model.sample(rng, 60)}) + b"\n" for _ in range(40))
    )
    return path


def test_inputs_reach_the_shell_by_its_environment_alone() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    named = {name for value in MATCH["env"].values() for name in INPUT.findall(value)}
    assert named == {*ACTION["inputs"]}


def test_the_hook_reads_what_its_name_says() -> None:
    assert [
        name for name in ("a.jsonl", "b.csv.gz", "c.parquet") if not re.search(HOOK["files"], name)
    ] == []
    assert not re.search(HOOK["files"], "program.py")


@pytest.mark.slow
def test_the_action_scans(machine: dict[str, str], corpus: Path, tmp_path: Path) -> None:
    given = {name: told.get("default", "") for name, told in ACTION["inputs"].items()}
    given["corpus"] = corpus.name
    env = {
        name: INPUT.sub(lambda found: given[found[1]], value)
        for name, value in MATCH["env"].items()
    }
    run = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", MATCH["run"]],
        env=machine | env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode in (0, 1), run.stderr
    assert not (tmp_path / "owned").exists()
    assert orjson.loads((tmp_path / "provenance-report" / "rows.sarif").read_bytes())["runs"]
    assert (tmp_path / "provenance-report" / "checks.xml").is_file()


@pytest.mark.slow
def test_the_hook_runs_as_pre_commit_runs_it(
    machine: dict[str, str], corpus: Path, tmp_path: Path
) -> None:
    words = [*shlex.split(HOOK["entry"]), "--fail-above", "99%", corpus.name]
    run = subprocess.run(words, env=machine, cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    missing = subprocess.run(
        [*shlex.split(HOOK["entry"]), "none.jsonl"],
        env=machine,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert missing.returncode == 1
    assert "none.jsonl" in missing.stderr
