"""Sources of a folder: sealed, each with its hash, and read without trust."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from known_text import fingerprint

from provenance.errors import InputError
from provenance.files.locks import hold_or_make
from provenance.matching.library.shelf import Entry, Shelf, added, shipped_shelf

ENTRY = Entry("set/a", "model", "set", 0, 0, "en", "somewhere", "", "", vendor="Somebody")


def held(folder: Path) -> Shelf:
    shelf = added(Shelf.load(folder), ENTRY, fingerprint("alpha"))
    return added(shelf, replace(ENTRY, name="set/b"), fingerprint("beta"))


def catalog(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "catalog.json").read_text())
    return found


def test_what_was_added_is_read_again_and_sealed(tmp_path: Path) -> None:
    made = held(tmp_path)
    again = Shelf.load(tmp_path)
    assert again == made
    entry = again.by_name["set/a"]
    assert (entry.n_documents, entry.vendor, entry.release) == (150, "Somebody", None)
    found = again.fingerprint(entry)
    assert found.sealed and not found.readable and found.name == "set/a"
    assert (found.sample.text_hash == fingerprint("alpha").sample.text_hash).all()


def test_the_same_sources_have_the_same_bytes(tmp_path: Path) -> None:
    for name in ("x", "y"):
        held(tmp_path / name)
    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("x", "y")
    ]
    assert files[0] == files[1] and len(files[0]) == 3


def test_a_source_is_taken_out_with_its_file(tmp_path: Path) -> None:
    shelf = held(tmp_path)
    left = shelf.without_source(shelf.by_name["set/a"])
    assert [one.name for one in Shelf.load(tmp_path).entries] == ["set/b"]
    assert left.prompts == shelf.prompts
    assert len([*tmp_path.glob("*.fp")]) == 1


def test_two_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    """Both have read the folder before either writes."""
    stale = Shelf.load(tmp_path), Shelf.load(tmp_path)
    for shelf, name in zip(stale, ("set/a", "set/b"), strict=True):
        added(shelf, replace(ENTRY, name=name), fingerprint(name[-1]))
    assert [one.name for one in Shelf.load(tmp_path).entries] == ["set/a", "set/b"]
    Shelf(tmp_path).without_source(Shelf.load(tmp_path).by_name["set/a"])
    assert [one.name for one in Shelf.load(tmp_path).entries] == ["set/b"]
    assert len([*tmp_path.iterdir()]) == 2


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.matching.library.shelf._PATIENCE", 0.0)
    other = hold_or_make(tmp_path / ".lock")
    with pytest.raises(InputError, match="is being changed by another process"):
        added(Shelf.load(tmp_path), ENTRY, fingerprint("alpha"))
    assert other is not None
    other.release()


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a source called set/a"):
        added(held(tmp_path), ENTRY, fingerprint("gamma"))
    with pytest.raises(InputError, match="no plain text"):
        added(Shelf.load(tmp_path), replace(ENTRY, name="\x1b[31m"), fingerprint("gamma"))


def test_a_damaged_or_foreign_file_is_told(tmp_path: Path) -> None:
    shelf = held(tmp_path)
    first, second = (tmp_path / f"{one.sha256[:24]}.fp" for one in shelf.entries)
    whole = first.read_bytes()
    for data in (
        whole[:-1],
        second.read_bytes(),
        whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
    ):
        first.write_bytes(data)
        with pytest.raises(InputError, match="the fingerprint of set/a is missing, damaged"):
            shelf.fingerprint(shelf.entries[0])
    first.unlink()
    with pytest.raises(InputError, match="missing"):
        shelf.fingerprint(shelf.entries[0])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: [one], "of this version"),
        (lambda one: {**one, "schema": "other/1"}, "of this version"),
        (lambda one: {**one, "entries": [{"name": "x"}]}, "cannot be used"),
        (lambda one: {**one, "entries": one["entries"] * 2}, "two sources of one name"),
        (lambda one: _changed(one, name="\x1b[31m"), "no plain name"),
        (lambda one: _changed(one, by="nobody"), "cannot be used"),
        (lambda one: _changed(one, sha256="../../../etc/passwd"), "no hash"),
        (lambda one: {**one, "prompts": {"set": ["../x"]}}, "hash of a prompt"),
    ],
)
def test_a_catalog_that_is_none_is_told(tmp_path: Path, spoil: Any, told: str) -> None:
    held(tmp_path)
    (tmp_path / "catalog.json").write_text(json.dumps(spoil(catalog(tmp_path))))
    with pytest.raises(InputError, match=told) as caught:
        Shelf.load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    (tmp_path / "catalog.json").write_bytes(b"\xff{")
    with pytest.raises(InputError, match="no JSON"):
        Shelf.load(tmp_path)


def _changed(values: dict[str, Any], **changes: object) -> dict[str, Any]:
    first, *rest = values["entries"]
    return {**values, "entries": [{**first, **changes}, *rest]}


def test_what_ships_is_whole_sealed_and_small() -> None:
    shelf = shipped_shelf()
    size = sum(path.stat().st_size for path in shelf.folder.iterdir())
    assert size < 24e6 and len(shelf.entries) > 100
    assert len([*shelf.folder.glob("*.fp")]) == len(shelf.entries)
    for entry in shelf.entries[::16]:
        found = shelf.fingerprint(entry)
        assert found.sealed and not found.origin and len(found.sample) == entry.n_documents
    assert all(one.vendor for one in shelf.entries if one.by == "model")
    assert not any(one.vendor for one in shelf.entries if one.by == "people")
