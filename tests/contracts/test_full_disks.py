"""Disks that fill up in the middle of a run: one paragraph, the old output whole, nothing left."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.validation.bench.fault_material import command_line, prepared
from provenance.validation.bench.faults import COMMANDS

pytestmark = pytest.mark.slow
ROOM = 5000
"""Bytes of a file that still fit: more than the trial before the work, less than any output."""
OLD = b"what an earlier run wrote"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("material")


def ran(
    arguments: list[str], room: int, environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "provenance", *arguments],
        capture_output=True,
        env=os.environ | environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("room", [100, ROOM])
def test_a_disk_that_is_full_is_one_paragraph(
    command: str, room: int, material: Path, tmp_path: Path
) -> None:
    arguments, output, old = command_line(
        command, prepared(material, command), material / "corpus.jsonl", tmp_path
    )
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(OLD)
    before = sorted(tmp_path.rglob("*"))
    found = ran([*arguments, "--workers", "1"], room, {})
    told = found.stderr.decode()
    assert (found.returncode, found.stdout) == (2, b""), told
    assert "Traceback" not in told
    (error,) = [line for line in told.splitlines() if line.startswith("Error: ")]
    assert "File too large" in error and output in error
    assert all(line.startswith(("Error: ", "Warning: ")) for line in told.splitlines())
    assert all(path.read_bytes() == OLD for path in old)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", ["fingerprint", "match"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_caches_that_take_nothing_are_told_and_done_without(
    command: str, workers: str, material: Path, tmp_path: Path
) -> None:
    places = ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    arguments, *_ = command_line(
        command, prepared(material, command), material / "corpus.jsonl", tmp_path
    )
    (tmp_path / "file").write_text("in the way")
    nowhere = str(tmp_path / "file" / "below")
    if "--cache-dir" in arguments:
        arguments[arguments.index("--cache-dir") + 1] = nowhere
    environment = dict.fromkeys(places, nowhere)
    found = ran([*arguments, "--workers", workers], resource.RLIM_INFINITY, environment)
    told = found.stderr.decode()
    assert found.returncode == 0, told
    assert told.count("Warning: ") == len(told.splitlines())
    assert f"{nowhere}/provenance/tiktoken: the cache folder of tokenizers" in told
    assert command != "match" or "The fitted panel is kept for this run alone" in told
