"""Columns by their bytes: what pyarrow itself makes of the same values."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.files.columns import as_column, as_numbers, lists, numbers, texts, word_lists

KINDS = ["<i8", "<i4", "<u8", "<u4", "<u2", "|u1", "<f4", "<f8", "?"]


@pytest.mark.parametrize("kind", KINDS)
@given(values=st.lists(st.integers(0, 100), max_size=20), every=st.integers(2, 5))
def test_numbers_are_those_of_pyarrow(kind: str, values: list[int], every: int) -> None:
    array = np.array(values).astype(kind)
    missing = np.arange(len(array)) % every == 0
    assert numbers(array).equals(pa.array(array))
    assert numbers(array, missing).equals(pa.array(array, mask=missing))
    for part in (numbers(array), numbers(array)[1:], pa.chunked_array([numbers(array)] * 2)):
        found, expected = as_numbers(part), part.to_numpy(zero_copy_only=False)
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def test_no_chunks_are_no_numbers() -> None:
    found = as_numbers(pa.chunked_array([], pa.int32()))
    assert found.dtype == np.int32
    assert not len(found)


def test_numbers_of_every_other_row() -> None:
    assert numbers(np.arange(6)[::2]).to_pylist() == [0, 2, 4]


@given(st.lists(st.none() | st.text(max_size=5), max_size=20))
def test_texts_are_those_of_pyarrow(values: list[str | None]) -> None:
    expected = pa.array(values, pa.string())
    found = texts(values)
    assert found.equals(expected)
    assert found.null_count == expected.null_count
    found.validate(full=True)


def test_lone_surrogates_are_replaced() -> None:
    assert texts(["a\ud800", None]).to_pylist() == ["a?", None]


def test_lists_are_those_of_pyarrow() -> None:
    bounds, values = np.array([0, 2, 2, 3]), np.array([1.5, 2.5, 3.5], np.float32)
    expected = pa.array([[1.5, 2.5], [], [3.5]], pa.large_list(pa.float32()))
    assert lists(bounds, values).equals(expected)


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=4))
def test_word_lists_are_those_of_pyarrow(hits: list[list[bool]]) -> None:
    marks = {f"w{number}": np.array(hit) for number, hit in enumerate(hits)}
    rows = [[name for name, hit in marks.items() if hit[row]] for row in range(3)]
    assert word_lists(marks, 3).equals(pa.array(rows, pa.list_(pa.string())))


def test_only_what_is_known_is_made_a_column() -> None:
    assert as_column([1, 2]) == [1, 2]
    assert as_column(["a", None]).type == pa.string()
    assert as_column(np.array([True])).type == pa.bool_()
    dates = np.array(["2020-01-01"], "datetime64[D]")
    assert as_column(dates) is dates


def test_pandas_is_not_asked() -> None:
    code = (
        "import sys, numpy as np\n"
        "from provenance.files.columns import *\n"
        "as_numbers(numbers(np.arange(3))), texts(['a']), lists(np.arange(2), np.arange(1))\n"
        "word_lists({'a': np.array([True])}, 1)\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("values", [np.array([1, 2], ">i4"), np.ones((2, 3))])
def test_numbers_that_no_column_holds_are_refused(values: NDArray[Any]) -> None:
    with pytest.raises((pa.ArrowException, ValueError)):
        pa.table({"a": as_column(values)})
