"""Random bits are not read as text."""

from __future__ import annotations

import random

import pytest
from hidden_encoders import selectors

from provenance.evidence.hidden.schemes import read_stream

ZERO, ONE, JOINER = "\u200b", "\u200c", "\u200d"


@pytest.mark.slow
def test_random_bits_are_not_read_as_text() -> None:
    rng = random.Random(7)
    alphabets = (ZERO + ONE, ZERO + ONE + JOINER)
    streams = ["".join(rng.choices(alphabets[n % 2], k=8 * (2 + n % 9))) for n in range(2000)]
    assert [s for s in streams if read_stream("zero_width", s) is not None] == []
    data = [selectors(rng.randbytes(3 + n % 12)) for n in range(2000)]
    assert [d for d in data if read_stream("variation_selector", d) is not None] == []
