"""The share where the corpus is of another domain than the samples: how scores shift is estimated.

From one domain to the next the scores of a class move and spread. Leaving each domain of the
samples out tells how far, the corpus's own scores tell which way, and rows of the corpus that are
trusted not to be the candidate's tell it best. The model is a mixture of two densities of scores
whose location and log scale are random effects; its likelihood, integrated over the effects, gives
the interval. Scores are measured in gaps: 0 is the mean of the others, 1 that of the candidate,
where both are scored in their own domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from provenance.scoring.panel import FEWEST_OF_A_DOMAIN
from provenance.share.other_domain.shift_model import (
    SHARES,
    Array,
    ClassScores,
    CorpusScores,
    ShiftModel,
    fitted_model,
    weighted_mean,
)
from provenance.share.two_sources.two_sources import DRIFT, FLOOR_ROWS, ZERO_LEVEL
from provenance.statistics.intervals import normal_quantile

__all__ = ["FEWEST_TRUSTED", "WIDEST", "ShiftedShare", "shared_domains", "shifted_share"]


FEWEST_TRUSTED: Final = 30
"""Trusted documents at least. A round figure, not tuned; 50 were the fewest that were measured."""
WIDEST: Final = 0.30
"""Width above which a share counts as not identified. Chosen on DetectRL, a domain left out: what
is narrower erred by 1.1 points instead of 2.4; 23 of 100 are wider."""
_KNOWN_LABELS: Final = 0.9
"""Part of the labels' variance that counts as known; see `_interval`. A round figure, not tuned."""
_UNIDENTIFIED_LEVEL: Final = 0.001
"""What a wide interval's low end must be safe at: it may stand on the wrong top of several. A round
figure, not tuned."""


@dataclass(frozen=True, slots=True)
class ShiftedShare:
    """A share under shift, and what was found of the shift.

    Parameters
    ----------
    share, low, high : float
        Of the documents, or tokens, of the corpus itself.
    n_domains : int
        Labelled domains that told how scores shift.
    n_trusted : float
        Independent trusted documents.
    moved : tuple of float, length 4
        Location and log scale of the others, then of the candidate, in spreads between domains.
    """

    share: float
    low: float
    high: float
    n_domains: int
    n_trusted: float
    moved: tuple[float, float, float, float]

    @property
    def identified(self) -> bool:
        """Whether the interval is narrow enough to speak of a share."""
        return self.high - self.low <= WIDEST

    @property
    def shift(self) -> float:
        """The largest effect, in spreads between domains."""
        return max(map(abs, self.moved))


def shared_domains(own: ClassScores, rest: ClassScores) -> list[int]:
    """Domains in which both classes have enough rows scored by models of other domains."""
    counts = []
    for one in (own, rest):
        known = one.domain[np.isfinite(one.outside) & (one.domain >= 0)]
        names, number = np.unique(known, return_counts=True)
        counts.append(set(names[number >= FEWEST_OF_A_DOMAIN].tolist()))
    return sorted(counts[0] & counts[1])


def shifted_share(
    own: ClassScores,
    rest: ClassScores,
    corpus: CorpusScores,
    trusted: CorpusScores | None = None,
    *,
    confidence_level: float = 0.95,
    zero_level: float = ZERO_LEVEL,
) -> ShiftedShare | None:
    """Share of the candidate in a corpus of another domain.

    Parameters
    ----------
    own, rest : ClassScores
        Of the candidate and of the others.
    corpus : CorpusScores
    trusted : CorpusScores, optional
        Rows of the corpus's own domain, known not to be the candidate's, that no model saw.
    confidence_level : float
    zero_level : float
        Level at which 0 must be rejected for the low end to leave it.

    Returns
    -------
    ShiftedShare or None
        None where nothing tells how far scores shift: fewer than two domains and no trusted rows.
    """
    domains = shared_domains(own, rest)
    if len(domains) < 2 and trusted is None:
        return None
    origin = weighted_mean(rest.inside, rest.weight)
    gap = weighted_mean(own.inside, own.weight) - origin
    if not gap > 0:
        return None
    own, rest = (_in_gaps(one, origin, gap) for one in (own, rest))
    corpus = replace(corpus, score=(corpus.score - origin) / gap)
    if trusted is not None:
        trusted = replace(trusted, score=(trusted.score - origin) / gap)
    model = fitted_model(own, rest, corpus, trusted, domains)
    integrated, cautious, effects = model.deviances()
    best = int(integrated.argmin())
    share = _top(integrated, best)
    # Where no domain was left out, the candidate's effects are a guess that volumes may not rule.
    curves = [integrated] if len(domains) > 1 else [integrated, cautious]
    low, high = _interval(model, share, curves, confidence_level)
    if high - low > WIDEST:
        low = min(low, _interval(model, share, curves, 1 - _UNIDENTIFIED_LEVEL)[0])
    limit = normal_quantile(1 - zero_level / 2) ** 2 if zero_level > 0 else np.inf
    limit = max(limit, model.squared_quantile(confidence_level))
    if min(curve[0] for curve in curves) <= limit:
        low = 0.0
    return ShiftedShare(
        share=share,
        low=low,
        high=high,
        n_domains=len(domains),
        n_trusted=model.n_trusted,
        moved=tuple(effects[best].tolist()),
    )


def _in_gaps(sample: ClassScores, origin: float, gap: float) -> ClassScores:
    inside, outside = ((one - origin) / gap for one in (sample.inside, sample.outside))
    return replace(sample, inside=inside, outside=outside)


def _top(deviance: Array, best: int) -> float:
    """Share of the smallest deviance, by a parabola through its neighbours."""
    if best in (0, len(SHARES) - 1):
        return float(SHARES[best])
    near = slice(best - 1, best + 2)
    bend, slope, _ = np.polyfit(SHARES[near] - SHARES[best], deviance[near], 2)
    if bend <= 0:
        return float(SHARES[best])
    shift = float(np.clip(-slope / 2 / bend, *(SHARES[near][[0, 2]] - SHARES[best])))
    return float(SHARES[best]) + shift


def _ends(deviance: Array, limit: float) -> tuple[float, float]:
    """The outermost shares whose deviance is within the limit."""
    accepted = np.flatnonzero(deviance <= limit)
    return (
        _crossing(deviance, int(accepted[0]), -1, limit),
        _crossing(deviance, int(accepted[-1]), 1, limit),
    )


def _crossing(deviance: Array, inside: int, step: int, limit: float) -> float:
    outside = inside + step
    if not 0 <= outside < len(SHARES):
        return float(SHARES[inside])
    part = (limit - deviance[inside]) / (deviance[outside] - deviance[inside])
    return float(SHARES[inside] + part * (SHARES[outside] - SHARES[inside]))


def _interval(
    model: ShiftModel, share: float, curves: Sequence[Array], confidence_level: float
) -> tuple[float, float]:
    """Interval of the share of this corpus's own documents: all that one of the curves accepts.

    The likelihood takes the documents for drawn: it answers for ``share (1 - share) / worth`` that
    is no error of the share of these very documents.
    """
    squared = model.squared_quantile(confidence_level)
    floor = squared**0.5 * DRIFT + FLOOR_ROWS / model.n_effective + 1 / model.worth
    low, high = share, share
    for curve in curves:
        ends = _ends(curve, squared)
        halves = [_half(share, end, squared / model.worth) + floor for end in ends]
        low = min(low, 0.0 if ends[0] <= 0 else max(0.0, share - halves[0]))
        high = max(high, 1.0 if ends[1] >= 1 else min(1.0, share + halves[1]))
    return low, high


def _half(share: float, end: float, squared_error: float) -> float:
    drawn = _KNOWN_LABELS * squared_error * end * (1 - end)
    return float(np.sqrt(max((end - share) ** 2 - drawn, 0)))
