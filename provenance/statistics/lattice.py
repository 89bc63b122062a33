"""Logarithms of upper tails of sums of independent whole numbers, however far out.

P[X1 + ... + Xn >= x] in nats, where each X has the same law on whole numbers from 0 on.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.tails import ABOUT, root

__all__ = ["lattice_tail", "lattice_tails"]

_NOTHING: Final = 1e-17
"""A term of a sum near 1 that is smaller changes no digit of it."""
_LARGEST_TRANSFORM: Final = 1 << 20
"""Values of a law that are transformed at once, 16 MB; of more the tail is a contour's integral."""
_LONG_LAW: Final = 1 << 15
"""Sums of so many values and more have far tails by the saddle point alone."""
_EXACT: Final = 32
"""Turns on a circle that are multiplied up before one is computed again."""


def lattice_tail(value: int, n: int, pmf: NDArray[np.float64]) -> float:
    """Logarithm of P[X1 + ... + Xn >= value], independent with P[Xi = j] = pmf[j].

    The law is tilted until ``value`` is its mean (Esscher 1932), and the generating function
    inverted on that circle: the relative error is that of rounding, however far the tail.

    Parameters
    ----------
    value : int
    n : int
        Terms of the sum, at least 1.
    pmf : ndarray of float64, shape (n_values,)
        Probabilities of 0, 1, 2 …; they add up to 1.

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
        done = bool(np.all(np.abs(moved - theta) <= ABOUT * np.abs(theta)))
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
        saddle = root(lambda theta: tilted(theta)[2] - value, 0.0, high)
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
