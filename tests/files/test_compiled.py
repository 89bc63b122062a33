"""Compiled code is kept, and a cache that is no good costs time and nothing else."""

from __future__ import annotations

import importlib.util
import itertools
import random
import string
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import caching

from provenance.errors import ProvenanceWarning
from provenance.files import compiled
from provenance.files.compiled import lower_case_run, njit, prefetch, word_at
from provenance.words import visible

SOURCE = """
from provenance.files.compiled import njit

@njit(cache=True)
def twice(value):
    return value + value
"""
_numbers = itertools.count()


@pytest.fixture(name="load")
def loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """The function as a new process would see it."""
    source = tmp_path / "made.py"
    source.write_text(SOURCE)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))

    def load() -> Any:
        compiled._tell.cache_clear()
        spec = importlib.util.spec_from_file_location(f"made_{next(_numbers)}", source)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.twice

    return load


def kept_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "kept").rglob("*") if path.is_file())


def silently(load: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ProvenanceWarning)
        twice = load()
        assert twice(4) == 8
    return twice


def called(load: Callable[[], Any]) -> tuple[int, float]:
    twice = load()
    return twice(4), twice(1.5)


def test_code_is_compiled_once(load: Callable[[], Any], tmp_path: Path) -> None:
    assert not silently(load).stats.cache_hits
    assert [path.suffix for path in kept_files(tmp_path)] == [".nbc", ".nbi"]
    assert silently(load).stats.cache_hits


def test_where_no_folder_can_be_written_it_is_told_once(
    load: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(caching._CacheLocator, "ensure_cache_path", refused)
    with pytest.warns(ProvenanceWarning, match="no folder for it can be written") as caught:
        assert load()(4) == 8
    assert len(caught) == 1
    assert kept_files(tmp_path) == []


def test_a_full_disk_is_told_and_done_without(
    load: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", full)
    with pytest.warns(ProvenanceWarning, match="No space left on device") as caught:
        assert called(load) == (8, 3.0)
    assert len(caught) == 1
    assert kept_files(tmp_path) == []


def empty(_: bytes) -> bytes:
    return b""


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def noise(content: bytes) -> bytes:
    return random.Random(0).randbytes(len(content))


@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
@pytest.mark.parametrize("damage", [empty, half, noise])
def test_a_damaged_file_is_told_once_and_made_again(
    damage: Callable[[bytes], bytes], suffix: str, load: Callable[[], Any], tmp_path: Path
) -> None:
    silently(load)
    (path,) = (path for path in kept_files(tmp_path) if path.suffix == suffix)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(ProvenanceWarning, match="was damaged") as caught:
        assert load()(4) == 8
    assert len(caught) == 1
    told = str(caught[0].message)
    assert str(path.parent) in told and visible(told) == told
    assert silently(load).stats.cache_hits


def test_code_of_another_function_is_not_run(load: Callable[[], Any], tmp_path: Path) -> None:
    """The files of two signatures exchanged: each is whole, and neither is what it stands for."""
    twice = silently(load)
    assert twice(1.5) == 3.0
    first, second = (path for path in kept_files(tmp_path) if path.suffix == ".nbc")
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    with pytest.warns(ProvenanceWarning, match="code of another function"):
        assert called(load) == (8, 3.0)


@pytest.mark.parametrize(
    "n_flips", [10, pytest.param(250, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_no_flipped_bit_changes_a_result(
    n_flips: int, load: Callable[[], Any], tmp_path: Path
) -> None:
    silently(load)
    files = {path: path.read_bytes() for path in kept_files(tmp_path)}
    rng = random.Random(n_flips)
    for number in range(n_flips):
        for path, content in files.items():
            path.write_bytes(content)
        path = [*files][number % len(files)]
        changed = bytearray(files[path])
        # Headers and checksums stand at the ends: each is hit as often as all that is between.
        first, last = rng.choice([(0, len(changed)), (0, 64), (len(changed) - 64, len(changed))])
        changed[rng.randrange(first, last)] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(changed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ProvenanceWarning)
            assert load()(4) == 8


def test_to_ask_for_a_row_changes_nothing() -> None:
    @njit()
    def total(table: Any) -> Any:
        found = 0.0
        for row in range(len(table)):
            prefetch(table, (row + 3) % len(table))
            found += table[row].sum()
        return found

    assert total(np.arange(12.0).reshape(6, 2)) == 66


@njit()
def _word(data: Any, place: Any) -> Any:
    return word_at(data, np.uint64(place))


@njit()
def _run(data: Any, place: Any) -> Any:
    return lower_case_run(data, np.uint64(place))


@given(st.binary(min_size=16, max_size=40), st.data())
def test_bytes_of_an_array_are_read_from_any_place(data: bytes, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(data) - 16))
    array, expected = np.frombuffer(data, np.uint8), data[place : place + 8]
    assert _word(array, place) == int.from_bytes(expected, sys.byteorder)


@given(st.text("abyz`{AZ. é", min_size=16, max_size=40), st.data())
def test_a_run_of_small_letters_ends_at_the_first_other_byte(
    text: str, draw: st.DataObject
) -> None:
    data = text.encode()
    place = draw.draw(st.integers(0, len(data) - 16))
    expected = 0
    while expected < 16 and chr(data[place + expected]) in string.ascii_lowercase:
        expected += 1
    assert _run(np.frombuffer(data, np.uint8), place) == expected
