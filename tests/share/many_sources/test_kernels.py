"""Compiled sums over rows, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import nnls

from provenance.share.many_sources.kernels import add_influence, nearest, write_moments

Floats = NDArray[np.float64]


def test_rows_add_their_distance_from_the_mean_of_their_origin() -> None:
    """Half of an origin of two rows in one place, a quarter of one of one row in two."""
    values = np.array([[1.0, 0.0], [3.0, 4.0], [9.0, 9.0], [5.0, 8.0]])
    means = np.array([[2.0, 2.0], [4.0, 4.0]])
    weight, place = np.array([0.5, 0.5, 7.0, 1.0]), np.array([0, 1, 1, 1])
    total = np.array([[0.0, 0.0], [10.0, 10.0]])
    starts = np.array([[0, 2], [3, 4]])
    add_influence(values, means, weight, place, starts, np.array([0.5, 0.25]), total)
    assert total.tolist() == [[-0.25, -0.5], [10.25 + 0.25, 10.5 + 1.0]]


def test_nothing_is_added_where_no_origin_is_used() -> None:
    total = np.ones((1, 2))
    none = np.zeros((0, 2))
    add_influence(
        np.ones((3, 2)),
        none,
        np.ones(3),
        np.zeros(3, np.int64),
        none.astype(np.int64),
        np.zeros(0),
        total,
    )
    assert total.tolist() == [[1.0, 1.0]]


def problems(seed: int, n_rows: int, n_columns: int) -> tuple[Floats, Floats]:
    """A problem, and four that are much alike."""
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n_columns, n_rows)) * rng.choice([0.1, 1, 5], n_columns)[:, None]
    near = columns + 0.01 * rng.normal(size=(5, n_columns, n_rows))
    shares = rng.dirichlet(np.full(n_columns, 0.2))
    return near, shares @ near + 0.1 * rng.normal(size=(5, n_rows))


def by_scipy(
    columns: Floats, target: Floats, held: NDArray[np.bool_], total: float
) -> tuple[Floats, float]:
    """The same with a library's least squares: the rows below say what shares add up to."""
    groups = np.ones((1, len(columns))) if total < 0 else np.stack([held, ~held]).astype(float)
    sums = np.ones(1) if total < 0 else np.array([total, 1 - total])
    heavy = 1e3 * np.sqrt((columns**2).sum(axis=1).max())
    found = nnls(np.vstack([columns.T, heavy * groups]), np.append(target, heavy * sums))[0]
    found *= groups.T @ (sums / np.maximum(groups @ found, 1e-300))
    return found, float(((found @ columns - target) ** 2).sum())


@pytest.mark.parametrize("total", [-1.0, 0.0, 0.3, 1.0])
@pytest.mark.parametrize(("n_rows", "n_columns"), [(3, 2), (20, 8), (61, 48), (10, 30)])
def test_nearest_shares_are_those_of_a_library(total: float, n_rows: int, n_columns: int) -> None:
    for seed in range(10):
        columns, targets = problems(seed, n_rows, n_columns)
        held = np.arange(n_columns) == seed % n_columns
        shares, distances = nearest(columns, targets, held, total)
        for place in range(5):
            found, distance = by_scipy(columns[place], targets[place], held, total)
            assert distances[place] == pytest.approx(distance, rel=1e-9, abs=1e-12)
            if n_rows > n_columns:
                assert shares[place] == pytest.approx(found, abs=1e-9)
        # Whatever a search begins with, it ends at the same shares.
        again = np.stack(
            [nearest(columns[[one]], targets[[one]], held, total)[1] for one in (4, 2)]
        )
        assert again[:, 0] == pytest.approx(distances[[4, 2]], rel=1e-9, abs=1e-12)


def test_columns_that_are_alike_share() -> None:
    """A column twice: any division of its share is as near, and one of them is found."""
    column = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    shares, distances = nearest(column[None], np.array([[0.7, 0.3]]), np.zeros(3, np.bool_), -1.0)
    assert shares[0, :2].sum() == pytest.approx(0.7)
    assert distances[0] == pytest.approx(0, abs=1e-9)


def test_columns_of_nothing_are_shares_still() -> None:
    shares, distances = nearest(np.zeros((1, 3, 4)), np.ones((1, 4)), np.zeros(3, np.bool_), -1.0)
    assert np.isfinite(shares).all()
    assert distances[0] == 4.0


def test_score_functions_and_bins_by_hand() -> None:
    """Of the last row and the first, of a mixture of half and half; one edge below, one above."""
    ratios = np.array([[1.0, 0.5], [9.0, 9.0], [0.25, 1.0]])
    values = np.zeros((2, 4))
    write_moments(
        ratios,
        np.array([2, 0]),
        np.array([0.5, 0.5]),
        np.array([1.0, 3.0]),
        np.array([1.0, 2.0]),
        values,
    )
    assert values.tolist() == [[0.4, 1.6, 0.0, 0.0], [1 / 0.75, 0.5 / 0.75, 1.0, 1.0]]
