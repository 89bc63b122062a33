"""Files that were found whole before: the same fields, read late, and no other file's."""

from __future__ import annotations

import os
import pickle
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import fingerprint

from provenance.errors import InputError
from provenance.files import archive
from provenance.fingerprint import opened
from provenance.fingerprint.file import KIND
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.opened import LATER, CheckedFiles

FINGERPRINT = fingerprint("alpha")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.fp"
    FINGERPRINT.save(found)
    return found


def again(path: Path) -> Fingerprint:
    """Opened twice: the second time its bytes are known."""
    Fingerprint.opened(path, CheckedFiles(path.parent))
    found = Fingerprint.opened(path, CheckedFiles(path.parent))
    assert found._later is not None
    return found


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and np.array_equal(one, other))
    return bool(one == other)


def test_all_fields_are_those_of_the_file(path: Path) -> None:
    found, whole = again(path), Fingerprint.load(path)
    assert found.sha256 == whole.sha256
    for item in fields(Fingerprint):
        if item.init and item.name != "sample":
            assert alike(getattr(found, item.name), getattr(whole, item.name)), item.name
    for item in fields(whole.sample):
        if item.name != "rows":
            one, other = (getattr(fp.sample, item.name) for fp in (found, whole))
            assert alike(one, other), item.name
    assert found.sample.rows.n_entries == whole.sample.rows.n_entries
    assert np.array_equal(found.sample.rows.indices, whole.sample.rows.indices)
    assert found.rates(whole.readable).tolist() == whole.rates(whole.readable).tolist()
    assert merge(again(path), whole).sha256 == merge(whole, whole).sha256
    assert pickle.loads(pickle.dumps(again(path))).sample.n_tokens.tolist() == (
        whole.sample.n_tokens.tolist()
    )


def test_no_array_is_read_before_it_is_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = again(path)
    read: list[object] = []
    whole = archive.planes_of

    def counted(file: Any, kind: Any, wanted: Any = None) -> Any:
        read.append(wanted)
        return whole(file, kind, wanted)

    monkeypatch.setattr(archive, "planes_of", counted)
    assert (found.name, found.n_documents) == (FINGERPRINT.name, FINGERPRINT.n_documents)
    assert not read
    for name in LATER:
        getattr(found, name), getattr(found, name)
    assert len(read) == len(LATER)
    with pytest.raises(AttributeError):
        _ = found.nothing  # type: ignore[attr-defined]


def test_a_damaged_file_is_refused_whatever_was_noted(path: Path) -> None:
    again(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"a\.fp"):
        Fingerprint.opened(path, CheckedFiles(path.parent))


def test_a_file_that_was_changed_in_place_is_read_anew(path: Path) -> None:
    """Of the same size and time, as a copy that keeps both may be."""
    again(path)
    stat, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(InputError):
        Fingerprint.opened(path, CheckedFiles(path.parent))


@pytest.mark.parametrize("name", LATER)
def test_a_file_that_changes_meanwhile_is_refused(name: str, path: Path) -> None:
    found = again(path)
    fingerprint("human").save(path)
    with pytest.raises(InputError, match=r"a\.fp: the file was changed while it was in use"):
        getattr(found, name)


def test_rows_of_a_file_that_changes_meanwhile_are_refused(path: Path) -> None:
    rows = again(path).sample.rows
    path.unlink()
    with pytest.raises(InputError, match="there is no such file"):
        _ = rows.indices


def test_who_notes_a_wrong_file_gets_it_refused_where_it_is_looked_at(path: Path) -> None:
    """A note says that bytes have the hash of their header, nothing of what they hold."""
    planes = archive.read_planes(path, KIND)[1]
    planes["n_passages"] = planes["n_passages"] * 0
    header = archive.read_planes(path, KIND)[0]
    archive.write(path, KIND, header, planes)
    checked = CheckedFiles(path.parent)
    with path.open("rb") as file:
        checked.add(opened._sha256(file))
    found = Fingerprint.opened(path, checked)
    with pytest.raises(InputError, match="n_passages"):
        _ = found.sample


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 200, b"a" * 64, b"\n" * 999, b"0" * 70])
def test_notes_of_any_content_note_nothing(data: bytes, path: Path) -> None:
    again(path)
    [notes] = path.parent.glob("*.txt")
    notes.write_bytes(data)
    assert Fingerprint.opened(path, CheckedFiles(path.parent))._later is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_nobody_waits_for_a_pipe(path: Path) -> None:
    again(path)
    [notes] = path.parent.glob("*.txt")
    notes.unlink()
    os.mkfifo(notes)
    assert Fingerprint.opened(path, CheckedFiles(path.parent))._later is None


def test_where_nothing_can_be_noted_files_are_read_whole(path: Path, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("no folder")
    for _ in range(2):
        assert Fingerprint.opened(path, CheckedFiles(place))._later is None


def test_notes_stay_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_MOST_NOTED", 4)
    checked = CheckedFiles(tmp_path)
    for number in range(9):
        checked.add(f"{number:064x}")
    left = CheckedFiles(tmp_path)
    assert f"{8:064x}" in left
    assert f"{0:064x}" not in left
    [notes] = os.listdir(tmp_path)
    assert len((tmp_path / notes).read_text().split()) <= 4
