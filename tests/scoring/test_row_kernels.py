"""Products of rows, which hang on the row alone."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.scoring.row_kernels import row_products


def test_products_by_hand() -> None:
    assert row_products(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0])).tolist() == [
        12.0,
        34.0,
    ]


@pytest.mark.parametrize("n_columns", [1, 2, 3, 7, 24, 48, 61])
def test_a_row_gives_the_same_wherever_it_stands(n_columns: int) -> None:
    rng = np.random.default_rng(n_columns)
    row, weights = rng.normal(size=n_columns), rng.normal(size=n_columns)
    for n_rows in (1, 5, 64, 1001):
        assert len({*row_products(np.tile(row, (n_rows, 1)), weights).tolist()}) == 1
