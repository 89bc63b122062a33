"""Compiled sums over rows, by hand."""

from __future__ import annotations

import numpy as np

from provenance.share.kernels import add_influence


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
