"""Rows from what a fingerprint's file says of each feature: one compiled loop over the entries.

A sample of 800 answers has a million entries, and a match beside 48 models reads as many samples.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.files.compiled import njit

__all__ = ["FAULTS", "entries_by_row"]

FAULTS: Final = (
    "",
    "the array rows is not ascending",
    "the array rows holds a number out of bounds",
    "the array counts holds a number out of bounds",
    "the array features names one number twice",
)
"""What `entries_by_row` finds wrong, by its number; nothing is the first."""
_MOST_COUNT: Final = 255


@njit(cache=True, nogil=True)
def entries_by_row(
    features: Any, bounds: Any, gaps: Any, counts: Any, n_rows: Any, n_features: Any
) -> Any:
    """The entries of each row, features ascending.

    Parameters
    ----------
    features : ndarray of int64, shape (n,)
        In any order, below ``n_features``.
    bounds : ndarray of int64, shape (n + 1,)
        Where the entries of each begin and end.
    gaps : ndarray of uint64, shape (n_entries,)
        The first row of each feature, then how many rows on the next one is.
    counts : ndarray of uint64, shape (n_entries,)
    n_rows, n_features : int

    Returns
    -------
    fault : int
        Place in `FAULTS`; where it is not 0 the rest means nothing.
    indptr : ndarray of int64, shape (n_rows + 1,)
    indices : ndarray of uint32
    held : ndarray of uint8
        The counts in their new order.
    """
    starts = np.zeros(n_rows + 1, np.int64)
    indices, held = np.empty(len(gaps), np.uint32), np.empty(len(gaps), np.uint8)
    place = np.full(n_features, -1, np.int64)
    for number in range(len(features)):
        if place[features[number]] >= 0:
            return 4, starts, indices, held
        place[features[number]] = number
        row = np.uint64(0)
        for entry in range(bounds[number], bounds[number + 1]):
            if entry > bounds[number] and gaps[entry] == 0:
                return 1, starts, indices, held
            # Together they are one comparison, as a sum could wrap around.
            if gaps[entry] >= np.uint64(n_rows) or row + gaps[entry] >= np.uint64(n_rows):
                return 2, starts, indices, held
            row += gaps[entry]
            if counts[entry] == 0 or counts[entry] > np.uint64(_MOST_COUNT):
                return 3, starts, indices, held
            starts[row + np.uint64(1)] += 1
    starts = np.cumsum(starts)
    free = starts[:n_rows].copy()
    for feature in range(n_features):
        if place[feature] < 0:
            continue
        row = np.uint64(0)
        for entry in range(bounds[place[feature]], bounds[place[feature] + 1]):
            row += gaps[entry]
            at = free[row]
            free[row] = at + 1
            indices[at] = feature
            held[at] = counts[entry]
    return 0, starts, indices, held
