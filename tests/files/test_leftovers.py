"""What a run that was killed left is removed; what anybody uses, or might, is not."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.files.leftovers import PassingFile, lock_name, passing_folder, remove_leftovers
from provenance.files.locks import hold_new

pytest.importorskip("fcntl")

_KILLED = """
import os, signal, sys
from contextlib import ExitStack
from pathlib import Path
from provenance.files.claims import claimed
from provenance.files.leftovers import PassingFile, passing_folder

folder = Path(sys.argv[1])
with ExitStack() as stack:
    stack.enter_context(claimed(folder / "out"))
    spilled = stack.enter_context(passing_folder(folder))
    (spilled / "deep").mkdir()
    (spilled / "deep" / "a").write_bytes(b"a")
    found = PassingFile(folder)
    found.path.write_bytes(b"a")
    if sys.argv[2] == "stay":
        print("ready", flush=True)
        sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path, *how: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _KILLED, str(folder), *(how or ("at once",))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def left(folder: Path) -> set[str]:
    return {path.suffix for path in folder.iterdir()}


def test_what_a_killed_run_left_is_removed_and_what_a_living_one_uses_is_not(
    tmp_path: Path,
) -> None:
    with killed(tmp_path, "stay") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        before = {*tmp_path.rglob("*")}
        assert left(tmp_path) == {".lock", ".parts", ".part"}
        remove_leftovers(tmp_path)
        assert {*tmp_path.rglob("*")} == before
        process.send_signal(signal.SIGKILL)
    assert {*tmp_path.rglob("*")} == before
    remove_leftovers(tmp_path)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_whoever_makes_another_beside_it_removes_it(kind: str, tmp_path: Path) -> None:
    with killed(tmp_path) as process:
        process.wait()
    assert left(tmp_path) == {".lock", ".parts", ".part"}
    if kind == "file":
        found = PassingFile(tmp_path)
        assert [*tmp_path.iterdir()] == [found.path]
        found.remove()
    else:
        with passing_folder(tmp_path) as folder:
            assert [*tmp_path.iterdir()] == [folder]
    assert [*tmp_path.iterdir()] == []


TOKEN = "0123456789abcdef"
KEPT = {
    "no name of ours": ".provenance-x.part",
    "an older version's": f".{TOKEN}.part",
    "shown": f"provenance-00000000-{TOKEN}.part",
    "longer": f".provenance-00000000-{TOKEN}.part.bak",
    "another machine's": f".provenance-00000000-{TOKEN}.part",
}


@pytest.mark.parametrize("name", KEPT.values(), ids=KEPT)
def test_what_may_be_anothers_is_kept(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_another_machine_left_long_ago_is_removed(tmp_path: Path) -> None:
    path = tmp_path / KEPT["another machine's"]
    path.write_bytes(b"")
    os.utime(path, (0, 0))
    remove_leftovers(tmp_path)
    assert not path.exists()


def own_name(tmp_path: Path, kind: str) -> Path:
    """A name such as this machine gives."""
    found = PassingFile(tmp_path)
    found.remove()
    return found.path.with_suffix(f".{kind}")


def test_a_folder_that_was_killed_before_it_was_held(tmp_path: Path) -> None:
    empty, full = (own_name(tmp_path, "parts") for _ in range(2))
    for folder in (empty, full):
        folder.mkdir()
    (full / "somebody's").write_bytes(b"")
    remove_leftovers(tmp_path)
    assert [*tmp_path.iterdir()] == [full]


def test_a_link_is_no_leftover(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "deep").mkdir(parents=True)
    for kind in ("parts", "part"):
        own_name(tmp_path, kind).symlink_to(target)
    held = hold_new(target / "lock")
    assert held is not None
    held.release()
    remove_leftovers(tmp_path)
    assert (target / "deep").is_dir()
    assert len([*tmp_path.iterdir()]) == 3


def test_a_folder_that_is_gone_has_none(tmp_path: Path) -> None:
    remove_leftovers(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        PassingFile(tmp_path / "gone")
    with pytest.raises(FileNotFoundError), passing_folder(tmp_path / "gone"):
        pass


def test_names_are_never_alike(tmp_path: Path) -> None:
    found = [PassingFile(tmp_path) for _ in range(20)]
    assert len({one.path for one in found}) == len([*tmp_path.iterdir()]) == 20
    for one in found:
        one.remove()


def test_what_was_renamed_stays(tmp_path: Path) -> None:
    found = PassingFile(tmp_path)
    os.replace(found.path, tmp_path / "a")
    found.release()
    found.remove()
    remove_leftovers(tmp_path)
    assert [*tmp_path.iterdir()] == [tmp_path / "a"]


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with passing_folder(tmp_path) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_lock_of_an_output_has_one_name_on_all_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = lock_name("a.idx")
    monkeypatch.setattr(platform, "node", lambda: "another")
    assert lock_name("a.idx") == before != lock_name("b.idx")
    assert len(lock_name("a" * 255)) == len(before)
