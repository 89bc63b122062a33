"""Lengths at which many texts were cut."""

from __future__ import annotations

import math

import numpy as np
import pytest

from provenance.evidence.washed.lengths import is_cut, spike


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was the", True),
        ("It was.", False),
        ("He said “no”", False),
        ("```\ncode\n```\n", False),
        ("它是", True),
        ("它是。", False),
        ("", False),
        ("  \n", False),
    ],
)
def test_an_end_amid_a_sentence(text: str, expected: bool) -> None:
    assert is_cut(text) == expected


def test_by_hand() -> None:
    # Lengths from 32 to 110 are tried. Ten texts have 100 characters and ten are spread over the 20
    # other lengths from 90 to 110: each length is one of 21.
    lengths = np.zeros((20, 3), np.int64)
    lengths[:, 0] = [100] * 10 + [90, 92, 94, 96, 98, 102, 104, 106, 108, 110]
    found = spike(lengths)
    assert found is not None
    assert (found.measure, found.length, found.n_there, found.n_near) == ("characters", 100, 10, 20)
    tail = sum(math.comb(20, k) * 20 ** (20 - k) / 21**20 for k in range(10, 21))
    assert found.p_value == pytest.approx(79 * tail)


def test_nothing_that_was_cut_tells_nothing() -> None:
    assert spike(np.zeros((0, 3), np.int64)) is None
    assert spike(np.full((9, 3), 5)) is None


@pytest.mark.slow
def test_lengths_that_are_free_are_seldom_found() -> None:
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(300):
        free = rng.lognormal(6, 0.6, (400, 1)).astype(np.int64) + 1
        within = rng.integers(0, 5, (400, 2))
        one = spike(np.concatenate([free * 5 + within[:, :1], free, free + within[:, 1:]], axis=1))
        found += one is not None and one.p_value <= 0.05
    # 300 tries at 5 %: 15 or fewer, give or take.
    assert found <= 25
