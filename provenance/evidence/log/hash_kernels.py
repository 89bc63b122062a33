"""Compiled loops of the log index: the windows and shingles of a text, as hashes.

The readable twin stands in ``tests/reference/log_twin.py``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from provenance.features.hashes import GOLDEN
from provenance.features.kernels import N_STATISTICS, PUNCTUATION, extend, mix, put, read_tokens
from provenance.files.compiled import njit

__all__ = ["log_hashes"]

_TABLE_SIZE: Final = 0x20000
_FULL: Final = 32
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
