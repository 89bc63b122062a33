"""Weighted quantiles and components, against plain twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.statistics.clusters import connected, weighted_quantiles


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 5)), min_size=1, max_size=20),
    st.sampled_from([0.1, 0.25, 0.5, 0.9]),
)
def test_weighted_quantiles_are_those_of_repeated_values(
    pairs: list[tuple[int, int]], level: float
) -> None:
    values, weights = (np.array(column, float) for column in zip(*pairs, strict=True))
    repeated = np.repeat(values, weights.astype(int))
    expected = np.quantile(repeated, level, method="inverted_cdf")
    assert weighted_quantiles(values, weights, np.array([level])) == pytest.approx([expected])


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.data())
def test_components_are_those_of_a_plain_search(first: list[int], data: st.DataObject) -> None:
    n = len(first)
    second = data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    everywhere = np.arange(n)
    found = connected(n, [(everywhere, np.array(first)), (everywhere, np.array(second))])
    expected = list(range(n))
    for _ in range(n):
        for one in range(n):
            for other in range(n):
                if first[one] == first[other] or second[one] == second[other]:
                    expected[one] = expected[other] = min(expected[one], expected[other])
    assert found.tolist() == np.unique(expected, return_inverse=True)[1].tolist()


def test_nothing_joined_stands_alone() -> None:
    assert connected(3, []).tolist() == [0, 1, 2]
    assert connected(0, []).tolist() == []
