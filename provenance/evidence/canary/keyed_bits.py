"""A keyed bit of each of many 64-bit numbers: SipHash-2-4 (Aumasson and Bernstein 2012).

A pseudorandom function that is computed on whole arrays: without the key, nobody can tell its bits
from tosses of a coin. About 0.1 microseconds a bit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["keyed_bits", "siphash"]

Words = NDArray[np.uint64]
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_PIECE: Final = 1 << 14


def keyed_bits(key: bytes, values: Words) -> NDArray[np.bool_]:
    """One bit a value, from the first 16 bytes of a key.

    Examples
    --------
    >>> keyed_bits(bytes(16), np.arange(8, dtype=np.uint64)).astype(int).tolist()
    [1, 0, 1, 0, 0, 0, 1, 0]
    """
    bits = np.empty(len(values), np.bool_)
    for start in range(0, len(values), _PIECE):  # small enough for a processor's cache
        piece = slice(start, start + _PIECE)
        bits[piece] = siphash(key, values[piece]) & np.uint64(1)
    return bits


def siphash(key: bytes, values: Words) -> Words:
    """SipHash-2-4 of each value as 8 bytes, little end first."""
    halves = [int.from_bytes(key[start : start + 8], "little") for start in (0, 8)]
    v = [np.full(len(values), start ^ halves[n % 2], np.uint64) for n, start in enumerate(_START)]
    length = np.uint64(8 << 56)
    for block in (values, length):
        v[3] ^= block
        _rounds(v, 2)
        v[0] ^= block
    v[2] ^= np.uint64(0xFF)
    _rounds(v, 4)
    result: Words = v[0] ^ v[1] ^ v[2] ^ v[3]
    return result


def _rounds(v: list[Words], count: int) -> None:
    for _ in range(count):
        _half(v, 0, 1, 13, 32)
        _half(v, 2, 3, 16, 0)
        _half(v, 0, 3, 21, 0)
        _half(v, 2, 1, 17, 32)


def _half(v: list[Words], a: int, b: int, turn: int, turn_sum: int) -> None:
    v[a] += v[b]
    v[b] = _turned(v[b], turn)
    v[b] ^= v[a]
    if turn_sum:
        v[a] = _turned(v[a], turn_sum)


def _turned(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))
