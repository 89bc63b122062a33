"""Likelihood ratios of unmarked text have mean 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.laws import (
    CoinLaw,
    ExponentialLaw,
    LatticeLaw,
    LikelihoodLaw,
)

NONE = np.zeros(1, np.int64)


@pytest.mark.parametrize("excess", [0.1, 0.5, 2.0, 50.0])
def test_ratios_of_a_coin_have_mean_one_and_less_after_red_tokens(excess: float) -> None:
    law = CoinLaw(25, 100)
    for before in (0, 10, 75, 90):
        green, red = (
            float(law.ratios(np.array([value]), np.array([before]), excess)[0])
            for value in (1.0, 0.0)
        )
        chance = min(1.0, 25 / (100 - before))
        assert chance * math.exp(green) + (1 - chance) * math.exp(red) <= 1 + 1e-12
    green, red = (float(law.ratios(np.array([v]), NONE, excess)[0]) for v in (1.0, 0.0))
    assert 0.25 * math.exp(green) + 0.75 * math.exp(red) == pytest.approx(1)


@pytest.mark.parametrize("excess", [0.1, 1.0, 30.0])
def test_ratios_of_sums_of_bits_have_mean_one(excess: float) -> None:
    masses = np.array([0.1, 0.0, 0.5, 0.4])
    law = LatticeLaw(masses, 0.5)
    points: NDArray[np.float64] = np.arange(4, dtype=np.float64) * np.float64(0.5)
    ratios = np.exp(law.ratios(points, np.zeros(4, np.int64), excess))
    assert float(masses @ ratios) == pytest.approx(1)
    mean, deviation = law.moments
    tilted = float(masses @ (ratios * points))
    wanted = min(mean + excess * deviation, mean + 0.95 * (law.largest - mean))
    assert tilted == pytest.approx(wanted)


@pytest.mark.parametrize("scales", [(1.0,), (0.9, 0.1), (1.0, 0.0)])
def test_ratios_of_exponential_scores_have_mean_one(scales: tuple[float, ...]) -> None:
    law = ExponentialLaw(scales)
    rng = np.random.default_rng(1)
    scores = sum(scale * rng.exponential(size=400_000) for scale in scales)
    assert isinstance(scores, np.ndarray)
    # An excess of a third keeps the variance of the ratios finite.
    ratios = np.exp(law.ratios(scores, np.zeros(len(scores), np.int64), 1 / 3))
    assert ratios.mean() == pytest.approx(1, abs=4 * ratios.std() / math.sqrt(len(ratios)))


def test_scores_that_are_ratios_stay_as_they_are() -> None:
    law = LikelihoodLaw(0.25)
    assert law.ratios(np.array([1.0]), NONE, 9.0).tolist() == [0.75]
    assert law.moments is None
