"""Tail probabilities against sums, quadrature and whole-number arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad
from scipy.special import gammaincc

from provenance.statistics import tails
from provenance.statistics.tails import (
    binomial_tail,
    critical_heads,
    gamma_tail,
    hypergeometric_tail,
    hypergeometric_tails,
    lattice_tail,
    lattice_tails,
    two_gamma_tail,
)


def log_fraction(value: Fraction) -> float:
    shift = value.denominator.bit_length() - value.numerator.bit_length()
    return math.log(float(value * 2**shift)) - shift * math.log(2)


@pytest.mark.parametrize(
    ("successes", "trials"), [(1, 1), (3, 10), (10, 10), (260, 1000), (600, 1000), (1500, 2000)]
)
def test_binomial(successes: int, trials: int) -> None:
    chance = Fraction(1, 4)
    exact = sum(
        math.comb(trials, hits) * chance**hits * (1 - chance) ** (trials - hits)
        for hits in range(successes, trials + 1)
    )
    found = binomial_tail(successes, trials, 0.25)
    assert found == pytest.approx(log_fraction(Fraction(exact)), rel=1e-12)


def test_ends_of_a_binomial() -> None:
    assert binomial_tail(0, 0, 0.5) == binomial_tail(0, 9, 0.5) == binomial_tail(9, 9, 1.0) == 0
    assert binomial_tail(3, 2, 0.5) == binomial_tail(1, 2, 0.0) == -math.inf
    assert binomial_tail(10**6, 10**6, 0.25) == pytest.approx(10**6 * math.log(0.25), rel=1e-9)


@pytest.mark.parametrize("shape", [1, 2, 7, 40])
@pytest.mark.parametrize("value", [0.5, 10.0, 100.0, 3000.0])
def test_gamma(shape: int, value: float) -> None:
    terms = [place * math.log(value) - math.lgamma(place + 1) for place in range(shape)]
    exact = float(np.logaddexp.reduce(terms)) - value
    assert gamma_tail(value, shape) == pytest.approx(exact, rel=1e-11, abs=1e-13)


def test_ends_of_a_gamma() -> None:
    assert gamma_tail(0.0, 3) == gamma_tail(0.0, 0) == two_gamma_tail(0.0, 0, (0.9, 0.1)) == 0
    assert gamma_tail(1.0, 0) == two_gamma_tail(1.0, 0, (0.9, 0.1)) == -math.inf


@pytest.mark.parametrize(("hits", "draws"), [(0, 0), (1, 1), (30, 100), (100, 100), (60, 145)])
def test_hypergeometric(hits: int, draws: int) -> None:
    exact = sum(
        Fraction(math.comb(300, found) * math.comb(700, draws - found), math.comb(1000, draws))
        for found in range(hits, draws + 1)
    )
    found = hypergeometric_tail(hits, draws, 300, 1000)
    assert found == pytest.approx(log_fraction(Fraction(exact)), abs=1e-9)
    assert hypergeometric_tail(draws + 1, draws, 300, 1000) == -math.inf


@pytest.mark.parametrize("hits", [330, 400, 420, 450, 499, 500])
def test_hypergeometric_near_and_below_underflow(hits: int) -> None:
    ways = sum(math.comb(500, k) * math.comb(9500, 2000 - k) for k in range(hits, 501))
    exact = log_fraction(Fraction(ways, math.comb(10_000, 2000)))
    assert hypergeometric_tail(hits, 2000, 500, 10_000) == pytest.approx(exact, rel=1e-10)


def test_hypergeometric_of_many_is_that_of_each() -> None:
    hits, marked = np.array([0, 0, 1, 2, 9, 200, 1]), np.array([0, 5, 5, 5, 5, 200, 0])
    each = [hypergeometric_tail(*pair, 1000) for pair in zip(hits, [400] * 7, marked, strict=True)]
    assert hypergeometric_tails(hits, 400, marked, 1000).tolist() == each
    assert each[:2] == [0.0, 0.0] and each[4] == each[6] == -math.inf
    assert hypergeometric_tails(np.array([0]), 0, np.array([0]), 0).tolist() == [0.0]


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.4999, 0.5, 0.9])
@pytest.mark.parametrize(
    ("value", "shape"), [(0.01, 1), (1.0, 1), (20.0, 1), (5.0, 7), (30.0, 7), (45.0, 50)]
)
def test_two_gammas(value: float, shape: int, alpha: float) -> None:
    second = stats.gamma(shape, scale=alpha)

    def part(y: float) -> float:
        return float(second.pdf(y) * gammaincc(shape, (value - y) / (1 - alpha)))

    inner = min(value, alpha * (shape + 60))
    exact = quad(part, 0, inner, limit=500, epsabs=0, epsrel=1e-10)[0]
    exact += quad(part, inner, value, limit=500, epsabs=0, epsrel=1e-10)[0] + second.sf(value)
    found = two_gamma_tail(value, shape, (1 - alpha, alpha))
    assert found == pytest.approx(math.log(exact), rel=1e-8, abs=1e-10)


def test_two_gammas_of_many_draws() -> None:
    assert two_gamma_tail(5.0, 3, (1.0, 0.0)) == gamma_tail(5.0, 3)
    assert two_gamma_tail(1e6, 1e6, (0.9, 0.1)) == pytest.approx(math.log(0.5), abs=1e-3)
    assert two_gamma_tail(0.9e6, 1e6, (0.9, 0.1)) == 0
    assert -700 < two_gamma_tail(1.03e6, 1e6, (0.9, 0.1)) < -500


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
    monkeypatch.setattr(tails, "_LARGEST_TRANSFORM", 0)
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


def heads_tail(heads: int, tosses: int) -> Fraction:
    """Chance of so many heads or more, as a fraction of whole numbers."""
    ways = sum(math.comb(tosses, k) for k in range(max(0, heads), tosses + 1))
    return Fraction(ways, 2**tosses)


def log(chance: Fraction) -> float:
    return math.log(chance.numerator) - math.log(chance.denominator)


@given(st.integers(0, 1500).flatmap(lambda n: st.tuples(st.integers(-1, n), st.just(n))))
def test_the_tail_of_a_fair_coin_is_exact(coin: tuple[int, int]) -> None:
    assert binomial_tail(*coin, 0.5) == pytest.approx(log(heads_tail(*coin)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("heads", [3000, 2800, 2450, 2440, 2300])
def test_a_tail_smaller_than_a_float_is_exact(heads: int) -> None:
    """2440 of 3000 is where the continued fraction takes over."""
    assert binomial_tail(heads, 3000, 0.5) == pytest.approx(log(heads_tail(heads, 3000)), rel=1e-9)


@given(st.integers(0, 200), st.floats(1e-30, 0.99))
def test_critical_heads_are_the_fewest(tosses: int, level: float) -> None:
    found = critical_heads(tosses, math.log(level))
    assert heads_tail(found, tosses) <= level * (1 + 1e-9)
    assert found == 0 or heads_tail(found - 1, tosses) > level * (1 - 1e-9)
