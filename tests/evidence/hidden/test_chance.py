"""The chance of a reading is none that random bits have more often."""

from __future__ import annotations

import math
import random

import pytest

from provenance.evidence.hidden.chance import chance
from provenance.evidence.hidden.schemes import read_bits


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
