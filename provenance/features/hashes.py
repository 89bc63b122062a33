"""Hashes of texts and of numbers, each written once."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["GOLDEN", "MIX_A", "MIX_B", "bytes_hash", "label_hash", "lots", "mix64", "text_hash"]

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio, odd: what SplitMix64 steps by (Steele, Lea and Flood 2014)."""

MIX_A: Final = np.uint64(0xBF58476D1CE4E5B9)
"""First factor of SplitMix64's finaliser: Stafford's thirteenth mix, as Steele et al. take it."""

MIX_B: Final = np.uint64(0x94D049BB133111EB)
"""Its second factor."""


def text_hash(text: str) -> int:
    """64 bits of BLAKE2b over the UTF-8 form of a text.

    Examples
    --------
    >>> text_hash("a") == text_hash("a"), text_hash("a") == text_hash("b")
    (True, False)
    """
    return bytes_hash(text.encode("utf-8", "replace"))


def label_hash(label: str) -> int:
    """The same of a prompt, a group or a domain, which several ask for and many rows share.

    Examples
    --------
    >>> label_hash("a") == text_hash("a")
    True
    """
    return _label_hash(label) if len(label) <= _LONGEST_LABEL else text_hash(label)


def bytes_hash(encoded: bytes) -> int:
    """The same of the UTF-8 form itself.

    Examples
    --------
    >>> bytes_hash(b"a") == text_hash("a")
    True
    """
    return int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little")


def lots(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A draw by chance: those with the smallest numbers, whatever order they come in.

    It is not the order of the hashes themselves, by which samples are kept.

    Examples
    --------
    >>> np.argsort(lots(np.arange(5, dtype=np.uint64))).tolist()
    [2, 0, 3, 1, 4]
    """
    mixed: NDArray[np.uint64] = mix64(mix64(hashes) + np.uint64(1))
    return mixed


def mix64(value: Any) -> Any:
    """The finaliser of SplitMix64: a bijection of 64-bit words (Steele, Lea and Flood 2014).

    Parameters
    ----------
    value : ndarray of uint64, or one word in a compiled loop

    Examples
    --------
    >>> [hex(word) for word in mix64(np.array([0, 1], np.uint64)).tolist()]
    ['0x0', '0x5692161d100b05e5']
    """
    value = (value ^ (value >> np.uint64(30))) * MIX_A
    value = (value ^ (value >> np.uint64(27))) * MIX_B
    return value ^ (value >> np.uint64(31))


_LONGEST_LABEL: Final = 2048
_MOST_LABELS: Final = 4096
"""Of those that are remembered; with the characters of each a bound on memory, not tuned."""
_label_hash: Final = lru_cache(maxsize=_MOST_LABELS)(text_hash)
