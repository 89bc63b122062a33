"""What the compiled watermark schemes compute, in plain Python integers, one idea a function."""

from __future__ import annotations

import functools
import hashlib
import math
import struct
from collections.abc import Sequence
from itertools import combinations

import numpy as np

_32_BITS = (1 << 32) - 1
_64_BITS = (1 << 64) - 1
TABLE_SIZE = 1_000_003


def wrapped(value: int) -> int:
    """An int64 as arithmetic on one leaves it."""
    value &= _64_BITS
    return value - (1 << 64) if value >> 63 else value


@functools.cache
def words(seed: int, n: int) -> list[int]:
    state = [seed & _32_BITS]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) & _32_BITS)
    out: list[int] = []
    while len(out) < n:
        for i in range(624):
            mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7FFFFFFF)
            state[i] = state[(i + 397) % 624] ^ mixed >> 1 ^ (0x9908B0DF if mixed & 1 else 0)
        for word in state:
            word ^= word >> 11
            word ^= word << 7 & 0x9D2C5680
            word ^= word << 15 & 0xEFC60000
            out.append(word ^ word >> 18)
    return out[:n]


@functools.cache
def permutation(n: int, seed: int) -> list[int]:
    found = list(range(n))
    for i, word in enumerate(words(seed, n - 1)):
        j = i + word % (n - i)
        found[i], found[j] = found[j], found[i]
    return found


def uniform(seed: int, token: int) -> float:
    whole_blocks = 624 * (token // 624 + 1)
    return (words(seed, whole_blocks)[token] & 0xFFFFFF) * 2.0**-24


def exponential(number: float) -> float:
    return -math.log1p(-number)


@functools.cache
def _table(seed: int) -> list[int]:
    # The generator is held to torch's by vectors; a table of a million steps is too slow here.
    drawn = np.random.RandomState(seed & _32_BITS)._bit_generator.random_raw(TABLE_SIZE - 1)
    found = list(range(TABLE_SIZE))
    for i, word in enumerate(drawn.tolist()):
        j = i + word % (TABLE_SIZE - i)
        found[i], found[j] = found[j], found[i]
    return found


def hashint(value: int, table_seed: int = 2971215073) -> int:
    return _table(table_seed)[wrapped(value) % TABLE_SIZE] + 1


def prf(name: str, key: int, w: Sequence[int], table_seed: int = 2971215073) -> int:
    """The value of a seeding function before it is reduced."""
    tabled = functools.partial(hashint, table_seed=table_seed)

    def product(values: Sequence[int]) -> int:
        return wrapped(math.prod(values))

    match name:
        case "additive":
            return key * sum(w)
        case "multiplicative":
            return key * product(w)
        case "minfunc":
            return key * min(w)
        case "simple_skip":
            return product([tabled(key * item) for item in w[::2]])
        case "skipgram":
            return tabled(key * w[0])
        case "anchored_skipgram":
            return product([tabled(key * w[0]), tabled(key * w[-1])])
        case "minhash":
            return min(tabled(key * item) for item in w)
        case "anchored_minhash":
            return min(wrapped(key * tabled(item) * tabled(w[-1])) for item in w)
        case "minskipgram":
            pairs = combinations(w, 2)
            return min(product([tabled(key * left), tabled(key * right)]) for left, right in pairs)
        case "noncomm":
            value = wrapped(key)
            for item in w:
                value = wrapped(value * tabled(value * item)) % (1 << 32)
            return value
        case "position":
            return wrapped(sum(key * item * (place + 1) for place, item in enumerate(w)))
    raise ValueError(name)


def seed_of(value: int) -> int:
    return value % _64_BITS & _32_BITS


def is_green(seed: int, token: int, vocab_size: int, size: int, first: bool = True) -> bool:
    place = permutation(vocab_size, seed & _32_BITS).index(token)
    return place < size if first else place >= vocab_size - size


def unigram_mask(vocab_size: int, gamma: float, key: int) -> list[bool]:
    size = int(gamma * vocab_size)
    mask = np.array([True] * size + [False] * (vocab_size - size))
    digest = hashlib.sha256(struct.pack("<q", key)).digest()
    np.random.default_rng(int.from_bytes(digest[:4], "little")).shuffle(mask)
    found: list[bool] = mask.tolist()
    return found


def chained(seed: int, salt: int, context: Sequence[int]) -> int:
    for item in context:
        seed = (seed * salt + item) % _64_BITS
    return seed


def philox(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            second >> 32 ^ c1 ^ k0,
            second & _32_BITS,
            first >> 32 ^ c3 ^ k1,
            first & _32_BITS,
        )
        k0, k1 = k0 + 0x9E3779B9 & _32_BITS, k1 + 0xBB67AE85 & _32_BITS
    return [c0, c1, c2, c3]


def vllm_uniform(key: int, width: int, before: Sequence[int], token: int) -> np.float32:
    """The uniform number of a token behind all ids that stand before it in its document."""
    context = ([-1] * width + list(before))[-width:]
    low, high = key & _32_BITS, key >> 32
    state = [0x574D4358, width, 0, 0]
    for offset in range(0, width, 4):
        block = [item & _32_BITS for item in context[offset : offset + 4]]
        block += [_32_BITS - number for number in range(len(block), 4)]
        counter = [left ^ right for left, right in zip(state, block, strict=True)]
        state = philox(counter, (low ^ offset, high))
    counter = [token >> 2, *state[:3]]
    word = philox(counter, (low ^ state[3], high ^ 0x574D544B))[token & 3]
    return np.float32(((word >> 8) + 1) / ((1 << 24) + 1))


def accumulated(state: int, value: int) -> int:
    return wrapped((state + value) * 6364136223846793005 + 1)


def google_bit(state: int, key: int) -> int:
    value = accumulated(state, wrapped(key))
    for _ in range(12):
        value = accumulated(value, 1) >> 5
    return value >> 30 & 1


def google_start(keys: Sequence[int]) -> int:
    data = b"".join(struct.pack("<q", wrapped(key)) for key in keys)
    return int.from_bytes(hashlib.sha256(data).digest(), "big") % ((1 << 63) - 1)


def table_bit(state: int, key: int, size: int, seed: int) -> int:
    return words(seed & _32_BITS, size)[accumulated(state, wrapped(key)) % size] & 1


def synthid_scored(
    ids: Sequence[int], start: int, ngram_len: int, history_size: int, eos: int | None
) -> dict[int, int]:
    """Position and n-gram hash of each target that a reference detector scores."""
    history = [0] * history_size
    found = {}
    for position in range(ngram_len - 1, len(ids)):
        context = start
        for item in ids[position - ngram_len + 1 : position]:
            context = accumulated(context, item)
        repeated = context in history
        history = [context, *history[:-1]]
        if not repeated and (eos is None or eos not in ids[: position + 1]):
            found[position] = accumulated(context, ids[position])
    return found
