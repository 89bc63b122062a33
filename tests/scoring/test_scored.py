"""Scored documents: means over passages, one source against others, parts of documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_scores import random_ratios

from provenance.scoring.scored import against, document_means, row_statistic, token_shares


def test_means_over_passages_by_hand() -> None:
    values = np.array([[1.0], [3.0], [5.0]], np.float32)
    found = document_means(values, np.array([0, 0, 2]), np.array([30, 10, 7]), 3)
    assert found[:, 0].tolist() == [1.5, 0.0, 5.0]


def test_parts_of_documents_by_hand() -> None:
    found = token_shares(np.array([0, 2, 2]), np.array([7, 1, 3]), 3)
    assert found.tolist() == [1.0, 0.25, 0.75]


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_a_ratio_against_others_is_that_of_the_densities(seed: int, n_sources: int) -> None:
    ratio = random_ratios(seed, 10, n_sources)
    others = np.random.default_rng(seed).dirichlet(np.ones(n_sources - 1))
    weights = np.insert(others, 1, 0.0)
    density = np.exp(ratio.astype(np.float64))
    expected = np.log(density[:, 1]) - np.log(np.delete(density, 1, axis=1) @ others)
    assert against(ratio, 1, weights) == pytest.approx(expected, abs=1e-4)


def test_for_two_sources_the_row_statistic_is_the_log_ratio() -> None:
    ratio = random_ratios(3, 10, 2)
    assert row_statistic(ratio, 0)[:, 0] == pytest.approx(ratio[:, 0] - ratio[:, 1], abs=3e-6)
