"""An index is loaded whole or refused, whatever its numbers say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import WINDOW, answers, index, words
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.log import index as index_module
from provenance.evidence.log.building import merge_logs
from provenance.evidence.log.index import KIND, LogIndex
from provenance.evidence.log.matcher import LogMatcher
from provenance.evidence.log.windows import COMMON
from provenance.files.mapped import MappedWriter, open_mapped

Arrays = dict[str, NDArray[Any]]
RNG = np.random.default_rng(0)
TEXTS = [words(RNG, 30), words(RNG, 20), f"{words(RNG, 12)}."]


@cache
def content() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        log = answers([*TEXTS, TEXTS[0]])
        return index(Path(folder) / "made.idx", log, keep_text=True).path.read_bytes()


def made(path: Path) -> tuple[dict[str, Any], Arrays]:
    path.write_bytes(content())
    header, arrays = open_mapped(path, KIND)
    return header, {name: array.copy() for name, array in arrays.items()}


def written(path: Path, header: dict[str, Any], arrays: Arrays) -> Path:
    with MappedWriter(path, KIND) as writer:
        for name, array in arrays.items():
            writer.add(name, array.dtype.str, iter([array]))
        writer.finish(header)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        LogIndex.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_what_is_written_again_is_the_same(tmp_path: Path) -> None:
    header, arrays = made(tmp_path / "a.idx")
    again = written(tmp_path / "b.idx", header, arrays)
    found = LogIndex.load(again)
    assert (found.n_answers, found.n_texts, found.window) == (4, 3, WINDOW)
    assert found.size == sum(array.nbytes for array in arrays.values())
    assert merge_logs([found], tmp_path / "c.idx").n_tokens == found.n_tokens


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window", 7),
        ("window", 1 << 20),
        ("window", 32.0),
        ("window", None),
        ("n_answers", 3),
        ("n_answers", -1),
        ("n_answers", True),
        ("n_texts", 1 << 60),
        ("n_texts", 2),
        ("n_texts", 0),
        ("n_tokens", "3"),
        ("inputs_sha256", "x"),
        ("inputs_sha256", [1]),
        ("inputs_sha256", None),
    ],
)
def test_a_wild_header_is_refused(name: str, value: object, tmp_path: Path) -> None:
    header, arrays = made(tmp_path / "a.idx")
    refusal(written(tmp_path / "b.idx", {**header, name: value}, arrays))


def put(place: int, value: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    def change(array: NDArray[Any]) -> NDArray[Any]:
        array[place] = value
        return array

    return change


def shorter(array: NDArray[Any]) -> NDArray[Any]:
    return array[:-1]


def none(array: NDArray[Any]) -> NDArray[Any]:
    return array[:0]


def backwards(array: NDArray[Any]) -> NDArray[Any]:
    return array[::-1]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, none) for name in KIND.arrays),
        *(
            (name, shorter)
            for name in KIND.arrays
            if name not in ("account_names", "endpoint_names")
        ),
        *(
            (name, put(1, 1 << 31))
            for name in KIND.arrays
            if name.endswith(("directory", "bounds"))
        ),
        *((name, put(-1, 3)) for name in KIND.arrays if name.endswith("directory")),
        ("window_texts", put(0, 3)),
        ("window_texts", put(-1, COMMON - 1)),
        ("shingle_texts", put(5, 3)),
        ("accounts", put(2, 1)),
        ("endpoints", put(0, COMMON)),
        ("window_hashes", backwards),
        ("window_directory", lambda array: array[: (1 << 5) + 2]),
        ("shingle_directory", lambda array: np.array([0, array[-1], array[-1]], np.uint32)),
        ("answer_bounds", put(1, 0)),
        *((name, lambda array: array.astype("<f4")) for name in KIND.arrays),
    ],
)
def test_arrays_out_of_bounds_are_refused(
    name: str, change: Callable[[NDArray[Any]], NDArray[Any]], tmp_path: Path
) -> None:
    header, arrays = made(tmp_path / "a.idx")
    changed = change(arrays[name].copy())
    if len(changed) == len(arrays[name]) and changed.tobytes() == arrays[name].tobytes():
        pytest.skip("nothing is changed")
    refusal(written(tmp_path / "b.idx", header, {**arrays, name: changed}))


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 22])
def test_however_few_numbers_are_checked_at_once(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, arrays = made(tmp_path / "a.idx")
    monkeypatch.setattr(index_module, "_PIECE", piece)
    assert LogIndex.load(tmp_path / "a.idx").n_answers == header["n_answers"]
    # Between any two pieces as within them.
    for place in range(1, len(arrays["window_hashes"])):
        turned = arrays["window_hashes"].copy()
        turned[[place - 1, place]] = turned[[place, place - 1]]
        refusal(written(tmp_path / "b.idx", header, {**arrays, "window_hashes": turned}))


def test_a_window_of_several_texts_is_not_common(tmp_path: Path) -> None:
    shared = words(np.random.default_rng(1), 30)
    found = index(tmp_path / "a.idx", answers([f"{shared} a", f"{shared} b", f"{shared} c"]))
    header, arrays = open_mapped(found.path, KIND)
    same = np.flatnonzero(np.diff(arrays["window_hashes"]) == 0)[0]
    for place, value in ((same, COMMON), (same + 1, COMMON), (same, 2), (same + 1, 0)):
        texts = arrays["window_texts"].copy()
        texts[place] = value
        refusal(written(tmp_path / "b.idx", header, {**arrays, "window_texts": texts}))


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_whatever_is_loaded_can_be_used(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("log")
    header, arrays = made(folder / "a.idx")
    name = data.draw(st.sampled_from([name for name in KIND.arrays if len(arrays[name])]))
    wild = np.frombuffer(data.draw(st.binary(min_size=8, max_size=8)), np.uint8)
    place = data.draw(st.integers(0, len(arrays[name]) - 1))
    changed = arrays[name].copy()
    changed[place] = wild[: changed.itemsize].view(changed.dtype)[0]
    path = written(folder / "b.idx", header, {**arrays, name: changed})
    try:
        found = LogIndex.load(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ")
        return
    matches = LogMatcher.fit(found, found).match(
        [*TEXTS, "another text of quite a few words is here"]
    )
    assert ((matches.nearest >= -1) & (matches.nearest < 3)).all()
    assert ((matches.answer >= 0) & (matches.answer < 3)).all()
    matches = LogMatcher.fit(found).match(TEXTS)
    assert (matches.covered <= matches.tokens).all()
    merge_logs([found, LogIndex.load(folder / "a.idx")], folder / "c.idx")
    for number in range(3):
        try:
            assert found.kept_text(number) is not None
        except InputError as error:
            assert "a kept answer" in str(error)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not packed",
        zstandard.ZstdCompressor().compress(b"text" * 100)[:-3],
        # A frame that tells a size of 2 ** 60 bytes, and one that is as long as it says.
        b"\x28\xb5\x2f\xfd\xe0" + (1 << 60).to_bytes(8, "little") + b"\x01\0\0",
        zstandard.ZstdCompressor().compress(bytes((1 << 27) + 1)),
        zstandard.ZstdCompressor(write_content_size=False).compress(bytes((1 << 27) + 1)),
    ],
    ids=["empty", "other", "cut", "wild size", "bomb", "bomb without size"],
)
def test_a_kept_answer_that_cannot_be_unpacked_is_told(packed: bytes, tmp_path: Path) -> None:
    header, arrays = made(tmp_path / "a.idx")
    size = len(packed)
    arrays["kept"] = np.frombuffer(packed, np.uint8)
    arrays["kept_bounds"] = np.array([0, size, size, size], np.uint64)
    found = LogIndex.load(written(tmp_path / "b.idx", header, arrays))
    with pytest.raises(InputError, match="cannot be unpacked"):
        found.kept_text(0)


def test_names_that_are_no_text_are_replaced(tmp_path: Path) -> None:
    header, arrays = made(tmp_path / "a.idx")
    arrays["ids"][:] = 0xFF
    found = LogIndex.load(written(tmp_path / "b.idx", header, arrays))
    assert {*found.answer_id(0)} == {"\ufffd"}


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.idx"
    whole = index(tmp_path / "a.idx", TEXTS).path.read_bytes()
    for data in (b"", b"{}", b"PROVMAP1", whole[:-1], whole[:5000], whole + b"\0", whole[64:]):
        path.write_bytes(data)
        assert "log index (.idx)" in refusal(path) or "ends too early" in refusal(path)
