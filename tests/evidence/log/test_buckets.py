"""Buckets and filter of an index, made a piece at a time."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.log.buckets import (
    bucket_bits,
    directory_pieces,
    empty_filter,
    filter_pieces,
    joined_keys,
)
from provenance.evidence.log.lookup_kernels import add_keys
from provenance.evidence.log.windows import SHINGLE_BITS


def entries(n: int, bits: int) -> np.ndarray:
    """Entries with ascending keys of so many bits, the first and the last that there are."""
    keys = np.random.default_rng(0).integers(0, 1 << bits, n, np.uint64)
    keys[:2] = 0, (1 << bits) - 1
    return np.stack([np.sort(keys), np.arange(n, dtype=np.uint64)], axis=1)


@pytest.mark.parametrize("n_pieces", [1, 7, 300])
def test_pieces_give_the_directory_of_the_whole(n_pieces: int) -> None:
    whole, shift = entries(300, 20), np.uint64(14)
    pieces = np.array_split(whole, n_pieces)
    found = np.concatenate([*directory_pieces(iter(pieces), shift, 64)])
    buckets = (whole[:, 0] >> shift).astype(np.int64)
    assert found.tolist() == [int((buckets < number).sum()) for number in range(65)]


@pytest.mark.parametrize("n_pieces", [1, 7, 300])
def test_pieces_give_the_filter_of_the_whole(n_pieces: int) -> None:
    whole = entries(300, 63)
    pieces = np.array_split(whole, n_pieces)
    found = np.concatenate([*filter_pieces(iter(pieces), len(whole))])
    expected = empty_filter(len(whole))
    add_keys(expected, np.ascontiguousarray(whole[:, 0]), 0, len(expected))
    assert np.array_equal(found, expected.ravel())


def test_keys_are_their_buckets_and_what_remains() -> None:
    keys = entries(500, SHINGLE_BITS)[:, 0]
    width = bucket_bits(len(keys), SHINGLE_BITS - 16)
    shift = np.uint64(SHINGLE_BITS - width)
    pairs = np.stack([keys, keys], axis=1)
    directory = np.concatenate([*directory_pieces(iter([pairs]), shift, 1 << width)])
    remainders = (keys & np.uint64(0xFFFF)).astype(np.uint16)
    assert np.array_equal(joined_keys(directory, remainders), keys)


def test_there_are_about_four_entries_in_a_bucket() -> None:
    assert [bucket_bits(n, 6) for n in (0, 1 << 10, 1 << 20, 1 << 40)] == [6, 9, 19, 30]
