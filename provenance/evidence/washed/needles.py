"""Which of some short texts stand in a long one: all are looked for in one pass (Aho–Corasick)."""

from __future__ import annotations

import functools
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.files.compiled import njit

__all__ = ["MOST_NEEDLES", "present"]

MOST_NEEDLES = 64
"""Bits of a number, of which each needle has one."""


def present(needles: tuple[str, ...], text: str) -> int:
    """The needles that stand in a text, as bits: the first of them is 1.

    Parameters
    ----------
    needles : tuple of str
        At most `MOST_NEEDLES`, none of them empty.
    text : str

    Examples
    --------
    >>> bin(present(("he", "she", "hers"), "ushers"))
    '0b111'
    """
    follow, ends = _automaton(needles)
    return int(_pass(np.frombuffer(text.encode("utf-8", "replace"), np.uint8), follow, ends))


@functools.lru_cache(maxsize=4)
def _automaton(needles: tuple[str, ...]) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
    """The state after each byte in each state, and the needles that end in each state."""
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
    return follow, np.array(ends, np.uint64)


@njit(cache=True)
def _pass(data: Any, follow: Any, ends: Any) -> Any:
    found = np.uint64(0)
    state = 0
    for byte in data:
        state = follow[state, byte]
        found |= ends[state]
    return found
