"""Places that cannot be written to are told before the work; a write that fails names its place."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provenance.errors import InputError
from provenance.files.places import errors_named, open_named, require_file, require_folder

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def named(require: Callable[[Path], None], place: Path) -> str:
    with pytest.raises(InputError) as caught:
        require(place)
    told = str(caught.value)
    assert str(place) in told or str(place.parent) in told
    assert "\n" not in told and ".part" not in told
    return told


@pytest.mark.parametrize("require", [require_file, require_folder])
@pytest.mark.parametrize("number", FULL)
@pytest.mark.parametrize("step", ["open", "write", "fsync"])
def test_what_the_system_refuses_is_told_before_the_work(
    require: Callable[[Path], None],
    number: int,
    step: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, step, failing(number))
    told = named(require, tmp_path / "out")
    monkeypatch.undo()
    assert f"cannot be written: {os.strerror(number)}" in told
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("require", [require_file, require_folder])
def test_what_can_be_written_is_left_as_it_was(
    require: Callable[[Path], None], tmp_path: Path
) -> None:
    require(tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_a_folder_need_not_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("a/b/c", tmp_path / "a" / "b", ".", tmp_path):
        require_folder(place, ["one"])
    assert [*tmp_path.iterdir()] == []


def test_what_stands_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full" / "report.json").mkdir(parents=True)
    assert "is a folder" in named(require_file, tmp_path / "full")
    assert "no such folder" in named(require_file, tmp_path / "none" / "a")
    assert "no such folder" in named(require_file, tmp_path / "file" / "a")
    assert "output is a file" in named(require_folder, tmp_path / "file")
    assert "it is a file" in named(require_folder, tmp_path / "file" / "a" / "b")
    with pytest.raises(InputError, match=r"report.json: the output is a folder"):
        require_folder(tmp_path / "full", ["documents.parquet", "report.json"])
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("require", [require_file, require_folder])
@pytest.mark.parametrize("name", ["a\0b", "n" * 300])
def test_a_name_that_cannot_be_is_told(require: Callable[[str], None], name: str) -> None:
    with pytest.raises(InputError, match="name"):
        require(name)


def test_an_output_that_refers_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for require in (require_file, require_folder):
        assert "cannot be written" in named(require, tmp_path / "loop")


def test_a_failing_write_names_the_place(tmp_path: Path) -> None:
    file = open_named("/dev/full", "wb", tmp_path / "out")
    file.write(b"x")
    with pytest.raises(OSError, match="No space left") as caught:
        file.flush()
    assert caught.value.filename == str(tmp_path / "out")
    with pytest.raises(OSError, match="No space left"):
        file.close()


def test_errors_without_a_number_stay(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="odd"), errors_named(tmp_path):
        raise OSError("odd")


def test_a_limit_of_a_file_s_size_is_told(tmp_path: Path) -> None:
    code = f"""
from provenance.files.places import require_file
require_file({str(tmp_path / "out")!r})
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        check=False,
    )
    assert b"out: cannot be written: File too large. Raise the limit" in ran.stderr
    assert [*tmp_path.iterdir()] == []
