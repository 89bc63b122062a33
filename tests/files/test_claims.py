"""An output has one writer, and what another program put there is not overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.files import locks
from provenance.files.claims import claimed

_HOLDER = """
import sys
from provenance.files.claims import claimed
with claimed(sys.argv[1]):
    print("claimed", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PAUSE", 0.0)


def test_a_second_run_is_refused_until_the_first_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    place = tmp_path / "a"
    command = [sys.executable, "-c", _HOLDER, str(place)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"claimed\n"
        monkeypatch.chdir(tmp_path)
        for same in (place, "a", f"../{tmp_path.name}/a"):
            with pytest.raises(InputError, match="another run is writing it"), claimed(same):
                pass
        with claimed(tmp_path / "b"):
            pass
        process.communicate()
    with claimed(place):
        pass
    assert [*tmp_path.iterdir()] == []


def touched(path: Path) -> None:
    os.utime(path, ns=(0, 12345))


def replaced(path: Path) -> None:
    """By another of the same size and time."""
    found = path.stat()
    new = path.with_name("new")
    new.write_bytes(b"new"[: found.st_size])
    os.utime(new, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.replace(new, path)


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


CHANGES: dict[str, tuple[bytes | None, Callable[[Path], object], str | None]] = {
    "nothing": (b"old", lambda path: None, None),
    "still nothing there": (None, lambda path: None, None),
    "read": (b"old", lambda path: path.read_bytes(), None),
    "another mode": (b"old", lambda path: path.chmod(0o600), None),
    "gone": (b"old", lambda path: path.unlink(), None),
    "written": (b"old", touched, "was changed"),
    "replaced": (b"old", replaced, "was changed"),
    "grown": (b"old", grown, "was changed"),
    "cut": (b"old", lambda path: os.truncate(path, 1), "was changed"),
    "appeared": (None, lambda path: path.write_bytes(b"new"), "appeared"),
}


@pytest.mark.parametrize(("before", "change", "told"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("names", [None, ["x", "a"]])
def test_what_counts_as_a_change(
    before: bytes | None,
    change: Callable[[Path], object],
    told: str | None,
    names: list[str] | None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    if before is not None:
        path.write_bytes(before)
    with claimed(path if names is None else tmp_path, names) as claim:
        claim.check()
        change(path)
        if told is None:
            claim.check()
        else:
            with pytest.raises(InputError, match=told):
                claim.check()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing can be written there"):  # noqa: SIM117
        with claimed(tmp_path / "none" / "a"):
            pass
