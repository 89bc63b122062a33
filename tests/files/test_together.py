"""Files that belong together are put in place together, or none is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.files import leftovers
from provenance.files.aside import write_aside
from provenance.files.together import passing_folder, written_together

NAMES = ("a", "b")


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An output of an earlier run, with a file that is not of it."""
    place = tmp_path / "out"
    place.mkdir()
    for name in (*NAMES, "mine"):
        (place / name).write_text(f"old {name}")
    return place


def test_old_files_are_replaced_and_none_stays(old: Path) -> None:
    with written_together(old, NAMES) as folder:
        (folder / "a").write_text("new a")
        assert (old / "a").read_text() == "old a"
    assert held(old) == {"a": "new a", "mine": "old mine"}


def test_an_output_on_a_disk_of_its_own_is_written_there(old: Path) -> None:
    """A rename from beside it would go from one disk to another."""
    with written_together(old, NAMES) as folder:
        assert folder.parent == old
    with written_together(old.parent / "new", NAMES) as folder:
        assert folder.parent == old.parent


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, InputError("bad", where="c:1")])
def test_an_error_leaves_the_old_files(
    old: Path, error: BaseException | type[BaseException]
) -> None:
    before = held(old)

    def broken_off() -> None:
        with written_together(old, NAMES) as folder:
            (folder / "a").write_text("new a")
            raise error

    with pytest.raises((KeyboardInterrupt, ValueError, InputError)):
        broken_off()
    assert held(old) == before


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_names_the_output(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held(old)

    def written() -> None:
        with written_together(old, NAMES) as folder:
            write_aside(folder / "a", b"new")
            monkeypatch.setattr(os, "fsync", full)
            write_aside(folder / "b", b"new")

    with pytest.raises(InputError) as caught:
        written()
    assert str(caught.value).startswith(f"{old}: cannot be written: No space left on device.")
    assert held(old) == before


def test_an_error_of_the_system_in_there_names_the_output(old: Path) -> None:
    with pytest.raises(InputError) as caught, written_together(old, NAMES) as folder:
        (folder / "none" / "a").write_text("new")
    assert caught.value.where == str(old)


def test_an_error_of_the_system_elsewhere_keeps_its_name(old: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, written_together(old, NAMES):
        (old.parent / "none" / "a").read_text()
    assert caught.value.filename == str(old.parent / "none" / "a")


@pytest.mark.parametrize("output", [None, "out"])
def test_nowhere_to_write_is_told(
    output: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "_made", full)
    told = None if output is None else tmp_path / output
    with pytest.raises(InputError, match="No space left") as caught, passing_folder(told):
        raise AssertionError
    assert output is None or caught.value.where == str(told)
