"""Scores become posteriors."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.scoring.views import Calibration


def test_calibrated_scores_are_posteriors() -> None:
    one = Calibration(
        *(np.zeros(1), np.ones(1), np.full(1, np.inf)),
        *(np.array([[-1.0], [1.0]]), np.zeros(2)),
    )
    found = np.exp(one.log_posteriors(np.array([[0.0], [2.0], [-500.0]], np.float32)))
    assert found[0] == pytest.approx([0.5, 0.5])
    assert found[1, 1] == pytest.approx(1 / (1 + np.exp(-4)))
    assert found.sum(axis=1) == pytest.approx(1)
    assert found[2].tolist() == [1.0, 0.0]
