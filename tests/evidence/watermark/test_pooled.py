"""Sums over all draws, or over a fair part of them."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.watermark.pooled import PooledSums, SquaredTotals


def test_sums_of_more_draws_than_can_be_held_are_of_a_fair_part() -> None:
    rng = np.random.default_rng(3)
    states = rng.integers(0, 1 << 63, 60_000).astype(np.uint64)
    values = rng.random(60_000)
    sums = PooledSums(5_000)
    for part in np.array_split(np.arange(60_000), 7):
        sums.add(states[part], values[part])
        sums.add(states[part], values[part])
    assert sums.kept == 1 / 16
    assert abs(sums.n - 60_000 / 16) < 5 * np.sqrt(60_000 / 16)
    assert abs(sums.total / sums.n - 0.5) < 0.03
    held = PooledSums(1 << 20)
    held.add(states, values)
    assert (held.n, held.kept) == (60_000, 1.0)
    assert held.total == pytest.approx(values.sum())


def test_squared_totals_are_about_right_in_little_memory() -> None:
    rng = np.random.default_rng(5)
    keys = np.concatenate([rng.integers(0, 1 << 62, 60_000), np.repeat(np.arange(1, 9), 5_000)])
    squared = SquaredTotals()
    for part in np.array_split(rng.permutation(keys).astype(np.uint64), 5):
        squared.add(part, np.ones(len(part)))
    exact = 60_000 + 8 * 5_000.0**2
    assert squared.total == pytest.approx(exact, rel=0.05)
    assert squared.largest == pytest.approx(5_000, rel=0.05)
