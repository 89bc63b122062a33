"""torch's CPU generator without torch: MT19937, compiled, drawing only the words that are needed.

``manual_seed(s)`` keeps the low 32 bits of s; ``randperm`` is a forward Fisher–Yates shuffle of one
word a step, ``rand`` takes the low 24 bits of a word. All of it is held to draws of torch itself:
``tests/evidence/watermark/schemes/test_mersenne.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.compiled import njit

__all__ = ["green_tokens", "permutation", "uniforms", "words"]

N: Final = 624
_M: Final = 397
_LOW: Final = np.uint64(0xFFFFFFFF)
_FEW: Final = 2
"""Up to so many tokens of one seed are looked for one by one, each in a vectorised scan."""


@njit(cache=True)
def _seed(state: Any, seed: Any) -> None:
    word = np.uint32(seed)
    state[0] = word
    for i in range(1, N):
        word = np.uint32(
            np.uint32(1812433253) * np.uint32(word ^ (word >> np.uint32(30))) + np.uint32(i)
        )
        state[i] = word


@njit(cache=True, inline="always")
def _twisted(upper: Any, lower: Any, far: Any) -> Any:
    mixed = (upper & np.uint32(0x80000000)) | (lower & np.uint32(0x7FFFFFFF))
    odd = np.uint32(0) - (lower & np.uint32(1))
    return far ^ (mixed >> np.uint32(1)) ^ (odd & np.uint32(0x9908B0DF))


@njit(cache=True)
def _twist(old: Any, new: Any) -> None:
    """The next 624 words of state, in three stretches that read nothing they write."""
    for i in range(N - _M):
        new[i] = _twisted(old[i], old[i + 1], old[i + _M])
    first = new[: N - _M]
    for i in range(N - _M):
        new[i + N - _M] = _twisted(old[i + N - _M], old[i + N - _M + 1], first[i])
    second = new[N - _M :]
    for i in range(N - 1 - 2 * (N - _M)):
        at = i + 2 * (N - _M)
        new[at] = _twisted(old[at], old[at + 1], second[i])
    new[N - 1] = _twisted(old[N - 1], new[0], new[_M - 1])


@njit(cache=True, inline="always")
def _tempered(word: Any) -> Any:
    word = word ^ (word >> np.uint32(11))
    word = word ^ ((word << np.uint32(7)) & np.uint32(0x9D2C5680))
    word = word ^ ((word << np.uint32(15)) & np.uint32(0xEFC60000))
    return word ^ (word >> np.uint32(18))


@njit(cache=True, nogil=True)
def _permute(n: Any, seed: Any) -> Any:
    old = np.empty(N, np.uint32)
    new = np.empty(N, np.uint32)
    _seed(old, seed)
    result = np.arange(n)
    for i in range(n - 1):
        if i % N == 0:
            _twist(old, new)
            old, new = new, old
        j = i + np.int64(_tempered(old[i % N]) % np.uint32(n - i))
        held = result[i]
        result[i] = result[j]
        result[j] = held
    return result


def permutation(n: int, seed: int) -> NDArray[np.int64]:
    """``torch.randperm(n)`` after ``manual_seed(seed)`` on the CPU, shape (n,); n below 2**27.

    Examples
    --------
    >>> permutation(7, 0).tolist()
    [4, 0, 5, 3, 2, 6, 1]
    """
    result: NDArray[np.int64] = _permute(n, np.uint32(seed & 0xFFFFFFFF))
    return result


@njit(cache=True, nogil=True)
def _words(n: Any, seed: Any) -> Any:
    old = np.empty(N, np.uint32)
    new = np.empty(N, np.uint32)
    _seed(old, seed)
    out = np.empty(n, np.uint32)
    for i in range(n):
        if i % N == 0:
            _twist(old, new)
            old, new = new, old
        out[i] = _tempered(old[i % N])
    return out


def words(n: int, seed: int) -> NDArray[np.uint32]:
    """The first n words after ``manual_seed(seed)``, shape (n,); ``randint(0, 2)`` is the low bit.

    Examples
    --------
    >>> (words(4, 0) & 1).tolist()
    [0, 1, 1, 0]
    """
    result: NDArray[np.uint32] = _words(n, np.uint32(seed & 0xFFFFFFFF))
    return result


@lru_cache(maxsize=8)
def _divisors(
    vocab_size: int, steps: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """For the divisors V, V-1, ...: themselves, inverse of the odd part, its shift, last quotient.

    A word less a remainder is divisible where the product with the inverse, rotated, is at most
    the last quotient (Granlund and Montgomery 1994, section 9): no division in the scan.
    """
    divisor = (vocab_size - np.arange(steps)).astype(np.uint64)
    shift = np.zeros(steps, np.uint64)
    odd = divisor.copy()
    while (even := odd & np.uint64(1) == 0).any():
        odd[even] >>= np.uint64(1)
        shift[even] += np.uint64(1)
    inverse = odd.copy()
    for _ in range(5):  # Newton: 3 right bits, then twice as many each time
        inverse = inverse * (np.uint64(2) - odd * inverse) & _LOW
    last = _LOW // divisor
    return (
        divisor.astype(np.uint32),
        inverse.astype(np.uint32),
        shift.astype(np.uint32),
        last.astype(np.uint32),
    )


@njit(cache=True)
def _lands(words: Any, inverses: Any, shifts: Any, lasts: Any, ahead: Any) -> Any:
    """Whether one of some steps in a row swaps in what stands ``ahead`` of the first of them."""
    found = np.uint32(0)
    for at in range(len(words)):
        remainder = np.uint32(ahead - np.uint32(at))
        word = words[at]
        product = np.uint32(np.uint32(word - remainder) * inverses[at])
        right = shifts[at]
        left = np.uint32(np.uint32(0) - right) & np.uint32(31)
        turned = np.uint32(product >> right) | np.uint32(product << left)
        found |= np.uint32((turned <= lasts[at]) & (word >= remainder))
    return found != 0


@njit(cache=True)
def _find_few(state: Any, spare: Any, words: Any, tables: Any, places: Any, out: Any) -> None:
    """Follow each of a few tokens through the shuffle until it is swapped in, or steps end."""
    divisors, inverses, shifts, lasts = tables
    steps = len(divisors)
    n_open = len(places)
    for first in range(0, steps, N):
        if n_open == 0:
            return
        _twist(state, spare)
        state, spare = spare, state
        for i in range(N):
            words[i] = _tempered(state[i])
        end = min(N, steps - first)
        for token in range(len(places)):
            if out[token]:
                continue
            start = 0
            while True:
                # The token stands still until the step at its own place moves it up.
                still = min(end, max(start, places[token] - first))
                low, high = first + start, first + still
                if _lands(
                    words[start:still],
                    inverses[low:high],
                    shifts[low:high],
                    lasts[low:high],
                    np.uint32(places[token] - low),
                ):
                    out[token] = 1
                    n_open -= 1
                    break
                if still == end:
                    break
                step = first + still
                target = step + np.int64(words[still] % divisors[step])
                if target == step:
                    out[token] = 1
                    n_open -= 1
                    break
                places[token] = target
                start = still + 1


@njit(cache=True)
def _targets(words: Any, divisors: Any, quotients: Any, first: Any, targets: Any) -> None:
    """Where each of some steps in a row swaps to: the step plus word modulo divisor."""
    for at in range(len(divisors)):
        # The quotient from the product is right or one too small.
        quotient = np.uint32((np.uint64(words[at]) * np.uint64(quotients[at])) >> np.uint64(32))
        rest = np.uint32(words[at] - np.uint32(quotient * divisors[at]))
        rest = min(rest, np.uint32(rest - divisors[at]))
        targets[at] = np.uint32(first + np.uint32(at)) + rest


@njit(cache=True)
def _find_many(
    state: Any, spare: Any, words: Any, tables: Any, room: Any, places: Any, out: Any
) -> None:
    """The same for many tokens: ``held`` marks places where one stands, ``owner`` says which."""
    divisors, _, _, lasts = tables
    held, owner, targets = room
    steps = len(divisors)
    for token in range(len(places)):
        held[places[token]] = 1
        owner[places[token]] = token
    for first in range(0, steps, N):
        _twist(state, spare)
        state, spare = spare, state
        for i in range(N):
            words[i] = _tempered(state[i])
        end = min(N, steps - first)
        stop = first + end
        _targets(words, divisors[first:stop], lasts[first:stop], np.uint32(first), targets)
        for i in range(end):
            target = targets[i]
            if held[target]:
                out[owner[target]] = 1
                held[target] = 0
            step = np.uint32(first + i)
            if held[step]:  # not swapped in itself: that was cleared above
                held[step] = 0
                held[target] = 1
                owner[target] = owner[step]
    held[:] = 0


@njit(cache=True, nogil=True)
def _green(seeds: Any, tokens: Any, vocab_size: Any, tables: Any) -> Any:
    n = len(seeds)
    out = np.zeros(n, np.uint8)
    state = np.empty(N, np.uint32)
    spare = np.empty(N, np.uint32)
    words = np.empty(N, np.uint32)
    room = (
        np.zeros(vocab_size, np.uint8),
        np.zeros(vocab_size, np.int32),
        np.empty(N, np.uint32),
    )
    begin = 0
    while begin < n:
        end = begin + 1
        while end < n and seeds[end] == seeds[begin]:
            end += 1
        _seed(state, seeds[begin])
        places = tokens[begin:end].copy()
        if end - begin <= _FEW:
            _find_few(state, spare, words, tables, places, out[begin:end])
        else:
            _find_many(state, spare, words, tables, room, places, out[begin:end])
        begin = end
    return out


def green_tokens(
    seeds: NDArray[np.uint32], tokens: NDArray[np.int64], vocab_size: int, size: int
) -> NDArray[np.bool_]:
    """Whether each token stands among the first ``size`` of the permutation of its seed.

    Parameters
    ----------
    seeds : ndarray of uint32, shape (n,)
        Equal ones side by side: one shuffle serves them all.
    tokens : ndarray of int64, shape (n,)
        Below ``vocab_size``; no pair of seed and token twice.
    vocab_size : int
        Length of the permutation, below 2**27.
    size : int
        Length of the green list.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> green_tokens(np.zeros(7, np.uint32), np.arange(7), 7, 3).nonzero()[0].tolist()
    [0, 4, 5]
    """
    if size == vocab_size:
        return np.ones(len(tokens), np.bool_)
    tables = _divisors(vocab_size, size)
    result: NDArray[np.bool_] = _green(seeds, tokens, vocab_size, tables).view(np.bool_)
    return result


@njit(cache=True, nogil=True)
def _uniform(seeds: Any, tokens: Any) -> Any:
    n = len(seeds)
    out = np.empty(n, np.float32)
    old = np.empty(N, np.uint32)
    new = np.empty(N, np.uint32)
    begin = 0
    while begin < n:
        _seed(old, seeds[begin])
        block = -1
        position = begin
        while position < n and seeds[position] == seeds[begin]:
            while block < tokens[position] // N:
                _twist(old, new)
                old, new = new, old
                block += 1
            word = _tempered(old[tokens[position] % N])
            out[position] = np.float32(word & np.uint32(0xFFFFFF)) * np.float32(2.0**-24)
            position += 1
        begin = position
    return out


def uniforms(seeds: NDArray[np.uint32], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
    """Entry ``tokens[i]`` of ``torch.rand(n)`` after ``manual_seed(seeds[i])``, any n, shape (n,).

    Equal seeds stand side by side, their tokens ascending: one run of the generator serves them.

    Examples
    --------
    >>> uniforms(np.zeros(2, np.uint32), np.arange(2)).astype(float).round(4).tolist()
    [0.4963, 0.7682]
    """
    result: NDArray[np.float32] = _uniform(seeds, tokens)
    return result
