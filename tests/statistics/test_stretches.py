"""Rows drawn together are worth what their likeness says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.statistics.clusters import effective_number
from provenance.statistics.stretches import joined_by_likeness, likeness, runs


def alike(seed: int, n_stretches: int, size: int, within: float) -> NDArray[np.float64]:
    """Values whose intraclass correlation is 1 - within, shape (n_rows, 1)."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=n_stretches), size) * np.sqrt(1 - within)
    own = rng.normal(size=n_stretches * size) * np.sqrt(within)
    found: NDArray[np.float64] = (shared + own)[:, None]
    return found


@pytest.mark.parametrize("truth", [0.0, 0.05, 0.5])
def test_likeness_is_bounded_nine_times_in_ten(truth: float) -> None:
    stretch = np.repeat(np.arange(60), 20)
    found = [likeness(alike(seed, 60, 20, 1 - truth), stretch) for seed in range(300)]
    held = np.mean(np.array(found) >= truth)
    # 300 runs: three standard errors of a proportion of 0.9 are 0.052; at 0 all hold.
    assert held >= 0.9 - 0.052
    assert np.median(found) < truth + 0.14


@pytest.mark.parametrize("size", [2, 7, 50])
@pytest.mark.parametrize("alike", [0.0, 0.01, 0.3, 1.0])
def test_runs_are_worth_what_kish_says(size: int, alike: float) -> None:
    rng = np.random.default_rng(0)
    names = rng.integers(1, 1 << 63, 4000, np.uint64) * np.uint64(2)
    stretch = np.repeat(names, size)
    worth = effective_number(np.ones(len(stretch)), runs(stretch, alike))
    right = len(stretch) / (1 + (size - 1) * alike)
    # Runs that do not divide a stretch are uneven, and so worth a little less.
    assert 0.89 * right < worth < 1.02 * right


def test_rows_that_were_drawn_alone_are_never_joined() -> None:
    stretch = np.array([0] * 50 + [9] * 50, np.uint64)
    assert len(np.unique(runs(stretch, 1.0))) == 51


def test_clusters_stay_joined() -> None:
    stretch = np.repeat(np.arange(1, 51).astype(np.uint64), 4)
    cluster = np.arange(200) // 2
    found = joined_by_likeness(cluster, stretch, alike(0, 50, 4, 0.5))
    assert (found[::2] == found[1::2]).all()
    assert len(np.unique(found)) < 100


def test_one_stretch_alone_is_one_piece_of_evidence() -> None:
    stretch = np.full(30, 5, np.uint64)
    found = joined_by_likeness(np.arange(30), stretch, alike(0, 30, 1, 0.5))
    assert len(np.unique(found)) == 1
