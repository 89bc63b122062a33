"""What the loops of the log index compute, word by word; slow, and written to be read."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reference.features_twin import extend, kind, mix, read, token_hash

_64_BITS = (1 << 64) - 1
_BASE = 0x9E3779B97F4A7C15
_WINDOW, _SHINGLE = 11, 12
COMMON = 0xFFFFFFFF


def tokens(text: str) -> list[tuple[int, int, int]]:
    """Start, end and hash of each word and punctuation mark."""
    return [(start, end, token_hash(word)) for start, end, word in read(text).words]


def window_hashes(words: Sequence[int], window: int) -> list[int]:
    """Of every run of `window` words, or of all where they are fewer."""
    length = min(window, len(words))
    hashes = []
    for first in range(len(words) - length + 1 if words else 0):
        state = 0
        for word in words[first : first + length]:
            state = (state * _BASE + word) & _64_BITS
        hashes.append(mix(state ^ _WINDOW))
    return hashes


def winnowed(hashes: Sequence[int | None], span: int) -> list[int]:
    """Places of the rightmost smallest of every `span` neighbours; None is never chosen."""
    chosen = set()
    for first in range(max(1, len(hashes) - span + 1)):
        group = [
            (value, -place)
            for place, value in enumerate(hashes[first : first + span], first)
            if value is not None
        ]
        if group:
            chosen.add(-min(group)[1])
    return sorted(chosen)


def shingles(text: str) -> set[int]:
    """Pairs of words at most two apart, of which the hash keeps half."""
    words = [token_hash(w) for _, _, w in read(text).words if kind(w[0]) != "punctuation"]
    pairs = {
        extend(extend(_SHINGLE + gap, words[first]), words[first + gap])
        for gap in (1, 2)
        for first in range(len(words) - gap)
    }
    return {pair for pair in pairs if pair & 1}


@dataclass
class Hashed:
    """Of one text."""

    tokens: list[tuple[int, int, int]]
    windows: list[tuple[int, int]]
    shingles: list[int]


def hashed(text: str, prompt: str, window: int, span: int, fewest: int) -> Hashed:
    """Windows as (place, hash), less those of the prompt."""
    found = tokens(text)
    if len(found) < fewest:
        return Hashed(found, [], [])
    asked = [word for _, _, word in tokens(prompt)]
    length = min(window, len(found))
    own = set(window_hashes(asked, length)) if len(asked) >= length else set()
    hashes = window_hashes([word for _, _, word in found], window)
    left = [None if value in own else value for value in hashes]
    chosen = winnowed(left, span)
    if chosen:
        ends = {place for place in (0, len(left) - 1) if left[place] is not None}
        chosen = sorted({*chosen, *ends})
    windows = [(place, hashes[place]) for place in chosen]
    return Hashed(found, windows, sorted(shingles(text) - shingles(prompt)))


@dataclass
class Overlap:
    """Of one text: tokens covered, tokens discounted, and runs of covered tokens."""

    covered: int
    discounted: int
    runs: list[tuple[int, int]]


def overlap(n_tokens: int, windows: Sequence[tuple[int, bool, bool]], window: int) -> Overlap:
    """From place, evidence and common of each window; runs that touch are one."""
    length = min(window, n_tokens)
    covered: set[int] = set()
    common: set[int] = set()
    for place, is_evidence, is_common in windows:
        covered |= {*range(place, place + length)} if is_evidence else set()
        common |= {*range(place, place + length)} if is_common else set()
    runs: list[tuple[int, int]] = []
    for token in sorted(covered):
        if runs and runs[-1][1] == token:
            runs[-1] = (runs[-1][0], token + 1)
        else:
            runs.append((token, token + 1))
    return Overlap(len(covered), len(common - covered), runs)


def similar(
    document: Sequence[int],
    holders: dict[int, list[int]],
    n_texts: int,
    floor: float,
    most: int,
) -> list[tuple[int, float]]:
    """Texts that share most of the weight of a document's shingles; `holders` by shingle."""
    total = 0.0
    weight_of: dict[int, float] = defaultdict(float)
    for shingle in document:
        texts = holders.get(shingle, [])
        if COMMON in texts:
            continue
        weight = math.log((n_texts + 1) / max(1, len(texts)))
        if weight <= 0:
            continue
        total += weight
        for text in texts:
            weight_of[text] += weight
    scale = max(total, floor * math.log(n_texts + 1))
    shared = [(text, weight / scale) for text, weight in weight_of.items()]
    return sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:most]
