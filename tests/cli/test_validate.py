"""``provenance validate`` on fingerprints and on corpora."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from known_text import rows, texts
from known_validation import NAMES, small, source
from typer.testing import CliRunner

from provenance.cli.app import app
from provenance.validation.result import Validation


@pytest.fixture(name="folder")
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        found = rows(texts(name, 80, seed=0))
        (tmp_path / f"{name}.jsonl").write_bytes(
            b"".join(orjson.dumps(row) + b"\n" for row in found)
        )
        source(name).save(tmp_path / f"{name}.fp")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["validate", *args, "-o", "out"])
    return result.exit_code, result.stdout, result.stderr


FEW = ("--shares", "0,0.3", "--sizes", "40", "--splits", "1")


@pytest.mark.slow
def test_the_command_on_fingerprints(folder: Path) -> None:
    sources = ("--candidate", "alpha.fp", "--reference", "human.fp", "--panel", "beta.fp")
    asked = ("closed", "unknown source")
    named = [word for name in asked for word in ("--scenarios", name)]
    few = ("--shares", "0.3", "--sizes", "40", "--splits", "1")
    status, told, error = run(*sources, *few, *named, "--seed", "0")
    assert (status, error) == (0, "")
    assert "rows listed at a q-value of at most 0.05" in told
    assert "closed" in told and "unknown source" in told and "out/validation.html" in told
    assert Validation.load("out").readings == small(shares=(0.3,), scenarios=asked).readings


@pytest.mark.slow
def test_the_command_on_corpora_runs_peers_on_the_same_corpora(folder: Path) -> None:
    sources = ("--candidate", "alpha.jsonl", "--reference", "people=human.jsonl")
    status, told, error = run(
        *sources, *FEW, "--scenarios", "closed", "--peers", "classify and count"
    )
    assert (status, error) == (0, "")
    found = Validation.load("out")
    assert [item.name for item in found.sources] == ["alpha", "people"]
    ours, theirs = (
        [(item.level, item.truth, item.n) for item in found.readings if item.estimator == name]
        for name in ("provenance", "classify and count")
    )
    assert ours == theirs and len(ours) == 2
    assert "closed: classify and count" in told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "neither --candidate nor --suite"),
        (("--suite", "arxiv"), "--suite and --data go together"),
        (("--suite", "x", "--data", "."), "no suite 'x'"),
        (("--candidate", "alpha.fp"), "nothing to tell the candidate from"),
        (("--candidate", "nobody.fp", "--reference", "human.fp"), "no such file"),
        (("--candidate", "alpha.fp", "--reference", "human.fp", "--sizes", "x"), "--sizes x"),
        (("--candidate", "alpha.fp", "--reference", "human.jsonl", "--limit", "30"), "30 doc"),
    ],
)
def test_what_the_command_refuses(args: tuple[str, ...], told: str, folder: Path) -> None:
    status, shown, error = run(*args)
    assert (status, shown) == (2, "")
    assert told in error and error.count("\n") == 1
    assert not Path("out").exists()


def test_names_of_the_library_are_sources(folder: Path) -> None:
    code, _, told = run("--candidate", f"{NAMES[0]}.fp", "--panel", "library")
    assert code == 2 and "the library is no fair panel" in told
    code, _, told = run("--candidate", f"{NAMES[0]}.fp", "--reference", "no-such-source")
    assert code == 2 and "the library holds no source called" in told
