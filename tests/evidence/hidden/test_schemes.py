"""Random bits are not read as text."""

from __future__ import annotations

import math
import random

import pytest
from hidden_encoders import selectors

from provenance.evidence.hidden.schemes import chance, read_bits, read_stream

ZERO, ONE, JOINER = "\u200b", "\u200c", "\u200d"


@pytest.mark.slow
def test_random_bits_are_not_read_as_text() -> None:
    rng = random.Random(7)
    alphabets = (ZERO + ONE, ZERO + ONE + JOINER)
    streams = ["".join(rng.choices(alphabets[n % 2], k=8 * (2 + n % 9))) for n in range(2000)]
    assert [s for s in streams if read_stream("zero_width", s) is not None] == []
    data = [selectors(rng.randbytes(3 + n % 12)) for n in range(2000)]
    assert [d for d in data if read_stream("variation_selector", d) is not None] == []


@pytest.mark.parametrize("n_bits", [16, 24, 64])
def test_random_bits_have_chances_no_smaller_than_uniform_ones(n_bits: int) -> None:
    rng, n = random.Random(2), 8_000
    drawn = [format(rng.getrandbits(n_bits), f"0{n_bits}b") for _ in range(n)]
    for width in (7, 8, 16):
        read = [next(read_bits(bits, "binary", [width])) for bits in drawn]
        chances = [chance(item) for item in read if item is not None]
        for level in (0.001, 0.01, 0.1):
            n_small = sum(value <= level for value in chances)
            assert n_small <= n * level + 4 * math.sqrt(n * level)
