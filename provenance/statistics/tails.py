"""Logarithms of upper tail probabilities, exact far beyond where a float underflows.

P[X >= x] throughout, in nats; none of them is an approximation by a normal law.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SMALLEST_P",
    "binomial_tail",
    "critical_heads",
    "gamma_tail",
    "hypergeometric_tail",
    "hypergeometric_tails",
    "root",
    "two_gamma_tail",
]

SMALLEST_P: Final = 2.3e-308
"""The least p-value that is told as a number, shortly above the least float64 of full precision
(2.23e-308, IEEE 754); its logarithm goes on."""


def critical_heads(tosses: int, log_level: float) -> int:
    """Fewest heads whose chance is at most the level; more than the tosses where none is.

    Examples
    --------
    >>> critical_heads(10, math.log(0.05)), critical_heads(4, math.log(0.05))
    (9, 5)
    """
    return bisect.bisect_left(
        range(tosses + 1), -log_level, key=lambda heads: -binomial_tail(heads, tosses, 0.5)
    )


_DIRECT = 1e-250
"""Above it the ready-made functions are exact; below it they near underflow."""
_NODES = 64
"""Nodes that an integral begins with; they are doubled until nothing changes."""
ABOUT = 1e-10
"""A path need not pass a saddle point exactly."""
_NEGLIGIBLE = 45.0
"""An integrand is followed until it is exp of this much smaller than its top."""


def _fraction(term: Callable[[int], tuple[float, float]], first: float) -> float:
    """A continued fraction first + a1/(b1 + a2/(b2 + ...)) by Lentz's method (Thompson 1986)."""
    value = c = first
    d = 0.0
    for number in range(1, 100_000):
        a, b = term(number)
        d = 1 / (b + a * d)
        c = b + a / c
        value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def binomial_tail(successes: int, trials: int, probability: float) -> float:
    """Logarithm of P[X >= successes] of a binomial variable: I_p(s, n - s + 1).

    Below underflow by the continued fraction of the incomplete beta function (DLMF 8.17.22).

    Examples
    --------
    >>> round(binomial_tail(3, 3, 0.5) / math.log(2), 6)
    -3.0
    """
    from scipy.special import betainc, betaln

    if successes <= 0 or probability >= 1:
        return 0.0
    if successes > trials or probability <= 0:
        return -math.inf
    a, b = float(successes), trials - successes + 1.0
    direct = float(betainc(a, b, probability))
    if direct > _DIRECT:
        return min(0.0, math.log(direct))

    def term(number: int) -> tuple[float, float]:
        m = number // 2
        if number % 2:
            return -(a + m) * (a + b + m) * probability / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
        return m * (b - m) * probability / ((a + 2 * m - 1) * (a + 2 * m)), 1.0

    scale = a * math.log(probability) + b * math.log1p(-probability) - math.log(a)
    return float(scale - betaln(a, b) - math.log(_fraction(term, 1.0)))


def gamma_tail(value: float, shape: float) -> float:
    """Logarithm of P[X >= value] of a Gamma(shape, 1) variable, Q(shape, value).

    Below underflow by the continued fraction of the incomplete gamma function (DLMF 8.9.2).

    Examples
    --------
    >>> round(gamma_tail(2000, 1), 6)
    -2000.0
    """
    from scipy.special import gammaincc

    if value <= 0 or shape <= 0:
        return 0.0 if value <= 0 else -math.inf
    direct = float(gammaincc(shape, value))
    if direct > _DIRECT:
        return min(0.0, math.log(direct))

    def term(number: int) -> tuple[float, float]:
        return number * (shape - number), value + 1 - shape + 2 * number

    scale = shape * math.log(value) - value - math.lgamma(shape)
    return scale - math.log(_fraction(term, value + 1 - shape))


def hypergeometric_tail(successes: int, draws: int, marked: int, population: int) -> float:
    """Logarithm of P[X >= successes] where X of the draws without replacement are marked.

    Examples
    --------
    >>> round(math.exp(hypergeometric_tail(2, 2, 2, 4)), 6)
    0.166667
    """
    return float(hypergeometric_tails(np.array([successes]), draws, marked, population)[0])


def hypergeometric_tails(
    successes: NDArray[np.int64],
    draws: NDArray[np.int64] | int,
    marked: NDArray[np.int64] | int,
    population: int,
) -> NDArray[np.float64]:
    """The same for many at once, shape (n,).

    Near underflow by the sum of the law's terms.

    Parameters
    ----------
    successes : ndarray of int64, shape (n,)
    draws, marked : int, or ndarray of int64, shape (n,)
    population : int

    Examples
    --------
    >>> np.exp(hypergeometric_tails(np.array([0, 1]), 1, np.array([5, 2]), 8)).tolist()
    [1.0, 0.25]
    """
    from scipy.stats import hypergeom

    every = np.broadcast_arrays(successes, draws, marked)
    # Above its range scipy's gives nan where nothing is drawn or marked.
    possible = every[0] <= np.minimum(every[1], every[2])
    direct = hypergeom.sf(every[0] - 1, population, every[2], every[1])
    direct = np.where(every[0] <= 0, 1.0, np.where(possible, direct, 0.0))
    logs: NDArray[np.float64] = np.log(np.clip(direct, _DIRECT, 1.0))
    for at in np.flatnonzero(direct <= _DIRECT).tolist():
        hits, drawn, n_marked = (int(part[at]) for part in every)
        logs[at] = _hypergeometric_sum(hits, drawn, n_marked, population)
    return logs


def _hypergeometric_sum(successes: int, draws: int, marked: int, population: int) -> float:
    from scipy.special import gammaln, logsumexp

    most = min(draws, marked)
    if successes > most:
        return -math.inf

    def choose(n: int, k: Any) -> NDArray[np.float64]:
        result: NDArray[np.float64] = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return result

    hits = np.arange(successes, most + 1)
    terms = choose(marked, hits) + choose(population - marked, draws - hits)
    return min(0.0, float(logsumexp(terms) - choose(population, draws)))


def root(slope: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function crosses 0 between two ends, about, by bisection."""
    for _ in range(200):
        if high - low <= ABOUT * high:
            break
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return (low + high) / 2


def _integral(log_integrand: Callable[[NDArray[np.float64]], NDArray[np.complex128]]) -> float:
    """Logarithm of the real part of the integral over t >= 0 of what falls off from t = 0.

    The trapezoid rule converges geometrically on an analytic integrand (Trefethen and Weideman
    2014); the step is halved until nothing changes.
    """
    top = float(log_integrand(np.zeros(1))[0].real)
    end = 1.0
    while float(log_integrand(np.array([end]))[0].real) > top - _NEGLIGIBLE and end < 1e12:
        end *= 1.5
    while float(log_integrand(np.array([end / 1.5]))[0].real) < top - _NEGLIGIBLE:
        end /= 1.5
    before = math.nan
    nodes = _NODES
    while True:
        at = np.linspace(0, end, nodes + 1)
        values = np.exp(log_integrand(at) - top).real
        found = float((values.sum() - values[0] / 2) * end / nodes)
        if abs(found - before) <= 1e-12 * abs(found) or nodes > 1 << 17:
            return top + math.log(found)
        before, nodes = found, 2 * nodes


def two_gamma_tail(value: float, shape: float, scales: tuple[float, float]) -> float:
    """Logarithm of P[c X + d Y >= value], X and Y independent Gamma(shape, 1), c and d the scales.

    Inversion of the moment-generating function along a parabola that bends round its poles: exact
    to about ten digits, where matching two moments is off by orders of magnitude in the tail.

    Examples
    --------
    >>> round(two_gamma_tail(3.0, 1, (1.0, 1.0)), 6) == round(gamma_tail(3.0, 2), 6)
    True
    """
    small, large = sorted(scales)
    if value < shape * (small + large) - 12 * large * math.sqrt(2 * shape):
        return 0.0
    if small == 0:
        return gamma_tail(value / large, shape)
    if value <= 0 or shape <= 0:
        return 0.0 if value <= 0 else -math.inf

    def log_integrand(z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        result: NDArray[np.complex128] = (
            -shape * (np.log(1 - small * z) + np.log(1 - large * z)) - z * value - np.log(z)
        )
        return result

    def slope(z: float) -> float:
        return shape * (small / (1 - small * z) + large / (1 - large * z)) - value - 1 / z

    saddle = root(slope, 0.0, 1 / large)
    poles = (small / (1 - small * saddle), large / (1 - large * saddle))
    second = shape * sum(pole**2 for pole in poles) + saddle**-2
    third = 2 * shape * sum(pole**3 for pole in poles) - 2 * saddle**-3
    # The path of steepest descent bends by third / (6 second); it must bend round the poles.
    bend = max(third / (6 * second), 0.1 / (saddle * math.sqrt(1 + shape)))
    width = 1 / math.sqrt(second)

    def along(t: NDArray[np.float64]) -> NDArray[np.complex128]:
        step = width * t
        path = saddle + bend * step**2 + 1j * step
        derivative = width * (1 - 2j * bend * step)
        result: NDArray[np.complex128] = log_integrand(path) + np.log(derivative)
        return result

    return min(0.0, _integral(along) - math.log(math.pi))
