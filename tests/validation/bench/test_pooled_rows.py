"""Lists of rows of made-up p-values: what is counted of them."""

from __future__ import annotations

import numpy as np

from provenance.validation.bench.pooled_rows import Rows, table


def rows(own: float, people: float) -> Rows:
    return Rows("m", "place/kind", True, np.full(200, own), np.full(200, people))


def test_a_list_is_all_true_all_false_or_empty() -> None:
    for one, expected in (
        (rows(0.001, 1.0), (0.0, 1.0, True)),
        (rows(0.001, 0.001), (0.5, 1.0, False)),
        (rows(0.9, 0.9), (0.0, 0.0, True)),
    ):
        assert [*one.corpora(0.5, 0)] == [expected] * 10


def test_the_worst_kind_is_named() -> None:
    *_, last = table({("m", True): [rows(0.001, 1.0), rows(0.001, 0.001)]})
    assert "| m | given | 2 | 50 % | 100 % | 25.0 % | 50.0 % (kind) | 10 of 20 |" in last
