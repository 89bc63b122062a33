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
    "lattice_tail",
    "lattice_tails",
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
_NOTHING = 1e-17
"""A term of a sum near 1 that is smaller changes no digit of it."""
_LARGEST_TRANSFORM = 1 << 20
"""Values of a law that are transformed at once, 16 MB; of more the tail is a contour's integral."""
_ABOUT = 1e-10
"""A path need not pass a saddle point exactly."""
_LONG_LAW = 1 << 15
"""Sums of so many values and more have far tails by the saddle point alone."""
_EXACT = 32
"""Turns on a circle that are multiplied up before one is computed again."""
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


def _root(slope: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function crosses 0 between two ends, about, by bisection."""
    for _ in range(200):
        if high - low <= _ABOUT * high:
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

    saddle = _root(slope, 0.0, 1 / large)
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


def lattice_tail(value: int, n: int, pmf: NDArray[np.float64]) -> float:
    """Logarithm of P[X1 + ... + Xn >= value], independent with P[Xi = j] = pmf[j].

    The law is tilted until ``value`` is its mean (Esscher 1932), and the generating function
    inverted on that circle: the relative error is that of rounding, however far the tail.

    Examples
    --------
    >>> round(lattice_tail(40, 40, np.array([0.5, 0.5])) / math.log(2), 6)
    -40.0
    """
    support = np.flatnonzero(pmf)
    gaps = support - support[0]
    step = max(1, int(np.gcd.reduce(gaps)))
    return _tail_of_sum(-((n * int(support[0]) - value) // step), n, gaps // step, pmf[support])


def lattice_tails(
    values: NDArray[np.int64], ns: NDArray[np.int64], pmf: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`lattice_tail` of many sums at once, each of its own length, shape (len(values),).

    One transform serves all lengths up to twice the least. Where a tail is below 1e-8, or lies
    beyond 6 standard deviations, it is `lattice_tail`'s, or of a long law within three hundredths
    of it.

    Examples
    --------
    >>> coin = np.array([0.5, 0.5])
    >>> np.exp(lattice_tails(np.array([1, 2]), np.array([2, 2]), coin)).round(9).tolist()
    [0.75, 0.25]
    """
    out = np.zeros(len(values))
    octaves = np.frexp(ns)[1]
    for octave in np.unique(octaves).tolist():
        at = np.flatnonzero((octaves == octave) & (ns > 0))
        if len(at):
            out[at] = _tails_of_octave(values[at], ns[at], pmf)
    return out


def _tails_of_octave(
    values: NDArray[np.int64], ns: NDArray[np.int64], pmf: NDArray[np.float64]
) -> NDArray[np.float64]:
    points = np.arange(len(pmf))
    mean = float(pmf @ points)
    deviations = np.sqrt(ns * float(pmf @ (points - mean) ** 2))
    scores = (values - ns * mean) / np.maximum(deviations, 1e-300)
    # A window of 14 deviations from the value on, in a period of 28: 8 deviations to either side
    # of the mean nothing is left that could be missed or counted twice.
    window = math.ceil(14 * float(deviations.max())) + 1
    period = 2 * window
    characteristic = np.fft.rfft(np.bincount(points % period, pmf, period))
    seen = np.flatnonzero(np.abs(characteristic) ** int(ns.min()) > _NOTHING)
    angles = 2 * np.pi * seen / period
    sums = np.full(len(seen), window, np.complex128)
    moved = seen > 0
    turn = np.exp(1j * angles[moved])
    sums[moved] = (1 - np.exp(1j * angles[moved] * window)) / (1 - turn)
    # The transform has the conjugate of the characteristic function.
    sums *= np.where((seen == 0) | (2 * seen == period), 1.0, 2.0) / period
    found = np.empty(len(values))
    for part in np.array_split(np.arange(len(values)), 1 + len(values) * len(seen) // (1 << 20)):
        terms = characteristic[seen] ** ns[part, None] * sums
        turned = np.exp(1j * np.outer(values[part] % period, angles))
        found[part] = (terms * turned).real.sum(axis=1)
    exact = (found < 1e-8) | (scores > 6)
    logs = np.log(np.clip(found, 1e-300, 1.0))
    logs[scores < -6] = 0.0
    exact &= scores >= -6
    far = exact & (ns * len(pmf) > _LONG_LAW)
    if far.any():
        logs[far] = _saddlepoint_tails(values[far], ns[far], pmf)
    for number in np.flatnonzero(exact & ~far).tolist():
        logs[number] = lattice_tail(int(values[number]), int(ns[number]), pmf)
    return logs


def _saddlepoint_tails(
    values: NDArray[np.int64], ns: NDArray[np.int64], pmf: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Far tails of long laws to within three hundredths (Lugannani and Rice 1980; Daniels 1987)."""
    support = np.flatnonzero(pmf)
    gaps = support - support[0]
    step = max(1, int(np.gcd.reduce(gaps)))
    points = (gaps // step).astype(np.float64)
    goals = -((ns * int(support[0]) - values) // step)
    logs = np.where(goals > ns * points[-1], -math.inf, ns * math.log(pmf[support[-1]]))
    inner = np.flatnonzero(goals < ns * points[-1])
    for part in np.array_split(inner, 1 + len(inner) * len(points) // (1 << 20)):
        logs[part] = _lugannani_rice(goals[part] / ns[part], ns[part], points, pmf[support])
    return np.minimum(0.0, logs)


def _lugannani_rice(
    means: NDArray[np.float64],
    ns: NDArray[np.int64],
    points: NDArray[np.float64],
    masses: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The same of sums with these means above the law's own, in steps of 1."""
    from scipy.special import erfcx

    log_masses = np.log(masses)

    def tilted(
        theta: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        terms = log_masses + theta[:, None] * points
        top = terms.max(axis=1)
        weights = np.exp(terms - top[:, None])
        total = weights.sum(axis=1)
        mean = weights @ points / total
        return top + np.log(total), mean, weights @ points**2 / total - mean**2

    low, high = np.zeros(len(means)), np.full(len(means), np.inf)
    theta = np.zeros(len(means))
    for _ in range(200):
        cumulant, mean, variance = tilted(theta)
        low, high = np.where(mean < means, theta, low), np.where(mean < means, high, theta)
        newton = theta + (means - mean) / np.maximum(variance, 1e-300)
        halved = np.where(np.isinf(high), 2 * theta + 1e-3, (low + high) / 2)
        moved = np.where((newton > low) & (newton < high), newton, halved)
        done = bool(np.all(np.abs(moved - theta) <= _ABOUT * np.abs(theta)))
        theta = moved
        if done:
            break
    cumulant, _, variance = tilted(theta)
    rate = ns * (theta * means - cumulant)
    root = np.sqrt(2 * rate)
    mills = math.sqrt(math.pi / 2) * erfcx(root / math.sqrt(2))
    jump = -np.expm1(-theta) * np.sqrt(ns * variance)
    result: NDArray[np.float64] = (
        -rate - math.log(2 * math.pi) / 2 + np.log(mills - 1 / root + 1 / jump)
    )
    return result


def _tail_of_sum(
    value: int, n: int, points: NDArray[np.int64], masses: NDArray[np.float64]
) -> float:
    """The same where the values have 0 as the least and 1 as the greatest common divisor."""
    most = n * int(points[-1])
    if value <= 0:
        return 0.0
    if value > most:
        return -math.inf
    log_masses = np.log(masses / masses.sum())
    if value == most:
        return min(0.0, n * float(log_masses[-1]))

    def tilted(theta: float) -> tuple[float, NDArray[np.float64], float, float]:
        terms = log_masses + theta * points
        top = float(terms.max())
        weights = np.exp(terms - top)
        total = float(weights.sum())
        weights /= total
        mean = float(weights @ points)
        deviation = math.sqrt(n * float(weights @ (points - mean) ** 2))
        return top + math.log(total), weights, n * mean, deviation

    _, _, mean, deviation = tilted(0.0)
    if value < mean - 12 * deviation:
        return 0.0
    saddle, high = 0.0, 1 / float(points[-1])
    if value > mean:
        while tilted(high)[2] < value and high < 1e4:
            high *= 2
        saddle = _root(lambda theta: tilted(theta)[2] - value, 0.0, high)
    theta = max(saddle, 1 / max(deviation, 1.0))
    cumulant, weights, _, deviation = tilted(theta)
    invert = _by_transform if most < _LARGEST_TRANSFORM else _by_contour
    held = invert(value, n, points, weights, theta, deviation)
    return min(0.0, n * cumulant - theta * value + math.log(held))


def _by_transform(
    value: int,
    n: int,
    points: NDArray[np.int64],
    weights: NDArray[np.float64],
    theta: float,
    deviation: float,
) -> float:
    """Sum over x >= value of the tilted law of the sum times exp(theta (value - x))."""
    from scipy.fft import next_fast_len

    size = n * int(points[-1]) + 1
    # A length of small factors is transformed several times as fast; what it adds is zeros.
    length = next_fast_len(size, real=True)
    law = np.fft.irfft(np.fft.rfft(np.bincount(points, weights), length) ** n, length)[:size]
    return float(law[value:] @ np.exp(-theta * np.arange(size - value)))


def _by_contour(
    value: int,
    n: int,
    points: NDArray[np.int64],
    weights: NDArray[np.float64],
    theta: float,
    deviation: float,
) -> float:
    """The same sum for a long law, from the part of the circle where there is anything."""
    # What lies a period away is counted too: this long, nothing is left of it.
    period = math.ceil(30 * deviation + 50 / theta + 64)
    n_steps = 1 + int(min(0.5, _reach(points, weights, n, deviation)) * period)
    characteristic = np.empty(n_steps, np.complex128)
    turned, turn = weights.astype(np.complex128), np.exp(2j * np.pi * points / period)
    for step in range(n_steps):
        if step % _EXACT == 0:
            turned = weights * np.exp(2j * np.pi * (step * points % period) / period)
        characteristic[step] = turned.sum()
        turned *= turn
    steps = np.arange(n_steps)
    angle = 2 * np.pi * steps / period
    terms = characteristic**n * np.exp(-1j * angle * value) / (1 - np.exp(-theta - 1j * angle))
    return float(terms.real @ np.where((steps == 0) | (2 * steps == period), 1.0, 2.0)) / period


def _reach(
    points: NDArray[np.int64], weights: NDArray[np.float64], n: int, deviation: float
) -> float:
    """Part of the circle beyond which the characteristic function to the power n is nothing."""
    size = 1 << (8 * int(points[-1]) + 8).bit_length()
    modulus = np.abs(np.fft.rfft(np.bincount(points, weights), size))
    seen = np.flatnonzero(modulus > math.exp(-60 / n))
    return 3 / deviation if len(seen) == 1 else float(seen[-1] + 2) / size
