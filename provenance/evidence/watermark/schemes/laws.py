"""The law of one score under the null: its moments, its largest value, and likelihood ratios.

A likelihood ratio against one alternative is the law tilted until its mean is that of marked text
(Esscher 1932): its logarithm is ``theta * score - cumulant(theta)``, and its mean under the null
is 1, whatever the marked text is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.tails import gamma_tail

__all__ = [
    "CoinLaw",
    "ExponentialLaw",
    "ExponentialScores",
    "LatticeLaw",
    "LikelihoodLaw",
    "ScoreLaw",
]

_NEAR: Final = 0.95
"""The mean of a tilted law goes this far at most towards the largest score."""
_LARGEST_EXPONENTIAL: Final = 24 * math.log(2)
"""A uniform number has 24 bits, so that -log(1 - u) goes no further."""


class ScoreLaw(Protocol):
    """What one score of a scheme is like in text written without the key."""

    @property
    def moments(self) -> tuple[float, float] | None:
        """Mean and standard deviation, where they are known."""

    @property
    def largest(self) -> float:
        """No score is larger."""

    def ratios(
        self, scores: NDArray[np.float64], before: NDArray[np.int64], excess: float
    ) -> NDArray[np.float64]:
        """Logarithms of likelihood ratios, each of mean 1 at most given what stands before it.

        Parameters
        ----------
        scores : ndarray of float64, shape (n,)
        before : ndarray of int64, shape (n,)
            Earlier draws from the same list.
        excess : float
            Mean of marked text above the null's, in standard deviations.
        """


def _root(slope: Callable[[float], float], high: float, target: float) -> float:
    """Where an increasing function of positive numbers reaches a target, by bisection."""
    low = 0.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < target else (low, middle)
    return low


@dataclass(frozen=True, slots=True)
class CoinLaw:
    """A green token: 1 with the chance ``size / vocabulary``, drawn without replacement.

    Parameters
    ----------
    size, vocabulary : int
        Of a green list, and of what it is taken from.
    one_list : bool
        Whether all contexts share one list.

    Examples
    --------
    >>> law = CoinLaw(1, 4)
    >>> law.moments[0], law.ratios(np.ones(1), np.zeros(1, np.int64), 1.0).round(2).tolist()
    (0.25, [1.01])
    """

    size: int
    vocabulary: int
    one_list: bool = False

    @property
    def moments(self) -> tuple[float, float]:
        chance = self.size / self.vocabulary
        return chance, math.sqrt(chance * (1 - chance))

    @property
    def largest(self) -> float:
        return 1.0

    def ratios(
        self, scores: NDArray[np.float64], before: NDArray[np.int64], excess: float
    ) -> NDArray[np.float64]:
        chance, deviation = self.moments
        if deviation == 0:
            return np.zeros(len(scores))
        marked = min(chance + excess * deviation, 1 - (1 - _NEAR) * (1 - chance))
        odds = marked * (1 - chance) / ((1 - marked) * chance)
        # At worst all tokens drawn before were red.
        left = np.maximum(self.vocabulary - before, self.size)
        cumulants = np.log1p(self.size / left * (odds - 1))
        result: NDArray[np.float64] = math.log(odds) * scores - cumulants
        return result


@dataclass(frozen=True, slots=True)
class LatticeLaw:
    """Scores in equal steps from 0, independent.

    Parameters
    ----------
    masses : ndarray of float64, shape (n,)
        Probability of each.
    step : float

    Examples
    --------
    >>> LatticeLaw(np.array([0.5, 0.5]), 1.0).moments
    (0.5, 0.5)
    """

    masses: NDArray[np.float64]
    step: float

    @property
    def _points(self) -> NDArray[np.float64]:
        return np.arange(len(self.masses), dtype=np.float64) * np.float64(self.step)

    @property
    def moments(self) -> tuple[float, float]:
        mean = float(self.masses @ self._points)
        return mean, math.sqrt(float(self.masses @ (self._points - mean) ** 2))

    @property
    def largest(self) -> float:
        return float(np.flatnonzero(self.masses)[-1]) * self.step

    def ratios(
        self, scores: NDArray[np.float64], before: NDArray[np.int64], excess: float
    ) -> NDArray[np.float64]:
        mean, deviation = self.moments
        if deviation == 0:
            return np.zeros(len(scores))
        support = np.flatnonzero(self.masses)
        points: NDArray[np.float64] = self._points[support]
        logs = np.log(self.masses[support])

        def tilted(theta: float) -> tuple[float, float]:
            terms = logs + theta * points
            top = float(terms.max())
            weights = np.exp(terms - top)
            total = float(weights.sum())
            return top + math.log(total), float(weights @ points) / total

        target = min(mean + excess * deviation, mean + _NEAR * (self.largest - mean))
        theta = _root(lambda at: tilted(at)[1], 100 / deviation, target)
        result: NDArray[np.float64] = theta * scores - tilted(theta)[0]
        return result


@dataclass(frozen=True, slots=True)
class ExponentialLaw:
    """A sum of independent exponential variables of these means.

    Parameters
    ----------
    scales : tuple of float

    Examples
    --------
    >>> law = ExponentialLaw((1.0,))
    >>> law.ratios(np.ones(1), np.zeros(1, np.int64), 1.0).round(3).tolist()
    [-0.193]
    """

    scales: tuple[float, ...]

    @property
    def moments(self) -> tuple[float, float]:
        return sum(self.scales), math.hypot(*self.scales)

    @property
    def largest(self) -> float:
        return sum(self.scales) * _LARGEST_EXPONENTIAL

    def ratios(
        self, scores: NDArray[np.float64], before: NDArray[np.int64], excess: float
    ) -> NDArray[np.float64]:
        mean, deviation = self.moments

        def slope(theta: float) -> float:
            return sum(scale / (1 - theta * scale) for scale in self.scales)

        theta = _root(slope, 1 / max(self.scales), mean + excess * deviation)
        cumulant = -sum(math.log1p(-theta * scale) for scale in self.scales)
        result: NDArray[np.float64] = theta * scores - cumulant
        return result


class ExponentialScores:
    """What schemes share whose scores are exponential of mean 1: their sum is a Gamma variable."""

    @property
    def law(self) -> ExponentialLaw:
        return ExponentialLaw((1.0,))

    def summary(self, total: float, n: int) -> float:
        return total

    def log_tail(self, total: float, n: int) -> float:
        return gamma_tail(total, n)


@dataclass(frozen=True, slots=True)
class LikelihoodLaw:
    """Scores that are log-likelihood ratios themselves.

    Parameters
    ----------
    log_mean_ratio : float
        Logarithm of the mean of the ratios under the null.

    Examples
    --------
    >>> LikelihoodLaw(0.5).ratios(np.ones(1), np.zeros(1, np.int64), 1.0).tolist()
    [0.5]
    """

    log_mean_ratio: float

    @property
    def moments(self) -> None:
        return None

    @property
    def largest(self) -> float:
        return math.inf

    def ratios(
        self, scores: NDArray[np.float64], before: NDArray[np.int64], excess: float
    ) -> NDArray[np.float64]:
        return scores - self.log_mean_ratio
