"""Arrays in one mapped file come back as written; whatever else is opened is one clear refusal."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import os
import pickle
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.files import archive, mapped
from provenance.files.archive import Kind
from provenance.files.mapped import MappedWriter, open_mapped, refuse_cut_files

KIND = Kind("things/1", "thing (.th)", ("small", "wide", "none", "signed"), "Make it again")
ARRAYS = {
    "small": np.arange(7, dtype="|u1"),
    "wide": np.arange(100, dtype="<u8") << np.uint64(40),
    "none": np.zeros(0, "<u4"),
    "signed": np.array([-5, 2**31 - 1], "<i4"),
}
HEADER = {"number": 3, "name": "né"}
_TAIL = struct.Struct("<QQ32s8s")


def write(path: Path, arrays: dict[str, NDArray[Any]] = ARRAYS) -> bytes:
    with MappedWriter(path, KIND) as writer:
        for name, array in arrays.items():
            half = len(array) // 2
            assert writer.add(name, array.dtype.str, iter([array[:half], array[half:]])) == len(
                array
            )
        writer.finish(HEADER)
    return path.read_bytes()


def opened(path: Path, verify: bool = True) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    with archive.explained(path, KIND):
        return open_mapped(path, KIND, verify=verify)
    raise AssertionError("unreachable")


def refusal(data: bytes, folder: Path, verify: bool = True) -> str:
    path = folder / "hostile.th"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            opened(path, verify)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < len(str(path)) + 600
    return message


def parts(data: bytes) -> tuple[bytes, dict[str, Any]]:
    """What stands before the header, and the header."""
    place, length, _, _ = _TAIL.unpack(data[-_TAIL.size :])
    return data[:place], json.loads(data[place : place + length])


def whole(before: bytes, text: bytes) -> bytes:
    tail = _TAIL.pack(len(before), len(text), hashlib.sha256(text).digest(), b"PROVMAP1")
    return before + text + tail


def with_header(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    before, header = parts(data)
    change(header)
    return whole(before, json.dumps(header).encode())


# Writing and opening


@pytest.mark.parametrize("verify", [True, False])
def test_arrays_come_back(verify: bool, tmp_path: Path) -> None:
    write(tmp_path / "a.th")
    header, arrays = opened(tmp_path / "a.th", verify)
    assert header == {**HEADER, "schema": KIND.schema}
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].ctypes.data % 64 == 0 or not len(array)
    with pytest.raises(ValueError, match="read-only"):
        arrays["wide"][0] = 1


@given(sizes=st.lists(st.integers(0, 200), min_size=4, max_size=4))
def test_arrays_of_any_length_come_back(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("mapped") / "a.th"
    arrays = {
        name: np.arange(size).astype(ARRAYS[name].dtype)
        for name, size in zip(KIND.arrays, sizes, strict=True)
    }
    write(path, arrays)
    found = opened(path)[1]
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }


def test_equal_arrays_give_equal_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a.th") == write(tmp_path / "b.th")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError(28, "No space left")])
def test_what_is_interrupted_leaves_the_old_file(error: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.th"
    old = write(path)

    def interrupted() -> Any:
        yield np.arange(3)
        raise error

    expected = InputError if isinstance(error, OSError) else error
    with pytest.raises(expected), MappedWriter(path, KIND) as writer:
        writer.add("small", "|u1", interrupted())
    assert path.read_bytes() == old
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_not_finished_is_not_put_in_place(tmp_path: Path) -> None:
    with MappedWriter(tmp_path / "a.th", KIND) as writer:
        writer.add("small", "|u1", iter([np.arange(3)]))
    assert [*tmp_path.iterdir()] == []


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "a.th"):
        with pytest.raises(InputError, match=str(path)), MappedWriter(path, KIND):
            pass
    assert [*tmp_path.iterdir()] == []


@pytest.fixture(params=["read", "mapped"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "mapped":
        monkeypatch.setattr(mapped, "READ_UP_TO", 0)


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("verify", [True, False])
def test_a_long_file_gives_what_a_short_one_does(verify: bool, tmp_path: Path) -> None:
    data = write(tmp_path / "a.th")
    _, arrays = opened(tmp_path / "a.th", verify)
    for found in (arrays, pickle.loads(pickle.dumps(arrays))):
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(found[name], array)
    with pytest.raises(ValueError, match="read-only"):
        arrays["wide"][0] = 1
    changed = bytearray(data)
    changed[parts(data)[1]["arrays"]["wide"]["start"]] ^= 1
    (tmp_path / "b.th").write_bytes(changed)
    with pytest.raises(InputError, match="array wide") if verify else nullcontext():
        opened(tmp_path / "b.th", verify)


def test_what_is_read_does_not_change_with_its_file(tmp_path: Path) -> None:
    write(tmp_path / "a.th")
    _, arrays = opened(tmp_path / "a.th")
    (tmp_path / "a.th").write_bytes(b"")
    np.testing.assert_array_equal(arrays["wide"], ARRAYS["wide"])


def test_a_mapped_file_that_is_cut_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "READ_UP_TO", 0)
    path = tmp_path / "a.th"
    data = write(path)
    _, arrays = opened(path)
    # Another file in its place is another file.
    (tmp_path / "new").write_bytes(b"")
    os.replace(path, tmp_path / "old")
    os.replace(tmp_path / "new", path)
    np.testing.assert_array_equal(arrays["wide"], ARRAYS["wide"])
    refuse_cut_files()
    os.truncate(tmp_path / "old", len(data) - 1)
    with pytest.raises(InputError, match=r"a\.th: the file was cut short while it was in use"):
        refuse_cut_files()
    with pytest.raises(InputError, match=r"a\.th: the file was cut short while it was in use"):
        arrays["wide"]
    del arrays
    gc.collect()
    refuse_cut_files()


# Other files and damage


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"P",
        b"PROVMAP1",
        b"PROVMAP2" + bytes(1000),
        b"PROVMAP1" + bytes(1000),
        b'{"text": "a"}\n' * 20,
        gzip.compress(b"text" * 50, mtime=0),
        b"PK\x05\x06" + bytes(18),
        b"PAR1" + bytes(100),
        "Frühling läßt sein blaues Band\n".encode() * 20,
        b"\xff" * 10_000,
        b"PROVMAP1" * 100,
    ],
)
def test_another_file_is_refused(data: bytes, tmp_path: Path) -> None:
    refusal(data, tmp_path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        opened(tmp_path / "missing.th")
    with pytest.raises(InputError, match="cannot be read"):
        opened(tmp_path)


@pytest.mark.parametrize("schema", ["things/2", "other/1", "\x1b[2J\n", 3, None, "x" * 10_000])
def test_another_schema_is_told(schema: object, tmp_path: Path) -> None:
    data = with_header(write(tmp_path / "a.th"), lambda header: header.update(schema=schema))
    assert "things/1" in refusal(data, tmp_path)


def test_a_file_that_ends_anywhere_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "a.th")
    for end in {*range(0, len(data), 13), *range(len(data) - 60, len(data))}:
        refusal(data[:end], tmp_path)


@pytest.mark.parametrize("added", [b"\0", b"x" * 56, b"PROVMAP1"])
def test_a_file_with_something_behind_it_is_refused(added: bytes, tmp_path: Path) -> None:
    refusal(write(tmp_path / "a.th") + added, tmp_path)
    refusal(added + write(tmp_path / "a.th"), tmp_path)


@pytest.mark.parametrize("name", [name for name, array in ARRAYS.items() if len(array)])
def test_another_byte_in_an_array_is_refused(name: str, tmp_path: Path) -> None:
    data = write(tmp_path / "a.th")
    entry = parts(data)[1]["arrays"][name]
    for place in {0, ARRAYS[name].nbytes // 2, ARRAYS[name].nbytes - 1}:
        changed = bytearray(data)
        changed[entry["start"] + place] ^= 1
        assert name in refusal(bytes(changed), tmp_path)


@given(places=st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 255)), min_size=1))
def test_no_damage_gives_other_arrays(
    places: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("mapped") / "a.th"
    data = bytearray(write(path))
    for place, flip in places:
        data[place % len(data)] ^= flip
    path.write_bytes(data)
    try:
        header, arrays = opened(path)
    except InputError:
        return
    # Only what fills the gaps between arrays can be other than it was.
    assert header == {**HEADER, "schema": KIND.schema}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"3", b"[" * 99_999, b"1" * 9_999, b"\xff{}", b'"' * 3, b"\0" * 99],
)
def test_a_header_that_is_none_is_refused(text: bytes, tmp_path: Path) -> None:
    refusal(whole(parts(write(tmp_path / "a.th"))[0], text), tmp_path)


def test_a_header_that_is_too_large_is_refused(tmp_path: Path) -> None:
    data = whole(b"PROVMAP1".ljust(64, b"\0"), b" " * (17 << 20))
    assert "too large" in refusal(data, tmp_path)


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    "entry",
    [
        {"start": 0},
        {"start": 1},
        {"start": 65},
        {"start": -64},
        {"start": 1 << 62},
        {"start": 10**30},
        {"start": 64.0},
        {"start": "64"},
        {"length": -1},
        {"length": 1 << 40},
        {"length": 10**30},
        {"length": 1e3},
        {"length": True},
        {"dtype": "|O"},
        {"dtype": "<c16"},
        {"dtype": "V9999999"},
        {"dtype": "<u8,<u8"},
        {"dtype": ["<u8"]},
        {"sha256": None},
        {"sha256": 3},
    ],
    ids=str,
)
def test_wild_entries_are_refused(entry: dict[str, Any], verify: bool, tmp_path: Path) -> None:
    data = write(tmp_path / "a.th")
    changed = with_header(data, lambda header: header["arrays"]["wide"].update(entry))
    assert "wide" in refusal(changed, tmp_path, verify)


@pytest.mark.parametrize(
    "entry", [{"length": 99}, {"length": 5, "start": 64}, {"dtype": "<u4"}, {"sha256": "0" * 64}]
)
def test_entries_that_are_not_what_was_hashed_are_refused(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    data = write(tmp_path / "a.th")
    changed = with_header(data, lambda header: header["arrays"]["wide"].update(entry))
    assert "hash" in refusal(changed, tmp_path)


@pytest.mark.parametrize(
    "arrays",
    [None, [], {}, "x", {"small": {}}, dict.fromkeys(KIND.arrays), dict.fromkeys(KIND.arrays, 3)],
)
def test_other_arrays_are_refused(arrays: object, tmp_path: Path) -> None:
    data = with_header(write(tmp_path / "a.th"), lambda header: header.update(arrays=arrays))
    refusal(data, tmp_path)


@pytest.mark.parametrize(
    ("place", "length"), [(0, 1 << 63), ((1 << 64) - 1, 0), (64, 0), (1 << 63, 1 << 63)]
)
def test_a_wild_tail_is_refused(place: int, length: int, tmp_path: Path) -> None:
    data = write(tmp_path / "a.th")[: -_TAIL.size]
    refusal(data + _TAIL.pack(place, length, bytes(32), b"PROVMAP1"), tmp_path)
