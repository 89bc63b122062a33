"""When p-values of many keys are too small to be uniform."""

from __future__ import annotations

import numpy as np

from provenance.evidence.watermark.verdict import surplus_of_small


def test_small_p_values_are_told_from_uniform_and_large_ones() -> None:
    uniform = np.linspace(0.001, 1, 200)
    assert surplus_of_small(uniform) > 0.5
    assert surplus_of_small(np.sqrt(uniform)) > 0.9
    assert surplus_of_small(uniform**2) < 1e-4
