"""Compiled loops of the log index: windows, shingles, a blocked Bloom filter, look-ups.

The readable twin of the hashing stands in ``tests/reference/log_twin.py``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.features.hashes import GOLDEN
from provenance.features.kernels import N_STATISTICS, PUNCTUATION, extend, mix, put, read_tokens
from provenance.files.compiled import njit, prefetch

__all__ = [
    "BLOCK_WORDS",
    "COMMON",
    "add_keys",
    "block_of",
    "log_hashes",
    "look_up",
    "overlaps",
    "similar_texts",
]

COMMON: Final = 0xFFFFFFFF
"""Stands where a text's number would, for what too many answers have to be evidence."""

BLOCK_WORDS: Final = 8
_BITS_A_KEY: Final = 6
_TABLE_SIZE: Final = 0x20000
_DENSE: Final = 1 << 22
_AHEAD: Final = 8
"""Shingles whose buckets, in no near cache, are asked for ahead; a round figure, not tuned."""
_NEARLY: Final = 0.999
"""Weights in this proportion differ by more than rounding; a round figure."""
_FULL: Final = 32
_LONGEST_RUN: Final = 4096
_WINDOW: Final = 11
_SHINGLE: Final = 12
_LARGEST: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True)
def _window_hashes(words: Any, n_words: Any, window: Any, salt: Any, out: Any) -> Any:
    """Hash of every run of `window` words; of the whole where it is shorter."""
    length = min(window, n_words)
    if length == 0:
        return 0
    leaving = np.uint64(1)
    for _ in range(length - 1):
        leaving *= GOLDEN
    state = np.uint64(0)
    for position in range(length):
        state = state * GOLDEN + words[position]
    out[0] = mix(state ^ salt)
    for first in range(1, n_words - length + 1):
        state = (state - words[first - 1] * leaving) * GOLDEN + words[first + length - 1]
        out[first] = mix(state ^ salt)
    return n_words - length + 1


@njit(cache=True)
def _shingle_hashes(words: Any, n_words: Any, out: Any) -> Any:
    """Half of the pairs of words that are neighbours or have one word between them."""
    n = 0
    for first in range(n_words - 1):
        for gap in range(1, 3):
            if first + gap < n_words:
                state = extend(extend(np.uint64(_SHINGLE + gap), words[first]), words[first + gap])
                # Which half, the hash alone decides, so that both sides keep the same.
                if state & np.uint64(1):
                    out[n] = state
                    n += 1
    return n


@njit(cache=True, inline="always")
def _holds(ordered: Any, size: Any, value: Any) -> Any:
    low = 0
    high = size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < size and ordered[low] == value


@njit(cache=True)
def _minima(hashes: Any, n: Any, span: Any, chosen: Any) -> Any:
    """Winnowing: the rightmost smallest of every `span` neighbours; excluded ones are largest."""
    n_chosen = 0
    last = -1
    for first in range(max(1, n - span + 1) if n > 0 else 0):
        end = min(n, first + span)
        if last >= first and hashes[end - 1] > hashes[last]:
            continue
        if last >= first and end - 1 != last and hashes[end - 1] <= hashes[last]:
            last = end - 1
        elif last < first:
            last = first
            for place in range(first + 1, end):
                if hashes[place] <= hashes[last]:
                    last = place
        else:
            continue
        if hashes[last] != _LARGEST:
            chosen[n_chosen] = last
            n_chosen += 1
    return n_chosen


@njit(cache=True)
def _ascending(hashes: Any, n: Any, out: Any, ends: Any) -> Any:
    """Sort `n` hashes into `out`: by their highest bits, then by insertion, as they are even.

    ``ends`` has room for twice as many numbers. Where a bucket is full, as of text that repeats
    itself, it is numpy that sorts.
    """
    bits = 1
    while 1 << bits < n:
        bits += 1
    shift = np.uint64(64 - bits)
    ends[: (1 << bits) + 1] = 0
    for number in range(n):
        ends[np.int64(hashes[number] >> shift)] += 1
    total = 0
    for bucket in range(1 << bits):
        size = ends[bucket]
        if size > _FULL:
            put(out, np.int64(0), hashes, n)
            out[:n].sort()
            return
        ends[bucket] = total
        total += size
    for number in range(n):
        value = hashes[number]
        slot = np.int64(value >> shift)
        out[ends[slot]] = value
        ends[slot] += 1
    for number in range(1, n):
        value = out[number]
        place = number
        while place > 0 and out[place - 1] > value:
            out[place] = out[place - 1]
            place -= 1
        out[place] = value


@njit(cache=True, nogil=True)
def log_hashes(
    code_points: Any,
    bounds: Any,
    prompts: Any,
    prompt_bounds: Any,
    classes: Any,
    canonical: Any,
    window: Any,
    span: Any,
    fewest: Any,
) -> Any:
    """Hashes of the windows and shingles of some texts, less those that their prompts hold.

    Parameters
    ----------
    code_points, prompts : ndarray of uint32
        Texts, and what each answers, one behind the other.
    bounds, prompt_bounds : ndarray of int64, shape (n_texts + 1,)
    window : int
        Words of a window; a text that has fewer, but `fewest`, is one window.
    span : int
        Of so many neighbouring windows one is kept at least, and the first and the last of a
        text; 1 keeps all.
    fewest : int
        Texts of fewer words have no windows and no shingles.

    Returns
    -------
    tokens : ndarray of int32, shape (n_texts,)
        Words and punctuation marks.
    starts, ends : ndarray of int32, shape (sum of tokens,)
        Where they stand in their text, as code points.
    window_bounds : ndarray of int64, shape (n_texts + 1,)
    windows : ndarray of uint64
    places : ndarray of int32
        First token of each window.
    shingle_bounds : ndarray of int64, shape (n_texts + 1,)
    shingles : ndarray of uint64
        Distinct and ascending in each text; of words alone, without punctuation.
    """
    n_texts = len(bounds) - 1
    longest = 0
    for row in range(n_texts):
        longest = max(longest, bounds[row + 1] - bounds[row])
        longest = max(longest, prompt_bounds[row + 1] - prompt_bounds[row])
    words = np.empty(longest + 1, np.uint64)
    asked = np.empty(longest + 1, np.uint64)
    plain = np.empty(longest + 1, np.uint64)
    shapes = np.empty(longest + 1, np.uint64)
    first = np.empty(longest + 1, np.int32)
    last = np.empty(longest + 1, np.int32)
    hashes = np.empty(2 * longest + 1, np.uint64)
    own_windows = np.empty(longest + 1, np.uint64)
    own_shingles = np.empty(2 * longest + 1, np.uint64)
    chosen = np.empty(longest + 1, np.int64)
    ordered = np.empty(2 * longest + 1, np.uint64)
    ends_of = np.empty(4 * longest + 4, np.int64)
    stats = np.zeros(N_STATISTICS, np.float32)
    size = len(code_points) + 1
    tokens = np.zeros(n_texts, np.int32)
    starts = np.empty(size, np.int32)
    ends = np.empty(size, np.int32)
    windows = np.empty(size, np.uint64)
    places = np.empty(size, np.int32)
    shingles = np.empty(2 * size, np.uint64)
    window_bounds = np.zeros(n_texts + 1, np.int64)
    shingle_bounds = np.zeros(n_texts + 1, np.int64)
    salt = np.uint64(_WINDOW)
    n_tokens = 0
    n_windows = 0
    n_shingles = 0
    for row in range(n_texts):
        prompt = prompts[prompt_bounds[row] : prompt_bounds[row + 1]]
        n_prompt_windows = 0
        n_prompt_shingles = 0
        n_asked = 0
        if len(prompt) > 0:
            n_asked, _ = read_tokens(prompt, classes, canonical, asked, first, last, shapes, stats)
            n = _without_punctuation(asked, n_asked, prompt, first, classes, plain)
            n_prompt_shingles = _shingle_hashes(plain, n, own_shingles)
            own_shingles[:n_prompt_shingles].sort()
        text = code_points[bounds[row] : bounds[row + 1]]
        n, _ = read_tokens(text, classes, canonical, words, first, last, shapes, stats)
        tokens[row] = n
        put(starts, n_tokens, first, n)
        put(ends, n_tokens, last, n)
        n_tokens += n
        if n >= fewest:
            m = _window_hashes(words, n, window, salt, hashes)
            if n_asked >= min(window, n):
                n_prompt_windows = _window_hashes(asked, n_asked, min(window, n), salt, own_windows)
                own_windows[:n_prompt_windows].sort()
            if n_prompt_windows > 0:
                for place in range(m):
                    if _holds(own_windows, n_prompt_windows, hashes[place]):
                        hashes[place] = _LARGEST
            if span > 1:
                n_chosen = _minima(hashes, m, span, chosen)
                # The ends too, so that a copy of the whole is one run from end to end.
                if n_chosen > 0 and chosen[0] > 0 and hashes[0] != _LARGEST:
                    windows[n_windows] = hashes[0]
                    places[n_windows] = 0
                    n_windows += 1
                for number in range(n_chosen):
                    windows[n_windows] = hashes[chosen[number]]
                    places[n_windows] = chosen[number]
                    n_windows += 1
                if n_chosen > 0 and chosen[n_chosen - 1] < m - 1 and hashes[m - 1] != _LARGEST:
                    windows[n_windows] = hashes[m - 1]
                    places[n_windows] = m - 1
                    n_windows += 1
            else:
                for place in range(m):
                    if hashes[place] == _LARGEST:
                        continue
                    windows[n_windows] = hashes[place]
                    places[n_windows] = place
                    n_windows += 1
            n = _without_punctuation(words, n, text, first, classes, plain)
            m = _shingle_hashes(plain, n, hashes)
            _ascending(hashes, m, ordered, ends_of)
            for place in range(m):
                if place > 0 and ordered[place] == ordered[place - 1]:
                    continue
                if _holds(own_shingles, n_prompt_shingles, ordered[place]):
                    continue
                shingles[n_shingles] = ordered[place]
                n_shingles += 1
        window_bounds[row + 1] = n_windows
        shingle_bounds[row + 1] = n_shingles
    return (
        tokens,
        starts[:n_tokens].copy(),
        ends[:n_tokens].copy(),
        window_bounds,
        windows[:n_windows].copy(),
        places[:n_windows].copy(),
        shingle_bounds,
        shingles[:n_shingles].copy(),
    )


@njit(cache=True)
def _without_punctuation(
    words: Any, n_words: Any, text: Any, starts: Any, classes: Any, out: Any
) -> Any:
    n = 0
    for position in range(n_words):
        code = text[starts[position]]
        if code < _TABLE_SIZE and classes[code] == PUNCTUATION:
            continue
        out[n] = words[position]
        n += 1
    return n


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
