"""Shares add up and candidates keep theirs."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.share.mixture import adding_up


@pytest.mark.parametrize(
    ("alone", "candidates", "fitted", "expected"),
    [
        ([0.2, 0.6, 0.4], [0], [0.2, 0.5, 0.3], [0.2, 0.48, 0.32]),
        ([0.2, 0.0, 0.0], [0], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2]),
        ([0.0, 0.0], [0], [1.0, 0.0], [0.0, 1.0]),
        ([0.9, 0.9, 0.1], [0, 1], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]),
        ([0.2, 0.2], [0, 1], [0.5, 0.5], [0.5, 0.5]),
        ([0.0, 0.0], [0, 1], [0.7, 0.3], [0.7, 0.3]),
    ],
)
def test_shares_add_up_and_candidates_keep_theirs(
    alone: list[float], candidates: list[int], fitted: list[float], expected: list[float]
) -> None:
    found = adding_up(np.array(alone), candidates, np.array(fitted))
    assert found == pytest.approx(expected)
