"""Tails of sums of whole numbers against convolved laws and the binomial."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from provenance.statistics import lattice
from provenance.statistics.lattice import lattice_tail, lattice_tails
from provenance.statistics.tails import binomial_tail


def law(weights: NDArray[np.int64]) -> NDArray[np.float64]:
    found = np.ones(1)
    for weight in weights.tolist():
        found = np.convolve(found, [0.5, *[0.0] * (weight - 1), 0.5])
    return found


@pytest.mark.parametrize(
    ("depth", "n"),
    [*itertools.product([2, 4, 9], [1, 2, 5, 40]), (30, 1), (30, 2), (30, 5), (30, 12)],
)
def test_lattice(depth: int, n: int) -> None:
    one = law(10 * (depth - 1) - 9 * np.arange(depth))
    total = np.ones(1)
    for _ in range(n):
        total = np.convolve(total, one)
    tail = np.cumsum(total[::-1])[::-1]
    for value in np.linspace(0, len(total) - 1, 11).astype(int):
        if tail[value] > 1e-200 and 1 - tail[value] > 1e-14:
            found = lattice_tail(int(value), n, one)
            assert found == pytest.approx(math.log(tail[value]), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("n", [50, 3000, 10**6])
@pytest.mark.parametrize("distance", [-2.0, 0.0, 3.0, 8.0, 60.0])
def test_lattice_of_fair_bits(n: int, distance: float, monkeypatch: pytest.MonkeyPatch) -> None:
    value = round(15 * n + distance * math.sqrt(7.5 * n))
    exact = binomial_tail(value, 30 * n, 0.5)
    pmf = stats.binom.pmf(np.arange(31), 30, 0.5)
    assert lattice_tail(value, n, pmf) == pytest.approx(exact, rel=1e-9, abs=1e-9)
    monkeypatch.setattr(lattice, "_LARGEST_TRANSFORM", 0)
    assert lattice_tail(value, n, pmf) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_ends_of_a_lattice() -> None:
    pmf = np.array([0.0, 0.5, 0.0, 0.0, 0.5])  # 1 or 4
    assert lattice_tail(3, 3, pmf) == 0
    assert lattice_tail(4, 3, pmf) == pytest.approx(math.log(7 / 8))
    assert lattice_tail(12, 3, pmf) == pytest.approx(-3 * math.log(2))
    assert lattice_tail(13, 3, pmf) == -math.inf
    assert lattice_tail(7, 7, np.array([0.0, 1.0])) == 0


@pytest.mark.parametrize("n_points", [2, 3, 40])
@pytest.mark.parametrize("step", [1, 3])
def test_many_lattice_tails_are_those_of_one_at_a_time(n_points: int, step: int) -> None:
    rng = np.random.default_rng(n_points)
    pmf = np.zeros(step * (n_points - 1) + 1)
    pmf[::step] = rng.dirichlet(np.ones(n_points))
    mean = float(pmf @ np.arange(len(pmf)))
    ns = np.concatenate([np.arange(1, 9), rng.integers(9, 3000, 40)])
    values = np.rint(ns * mean + rng.normal(0, 3, len(ns)) * np.sqrt(ns)).astype(np.int64)
    values[-3:] = [0, ns[-2] * (len(pmf) - 1), ns[-1] * (len(pmf) - 1) + 1]
    found = np.exp(lattice_tails(values, ns, pmf))
    wanted = [math.exp(lattice_tail(int(v), int(n), pmf)) for v, n in zip(values, ns, strict=True)]
    assert found == pytest.approx(np.array(wanted), rel=1e-4, abs=1e-11)


@pytest.mark.parametrize("n", [8, 40, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("weights", [range(290, 20, -9), range(900, 600, -31)])
def test_far_tails_of_long_laws_are_near_the_exact_ones(n: int, weights: range) -> None:
    """Sums of weighted fair bits, from 6 standard deviations to the largest sum."""
    law = np.ones(1)
    for weight in weights:
        law = np.convolve(law, np.concatenate([[0.5], np.zeros(weight - 1), [0.5]]))
    points = np.arange(len(law))
    mean = float(law @ points)
    deviation = math.sqrt(float(law @ (points - mean) ** 2))
    most = n * (len(law) - 1)
    near = [round(n * mean + z * deviation * math.sqrt(n)) for z in (6.1, 9, 14)]
    values = np.array([value for value in near if value < most] + [most, most + 1])
    found = lattice_tails(values, np.full(len(values), n), law)
    exact = [lattice_tail(int(value), n, law) for value in values]
    assert found[-1] == exact[-1] == -math.inf
    assert found[:-1] == pytest.approx(exact[:-1], abs=0.03)
