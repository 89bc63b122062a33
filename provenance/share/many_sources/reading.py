"""One source read in a corpus of many: with the sources given alone, and beside stand-ins.

The moments are the score functions of all sources and bins of the one source's own score: what
looks as its text but less so is then told apart. Stand-ins for unknown sources are each source's
text as models score it that have never seen that source.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.share.many_sources.conditional import rise_factor
from provenance.share.many_sources.moments import Moments
from provenance.share.many_sources.problem import Problem
from provenance.share.part import WHOLE, Part, ShareDoubt
from provenance.share.two_sources.bins import two_source
from provenance.share.two_sources.two_sources import FIT_LEVEL, TwoSource
from provenance.statistics.intervals import chi_square_quantile, normal_quantile

__all__ = ["ShareReading", "caution_of", "with_unknown_cost"]

_STARTING_UNKNOWN: Final = 0.1
"""Share of stand-ins where the open fit starts. A round figure, not tuned."""
_CAUTION_LEVEL: Final = 0.05
"""Level at which the fit must reject a factor of the covariance. The customary one, not tuned."""
_UNKNOWN_COST: Final = 20.0
"""What a share of stand-ins adds to the distance, times itself: a fifth of the corpus must be shown
as well as 95 % shows anything. Chosen on hidden models and on every second of AlpacaEval's, of 0,
6, 20 and 80; `bench.hidden_models` tells what it does."""
_STEPS: Final = 3
"""Times that a high end is looked for, each with what the one before says of it. A round figure."""
_NEAR: Final = 0.05
"""Change of the factor on standard errors that is not followed. A round figure, not tuned."""
_BY_MOMENTS: Final = 0.05
"""Shares up to it are told by the moments alone. Chosen with `_BY_TWO` on every second of
AlpacaEval's models, of four pairs that did much the same."""
_BY_TWO: Final = 0.25
"""Shares from it on are told by the two-source densities alone."""
_NEARLY_ALL: Final = 0.99
"""A higher end is 1: a hundredth of a corpus may be rows such as the samples happen to lack. A
round figure, not tuned."""

Floats = NDArray[np.float64]


def caution_of(distance: float, free: int, most: float) -> float:
    """What standard errors are multiplied by: as much as the fit cannot exclude.

    Where the samples are of the corpus's kind, the distance that the best shares leave is a
    chi-square variable; where they are not, errors are larger by an unknown factor c, and so is
    the distance, by c squared. The largest c that the distance does not reject is used (as Birge
    1932 scales errors by the ratio of the two), but at most ``most`` where chance alone explains
    the distance, as few moments tell little of c.

    Parameters
    ----------
    distance : float
    free : int
        Degrees of freedom.
    most : float

    Examples
    --------
    >>> caution_of(20.0, 20, 1.5).__round__(2), caution_of(60.0, 20, 1.5).__round__(2)
    (1.36, 2.35)
    >>> caution_of(5.0, 20, 1.5)
    1.0
    """
    largest = distance / chi_square_quantile(_CAUTION_LEVEL, free)
    if distance < chi_square_quantile(1 - _CAUTION_LEVEL, free):
        largest = min(largest, most**2)
    return float(np.sqrt(max(1.0, largest)))


def with_unknown_cost(moments: Moments) -> Moments:
    """Moments of sources and as many stand-ins, whose share must be shown."""
    stand_ins = np.arange(moments.n_origins) >= moments.n_origins // 2
    return moments.with_cost(stand_ins, _UNKNOWN_COST)


@dataclass(frozen=True)
class ShareReading:
    """What one source's share may be.

    Parameters
    ----------
    problem : Problem
    source : int
    confidence_level : float
    part : Part
        Under what a part of a corpus is read.
    """

    problem: Problem
    source: int
    confidence_level: float
    part: Part = WHOLE

    @cached_property
    def own(self) -> NDArray[np.int64]:
        return np.array([self.source])

    @cached_property
    def closed(self) -> Moments:
        """Score functions alone; the test of a share of 0 is by them."""
        return self.problem.drifting(self.problem.moments, self.source)

    @cached_property
    def closed_shares(self) -> Floats:
        return self.closed.fit(self.problem.shares, self.problem.every)[0]

    @cached_property
    def moments(self) -> Moments:
        """Score functions and bins; stand-ins are the further half of the origins."""
        return self.problem.drifting(self.problem.open_moments(self.source), self.source)

    @cached_property
    def doubting(self) -> Moments:
        """The same where stand-ins must be shown by what they explain."""
        return with_unknown_cost(self.moments)

    @cached_property
    def known(self) -> tuple[Floats, float]:
        """Shares of the sources alone, and the distance that they leave."""
        start = np.append(self.closed_shares, np.zeros(self.problem.n_sources))
        return self.moments.fit(start, self.problem.every)

    @cached_property
    def fit_p_value(self) -> float:
        return self.moments.fit_p_value(*self.known)

    @cached_property
    def caution(self) -> float:
        shares, distance = self.known
        own = caution_of(distance, self.moments.free(shares), self.problem.caution)
        return max(own, self.part.doubt(self.source).caution)

    @cached_property
    def level(self) -> float:
        """Confidence level of the interval itself; all parts read at once hold at the one asked."""
        return self.part.level(self.confidence_level)

    @cached_property
    def doubt(self) -> ShareDoubt:
        """How far the share is in doubt, by this corpus and by the one that it is a part of."""
        unexplained = self.fit_p_value < FIT_LEVEL
        own = ShareDoubt(self.caution, 1.0 if unexplained else min(1.0, self.unknown), self.misfit)
        return own.and_of(self.part.doubt(self.source))

    @cached_property
    def threshold(self) -> float:
        """How far the distance may rise at an end of the interval."""
        return (normal_quantile((1 + self.level) / 2) * self.caution) ** 2

    @cached_property
    def siblings(self) -> NDArray[np.int64]:
        return self.problem.siblings(self.source)

    @cached_property
    def standing(self) -> NDArray[np.int64]:
        """All sources, and the stand-ins that are none of its siblings."""
        n_sources, present = self.problem.n_sources, self.moments.origins.present
        stand_ins = np.setdiff1d(present[present >= n_sources], n_sources + self.siblings)
        return np.concatenate([self.problem.every, stand_ins])

    @cached_property
    def open(self) -> tuple[Floats, float]:
        """Shares of sources and stand-ins, and the distance that they leave."""
        n_sources = self.problem.n_sources
        strangers = np.full(n_sources, _STARTING_UNKNOWN / n_sources)
        start = np.append((1 - _STARTING_UNKNOWN) * self.closed_shares, strangers)
        return self.moments.fit(start, self.standing)

    @cached_property
    def shown(self) -> Floats:
        """Shares of sources and stand-ins as far as the corpus shows these."""
        return self.doubting.fit(self.open[0], self.standing)[0]

    @cached_property
    def open_fit_p_value(self) -> float:
        return self.moments.fit_p_value(*self.open)

    @cached_property
    def unknown(self) -> float:
        """Share of stand-ins that the corpus shows."""
        return float(self.shown[self.problem.n_sources :].sum())

    @cached_property
    def misfit(self) -> float:
        """Squared distance a document that every mixture leaves, beyond what chance does."""
        shares, distance = self.open
        return max(0.0, distance - self.moments.free(shares)) / self.problem.n_effective

    @cached_property
    def two(self) -> TwoSource:
        """The source against the mixture of all others."""
        problem = self.problem
        return two_source(
            problem.corpus, problem.references, self.source, problem.shares, self.caution
        )

    @cached_property
    def share(self) -> float:
        """The larger it is, the more the shares of others pull down: two sources then tell more."""
        by_moments = float(self.problem.steadied(self.moments, self.known[0])[self.source])
        weight = _between(by_moments, _BY_MOMENTS, _BY_TWO)
        if not weight:
            return by_moments
        return (1 - weight) * by_moments + weight * self.two.share

    @cached_property
    def low_of_known(self) -> float:
        """The lowest share that a mixture of the sources given allows."""
        return min(self.share, self.lower(self.own, self.known[0], self.problem.every))

    @cached_property
    def low(self) -> float:
        """The lowest share that any mixture of sources and stand-ins allows.

        Only here have stand-ins a cost: at the high end they are what look-alikes may have taken.
        """
        return min(self.low_of_known, self.lower(self.own, self.shown, self.standing))

    @cached_property
    def high_of_known(self) -> float:
        """The highest share that a mixture of the sources given allows.

        Towards 1 it goes over to that of two sources, as the share does.
        """
        return self._told(self.upper(self.own, self.known[0], self.problem.every))

    @cached_property
    def high(self) -> float:
        """The highest share that any mixture of sources and stand-ins allows."""
        return max(
            self.high_of_known, self._told(self.upper(self.own, self.open[0], self.standing))
        )

    def lower(self, group: NDArray[np.int64], shares: Floats, origins: NDArray[np.int64]) -> float:
        """The lowest share of a group that some origins allow, found ones first."""
        return self.doubting.edge(group, 0.0, self.threshold, shares, origins)

    def upper(self, group: NDArray[np.int64], shares: Floats, origins: NDArray[np.int64]) -> float:
        """The highest share of a group that some origins allow, found ones first.

        How far the distance may rise there follows the share, which is found in few steps.
        """
        factor, moments = 1.0, self.moments
        for _ in range(_STEPS):
            high = moments.edge(group, 1.0, self.threshold * factor**2, shares, origins)
            if high == 1:
                break
            last, factor = factor, max(factor, rise_factor(moments, group, high, shares, origins))
            if factor - last < _NEAR:
                break
        return high

    def _told(self, high: float) -> float:
        high = max(self.share, high)
        weight = _between(high, 0.5, 1)
        if weight:
            high += weight * (max(high, self.two.interval(self.level)[1]) - high)
        return 1.0 if high > _NEARLY_ALL else high


def _between(share: float, first: float, last: float) -> float:
    """How far a share is on the way from one to another, from 0 to 1."""
    return min(1.0, max(0.0, (share - first) / (last - first)))
