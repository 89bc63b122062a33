"""The container of fingerprints: numbers come back from their bytes laid out by place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.files.archive import Kind, read, split, write

KIND = Kind("made/1", "made file", ("numbers", "others"), "Make it again")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive") / "made"


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_numbers_come_back_from_as_few_planes_as_they_need(place: Path, values: list[int]) -> None:
    numbers = np.array(values, np.uint64)
    planes = split(numbers)
    assert planes.dtype == np.uint8
    assert 256 ** (len(planes) - 1) <= max(1, max(values, default=0)) < 256 ** len(planes)
    write(place, KIND, {"name": "a"}, {"numbers": planes, "others": split(numbers[:1])})
    header, found = read(place, KIND)
    assert (header["schema"], header["name"]) == ("made/1", "a")
    np.testing.assert_array_equal(found["numbers"], numbers)
    np.testing.assert_array_equal(found["others"], numbers[:1])
