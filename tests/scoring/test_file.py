"""Fitted panels in the cache: read back as they were, and fitted again where a file is broken."""

from __future__ import annotations

import io
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from known_text import fingerprint, panel, panel_path

from provenance.errors import InputError
from provenance.scoring import file
from provenance.scoring.file import cached_panel, load_panel, panel_key, save_panel
from provenance.scoring.panel import Calibration, Panel, References

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
    path = tmp_path / "made.npz"
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


def whole() -> bytes:
    return panel_path().read_bytes()


def other_archive() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, header=np.frombuffer(b"[]", np.uint8))
    return stream.getvalue()


BROKEN = {
    "empty": b"",
    "text": b"not a panel",
    "half": whole()[: len(whole()) // 2],
    "no directory": whole()[:-200],
    "another archive": other_archive(),
    "pickle": b"\x80\x04K\x01.",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=[*BROKEN])
def test_a_broken_file_is_fitted_again(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"{panel_key(PAIR, 0)}.npz"
    path.write_bytes(content)
    found, _ = cached_panel(PAIR, 0, tmp_path)
    assert_same(found, panel())
    assert_same(load_panel(path), panel())


@given(place=st.integers(0, len(whole()) - 1), flip=st.integers(1, 255))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_changed_byte_changes_a_panel(
    place: int, flip: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "fit_panel", lambda *_: panel())
    content = bytearray(whole())
    content[place] ^= flip
    (tmp_path / f"{panel_key(PAIR, 0)}.npz").write_bytes(content)
    assert_same(cached_panel(PAIR, 0, tmp_path)[0], panel())


def test_a_cache_that_is_a_file_is_named(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.write_text("a file")
    with pytest.raises(InputError, match="cache folder cannot be written") as caught:
        cached_panel(PAIR, 0, place)
    assert caught.value.where == str(place)
    assert place.read_text() == "a file"


def test_nothing_is_left_where_writing_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save_panel(panel(), tmp_path / "panel.npz")
    assert os.listdir(tmp_path) == []
