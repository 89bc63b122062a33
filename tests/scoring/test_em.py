"""Shares at fixed ratios: by hand, against a grid, by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_scores import random_ratios
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.scoring.scored import against


def likelihood(
    ratio: NDArray[np.float32], weight: NDArray[np.float64], shares: NDArray[np.float64]
) -> float:
    return float(weight @ np.log(np.maximum(np.exp(ratio.astype(np.float64)) @ shares, 1e-300)))


def test_two_kinds_of_document_by_hand() -> None:
    """Two thirds a-like: share a solves 2/3 0.9/(...) ..., worked out: 0.9 s + 0.1 (1-s) = 2/3."""
    ratio = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]], np.float32))
    found = mixture_shares(ratio, np.ones(3))
    assert found == pytest.approx([17 / 24, 7 / 24], abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n_sources", [2, 3])
def test_no_point_of_a_grid_is_likelier_than_the_fitted_shares(seed: int, n_sources: int) -> None:
    ratio = random_ratios(seed, 60, n_sources)
    weight = np.random.default_rng(seed).integers(1, 5, 60).astype(float)
    found = mixture_shares(ratio, weight)
    steps = np.linspace(0, 1, 41)
    grid = [np.array(point) for point in np.ndindex(*(len(steps),) * (n_sources - 1))]
    points = [np.append(steps[place], 1 - steps[place].sum()) for place in grid]
    best = max(likelihood(ratio, weight, point) for point in points if point[-1] >= 0)
    assert likelihood(ratio, weight, found) >= best - 1e-3


@pytest.mark.parametrize("n_sources", [2, 5, 48])
def test_the_fitted_shares_are_a_stationary_point(n_sources: int) -> None:
    """Karush, Kuhn and Tucker: gradients of used sources equal 1, of the others at most 1."""
    ratio = random_ratios(n_sources, 400, n_sources, spread=3)
    shares = mixture_shares(ratio, np.ones(400))
    density = np.exp(ratio.astype(np.float64))
    gradient = (density / (density @ shares)[:, None]).mean(axis=0)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert gradient.max() <= 1 + 5e-3
    assert gradient[shares > 0.01] == pytest.approx(1, abs=5e-3)


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 30))
def test_rows_may_come_in_any_order_and_as_weights(seed: int, n_sources: int, n_rows: int) -> None:
    ratio = random_ratios(seed, n_rows, n_sources)
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 4, n_rows).astype(np.float64)
    order = rng.permutation(int(weight.sum()))
    repeated = np.repeat(ratio, weight.astype(int), axis=0)[order]
    found = mixture_shares(repeated, np.ones(len(repeated)))
    expected = mixture_shares(ratio, weight)
    assert likelihood(ratio, weight, found) == pytest.approx(
        likelihood(ratio, weight, expected), abs=1e-4 * weight.sum()
    )


def test_extreme_ratios_stay_finite() -> None:
    ratio = np.array([[0.0, -900.0], [-900.0, 0.0]], np.float32)
    assert mixture_shares(ratio, np.ones(2)) == pytest.approx([0.5, 0.5])
    assert np.isfinite(against(ratio, 0, np.array([0.0, 1.0]))).all()
