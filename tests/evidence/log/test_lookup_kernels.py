"""What is found in an index, and how much it explains, is what the readable twin says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import log_twin as twin

from provenance.evidence.log.lookup_kernels import (
    BLOCK_WORDS,
    add_keys,
    look_up,
    overlaps,
    similar_texts,
)
from provenance.evidence.log.windows import COMMON


@given(st.data(), st.integers(8, 12))
def test_runs_of_covered_tokens(data: st.DataObject, window: int) -> None:
    sizes = data.draw(st.lists(st.one_of(st.integers(0, 7), st.integers(8, 60)), max_size=4))
    rows = []
    for size in sizes:
        n_windows = 0 if size < 8 else max(1, size - window + 1)
        kinds = st.sampled_from([(False, False), (True, False), (False, True)])
        drawn = data.draw(st.lists(kinds, min_size=n_windows, max_size=n_windows))
        rows.append([(place, *kind) for place, kind in enumerate(drawn)])
    flat = [item for row in rows for item in row]
    columns = np.array(flat, np.int64).reshape(-1, 3)
    found = overlaps(
        np.array(sizes, np.int32),
        np.cumsum([0, *map(len, rows)]),
        columns[:, 0].astype(np.int32),
        window,
        columns[:, 1].astype(bool),
        columns[:, 2].astype(bool),
    )
    expected = [twin.overlap(size, row, window) for size, row in zip(sizes, rows, strict=True)]
    assert found[0].tolist() == [one.covered for one in expected]
    assert found[1].tolist() == [one.discounted for one in expected]
    runs = [(row, *run) for row, one in enumerate(expected) for run in one.runs]
    assert [*zip(*(column.tolist() for column in found[2:]), strict=True)] == runs


def mapped(array: NDArray[Any]) -> NDArray[Any]:
    """Read-only, as an index maps it: else code would be tested that no index runs."""
    array.flags.writeable = False
    return array


@given(
    st.dictionaries(st.integers(0, 40), st.sets(st.integers(0, 11), max_size=6), max_size=30),
    st.sets(st.integers(0, 40), max_size=4),
    st.lists(st.sets(st.integers(0, 45)), max_size=3),
    st.sampled_from([0.0, 2.0, 9.0]),
)
def test_similar_texts(
    held: dict[int, set[int]], common: set[int], documents: list[set[int]], floor: float
) -> None:
    holders = {
        key: [COMMON] if key in common else sorted(texts) for key, texts in held.items() if texts
    }
    # Keys of 32 bits spread over the buckets of the sixteen highest.
    wide = {key: (key * 0x9E3779B1) & 0xFFFFFFFF for key in range(46)}
    entries = sorted((wide[key], text) for key, texts in holders.items() for text in texts)
    keys = np.array([key for key, _ in entries], np.uint64)
    directory = np.searchsorted(keys >> np.uint64(16), np.arange((1 << 16) + 1)).astype(np.uint32)
    asked = [sorted(wide[key] for key in document) for document in documents]
    best, shared = similar_texts(
        np.cumsum([0, *map(len, asked)]),
        np.array([key << 32 for row in asked for key in row], np.uint64),
        np.uint64(48),
        mapped(directory),
        mapped((keys & np.uint64(0xFFFF)).astype(np.uint16)),
        np.uint64(32),
        mapped(np.array([text for _, text in entries], np.uint32)),
        12,
        floor,
        5,
    )
    by_wide = {wide[key]: texts for key, texts in holders.items()}
    for row, document in enumerate(asked):
        expected = dict(twin.similar(document, by_wide, 12, floor, 12))
        n = min(5, len(expected))
        texts = best[row, :n].tolist()
        # Which of two equal ones comes first is a matter of rounding.
        assert shared[row, :n] == pytest.approx(sorted(expected.values())[::-1][:n], rel=1e-5)
        assert shared[row, :n] == pytest.approx([expected[text] for text in texts], rel=1e-5)
        assert len({*texts}) == n
        assert (best[row, n:] == -1).all() and (shared[row, n:] == 0).all()


def test_more_texts_than_the_table_first_has_room_for() -> None:
    n = 4_000
    directory = np.zeros((1 << 16) + 1, np.uint32)
    directory[1:] = n
    best, shared = similar_texts(
        *(np.array([0, 1]), np.zeros(1, np.uint64), np.uint64(48), mapped(directory)),
        *(mapped(np.zeros(n, np.uint16)), np.uint64(32), mapped(np.arange(n, dtype=np.uint32))),
        *(1 << 23, 0.0, 3),
    )
    assert best.tolist() == [[0, 1, 2]]
    assert shared[0] == pytest.approx([1, 1, 1])


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=50), st.integers(0, (1 << 64) - 1))
def test_what_was_added_is_found(values: list[int], other: int) -> None:
    hashes = np.sort(np.array(values, np.uint64))
    blocks = np.zeros((2, BLOCK_WORDS), np.uint64)
    add_keys(blocks, hashes, 0, 2)
    bucket = np.arange(65, dtype=np.uint64)
    directory = np.searchsorted(hashes >> np.uint64(58), bucket).astype(np.uint32)
    keys = np.array([*values, other], np.uint64)
    found = look_up(keys, mapped(blocks), np.uint64(58), mapped(directory), mapped(hashes))
    expected = np.searchsorted(hashes, keys)
    assert found[:-1].tolist() == expected[:-1].tolist()
    assert found[-1] == (expected[-1] if other in values else -1)
