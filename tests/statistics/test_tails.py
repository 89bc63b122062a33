"""Tail probabilities against sums, quadrature and whole-number arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.special import gammaincc

from provenance.statistics.tails import (
    binomial_tail,
    critical_heads,
    gamma_tail,
    hypergeometric_tail,
    hypergeometric_tails,
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
