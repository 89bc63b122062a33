"""What a command could not write is told before it reads anything, and names the place."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from known_commands import NEEDED, WORK, run, stop_at

pytestmark = pytest.mark.usefixtures("folder")

READS = (
    "bench",
    "compare",
    "doctor",
    "grades",
    "inspect",
    "lean",
    *("library add", "library list", "library remove", "library show"),
    "run",
    "same",
    "verify",
)
"""Or to a place of the user's that no option names."""
WRITES = [name for name in NEEDED if name not in READS]
every_command = pytest.mark.parametrize("command", WRITES)


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins to work raises what is no paragraph."""
    earlier = {"provenance.files.keys.read_keys", "provenance.simulate.demo.run_demo"}
    stop_at(monkeypatch, {*WORK, "provenance.simulate.demo._corpora"} - earlier)
    monkeypatch.setattr("provenance.files.keys.read_keys", lambda *_: [None])


def told(command: str, output: Path) -> str:
    needed = [*NEEDED[command]]
    if "-o" not in needed:
        needed += ["-o", "out.json"]
    needed[needed.index("-o") + 1] = str(output / needed[needed.index("-o") + 1])
    result = run(*command.split(), *needed)
    assert result.exit_code == 2, result.exception
    assert result.stdout == ""
    assert str(output) in result.stderr
    assert ".part" not in result.stderr and ".provenance-" not in result.stderr
    return result.stderr


@every_command
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_place_that_takes_nothing(
    command: str, number: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refused(path: str | Path, *more: int, **named: int) -> int:
        if str(path).startswith(str(folder)):
            raise OSError(number, os.strerror(number), str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(os, "open", refused)
    assert f"cannot be written: {os.strerror(number)}. " in told(command, folder)
    assert [*folder.iterdir()] == []


@every_command
def test_a_file_where_a_folder_is_needed(command: str, folder: Path) -> None:
    (folder / "file").write_text("mine")
    told(command, folder / "file")
    assert (folder / "file").read_text() == "mine"


@every_command
def test_a_folder_where_a_file_is_needed(command: str, folder: Path) -> None:
    names = ("out.fp", "out.idx", "out.html", "out.jsonl", "out.json")
    inside = (
        *("catalog.json", "report.json", "validation.md", "watermark.json"),
        *("suspect.jsonl", "manifest.json"),
    )
    for name in (*names, *(f"out/{name}" for name in inside)):
        (folder / name).mkdir(parents=True)
    assert "the output is a folder" in told(command, folder)
