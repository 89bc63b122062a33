"""Whether a mixture of the samples explains a corpus as every feature family sees it, all at once.

The scores that shares are told by are one combination of the families, made to tell the sources
apart: text of another kind may move each family and leave the combination where mixtures of the
sources are. The score functions of each family by itself see more of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.scored import Passages
from provenance.share.many_sources.moments import Moments, score_functions
from provenance.statistics.clusters import effective_number
from provenance.statistics.intervals import f_tail
from provenance.statistics.threads import one_thread

__all__ = ["FamiliesFit", "families_fit"]


@dataclass(frozen=True, slots=True)
class FamiliesFit:
    """How far a corpus lies from all mixtures of the samples, by the families' score functions.

    Parameters
    ----------
    distance : float
        Squared, in standard errors.
    free : int
        Degrees of freedom: what it is on average were the standard errors known.
    components : int
        Independent parts of the samples that standard errors are estimated from.
    """

    distance: float
    free: int
    components: int

    @property
    def _spare(self) -> int:
        """Degrees of freedom that the errors have."""
        return max(0, self.components - self.free)

    @property
    def ratio(self) -> float:
        """The distance over what it is on average, for errors that are estimated (Hotelling 1931).

        Nothing where the samples have no more parts than there are degrees of freedom: those tell
        of no distance.

        Examples
        --------
        >>> FamiliesFit(160.0, 80, 160).ratio, FamiliesFit(160.0, 80, 80).ratio
        (1.0, 0.0)
        """
        return self.distance * self._spare / (self.components * self.free)

    @property
    def p_value(self) -> float:
        """Chance of a distance as large, did sampling alone part corpus and samples."""
        return f_tail(self.ratio, self.free, self._spare) if self._spare else 1.0

    @property
    def factor(self) -> float:
        """What errors are larger by than the samples say, at least 1 (Birge 1932).

        Examples
        --------
        >>> FamiliesFit(640.0, 80, 160).factor, FamiliesFit(70.0, 80, 10_000).factor
        (2.0, 1.0)
        """
        return float(np.sqrt(max(1.0, self.ratio)))


@one_thread
def families_fit(
    corpus: Mapping[str, Passages],
    samples: Passages,
    by_family: Mapping[str, NDArray[np.float32]],
    shares: NDArray[np.float64],
) -> FamiliesFit:
    """Distance of a corpus from the nearest mixture of the sources, all families at once.

    Parameters
    ----------
    corpus : mapping of str to Passages
        The same passages as each family scores them.
    samples : Passages
        Of all sources, in any view.
    by_family : mapping of str to ndarray of float32, shape (n_sample_passages, n_sources)
        Their log posteriors as each family scores them.
    shares : ndarray of float64, shape (n_sources,)
        Of the mixture whose score functions are used.
    """
    one = next(iter(corpus.values()))
    assert samples.source is not None
    read = [score_functions(corpus[family].log_posterior, shares) for family in corpus]
    known = [score_functions(by_family[family], shares) for family in corpus]
    moments = Moments.build(
        one.weight @ np.hstack(read) / one.weight.sum(),
        effective_number(one.weight, one.cluster),
        np.hstack(known),
        samples.source,
        samples.weight,
        samples.cluster,
        len(shares),
        one.unread,
        samples.asked,
    )
    found, distance = moments.fit(shares, np.arange(len(shares)))
    # Each family's score functions, weighted by their shares, add up to 1.
    free = max(1, moments.free(found) + 1 - len(read))
    return FamiliesFit(distance, free, moments.origins.n_components)
