"""Rows from the entries of features, by the compiled loop and by a loop that anybody can read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.fingerprint.entries import FAULTS, entries_by_row

N_ROWS, N_FEATURES = 5, 9
Entry = tuple[int, int, int]
"""A feature, a row, and how often the feature stands in it."""

ENTRIES = st.dictionaries(
    st.tuples(st.integers(0, N_FEATURES - 1), st.integers(0, N_ROWS - 1)), st.integers(1, 255)
)


def stored(
    entries: Sequence[Entry], order: Sequence[int]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Features in some order, their bounds, and the gaps and counts of their entries."""
    bounds, gaps, counts = [0], [], []
    for feature in order:
        before = 0
        for _, row, count in sorted(one for one in entries if one[0] == feature):
            gaps.append(row - before)
            counts.append(count)
            before = row
        bounds.append(len(gaps))
    return [*order], bounds, gaps, counts


def rows(
    features: list[int], bounds: list[int], gaps: list[int], counts: list[int]
) -> tuple[int, list[int], list[int], list[int]]:
    fault, *found = entries_by_row(
        *(np.array(features, np.int64), np.array(bounds, np.int64)),
        *(np.array(gaps, np.uint64), np.array(counts, np.uint64)),
        *(N_ROWS, N_FEATURES),
    )
    indptr, indices, held = found
    assert (indptr.dtype, indices.dtype, held.dtype) == (np.int64, np.uint32, np.uint8)
    return fault, indptr.tolist(), indices.tolist(), held.tolist()


@given(ENTRIES, st.randoms())
def test_entries_are_those_of_each_row_in_order(
    given: dict[tuple[int, int], int], random: object
) -> None:
    entries = [(feature, row, count) for (feature, row), count in given.items()]
    order = [*{feature for feature, _, _ in entries}]
    random.shuffle(order)  # type: ignore[attr-defined]
    by_row = sorted((row, feature, count) for feature, row, count in entries)
    ends = [sum(row < end for row, _, _ in by_row) for end in range(N_ROWS + 1)]
    expected = (0, ends, [one[1] for one in by_row], [one[2] for one in by_row])
    assert rows(*stored(entries, order)) == expected


@pytest.mark.parametrize(
    ("features", "bounds", "gaps", "counts", "fault"),
    [
        ([3], [0, 2], [1, 0], [1, 1], "rows is not ascending"),
        ([3], [0, 2], [4, 1], [1, 1], "rows holds"),
        ([3], [0, 1], [5], [1], "rows holds"),
        ([3], [0, 2], [2, 2**64 - 1], [1, 1], "rows holds"),
        ([3], [0, 1], [0], [0], "counts holds"),
        ([3], [0, 1], [0], [256], "counts holds"),
        ([3, 3], [0, 1, 2], [0, 1], [1, 1], "twice"),
    ],
)
def test_what_is_wrong_is_named(
    features: list[int], bounds: list[int], gaps: list[int], counts: list[int], fault: str
) -> None:
    assert fault in FAULTS[rows(features, bounds, gaps, counts)[0]]
