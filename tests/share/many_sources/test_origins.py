"""The rows behind moments, beside sums that are written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.share.many_sources.origins import Influence, Origins, mixed


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_sums_over_rows_and_components(seed: int, has_empty: bool) -> None:
    rng = np.random.default_rng(seed)
    origin = rng.integers(0, 3, 40)
    n_origins = 5 if has_empty else int(origin.max()) + 1
    weight, component = rng.uniform(0.1, 1, 40), rng.integers(0, 15, 40) * 7
    values = rng.normal(size=(40, 4))
    origins, order = Origins.ordered(origin, weight, component, n_origins)
    ordered = values[order]
    means, squares = origins.sums(ordered)
    expected = np.zeros((n_origins, 100, 4))
    for one in range(n_origins):
        own = origin == one
        assert means[:, one] == pytest.approx(weight[own] @ values[own])
        assert squares[one] == pytest.approx((values[own].T * weight[own]) @ values[own])
        added = weight[own, None] * (values[own] - means[:, one])
        np.add.at(expected[one], component[own], added)
    shares = np.append(rng.dirichlet(np.ones(n_origins - 1)), 0.0)
    influence = Influence(origins, ordered, means)
    adds, total = influence.of_mixture(shares)
    names = np.unique(component)
    together = np.tensordot(shares, expected, 1)
    assert names[adds].tolist() == np.unique(component[shares[origin] > 0]).tolist()
    assert total == pytest.approx(together[names[adds]])
    chosen = np.array([n_origins - 1, 0])
    beside = [*influence.beside(shares, chosen)]
    for one, found in zip(chosen.tolist(), beside, strict=True):
        assert found == pytest.approx(expected[one].T @ together)


@pytest.mark.parametrize("shares", [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])
def test_arrays_are_mixed(shares: list[float]) -> None:
    parts = np.arange(12.0).reshape(3, 2, 2)
    assert mixed(np.array(shares), parts) == pytest.approx(np.tensordot(shares, parts, 1))


def test_how_far_answers_to_the_corpus_lie_from_the_others_by_hand() -> None:
    """Of the first origin half the weight lies at 1 and half at 3; of the last all was asked."""
    origin = np.array([1, 0, 0, 0, 2])
    weight = np.array([1.0, 0.5, 0.25, 0.25, 1.0])
    asked = np.array([False, True, False, False, True])
    values = np.array([[7.0], [1.0], [2.0], [4.0], [5.0]])
    origins, order = Origins.ordered(origin, weight, np.arange(5), 3, asked)
    assert origins.apart(values[order]).tolist() == [[-1.0], [0.0], [0.0]]
    bare, _ = Origins.ordered(origin, weight, np.arange(5), 3)
    assert not bare.apart(values[order]).any()


def test_rows_taken_again_know_what_they_answer() -> None:
    asked = np.array([True, False, True])
    origins, _ = Origins.ordered(np.array([0, 0, 1]), np.ones(3), np.arange(3), 2, asked)
    again = origins.taken(np.array([1, 2]), 2, 4)
    assert again.origin.tolist() == [0, 0, 1, 2, 3]
    assert again.component.tolist() == [0, 1, 2, 1, 2]
    assert again.asked is not None
    assert again.asked.tolist() == [True, False, True, False, True]
