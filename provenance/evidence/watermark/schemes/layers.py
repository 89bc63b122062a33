"""SynthID-Text's layers of one n-gram: hashes to bits, and bits to scores.

Bits of a position stand packed, layer d in bit d modulo 64 of word d // 64.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.compiled import njit

__all__ = [
    "MULTIPLIER",
    "google_layers",
    "hashes",
    "likelihood_ratios",
    "shifted_layers",
    "state_layers",
    "table_layers",
    "unpacked_layers",
    "weighted_sums",
]

MULTIPLIER: Final = 6364136223846793005
_MULTIPLIER: Final = np.int64(MULTIPLIER)
_ROUND: Final = np.int64(MULTIPLIER + 1)
"""A round adds 1 before it multiplies and after: (x + 1) M + 1."""
_BLOCK: Final = 64


@njit(cache=True, inline="always")
def _accumulated(state: Any, value: Any) -> Any:
    return (state + value) * _MULTIPLIER + np.int64(1)


@njit(cache=True, nogil=True)
def hashes(ids: Any, bounds: Any, before: Any, length: Any, start: Any) -> Any:
    """Hash of the ``length`` ids from ``before`` ids in front of each position, int64, (n,)."""
    out = np.zeros(len(ids), np.int64)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document] + before, bounds[document + 1]):
            state = start
            for at in range(position - before, position - before + length):
                state = _accumulated(state, ids[at])
            out[position] = state
    return out


@njit(cache=True, nogil=True)
def google_layers(states: Any, keys: Any) -> Any:
    """Bit 30 of twelve more rounds with each key, uint64, shape (n, n_words)."""
    depth = len(keys)
    out = np.zeros((len(states), (depth + 63) // 64), np.uint64)
    values = np.empty(_BLOCK, np.int64)
    words = np.empty(_BLOCK, np.uint64)
    for begin in range(0, len(states), _BLOCK):
        part = states[begin : begin + _BLOCK]
        for word in range(out.shape[1]):
            words[:] = 0
            for layer in range(64 * word, min(depth, 64 * word + 64)):
                for i in range(len(part)):
                    values[i] = _accumulated(part[i], keys[layer])
                # A whole block side by side: rounds of one position wait for one another.
                for _ in range(12):
                    for i in range(_BLOCK):
                        values[i] = (values[i] * _MULTIPLIER + _ROUND) >> np.int64(5)
                for i in range(_BLOCK):
                    bit = np.uint64(values[i] >> np.int64(30)) & np.uint64(1)
                    words[i] |= bit << np.uint64(layer & 63)
            for i in range(len(part)):
                out[begin + i, word] = words[i]
    return out


@njit(cache=True, nogil=True)
def table_layers(states: Any, keys: Any, table: Any) -> Any:
    """A table's bit at each key's hash modulo its size, uint64, shape (n, n_words)."""
    depth = len(keys)
    size = np.int64(len(table))
    out = np.zeros((len(states), (depth + 63) // 64), np.uint64)
    for i in range(len(states)):
        for layer in range(depth):
            bit = np.uint64(table[_accumulated(states[i], keys[layer]) % size])
            out[i, layer >> 6] |= bit << np.uint64(layer & 63)
    return out


@njit(cache=True, nogil=True)
def shifted_layers(shifts: Any, table: Any) -> Any:
    """A table's bits at each of its places, each layer shifted, uint64, shape (size, n_words)."""
    depth = len(shifts)
    size = np.int64(len(table))
    out = np.zeros((size, (depth + 63) // 64), np.uint64)
    for layer in range(depth):
        place = shifts[layer]
        for i in range(size):
            out[i, layer >> 6] |= np.uint64(table[place]) << np.uint64(layer & 63)
            place += 1
            if place == size:
                place = 0
    return out


def state_layers(keys: NDArray[np.int64], table: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Layers of every n-gram hash modulo a power of two, which is all that such a table sees.

    Returns
    -------
    ndarray of uint64, shape (size, n_words)
    """
    result: NDArray[np.uint64] = table_layers(np.arange(len(table)), keys, table)
    return result


@njit(cache=True, nogil=True)
def _sums(layers: Any, lookup: Any) -> Any:
    out = np.empty(len(layers), np.int64)
    for i in range(len(layers)):
        total = np.int64(0)
        for part in range(len(lookup)):
            word = layers[i, part >> 3] >> np.uint64(8 * (part & 7))
            total += lookup[part, word & np.uint64(255)]
        out[i] = total
    return out


def weighted_sums(layers: NDArray[np.uint64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum of the weights of the layers whose bit is set, shape (n,).

    Parameters
    ----------
    layers : ndarray of uint64, shape (n, n_words)
    weights : ndarray of int64, shape (depth,)

    Examples
    --------
    >>> weighted_sums(np.array([[5]], np.uint64), np.array([1, 10, 100])).tolist()
    [101]
    """
    padded = np.zeros(8 * ((len(weights) + 7) // 8), np.int64)
    padded[: len(weights)] = weights
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    result: NDArray[np.int64] = _sums(layers, padded.reshape(-1, 8) @ bits.T)
    return result


@njit(cache=True, nogil=True)
def unpacked_layers(layers: Any, depth: Any) -> Any:
    """The first ``depth`` bits of each position, uint8, shape (n, depth)."""
    out = np.empty((len(layers), depth), np.uint8)
    for i in range(len(layers)):
        for layer in range(depth):
            out[i, layer] = (layers[i, layer >> 6] >> np.uint64(layer & 63)) & np.uint64(1)
    return out


@njit(cache=True, nogil=True)
def likelihood_ratios(layers: Any, beta: Any, delta: Any) -> Any:
    """Log-likelihood ratio of each position, float64, (n,), as the Bayesian detector has it.

    Layer l is a tie of two tokens with probability q, logistic in the layers before it, and has
    P(g) = ((g + 1/2) q + 1 - q) / 2 under the watermark, 1/2 without (Dathathri et al. 2024).
    """
    depth = len(beta)
    out = np.empty(len(layers))
    for i in range(len(layers)):
        total = 0.0
        for layer in range(depth):
            logit = beta[layer]
            for earlier in range(layer):
                bit = (layers[i, earlier >> 6] >> np.uint64(earlier & 63)) & np.uint64(1)
                if bit:
                    logit += delta[layer, earlier]
            q = 1 / (1 + np.exp(-logit))
            g = (layers[i, layer >> 6] >> np.uint64(layer & 63)) & np.uint64(1)
            total += np.log1p(0.5 * q if g else -0.5 * q)
        out[i] = total
    return out
