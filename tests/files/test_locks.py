"""A lock keeps others out while its holder lives, and not a moment longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.files import locks
from provenance.files.locks import HeldFile, hold, hold_new, hold_or_make

fcntl = pytest.importorskip("fcntl")

_HOLDER = """
import os, sys, time
from pathlib import Path
from provenance.files.locks import hold_or_make

held = hold_or_make(Path(sys.argv[1]))
# The child says so, as it lets go of the lock when it begins and not when the other one forks.
if sys.argv[2] == "none" or os.fork() == 0:
    print("held", flush=True)
time.sleep(20)
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PAUSE", 0.0)


@pytest.mark.parametrize("children", ["none", "fork"])
def test_a_lock_dies_with_its_holder(children: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    command = [sys.executable, "-c", _HOLDER, str(path), children]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert hold(path) is None and hold_or_make(path) is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The child that was forked is alive, and holds nothing.
        found = hold(path)
        assert found is not None
        found.release()
        if children == "fork":
            os.killpg(process.pid, signal.SIGKILL)


WAYS: dict[str, Callable[[Path], HeldFile | None]] = {"made": hold_or_make, "new": hold_new}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_one_holds_it_at_a_time(way: Callable[[Path], HeldFile | None], tmp_path: Path) -> None:
    path = tmp_path / "a"
    first = way(path)
    assert first is not None
    assert hold(path) is None and hold_or_make(path) is None
    first.release()
    first.release()
    second = hold(path)
    assert second is not None
    second.release()


def test_a_file_that_is_gone_is_held_by_nobody(tmp_path: Path) -> None:
    assert hold(tmp_path / "a") is None
    assert [*tmp_path.iterdir()] == []


def test_a_lock_of_a_file_that_was_replaced_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking, the first holder ends and a second comes."""
    path, new = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"")
    flock = fcntl.flock
    replaced: list[int] = []

    def late(descriptor: int, operation: int) -> None:
        if not replaced:
            replaced.append(new.write_bytes(b"new"))
            os.replace(new, path)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert hold(path) is None
    replaced.clear()
    found = hold_or_make(path)
    assert found is not None and path.read_bytes() == b"new"
    found.release()


def test_where_there_are_no_locks_nobody_is_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    path = tmp_path / "a"
    assert hold_or_make(path) is not None and hold_or_make(path) is not None
    # Nor is anything taken for nobody's.
    assert hold(path) is None


def test_where_a_file_that_is_open_has_another_number_it_is_held_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_is_at", lambda *_: False)
    for way, name in ((hold_new, "a"), (hold_or_make, "b")):
        found = way(tmp_path / name)
        assert found is not None and hold_or_make(tmp_path / name) is None
        found.release()
    assert hold(tmp_path / "a") is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    (tmp_path / "b").symlink_to(path)
    assert hold(tmp_path / "b") is None
    with pytest.raises(OSError, match="symbolic"):
        hold_or_make(tmp_path / "b")
