"""The share of each source: expectation maximisation, then each against the mixture of the others.

What was found of a corpus is a `Mixture`, here by score densities; of many sources `many_sources`
finds it by moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from provenance.share.many_sources.power import ManySourcesPower
from provenance.share.part import ShareDoubt
from provenance.share.two_sources.two_sources import TwoSource

__all__ = ["Mixture", "Siblings", "Together", "adding_up"]


@dataclass(frozen=True, slots=True)
class Siblings:
    """A candidate and its siblings: sources that write so much alike that one is taken for another.

    Parameters
    ----------
    source : int
    siblings : tuple of int
    share, low, high : float
        Of all of them together.
    low_alone : float
        Low end of the candidate's own share if the corpus may hold an unknown sibling.
    """

    source: int
    siblings: tuple[int, ...]
    share: float
    low: float
    high: float
    low_alone: float


@dataclass(frozen=True, slots=True)
class Together:
    """The share of all models together, given or not, against people's text.

    Parameters
    ----------
    share, low, high : float
    low_of_given : float or None
        A low end that holds only for people of the kinds given; None where `low` holds without.
    """

    share: float
    low: float
    high: float
    low_of_given: float | None = None


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of all sources with their intervals.

    Parameters
    ----------
    shares, low, high : ndarray of float64, shape (n_sources,)
        The shares add up to 1.
    two_sources : mapping of int to TwoSource
        Candidates against the mixture of the others.
    fitted : ndarray of float64, shape (n_sources,)
        Shares of the first step.
    fit_p_values : mapping of int to float
        How well the sources explain the corpus's scores, by candidate.
    open_fit_p_values : mapping of int to float
        The same where unknown sources may have a part; empty for two sources.
    families : tuple of Siblings
    unknown : float
        Share of stand-ins for unknown sources where they may have one.
    misfits : mapping of int to float
        Squared distance a document that the corpus keeps from every mixture of sources and
        stand-ins, by candidate.
    powers : mapping of int to ManySourcesPower
        What each candidate's low end must pass to leave 0; empty where `two_sources` says it.
    doubts : mapping of int to Doubt
        What holds for each part of the corpus too, by candidate; empty for two sources, whose
        caution is given and whose fit decides.
    low_of_given : mapping of int to float
        Low ends of candidates that hold only if no model but those given stands behind the corpus;
        empty where there are models enough. See `unattributed`.
    models : Together or None
        Where it was asked for.
    """

    shares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    two_sources: Mapping[int, TwoSource]
    fitted: NDArray[np.float64]
    fit_p_values: Mapping[int, float]
    open_fit_p_values: Mapping[int, float] = field(default_factory=dict)
    families: tuple[Siblings, ...] = ()
    unknown: float = 0.0
    misfits: Mapping[int, float] = field(default_factory=dict)
    powers: Mapping[int, ManySourcesPower] = field(default_factory=dict)
    doubts: Mapping[int, ShareDoubt] = field(default_factory=dict)
    low_of_given: Mapping[int, float] = field(default_factory=dict)
    models: Together | None = None

    def smallest_detectable(
        self, source: int, power: float, zero_level: float, confidence_level: float
    ) -> float | None:
        """Smallest share of a candidate whose low end leaves 0 with the given probability.

        Of shares as they are estimated here: what a corpus of another domain would show is not
        known, as nobody knows how its scores move.

        Parameters
        ----------
        source : int
        power : float
            Probability.
        zero_level : float
            Level at which 0 must be rejected for the low end to leave it.
        confidence_level : float

        Returns
        -------
        float or None
            None if no share does.
        """
        if source in self.low_of_given:
            return None
        found = self.powers.get(source, self.two_sources[source])
        return found.smallest_detectable(power, zero_level, confidence_level)

    def within(self, whole: Mixture, fraction: float) -> Mixture:
        """The same of a part of a corpus: a source has no more of it than of the whole.

        Parameters
        ----------
        whole : Mixture
        fraction : float
            Of the whole, that the part makes up.
        """
        low = np.minimum(self.low, whole.high / fraction)
        models = self.models
        if models is not None and whole.models is not None:
            models = replace(models, low=min(models.low, whole.models.high / fraction))
        return replace(self, low=low, models=models)

    def widened(self, rooms: Mapping[int, tuple[float, float]]) -> Mixture:
        """The same where some sources may lie below and above their ranges.

        Beside one other source its range gives way alike; beside more only its low end, which
        leaves room for what the others may have. Shares stay.

        Parameters
        ----------
        rooms : mapping of int to tuple of float
            How far below and above, by source.

        Examples
        --------
        >>> one, other = np.array([0.2, 0.8]), np.array([0.3, 0.9])
        >>> found = Mixture(one, one, other, {}, one, {}).widened({0: (0.1, 0.4)})
        >>> found.low.round(2).tolist(), found.high.round(2).tolist()
        ([0.1, 0.3], [0.7, 0.9])
        """
        low, high = self.low.copy(), self.high.copy()
        low_of_given = dict(self.low_of_given)
        for source, (below, above) in rooms.items():
            low[source] = max(0.0, low[source] - below)
            high[source] = min(1.0, high[source] + above)
            if source in low_of_given:
                low_of_given[source] = max(0.0, low_of_given[source] - below)
            others = np.arange(len(low)) != source
            low[others] = np.minimum(low[others], 1 - high[source])
            if len(low) == 2:
                high[others] = np.maximum(high[others], 1 - low[source])
        models = self.models
        if models is not None and rooms:
            highest = max(float(high[source]) for source in rooms)
            models = replace(models, high=max(models.high, highest))
        return replace(
            self,
            low=low,
            high=high,
            families=tuple(_widened(one, rooms) for one in self.families),
            low_of_given=low_of_given,
            models=models,
        )

    def unattributed(self, candidates: Sequence[int], models: Sequence[int]) -> Mixture:
        """The same shares where each model's text may be that of a model that was not given.

        No low end of a model stands then, and no family is told either.

        Parameters
        ----------
        candidates, models : sequence of int
            Models are the candidates and those beside them.
        """
        low = self.low.copy()
        low[list(models)] = 0.0
        return replace(
            self,
            low=low,
            families=(),
            low_of_given={source: float(self.low[source]) for source in candidates},
        )


def _widened(family: Siblings, rooms: Mapping[int, tuple[float, float]]) -> Siblings:
    below, above = rooms.get(family.source, (0.0, 0.0))
    return replace(
        family,
        low=max(0.0, family.low - below),
        high=min(1.0, family.high + above),
        low_alone=max(0.0, family.low_alone - below),
    )


def adding_up(
    shares: NDArray[np.float64], candidates: Sequence[int], fitted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shares that add up to 1; those of the candidates stay as they are where they can.

    Where no other source claims the remainder, it goes by the fitted shares.

    Parameters
    ----------
    shares, fitted : ndarray of float64, shape (n_sources,)
    candidates : sequence of int
        Places of sources.

    Examples
    --------
    >>> adding_up(np.array([0.3, 0.0, 0.0]), [0], np.array([0.2, 0.6, 0.2])).round(3).tolist()
    [0.3, 0.525, 0.175]
    """
    accused = np.isin(np.arange(len(shares)), candidates)
    claimed = shares[accused].sum()
    if claimed >= 1:
        return np.where(accused, shares / claimed, 0)
    for others in (shares, fitted, np.ones(len(shares))):
        remainder = np.where(accused, 0, others)
        if remainder.sum() > 0:
            return np.where(accused, shares, remainder * (1 - claimed) / remainder.sum())
    found: NDArray[np.float64] = shares / claimed if claimed > 0 else fitted / fitted.sum()
    return found
