"""The table that transformers draws bits from is no fair coin, and its law is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from provenance import detect_watermark
from provenance.evidence.watermark import make_scheme
from provenance.evidence.watermark.schemes.synthid import SynthidHf


def test_the_table_of_transformers_is_no_fair_coin() -> None:
    """A binomial law of fair bits would cry wolf; the enumerated law of the table does not."""
    rng = np.random.default_rng(7)
    ids = rng.integers(0, 50_000, 200_000)
    params: dict[str, Any] = {"keys": list(range(100, 130)), "statistic": "mean"}
    for seed in (2, 3, 4):
        found = detect_watermark(ids, scheme="synthid_hf", sampling_table_seed=seed, **params)
        made = make_scheme("synthid_hf", {**params, "sampling_table_seed": seed})
        assert isinstance(made, SynthidHf)
        law = made._lattice()
        mean = law @ np.arange(31)
        deviation = np.sqrt(law @ (np.arange(31) - mean) ** 2)
        z = (found.statistic * 30 - mean) / deviation * np.sqrt(found.n_scored)
        assert abs(z) < 3.5
        assert found.p_value == pytest.approx(stats.norm.sf(z), abs=0.02)
        naive = (found.statistic - 0.5) * np.sqrt(4 * 30 * found.n_scored)
        assert abs(naive) > 4


@pytest.mark.parametrize("statistic", ["mean", "weighted_mean", "bayesian"])
@pytest.mark.parametrize("size", [256, 96, 101])
def test_the_law_of_a_table_by_simulation(statistic: str, size: int) -> None:
    """Uniform hashes of n-grams: the mean and spread of scores are those of the exact law."""
    params: dict[str, Any] = {
        "keys": [3, 5, 8, 13, 21],
        "statistic": statistic,
        "sampling_table_size": size,
        "sampling_table_seed": 11,
        "beta": [-0.5] * 5,
        "delta": np.tril(np.ones((5, 5)), -1).tolist(),
    }
    made: Any = make_scheme("synthid_hf", params)
    states = np.random.default_rng(8).integers(-(1 << 63), 1 << 63, 100_000).view(np.uint64)
    draws: Any = type("Hashes", (), {"states": states})
    scores, _ = made.values(None, draws, np.arange(len(states)))
    if statistic == "bayesian":
        ratios = np.exp(scores)
        error = 4 * ratios.std() / np.sqrt(len(ratios))
        assert ratios.mean() == pytest.approx(np.exp(made._expected_ratio), abs=error)
        return
    law = made._lattice()
    assert law.sum() == pytest.approx(1)
    sums = np.rint(scores * made.weights.sum()).astype(int)
    seen = np.bincount(sums, minlength=len(law)) / len(sums)
    assert np.abs(seen - law).max() < 5 * np.sqrt(law.max() / len(sums))
