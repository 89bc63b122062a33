"""Files are whole or not there; they keep their mode and leave nothing behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from provenance.errors import InputError
from provenance.files.archive import Kind
from provenance.files.aside import AsideFile, put_in_place, write_aside, written_aside
from provenance.files.claims import claimed
from provenance.files.lines import write_json_lines
from provenance.files.mapped import MappedWriter
from provenance.files.spill import Spill

KIND = Kind("things/1", "thing (.th)", ("numbers",), "Make it again")


def mapped(path: Path) -> None:
    with MappedWriter(path, KIND) as writer:
        writer.add("numbers", "|u1", iter([np.arange(3)]))
        writer.finish({})


def spilled(path: Path) -> None:
    spill = Spill(path.parent / "spill")
    spill.add({"n": [1, 2]})
    try:
        spill.finish(path, lambda table: table)
    finally:
        spill.discard()


WRITERS = {
    "bytes": lambda path: write_aside(path, b"whole"),
    "lines": lambda path: write_json_lines(path, [{"n": 1}]),
    "mapped": mapped,
    "spill": spilled,
}
every_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
Write = Callable[[Path], Any]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@every_writer
def test_a_file_is_replaced(write: Write, tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    write(place)
    whole = place.read_bytes()
    place.write_bytes(b"old")
    write(place)
    assert place.read_bytes() == whole
    assert [*tmp_path.iterdir()] == [place]


@every_writer
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_what_the_umask_leaves(write: Write, mask: int, tmp_path: Path) -> None:
    with umask(mask):
        write(tmp_path / "a.jsonl")
    assert mode(tmp_path / "a.jsonl") == 0o666 & ~mask


@every_writer
def test_a_file_keeps_its_mode(write: Write, tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    place.write_bytes(b"old")
    place.chmod(0o640)
    write(place)
    assert mode(place) == 0o640


@every_writer
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_error_leaves_the_old_file_alone(
    write: Write, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    place = tmp_path / "a.jsonl"
    place.write_bytes(b"old")
    monkeypatch.setattr(os, step, full)
    with pytest.raises((OSError, InputError), match="No space left"):
        write(place)
    assert place.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [place]


@every_writer
def test_the_bytes_are_on_the_disk_before_the_name(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    fsync, replace = os.fsync, os.replace

    def synced(file: int) -> None:
        sizes.append(os.fstat(file).st_size)
        fsync(file)

    def renamed(source: Path, target: Path) -> None:
        assert sizes == [source.stat().st_size]
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    write(tmp_path / "a.jsonl")
    assert sizes == [(tmp_path / "a.jsonl").stat().st_size]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupt_leaves_the_old_file_alone(error: type[BaseException], tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"old")

    def interrupted() -> None:
        with written_aside(place) as file:
            file.write(b"half")
            assert place.read_bytes() == b"old"
            raise error

    with pytest.raises(error):
        interrupted()
    assert place.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [place]


def test_a_full_disk_leaves_nothing_though_closing_fails_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = AsideFile(tmp_path / "a")

    class Full:
        """Gives up its place on closing, as a file with an unwritten buffer does."""

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    held: IO[bytes] = found.file
    monkeypatch.setattr(found, "file", Full())
    found.discard()
    held.close()
    assert [*tmp_path.iterdir()] == []


def test_what_was_finished_stays(tmp_path: Path) -> None:
    found = AsideFile(tmp_path / "a")
    found.file.write(b"whole")
    found.finish()
    found.discard()
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_a_path_without_a_folder_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_aside("a", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder" / "full").mkdir(parents=True)
    for place in (tmp_path / "folder", tmp_path / "none" / "a"):
        with pytest.raises(InputError, match="cannot be written"):
            write_aside(place, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_is_put_in_place_takes_over_the_mode(tmp_path: Path) -> None:
    new, place = tmp_path / "new", tmp_path / "a"
    for path, own in ((new, 0o600), (place, 0o644)):
        path.write_bytes(path.name.encode())
        path.chmod(own)
    put_in_place(new, place)
    assert (place.read_bytes(), mode(place)) == (b"new", 0o644)


def test_what_is_half_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    with umask(0o022), written_aside(tmp_path / "a") as file:
        (half,) = tmp_path.iterdir()
        assert mode(half) == 0o600
        file.write(b"whole")
    assert mode(tmp_path / "a") == 0o644


@pytest.mark.parametrize(
    ("mask", "before", "after"),
    [
        pytest.param(0o022, None, 0o600, id="new"),
        pytest.param(0o277, None, 0o400, id="a stricter umask"),
        pytest.param(0o022, 0o640, 0o640, id="a mode of its own"),
    ],
)
def test_a_private_file(mask: int, before: int | None, after: int, tmp_path: Path) -> None:
    place = tmp_path / "a"
    if before is not None:
        place.write_bytes(b"old")
        place.chmod(before)
    with umask(mask):
        found = AsideFile(place)
        found.finish(private=True)
    assert mode(place) == after


@pytest.mark.parametrize("before", [None, b"old"])
def test_what_somebody_else_wrote_meanwhile_is_left_alone(
    before: bytes | None, tmp_path: Path
) -> None:
    place = tmp_path / "a"
    if before is not None:
        place.write_bytes(before)

    def write() -> None:
        with claimed(place) as claim, written_aside(place, claim) as file:
            file.write(b"ours")
            place.write_bytes(b"theirs")

    with pytest.raises(InputError, match="while this run was at work"):
        write()
    assert place.read_bytes() == b"theirs"
    assert [*tmp_path.iterdir()] == [place]
