"""The container of fingerprints: bytes laid out by place."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.files import archive


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_byte_planes_restore_numbers(values: list[int]) -> None:
    numbers = np.array(values, np.uint64)
    planes = archive.split(numbers)
    assert planes.dtype == np.uint8
    assert 256 ** (len(planes) - 1) <= max(1, max(values, default=0)) < 256 ** len(planes)
    np.testing.assert_array_equal(archive._joined("x", planes), numbers)
