"""Which of some short texts stand in long ones: all are looked for in one pass (Aho–Corasick)."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_bytes
from provenance.files.compiled import njit

__all__ = ["MOST_NEEDLES", "present"]

MOST_NEEDLES = 64
"""Bits of a number, of which each needle has one."""


def present(needles: tuple[str, ...], texts: Sequence[str]) -> NDArray[np.uint64]:
    """The needles that stand in each text in letters of any case, as bits: the first of them is 1.

    Only letters of ASCII are alike in both cases.

    Parameters
    ----------
    needles : tuple of str
        At most `MOST_NEEDLES`, in small letters, none of them empty.
    texts : sequence of str

    Returns
    -------
    ndarray of uint64, shape (n_texts,)

    Examples
    --------
    >>> present(("he", "she", "hers"), ["ushers", "Hens"]).tolist()
    [7, 1]
    """
    return _passes(*joined_bytes(texts), *_automaton(needles))  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=4)
def _automaton(
    needles: tuple[str, ...],
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint64]]:
    """The kind of each byte, the state after each kind in each state, the needles that end there.

    All bytes of no needle are of one kind: the smaller the table, the nearer it is kept.
    """
    children: list[dict[int, int]] = [{}]
    ends = [0]
    for number, needle in enumerate(needles):
        state = 0
        for byte in needle.encode():
            if byte not in children[state]:
                children[state][byte] = len(children)
                children.append({})
                ends.append(0)
            state = children[state][byte]
        ends[state] |= 1 << number
    follow = np.zeros((len(children), 256), np.int32)
    for byte, child in children[0].items():
        follow[0, byte] = child
    # Breadth first: what a state falls back to is shorter, and done.
    waiting = deque((child, 0) for child in children[0].values())
    while waiting:
        state, shorter = waiting.popleft()
        ends[state] |= ends[shorter]
        follow[state] = follow[shorter]
        for byte, child in children[state].items():
            waiting.append((child, int(follow[shorter, byte])))
            follow[state, byte] = child
    capital, small = slice(ord("A"), ord("Z") + 1), slice(ord("a"), ord("z") + 1)
    follow[:, capital] = follow[:, small]
    first, kind = np.unique(follow, axis=1, return_index=True, return_inverse=True)[1:]
    return kind.astype(np.uint8), follow[:, first], np.array(ends, np.uint64)


@njit(cache=True)
def _passes(data: Any, bounds: Any, kinds: Any, follow: Any, ends: Any) -> Any:
    found = np.zeros(len(bounds) - 1, np.uint64)
    for text in range(len(found)):
        state, seen = np.uint64(0), np.uint64(0)
        for byte in data[bounds[text] : bounds[text + 1]]:
            state = np.uint64(follow[state, kinds[byte]])
            seen |= ends[state]
        found[text] = seen
    return found
