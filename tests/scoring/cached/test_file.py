"""Fitted panels in the cache: read back as they were, and fitted again where a file is broken."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import fingerprint, folder, panel, panel_path

from provenance.errors import InputError, ProvenanceWarning
from provenance.files import aside, mapped
from provenance.files.places import open_named
from provenance.scoring.cached import file
from provenance.scoring.cached.file import cached_panel, load_panel, panel_key, save_panel
from provenance.scoring.panel import Panel, References
from provenance.scoring.views import Calibration

SHAPES = file._shapes_of
TABLES = ("log_posterior", "unknown", "other_domains", "taken_for")
PAIR = (fingerprint("alpha"), fingerprint("human"))


def assert_same(found: Panel, expected: Panel) -> None:
    assert (found.names, found.spec, found.seed) == (expected.names, expected.spec, expected.seed)
    for left, right in ((found.weights, expected.weights), (found.units, expected.units)):
        assert np.array_equal(left, right)
        assert left.dtype == right.dtype
    for item in fields(References):
        left, right = (getattr(one.references, item.name) for one in (found, expected))
        assert np.array_equal(left, right), item.name
        assert left.dtype == right.dtype
    assert [*found.views] == [*expected.views]
    for name, view in expected.views.items():
        assert found.views[name].families == view.families
        for table in TABLES:
            left, right = (getattr(one.views[name], table) for one in (found, expected))
            assert np.array_equal(left, right, equal_nan=True), table
            assert left.dtype == right.dtype
        pairs = zip(found.views[name].calibrations, view.calibrations, strict=True)
        for one, other in pairs:
            for item in fields(Calibration):
                assert np.array_equal(getattr(one, item.name), getattr(other, item.name))


@pytest.mark.parametrize("n_sources", [2, 3])
def test_a_panel_comes_back_as_it_was(n_sources: int) -> None:
    assert_same(load_panel(panel_path(n_sources)), panel(n_sources))


def test_every_array_has_a_place_of_its_own(tmp_path: Path) -> None:
    """No two of a view are equal here, and NaN is among their values."""
    rng = np.random.default_rng(0)
    fitted = panel(3)

    def made(shape: tuple[int, ...]) -> Any:
        values = rng.normal(size=shape).astype(np.float32)
        values.flat[int(rng.integers(values.size))] = np.nan
        return values

    views = {
        name: replace(view, **{table: made(getattr(view, table).shape) for table in TABLES})
        for name, view in fitted.views.items()
    }
    path = tmp_path / "made.panel"
    save_panel(replace(fitted, views=views), path)
    assert_same(load_panel(path), replace(fitted, views=views))


def test_a_panel_is_fitted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, path = cached_panel(PAIR, 0, tmp_path)
    monkeypatch.setattr(file, "fit_panel", lambda *_: pytest.fail("fitted twice"))
    again, same = cached_panel(PAIR, 0, tmp_path)
    assert path == same
    assert os.listdir(tmp_path) == [path.name]
    assert_same(again, first)


def test_what_a_panel_depends_on_is_in_its_key() -> None:
    first, second = PAIR
    sums = first.sample.n_tokens + 1
    changed = replace(first, sample=replace(first.sample, n_tokens=sums))
    keys = [
        panel_key(PAIR, 0),
        panel_key(PAIR, 1),
        panel_key((second, first), 0),
        panel_key((replace(first, name="other"), second), 0),
        panel_key((changed, second), 0),
        panel_key((first, fingerprint("beta")), 0),
    ]
    assert len(set(keys)) == len(keys)
    assert panel_key(PAIR, 0) == keys[0]


@cache
def whole() -> bytes:
    path = folder() / "kept.panel"
    save_panel(panel(), path, panel_key(PAIR, 0))
    return path.read_bytes()


def other_archive() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, header=np.frombuffer(b"[]", np.uint8))
    return stream.getvalue()


def with_shape(shape: list[Any]) -> bytes:
    """A file whose header tells another shape of the weights."""
    path = folder() / "shaped.panel"
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(file, "_shapes_of", lambda arrays: {**SHAPES(arrays), "weights": shape})
        save_panel(panel(), path, panel_key(PAIR, 0))
    return path.read_bytes()


def made_otherwise(key: str, **changes: Any) -> bytes:
    """A file whose checksum is right, of a panel that differs or that was made for another key."""
    path = folder() / "otherwise.panel"
    save_panel(replace(panel(), **changes), path, key)
    return path.read_bytes()


def of_another_version() -> bytes:
    path = folder() / "older.panel"
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(file, "_KIND", replace(file._KIND, schema="provenance-panel/4"))
        save_panel(panel(), path, panel_key(PAIR, 0))
    return path.read_bytes()


def with_references(**changes: Any) -> bytes:
    references = replace(panel().references, **changes)
    return made_otherwise(panel_key(PAIR, 0), references=references)


def out_of_bounds() -> bytes:
    return with_references(document=panel().references.document + 10**9)


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "was damaged"),
    "text": (lambda: b"not a panel", "was damaged"),
    "half": (lambda: whole()[: len(whole()) // 2], "was damaged"),
    "no directory": (lambda: whole()[:-200], "was damaged"),
    "another archive": (other_archive, "was damaged"),
    "pickle": (lambda: b"\x80\x04K\x01.", "was damaged"),
    "turned": (lambda: with_shape([*panel().weights.shape[::-1]]), "weights does not fit"),
    "of no size": (lambda: with_shape([-1]), "not of the shape it declares"),
    "of many dimensions": (lambda: with_shape([1] * 40), "not of the shape it declares"),
    "of other size": (lambda: with_shape([7, 7]), "was damaged"),
    "of no numbers": (lambda: with_shape([3.0]), "not of the shape it declares"),
    "swapped": (lambda: made_otherwise(panel_key(PAIR, 1)), "made for other fingerprints"),
    "another version": (of_another_version, "made by another version"),
    "other names": (
        lambda: made_otherwise(panel_key(PAIR, 0), names=("human", "alpha")),
        "made for other fingerprints",
    ),
    "another seed": (lambda: made_otherwise(panel_key(PAIR, 0), seed=1), "other fingerprints"),
    "short weights": (
        lambda: made_otherwise(panel_key(PAIR, 0), weights=panel().weights[:, :-1]),
        "weights does not fit",
    ),
    "other numbers": (
        lambda: made_otherwise(panel_key(PAIR, 0), units=panel().units.astype(np.float64)),
        "units does not fit",
    ),
    "far documents": (out_of_bounds, "document does not fit"),
    "no fold": (lambda: with_references(fold=panel().references.fold - 1), "fold does not fit"),
}


@pytest.mark.parametrize(("content", "told"), BROKEN.values(), ids=[*BROKEN])
def test_a_broken_file_is_told_and_fitted_again(
    content: Callable[[], bytes], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "fit_panel", lambda *_: panel())
    path = tmp_path / f"{panel_key(PAIR, 0)}.panel"
    path.write_bytes(content())
    with pytest.warns(ProvenanceWarning, match=told) as caught:
        found, same = cached_panel(PAIR, 0, tmp_path)
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"{path}: ")
    assert str(caught[0].message).endswith("It is fitted again.")
    assert same == path
    assert_same(found, panel())
    assert_same(load_panel(path, panel_key(PAIR, 0)), panel())


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def a_file(folder: Path, _: pytest.MonkeyPatch) -> None:
    folder.write_text("a file")


def read_only(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, mode: str, place: Path) -> Any:
        if path.parent.name == "cache":
            raise PermissionError(13, "Permission denied")
        return open_named(path, mode, place)

    monkeypatch.setattr(aside, "open_named", refused)


def not_to_be_made(folder: Path, _: pytest.MonkeyPatch) -> None:
    folder.symlink_to(folder.parent / "gone" / "away")


def a_folder_in_its_place(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / f"{panel_key(PAIR, 0)}.panel" / "inside").mkdir(parents=True)


UNUSABLE = [a_file, read_only, not_to_be_made, a_folder_in_its_place]


@pytest.mark.parametrize("spoil", UNUSABLE, ids=lambda spoil: spoil.__name__)
def test_an_unusable_cache_is_told_and_done_without(
    spoil: Callable[[Path, pytest.MonkeyPatch], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file, "fit_panel", lambda *_: panel())
    place, spare = tmp_path / "cache", tmp_path / "spare"
    spare.mkdir()
    spoil(place, monkeypatch)
    before = sorted(tmp_path.rglob("*"))
    with pytest.warns(ProvenanceWarning, match="the cache folder cannot be written") as caught:
        found, path = cached_panel(PAIR, 0, place, spare)
    assert str(place) in str(caught[-1].message)
    assert path.parent == spare
    assert_same(found, panel())
    assert_same(load_panel(path, panel_key(PAIR, 0)), panel())
    # An empty folder is all that an attempt may leave.
    assert {*tmp_path.rglob("*")} - {place} == {*before, path} - {place}


def test_a_full_disk_everywhere_is_one_paragraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "fit_panel", lambda *_: panel())
    monkeypatch.setattr(mapped.MappedWriter, "add", full_disk)
    with (
        pytest.warns(ProvenanceWarning, match="No space left"),
        pytest.raises(InputError, match=r"panel cannot be written \(No space left") as caught,
    ):
        cached_panel(PAIR, 0, tmp_path / "cache", tmp_path / "spare")
    assert caught.value.where == str(tmp_path / "spare")


def test_a_cache_that_is_a_file_is_named_where_there_is_no_other_folder(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.write_text("a file")
    with pytest.raises(InputError, match="cache folder cannot be written") as caught:
        cached_panel(PAIR, 0, place)
    assert caught.value.where == str(place)
    assert place.read_text() == "a file"


def test_a_missing_panel_is_one_refusal(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such fitted panel"):
        load_panel(tmp_path / "gone.panel")


def test_nothing_is_left_where_writing_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped.MappedWriter, "add", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_panel(panel(), tmp_path / "panel.panel")
    assert os.listdir(tmp_path) == []
