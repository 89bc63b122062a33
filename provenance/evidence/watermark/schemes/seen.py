"""What was seen before: first occurrences of 64-bit keys over documents that lie end to end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN
from provenance.features.kernels import mix
from provenance.files.compiled import njit

__all__ = ["first_seen", "mixed", "ngram_hashes", "spread", "within_history"]


@njit(cache=True, nogil=True)
def _mixed(left: Any, right: Any) -> Any:
    out = np.empty(len(left), np.uint64)
    for i in range(len(left)):
        out[i] = mix(mix(left[i] + GOLDEN) ^ right[i])
    return out


def mixed(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One 64-bit hash of each pair of words, shape (n,).

    Examples
    --------
    >>> one = np.ones(1, np.uint64)
    >>> bool(mixed(one, one)[0] == mixed(one, one + one)[0])
    False
    """
    result: NDArray[np.uint64] = _mixed(left, right)
    return result


@njit(cache=True, nogil=True)
def _ngram_hashes(ids: Any, bounds: Any, before: Any, length: Any, padded: Any) -> Any:
    out = np.zeros(len(ids), np.uint64)
    for document in range(len(bounds) - 1):
        start = bounds[document]
        first = start if padded else min(bounds[document + 1], start + before)
        for position in range(first, bounds[document + 1]):
            state = np.uint64(length)
            for at in range(position - before, position - before + length):
                word = np.uint64(0) if at < start else np.uint64(ids[at] + 1)
                state = mix((state + GOLDEN) ^ word)
            out[position] = state
    return out


def ngram_hashes(
    ids: NDArray[np.int64],
    bounds: NDArray[np.int64],
    before: int,
    length: int,
    *,
    padded: bool = False,
) -> NDArray[np.uint64]:
    """Hash of the ``length`` ids that start ``before`` ids before each position, keyed by nothing.

    Parameters
    ----------
    ids : ndarray of int64, shape (n,)
        Documents, one behind the other.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Where each begins and ends.
    before, length : int
        Start of the n-gram in front of its position, and how many ids it has.
    padded : bool, default False
        Whether an n-gram that would begin before its document is filled up; else it hashes to 0.

    Returns
    -------
    ndarray of uint64, shape (n,)

    Examples
    --------
    >>> ngram_hashes(np.array([5, 5, 5]), np.array([0, 3]), 1, 1)[0]
    np.uint64(0)
    """
    result: NDArray[np.uint64] = _ngram_hashes(ids, bounds, before, length, padded)
    return result


@njit(cache=True, nogil=True)
def _first_seen(keys: Any, counted: Any, bounds: Any) -> Any:
    n = len(keys)
    bits = 4
    while (1 << bits) < 2 * n:
        bits += 1
    slots = np.full(1 << bits, -1, np.int64)
    latest = np.full(1 << bits, -1, np.int32)
    first = np.full(n, -1, np.int64)
    new_in_document = np.zeros(n, np.bool_)
    last_slot = np.int64((1 << bits) - 1)
    shift = np.uint64(64 - bits)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document], bounds[document + 1]):
            if not counted[position]:
                continue
            slot = np.int64(mix(keys[position]) >> shift)
            while slots[slot] >= 0 and keys[slots[slot]] != keys[position]:
                slot = (slot + 1) & last_slot
            if slots[slot] < 0:
                slots[slot] = position
            first[position] = slots[slot]
            new_in_document[position] = latest[slot] != document
            latest[slot] = document
    return first, new_in_document


def first_seen(
    keys: NDArray[np.uint64], counted: NDArray[np.bool_], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each key stands first in the corpus, and whether it is new in its document.

    Which one is kept depends on order alone, never on a score.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n,)
    counted : ndarray of bool, shape (n,)
        Others are passed over.
    bounds : ndarray of int64, shape (n_documents + 1,)

    Returns
    -------
    first : ndarray of int64, shape (n,)
        Position of the first equal key; -1 where not counted.
    new_in_document : ndarray of bool, shape (n,)

    Examples
    --------
    >>> keys = np.array([7, 7, 7], np.uint64)
    >>> [part.tolist() for part in first_seen(keys, np.ones(3, bool), np.array([0, 2, 3]))]
    [[0, 0, 0], [True, False, True]]
    """
    first, new_in_document = _first_seen(keys, counted, bounds)
    return first, new_in_document


@njit(cache=True, nogil=True)
def _spread(found: Any, first: Any, out: Any) -> None:
    number = 0
    for position in range(len(first)):
        source = first[position]
        if source < 0:
            continue
        for column in range(out.shape[1]):
            if source == position:
                out[position, column] = found[number, column]
            else:
                out[position, column] = out[source, column]
        number += source == position


def spread(found: NDArray[Any], first: NDArray[np.int64], filler: float) -> NDArray[Any]:
    """Rows of the first of equal keys, in their order, at every position of those keys.

    Parameters
    ----------
    found : ndarray, shape (n_distinct, width)
    first : ndarray of int64, shape (n,)
        As `first_seen` gives it.
    filler : float
        Where nothing is counted.

    Returns
    -------
    ndarray, shape (n, width)

    Examples
    --------
    >>> spread(np.array([[5.0], [6.0]]), np.array([0, 0, -1, 3]), 0)[:, 0].tolist()
    [5.0, 5.0, 0.0, 6.0]
    """
    out = np.full((len(first), found.shape[1]), filler, found.dtype)
    _spread(found, first, out)
    return out


@njit(cache=True, nogil=True)
def _within_history(keys: Any, counted: Any, bounds: Any, size: Any) -> Any:
    n = len(keys)
    bits = 4
    while (1 << bits) < 2 * n:
        bits += 1
    slots = np.full(1 << bits, -1, np.int64)  # the latest position of a key
    repeated = np.zeros(n, np.bool_)
    last_slot = np.int64((1 << bits) - 1)
    shift = np.uint64(64 - bits)
    for document in range(len(bounds) - 1):
        begin = -1
        for position in range(bounds[document], bounds[document + 1]):
            if not counted[position]:
                continue
            if begin < 0:
                begin = position
            slot = np.int64(mix(keys[position]) >> shift)
            while slots[slot] >= 0 and keys[slots[slot]] != keys[position]:
                slot = (slot + 1) & last_slot
            latest = slots[slot]
            if keys[position] == 0:  # the history starts as zeros
                latest = max(latest, begin - 1)
            repeated[position] = latest >= begin - 1 and latest >= 0 and position - latest <= size
            if keys[position] == 0 and begin == 0 and position < size:
                repeated[position] = True
            slots[slot] = position
    return repeated


def within_history(
    keys: NDArray[np.uint64], counted: NDArray[np.bool_], bounds: NDArray[np.int64], size: int
) -> NDArray[np.bool_]:
    """Whether a key stands among the ``size`` counted keys before it in its document, shape (n,).

    Counted positions of a document lie side by side. Each document starts behind ``size`` zeros.

    Examples
    --------
    >>> keys = np.array([7, 8, 7, 7], np.uint64)
    >>> within_history(keys, np.ones(4, bool), np.array([0, 4]), 1).tolist()
    [False, False, False, True]
    """
    result: NDArray[np.bool_] = _within_history(keys, counted, bounds, size)
    return result
