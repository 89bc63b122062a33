"""Stretches that read alike have one hash, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprint.readable_kernels import read_alike, small_letters


def _hash(text: str) -> int:
    code_points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    ends = np.array([0], np.int32), np.array([len(code_points)], np.int32)
    return int(read_alike(code_points, *ends, small_letters())[0])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("To  be", "to\nBE", True),
        ("to be ", "to be", True),
        ("É", "é", True),
        ("to be", "tobe", False),
        ("don’t", "don't", False),
        ("a b", "b a", False),
    ],
)
def test_what_reads_alike_has_one_hash(one: str, other: str, alike: bool) -> None:
    assert (_hash(one) == _hash(other)) is alike


@pytest.mark.parametrize("text", ["aΣ", "σ", "ς b", "İ", "i\u0307"])
def test_letters_that_no_table_tells_have_none(text: str) -> None:
    assert _hash(text) == 0


def test_small_letters_are_those_of_strings() -> None:
    small = small_letters()
    told = np.flatnonzero(small != 0)[1:]
    plain = [chr(code) for code in told.tolist() if not 0xD800 <= code < 0xE000]
    assert all(chr(small[ord(one)]) == (" " if one.isspace() else one.lower()) for one in plain)
