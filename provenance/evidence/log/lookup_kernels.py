"""Compiled loops of the log index: hashes found in it, and how much of a text they explain.

A blocked Bloom filter stands before the look-ups. The readable twin of what is counted stands in
``tests/reference/log_twin.py``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.evidence.log.windows import COMMON
from provenance.features.kernels import mix
from provenance.files.compiled import njit, prefetch

__all__ = [
    "BLOCK_WORDS",
    "add_keys",
    "block_of",
    "look_up",
    "overlaps",
    "similar_texts",
]

BLOCK_WORDS: Final = 8
_BITS_A_KEY: Final = 6
_DENSE: Final = 1 << 22
_AHEAD: Final = 8
"""Shingles whose buckets, in no near cache, are asked for ahead; a round figure, not tuned."""
_NEARLY: Final = 0.999
"""Weights in this proportion differ by more than rounding; a round figure."""
_LONGEST_RUN: Final = 4096


@njit(cache=True, inline="always")
def _high_product(value: Any, size: Any) -> Any:
    """The 64 bits of the hash, scaled to 0 .. size - 1 (size below 2 ** 32)."""
    return ((value >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)


@njit(cache=True, nogil=True)
def block_of(key: Any, n_blocks: Any) -> Any:
    """Which block of a Bloom filter a key's bits are in; it ascends with the key."""
    return _high_product(key, n_blocks)


@njit(cache=True, nogil=True)
def add_keys(blocks: Any, keys: Any, first: Any, n_blocks: Any) -> None:
    """Set the bits of some keys in a blocked Bloom filter.

    Parameters
    ----------
    blocks : ndarray of uint64, shape (n_held, BLOCK_WORDS)
        Some of its blocks.
    keys : ndarray of uint64
        Whose blocks these are.
    first : int
        Number of the first of them.
    n_blocks : int
        Of the whole filter.
    """
    for key in keys:
        block = np.int64(_high_product(key, n_blocks)) - first
        bits = mix(key)
        for _ in range(_BITS_A_KEY):
            blocks[block, (bits >> np.uint64(6)) & np.uint64(BLOCK_WORDS - 1)] |= np.uint64(1) << (
                bits & np.uint64(63)
            )
            bits >>= np.uint64(9)


@njit(cache=True, inline="always")
def _may_hold(blocks: Any, key: Any) -> Any:
    block = _high_product(key, len(blocks))
    bits = mix(key)
    held = np.uint64(1)
    for _ in range(_BITS_A_KEY):
        held &= blocks[block, (bits >> np.uint64(6)) & np.uint64(BLOCK_WORDS - 1)] >> (
            bits & np.uint64(63)
        )
        bits >>= np.uint64(9)
    return held & np.uint64(1)


@njit(cache=True, inline="always")
def _first_entry(key: Any, value: Any, shift: Any, directory: Any, values: Any) -> Any:
    """Where the entries of a value begin in its bucket, or -1."""
    bucket = key >> shift
    low = np.int64(directory[bucket])
    end = np.int64(directory[bucket + np.uint64(1)])
    high = end
    while low < high:
        middle = (low + high) // 2
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low if low < end and values[low] == value else -1


@njit(cache=True, nogil=True)
def look_up(keys: Any, blocks: Any, shift: Any, directory: Any, hashes: Any) -> Any:
    """First entry of each key among the sorted hashes, -1 where there is none."""
    found = np.empty(len(keys), np.int64)
    for number in range(len(keys)):
        key = keys[number]
        if _may_hold(blocks, key):
            found[number] = _first_entry(key, key, shift, directory, hashes)
        else:
            found[number] = -1
    return found


@njit(cache=True, nogil=True)
def overlaps(
    tokens: Any, window_bounds: Any, places: Any, window: Any, evidence: Any, common: Any
) -> Any:
    """Tokens that windows cover, and the maximal runs of covered ones.

    Parameters
    ----------
    evidence, common : ndarray of bool, shape (n_windows,)
        Windows that stand in the log; those that are too common to count.

    Returns
    -------
    covered, discounted : ndarray of int32, shape (n_texts,)
        Tokens in windows of evidence; tokens in common windows and in none of evidence.
    span_text, span_start, span_end : ndarray of int32
        Text, first token and end of each run of tokens in windows of evidence.
    """
    n_texts = len(tokens)
    covered = np.zeros(n_texts, np.int32)
    discounted = np.zeros(n_texts, np.int32)
    n_hits = 0
    for number in range(len(evidence)):
        n_hits += evidence[number]
    span_text = np.empty(n_hits, np.int32)
    span_start = np.empty(n_hits, np.int32)
    span_end = np.empty(n_hits, np.int32)
    n_spans = 0
    for row in range(n_texts):
        length = min(window, tokens[row])
        end = np.int64(0)
        first = n_spans
        for number in range(window_bounds[row], window_bounds[row + 1]):
            if not evidence[number]:
                continue
            start = np.int64(places[number])
            if n_spans > first and start <= end:
                span_end[n_spans - 1] = start + length
            else:
                span_text[n_spans] = row
                span_start[n_spans] = start
                span_end[n_spans] = start + length
                n_spans += 1
            covered[row] += start + length - max(start, end)
            end = start + length
        # Common windows, less what stands in a run of evidence.
        end = np.int64(0)
        span = first
        for number in range(window_bounds[row], window_bounds[row + 1]):
            if not common[number]:
                continue
            start = np.int64(places[number])
            for token in range(max(start, end), start + length):
                while span < n_spans and span_end[span] <= token:
                    span += 1
                if span == n_spans or token < span_start[span]:
                    discounted[row] += 1
            end = start + length
    return (
        covered,
        discounted,
        span_text[:n_spans].copy(),
        span_start[:n_spans].copy(),
        span_end[:n_spans].copy(),
    )


@njit(cache=True, nogil=True)
def similar_texts(
    shingle_bounds: Any,
    shingles: Any,
    shift: Any,
    directory: Any,
    remainders: Any,
    remainder_shift: Any,
    texts: Any,
    n_texts: Any,
    floor: Any,
    most: Any,
) -> Any:
    """The texts of a log that share most of the rare shingles of each document.

    A shingle weighs the logarithm of how much rarer it is than to stand in every text.

    Parameters
    ----------
    remainders : ndarray of uint16
        The bits of a shingle's hash below those that choose the bucket.
    floor : float
        Least weight that a document is held to have, so that a short one is no evidence.
    most : int
        Texts kept for each document.

    Returns
    -------
    best : ndarray of int64, shape (n_documents, most)
        Numbers of texts, -1 where there are fewer.
    shared : ndarray of float32, shape (n_documents, most)
        Part of the document's weight that each shares, in [0, 1], the largest first.
    """
    n_documents = len(shingle_bounds) - 1
    best = np.full((n_documents, most), -1, np.int64)
    shared = np.zeros((n_documents, most), np.float32)
    # A weight for every text where these fit a cache, else a table of the texts that are met.
    dense = n_texts <= _DENSE
    size = max(1, n_texts) if dense else 1 << 12
    held = np.full(1 if dense else size, -1, np.int64)
    weight_of = np.zeros(size, np.float32)
    used = np.empty(size + 1, np.int64)
    rarest = np.log(n_texts + 1.0)
    # By how many texts hold a shingle; the first is never asked for.
    weights = np.log((n_texts + 1.0) / np.maximum(1, np.arange(_LONGEST_RUN + 1)))
    mask = np.uint64(0xFFFF)
    last = len(shingles) - 1
    for row in range(n_documents):
        total = 0.0
        n_used = 0
        for number in range(shingle_bounds[row], shingle_bounds[row + 1]):
            prefetch(directory, np.int64(shingles[min(number + _AHEAD, last)] >> shift))
            key = shingles[number]
            value = np.uint16((key >> remainder_shift) & mask)
            entry = _first_entry(key, value, shift, directory, remainders)
            if entry < 0:
                total += rarest
                continue
            limit = np.int64(directory[(key >> shift) + np.uint64(1)])
            end = entry
            while end < limit and end - entry <= _LONGEST_RUN and remainders[end] == value:
                end += 1
            # No index that was built has so many; a forged one must not take for ever.
            if end - entry > _LONGEST_RUN:
                continue
            weight = weights[end - entry]
            if texts[entry] == COMMON or weight <= 0:
                continue
            total += weight
            if dense:
                for place in range(entry, end):
                    text = np.int64(texts[place])
                    if text == COMMON:
                        continue
                    # No branch on whether it is new: it would be mispredicted half of the time.
                    used[n_used] = text
                    n_used += weight_of[text] == 0
                    weight_of[text] += weight
                continue
            for place in range(entry, end):
                text = np.int64(texts[place])
                if text == COMMON:
                    continue
                slot = np.int64(mix(np.uint64(text)) & np.uint64(size - 1))
                while held[slot] != text and held[slot] >= 0:
                    slot = (slot + 1) & (size - 1)
                if held[slot] < 0:
                    held[slot] = text
                    weight_of[slot] = 0
                    used[n_used] = slot
                    n_used += 1
                weight_of[slot] += weight
                if 2 * n_used >= size:
                    size, held, weight_of, used = _wider(size, held, weight_of, used, n_used)
        scale = max(total, floor * rarest)
        # What is far below the least part that is kept is passed over without a division.
        least = np.float32(0)
        for number in range(n_used):
            slot = used[number]
            if weight_of[slot] < least:
                continue
            part = np.float32(weight_of[slot] / scale)
            text = slot if dense else held[slot]
            place = most
            while place > 0 and (
                part > shared[row, place - 1]
                or (part == shared[row, place - 1] and (best[row, place - 1] > text))
            ):
                place -= 1
            if place < most:
                for moved in range(most - 1, place, -1):
                    shared[row, moved] = shared[row, moved - 1]
                    best[row, moved] = best[row, moved - 1]
                shared[row, place] = part
                best[row, place] = text
                least = np.float32(_NEARLY * scale * shared[row, most - 1])
        for number in range(n_used):
            if dense:
                weight_of[used[number]] = 0
            else:
                held[used[number]] = -1
    return best, shared


@njit(cache=True)
def _wider(size: Any, held: Any, weight_of: Any, used: Any, n_used: Any) -> Any:
    """The same table with four times the room."""
    larger = 4 * size
    new_held = np.full(larger, -1, np.int64)
    new_weight = np.zeros(larger, np.float32)
    new_used = np.empty(larger, np.int64)
    for number in range(n_used):
        text = held[used[number]]
        slot = np.int64(mix(np.uint64(text)) & np.uint64(larger - 1))
        while new_held[slot] >= 0:
            slot = (slot + 1) & (larger - 1)
        new_held[slot] = text
        new_weight[slot] = weight_of[used[number]]
        new_used[number] = slot
    return larger, new_held, new_weight, new_used
