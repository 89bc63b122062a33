"""``match --shard``, ``--partials`` and ``--resume``, and ``merge`` of the parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from known_commands import SOURCES, Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


def told(output: Path) -> dict[str, Any]:
    report: dict[str, Any] = orjson.loads((output / "report.json").read_bytes())
    return {name: report[name] for name in ("shares", "corpus", "diagnostics")}


def test_parts_are_put_together(files: Files, folder: Path) -> None:
    whole, parts = folder / "whole", folder / "parts"
    match = ("match", "mixed.jsonl", *SOURCES, "--only", "--seed", "3")
    done(*match, "-o", whole)
    kept = ("--partials", folder / "kept")
    assert "Part 2 of 2: 0 batches done" in done(*match, "-o", parts, "--shard=2/2", *kept)
    assert "Part 1 of 2: 1 batch done" in done(*match, f"-o{parts}", "--shard", "1/2", *kept)
    again = done(*match, "-o", parts, "--shard", "1/2", *kept)
    assert "(1 were there)" in again
    assert not parts.exists()
    merging = f"provenance merge {folder / 'kept'} -o {parts}"
    assert again.endswith(f"After all parts: {merging}\n")
    done(*merging.split()[1:])
    assert told(parts) == told(whole)
    assert (parts / "documents.parquet").read_bytes() == (whole / "documents.parquet").read_bytes()


def test_what_is_kept_to_resume_goes_with_the_report(files: Files, folder: Path) -> None:
    output = folder / "out"
    done("match", "mixed.jsonl", *SOURCES, "--only", "-o", output, "--resume")
    assert (output / "report.json").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["out"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--shard", "1/2"), "Pass --partials DIR"),
        (("--shard", "5/2", "--partials", "p"), "with I from 1 to N"),
        (("--resume", "--partials", "p"), "Leave out --resume"),
        (("--shard", "1/2", "--partials", "p", "--watermark-keys", "K"), "in parts"),
    ],
)
def test_options_that_contradict_one_another(more: tuple[str, ...], sentence: str) -> None:
    result = run("match", "mixed.jsonl", *SOURCES, "-o", "out", *more)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not Path("p").exists()


def test_a_folder_without_parts_is_no_run(folder: Path) -> None:
    for named in (folder, folder / "absent"):
        result = run("merge", named, "-o", folder / "out")
        assert result.exit_code == 2
        assert "no parts of a run are there" in " ".join(result.stderr.split())
    assert "a.fp: there is no such file" in run("merge", "a.fp", "-o", "b.fp").stderr


def test_a_run_that_was_no_match_is_not_run(folder: Path) -> None:
    run_file = {"schema": "provenance-partials/1", "command": ["provenance", "demo"]}
    (folder / "run.json").write_bytes(orjson.dumps(run_file))
    result = run("merge", folder, "-o", folder / "out")
    assert result.exit_code == 2
    assert "not made at the command line" in result.stderr
    assert run("merge", folder, "-o", folder / "out", "--name", "a").exit_code == 2


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("fingerprint", "mixed.jsonl", "--name", "a", "--rows", "50", "--sealed"), "made.fp"),
        (("index", "mixed.jsonl", "--account-field", "kind", "--keep-text"), "made.idx"),
    ],
)
def test_what_is_measured_in_parts_is_put_together(
    command: tuple[str, ...], name: str, files: Files, folder: Path
) -> None:
    whole, parts = folder / f"whole-{name}", folder / name
    done(*command, "-o", whole)
    kept = ("--partials", folder / "kept")
    assert "Part 2 of 2: 0 batches done" in done(*command, "-o", parts, "--shard=2/2", *kept)
    assert "Part 1 of 2: 1 batch done" in done(*command, "-o", parts, "--shard", "1/2", *kept)
    assert not parts.exists()
    assert run("merge", folder / "kept", "-o", parts, "--name", "b").exit_code == 2
    done("merge", folder / "kept", "-o", parts)
    assert parts.read_bytes() == whole.read_bytes()
    resumed = folder / f"resumed-{name}"
    done(*command, "-o", resumed, "--resume")
    assert resumed.read_bytes() == whole.read_bytes()
    assert not [path for path in folder.iterdir() if path.name.endswith(".partials")]
