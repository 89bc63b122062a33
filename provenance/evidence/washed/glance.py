"""One pass over the bytes of many texts: which parts of phrases stand in them, which wrong words.

Hardly any text holds either, and then nothing else has to look at it. Parts are found by the
automaton of Aho and Corasick, words by a number made of their letters; both in one loop, as each
waits for what it made of the byte before.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_encoded
from provenance.features.hashes import GOLDEN
from provenance.features.number_sets import holds, number_set
from provenance.files.compiled import njit

__all__ = ["MOST_NEEDLES", "glance"]

MOST_NEEDLES: Final = 64
"""Bits of a number, of which each needle has one."""
_ENDS: Final = 1 << 31
"""Marks a state in which a needle ends."""
_LETTER_BITS: Final = 5
_LIKELY_BITS: Final = 18
"""Bits of a table of 32 KB, in the nearest cache, that tells nearly all words that are none."""
_ALL: Final = (1 << 64) - 1


def glance(
    texts: Sequence[str] | Sequence[bytes], needles: tuple[str, ...], words: frozenset[str]
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """What stands in each text, in letters of any case; only letters of ASCII are alike in both.

    Parameters
    ----------
    texts : sequence of str, or of bytes
        Bytes as UTF-8.
    needles : tuple of str
        At most `MOST_NEEDLES`, in small letters, none of them empty; those between ``/`` are one.
    words : frozenset of str
        Of small letters of ASCII.

    Returns
    -------
    found : ndarray of uint64, shape (n_texts,)
        The needles that stand in each text, as bits: the first of them is 1.
    may_hold : ndarray of bool, shape (n_texts,)
        Where a run of letters of ASCII may be one of the words: false is certain, and true nearly.

    Examples
    --------
    >>> found, may_hold = glance(["ushers", "Hens"], ("he", "she", "hers"), frozenset(["hens"]))
    >>> found.tolist(), may_hold.tolist()
    ([7, 1], [False, True])
    """
    encoded = [one.encode("utf-8", "replace") if isinstance(one, str) else one for one in texts]
    found: tuple[NDArray[np.uint64], NDArray[np.bool_]] = _glance(
        *joined_encoded(encoded), *_automaton(needles), *_table(words)
    )
    return found


@functools.lru_cache(maxsize=4)
def _automaton(
    needles: tuple[str, ...],
) -> tuple[NDArray[np.uint16], NDArray[np.uint32], NDArray[np.uint64]]:
    """The kind of each byte, the state after each kind in each state, the needles that end there.

    All bytes of no needle are of one kind: the smaller the table, the nearer it is kept. A state is
    told by where its row begins in the table.
    """
    children: list[dict[int, int]] = [{}]
    ends = [0]
    looked_for = [
        (number, needle) for number, group in enumerate(needles) for needle in group.split("/")
    ]
    for number, needle in looked_for:
        state = 0
        for byte in needle.encode():
            if byte not in children[state]:
                children[state][byte] = len(children)
                children.append({})
                ends.append(0)
            state = children[state][byte]
        ends[state] |= 1 << number
    follow = np.zeros((len(children), 256), np.int64)
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
    after = follow[:, first]
    table = after * len(first) + np.where(np.array(ends, np.uint64)[after] != 0, _ENDS, 0)
    return kind.astype(np.uint16), table.astype(np.uint32).ravel(), np.array(ends, np.uint64)


@functools.lru_cache(maxsize=4)
def _table(
    words: frozenset[str],
) -> tuple[NDArray[np.uint8], NDArray[np.uint64], np.uint64, np.uint64]:
    """Bits of the words, their set, and the least of them."""
    numbers = [_packed(word) for word in words]
    likely = np.zeros(1 << _LIKELY_BITS, np.uint8)
    for number in numbers:
        likely[(number * int(GOLDEN) & _ALL) >> (64 - _LIKELY_BITS)] = 1
    bits = np.packbits(likely, bitorder="little")
    return bits, *number_set(numbers), np.uint64(min(numbers, default=_ALL))


def _packed(word: str) -> int:
    """The last twelve letters of a word, and a part of the one before; it cannot be 0."""
    number = 0
    for letter in word.encode("ascii"):
        number = (number << _LETTER_BITS | (letter - ord("a") + 1)) & _ALL
    return number


@njit(cache=True, nogil=True)
def _glance(
    data: Any,
    bounds: Any,
    kinds: Any,
    follow: Any,
    ends: Any,
    likely: Any,
    words: Any,
    shift: Any,
    least: Any,
) -> Any:
    n_texts = len(bounds) - 1
    found, may_hold = np.zeros(n_texts, np.uint64), np.zeros(n_texts, np.bool_)
    n_kinds = np.uint64(len(follow) // len(ends))
    letter_bits, to_bit = np.uint64(_LETTER_BITS), np.uint64(64 - _LIKELY_BITS)
    ending, one, no_word = np.uint64(_ENDS), np.uint64(1), np.uint64(0)
    for text in range(n_texts):
        state, seen, word, may = np.uint64(0), np.uint64(0), no_word, False
        for at in range(np.uint64(bounds[text]), np.uint64(bounds[text + 1])):
            byte = data[at]
            state = np.uint64(follow[state + np.uint64(kinds[byte])])
            if state >= ending:
                state -= ending
                seen |= ends[state // n_kinds]
            letter = np.uint64(byte | 0x20) - np.uint64(96)
            if letter - one < np.uint64(26):
                word = (word << letter_bits) | letter
            else:
                if word >= least:
                    bit = (word * GOLDEN) >> to_bit
                    if (likely[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1:
                        may |= holds(words, shift, word)
                word = no_word
        found[text] = seen
        may_hold[text] = may or (word >= least and holds(words, shift, word))
    return found, may_hold
