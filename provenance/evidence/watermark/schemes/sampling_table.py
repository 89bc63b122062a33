"""The table of random bits that transformers' SynthID-Text reads, and the law of what is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.layers import (
    MULTIPLIER,
    shifted_layers,
    state_layers,
    weighted_sums,
)
from provenance.evidence.watermark.schemes.mersenne import words

__all__ = ["layers_of_states", "patterns", "sampling_table", "table_sums"]


@lru_cache(maxsize=4)
def sampling_table(size: int, seed: int) -> NDArray[np.uint8]:
    """The bits, shape (size,)."""
    return (words(size, seed) & np.uint32(1)).astype(np.uint8)


@lru_cache(maxsize=4)
def layers_of_states(keys: tuple[int, ...], size: int, seed: int) -> NDArray[np.uint64]:
    """Packed layers of each hash modulo a size that is a power of two."""
    return state_layers(np.array(keys, np.int64), sampling_table(size, seed))


def _shifts(keys: tuple[int, ...], size: int) -> dict[tuple[int, ...], float]:
    """How far apart the layers read in the table, and the probability of each such pattern.

    The last round only adds a constant of its layer to a uniform word y. Modulo the size of the
    table these are shifts. They change where y + constant leaves 64 bits, once a layer at most,
    and not at all where the size is a power of two.
    """
    half = 1 << 63
    constants = [(key * MULTIPLIER + 1 + half) % (2 * half) - half for key in keys]
    cuts = {half - c if c >= 0 else -half - c for c in constants}
    edges = sorted({-half, half, *cuts})
    found: dict[tuple[int, ...], float] = {}
    for low, high in pairwise(edges):
        shifts = tuple((((low + c + half) % (2 * half)) - half - low) % size for c in constants)
        found[shifts] = found.get(shifts, 0.0) + (high - low) / (2 * half)
    return found


def patterns(
    keys: tuple[int, ...], size: int, seed: int
) -> Iterator[tuple[float, NDArray[np.uint64]]]:
    """Layers of every place in the table, and the probability of that pattern of shifts."""
    for shifts, chance in _shifts(keys, size).items():
        yield chance, shifted_layers(np.array(shifts), sampling_table(size, seed))


@lru_cache(maxsize=4)
def table_sums(
    keys: tuple[int, ...], size: int, seed: int, weights: tuple[int, ...]
) -> NDArray[np.float64]:
    """Law of the sum of the weights of the bits that a uniform hash reads from the table."""
    law = np.zeros(sum(weights) + 1)
    for chance, layers in patterns(keys, size, seed):
        sums = weighted_sums(layers, np.array(weights))
        law += chance * np.bincount(sums, minlength=len(law)) / len(layers)
    return law
