"""The smallest share that would be seen among many sources, where unknown ones may have a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.share.many_sources.moments import Moments
from provenance.statistics.intervals import normal_quantile

__all__ = ["Explained", "ManySourcesPower", "without"]

_ROUNDS: Final = 3
"""Times that the score functions follow the share found. Simulated: without that a share that is
called detected in 80 of 100 corpora was detected in 46 to 79, with it in 65 to 83."""
_HALVINGS: Final = 7
"""Of the way from the smallest share to 1, on a logarithmic scale, until two shares tried are side
by side: at 1 in 1,000 an error of 5 % of the share is left, less than its own noise."""

Floats = NDArray[np.float64]


def without(shares: Floats, source: int, origins: NDArray[np.int64]) -> Floats:
    """Shares of all others if the source has none; alike where it explains all.

    Parameters
    ----------
    shares : ndarray of float64, shape (n_sources,)
    source : int
    origins : ndarray of int64
        Sources that may have a share where the source explained all.

    Examples
    --------
    >>> without(np.array([0.5, 0.4, 0.1]), 0, np.arange(3)).round(2).tolist()
    [0.0, 0.8, 0.2]
    """
    rest = np.where(np.arange(len(shares)) == source, 0.0, shares)
    if rest.sum() <= 0:
        rest[origins[origins != source]] = 1.0
    found: Floats = rest / rest.sum()
    return found


@dataclass(frozen=True)
class Explained:
    """Moments, and the mixture that explains the rest of the corpus.

    Parameters
    ----------
    moments : Moments
    rest : ndarray of float64, shape (n_origins,)
        Shares of all origins but the candidate; they add up to 1.
    origins : ndarray of int64
        Those that may have a share.
    """

    moments: Moments
    rest: Floats
    origins: NDArray[np.int64]

    def least(self, source: int, share: float, held: float, power: float) -> float:
        """What the root of the rise is at least in so many of the corpora with this share.

        Parameters
        ----------
        source : int
        share : float
            Of the candidate, in the corpora.
        held : float
            The smaller share that is tested.
        power : float
            Probability.

        Notes
        -----
        The root of the rise, which is the distance of a corpus's means from those of the nearest
        mixture with the share held less that of the nearest one, is to first order a normal
        variable: its slope is that at the mean corpus.
        """
        mixture = (1 - share) * self.rest
        mixture[source] += share
        moments = self.moments.seeing(self.moments.means @ mixture)
        fixed, there = (np.array([source]), held), moments.covariance(mixture)
        nearest = moments.solve(there, self.origins, fixed)[0]
        covariance = moments.covariance(nearest)
        (nearest, far), (best, near) = (
            moments.solve(covariance, self.origins, one) for one in (fixed, None)
        )
        root = float(np.sqrt(max(0.0, far - near)))
        if root <= 0:
            return 0.0
        slope = np.linalg.solve(covariance, moments.means @ (best - nearest)) / root
        spread = float(np.sqrt(slope @ there @ slope))
        return root - normal_quantile(power) * spread


@dataclass(frozen=True)
class ManySourcesPower:
    """What a candidate's low end must pass to leave 0 among many sources.

    Parameters
    ----------
    source : int
    explained : callable
        Of a share of the candidate: a corpus with this share, by the sources alone, and where
        stand-ins for unknown ones may have a share; the score functions are those of that corpus.
    given_up : float
        Share that the low end gives up to unknown sources; 1 or more where it stays at 0.
    least : float
        Share by which the low end stays below the share itself.
    n_effective : float
    caution : float
    unread : float
        Part of the corpus that was not read; see `Passages`.
    """

    source: int
    explained: Callable[[float], tuple[Explained, Explained]]
    given_up: float
    least: float
    n_effective: float
    caution: float
    unread: float = 0.0

    def smallest_detectable(
        self, power: float, zero_level: float, confidence_level: float
    ) -> float | None:
        """Smallest share whose low end leaves 0 with the given probability; None if none does.

        In the corpora that it speaks of the rest is what it was found to be in this one, unknown
        sources and all.

        Parameters
        ----------
        power, zero_level, confidence_level : float
            As in `TwoSource.smallest_detectable`.
        """
        lowest = max(self.least, self.given_up)
        if zero_level <= 0 or lowest >= 1:
            return None
        limits = (
            normal_quantile(1 - zero_level / 2),
            normal_quantile((1 + confidence_level) / 2) * self.caution,
        )
        last = 2**_HALVINGS
        shares = (lowest ** (1 - np.arange(last + 1) / last)).tolist()
        place, near = 0, last
        for number in range(_ROUNDS):
            seen = partial(
                self._sees_place,
                explained=self.explained(shares[place]),
                shares=shares,
                limits=limits,
                power=power,
            )
            found = _first(seen, near, last, 1 if number else last // 2)
            if found is None and place == last:
                return None
            before, place = place, last if found is None else found
            if number and place == before:
                break  # by the same score functions it would be found again
            near = place
        return float(shares[place])

    def _sees_place(
        self,
        place: int,
        explained: tuple[Explained, Explained],
        shares: list[float],
        limits: tuple[float, float],
        power: float,
    ) -> bool:
        return self._sees(explained, shares[place], limits, power)

    def _sees(
        self,
        explained: tuple[Explained, Explained],
        share: float,
        limits: tuple[float, float],
        power: float,
    ) -> bool:
        """Whether the low end leaves 0 with the given probability."""
        drawn = np.sqrt(self.unread * share * (1 - share) / self.n_effective)
        if share - normal_quantile(power) * drawn < self.least:
            return False
        closed, open_ = explained
        tests = [(open_, self.given_up, limits[1])]
        if self.given_up > 0:
            tests += [(closed, 0.0, limits[0]), (closed, self.given_up, limits[1])]
        else:
            tests.append((closed, 0.0, max(limits)))
        return all(
            one.least(self.source, share, held, power) >= limit for one, held, limit in tests
        )


def _first(seen: Callable[[int], bool], near: int, last: int, step: int) -> int | None:
    """The first number from 1 to the last that is seen, as all above are; None if none is.

    It is looked for around one that is near, in steps that double, then between two.

    Examples
    --------
    >>> _first(lambda number: number >= 11, 9, 128, 1), _first(lambda number: False, 9, 128, 1)
    (11, None)
    """
    if seen(near):
        below, above = near - step, near
        while below > 0 and seen(below):
            step *= 2
            below, above = below - step, below
        below = max(0, below)
    else:
        below, above = near, min(last, near + step)
        while below < last and not seen(above):
            step *= 2
            below, above = above, min(last, above + step)
        if below == last:
            return None
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if seen(middle) else (middle, above)
    return above
