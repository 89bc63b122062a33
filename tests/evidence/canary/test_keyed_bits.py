"""Bits of a key: SipHash, fair, one for each number."""

from __future__ import annotations

import numpy as np

from provenance.evidence.canary.keyed_bits import keyed_bits, siphash

# bits and strings


def test_siphash_is_siphash() -> None:
    """The value that its authors publish: bytes 0 to 7 under a key of bytes 0 to 15."""
    message = np.array([int.from_bytes(bytes(range(8)), "little")], np.uint64)
    assert int(siphash(bytes(range(16)), message)[0]) == 0x93F5F5799A932462


def test_bits_are_fair_and_each_number_has_its_own() -> None:
    values = np.arange(100_000, dtype=np.uint64)
    one_key, other = (keyed_bits(bytes([n] * 16), values) for n in (1, 2))
    assert abs(one_key.mean() - 0.5) < 0.01
    assert abs((one_key == other).mean() - 0.5) < 0.01
    assert (keyed_bits(bytes([1] * 16), values[::-1])[::-1] == one_key).all()
    assert abs((one_key[1:] == one_key[:-1]).mean() - 0.5) < 0.01
