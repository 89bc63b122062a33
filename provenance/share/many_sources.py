"""Shares of three or more sources, and what an unknown one could change.

The shares come from moments (`Moments`). For a candidate its own score is added, in bins: what
looks like the candidate but less so than its own text is then told apart. Beside the sources stand
stand-ins for unknown ones: each panel source's text as models score it that have never seen that
source. The low end of the candidate's share is the lowest that any mixture of sources and
stand-ins allows, so that it survives the swap of a source for an unknown one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.scoring.scored import Passages, against
from provenance.share.mixture import Mixture, Siblings, adding_up
from provenance.share.moments import Moments, score_functions
from provenance.share.power import Explained, ManySourcesPower, without
from provenance.share.two_sources import (
    CAUTION,
    DRIFT,
    FIT_LEVEL,
    FLOOR_ROWS,
    ZERO_LEVEL,
    TwoSource,
    two_source,
)
from provenance.statistics.clusters import effective_number
from provenance.statistics.intervals import chi_square_tail, normal_quantile
from provenance.statistics.multiple_testing import holm_levels

__all__ = ["MISFIT_LIMIT", "closed_reading", "fit_many"]

_OWN_LEVELS: Final = np.linspace(0.1, 0.9, 10)
"""Quantiles of the candidate's own score that bins begin at. Round figures, not tuned."""
_REST_LEVELS: Final = (0.5, 0.9, 0.98)
"""Quantiles of the others' scores that bins begin at. Round figures, not tuned."""
_BACKGROUND: Final = 0.03
"""Share of all other sources together, beside those found, that the candidate is told from. A round
figure, not tuned."""
_STARTING_UNKNOWN: Final = 0.1
"""Share of stand-ins where the open fit starts. A round figure, not tuned."""
_TAKEN_LEVEL: Final = 0.95
"""Quantile of what a source left out reads as: the low end gives it up where the fit fails. Chosen
among four rules on 24 models' answers to AlpacaEval: of 446 pairs of a candidate and an unrelated
unknown model 4 were read above 0 instead of 23."""
MISFIT_LIMIT: Final = 0.07
"""Squared distance a document: text of models outside a panel of 24 kept within it (AlpacaEval, one
data set)."""
STRANGE_LIMIT: Final = 0.2
"""The same APIs on other prompts kept within it, human text did not (AlpacaEval and Arena-Hard, one
panel)."""
_STEADY: Final = 0.2
"""Standard deviation of the shares told around the most likely ones. A round figure, not tuned."""
_NEARLY_ALL: Final = 0.99
"""A higher end is 1: a hundredth of a corpus may be rows such as the samples happen to lack. A
round figure, not tuned."""
_TAKEN: Final = 0.5
"""Siblings: so much of one would read as the other if it were unknown. A round figure,
not tuned."""
_CONFUSED: Final = 0.2
"""Siblings: so likely is either given the other's text, for each likely it is given its own, where
both are known. A round figure, not tuned."""

Floats = NDArray[np.float64]


def fit_many(
    corpus: Passages,
    references: Passages,
    unknown: NDArray[np.float32],
    taken_for: NDArray[np.float32],
    candidates: Sequence[int],
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> Mixture:
    """Estimate the share of every source of a panel of three or more.

    Parameters
    ----------
    corpus, references : Passages
    unknown : ndarray of float32, shape (n_reference_passages, n_sources)
        Log ratios of the references by models that have not seen their source; `View.unknown`.
    taken_for : ndarray of float32, shape (n_sources, n_sources)
        What each source reads as where it is unknown; `View.taken_for`.
    candidates : sequence of int
    confidence_level, caution : float
        As in `fit_mixture`.
    """
    problem = _Problem(corpus, references, unknown, taken_for, caution)
    threshold = _threshold(confidence_level, caution)
    shares = problem.steady.copy()
    spread = problem.spread * np.sqrt(threshold)
    # Stand-ins guard the candidates alone: any other share may be an unknown source's.
    low, high = np.zeros(problem.n_sources), problem.shares + spread
    found = {
        source: _candidate(problem, source, threshold, confidence_level) for source in candidates
    }
    levels = holm_levels([found[source].zero_p_value for source in candidates], ZERO_LEVEL)
    for source, level in zip(candidates, levels, strict=True):
        one = found[source]
        shares[source], low[source], high[source] = one.share, one.low, one.high
        if one.zero_p_value > level or one.misfit > STRANGE_LIMIT:
            low[source] = 0.0
    if any(one.is_unlike for one in found.values()):
        high = np.ones(problem.n_sources)
    shares = adding_up(shares, candidates, problem.steady)
    floor = FLOOR_ROWS / problem.n_effective
    low = np.clip(np.minimum(low, shares - floor), 0, 1)
    families = (
        # An unknown sibling more can only lower the low end.
        replace(one.family, low_alone=min(one.family.low_alone, float(low[source])))
        for source, one in found.items()
        if one.family is not None
    )
    return Mixture(
        shares,
        low,
        np.clip(np.maximum(high, shares + floor), 0, 1),
        {source: one.two for source, one in found.items()},
        problem.shares,
        {source: one.fit_p_value for source, one in found.items()},
        {source: one.open_fit_p_value for source, one in found.items()},
        tuple(families),
        max(one.unknown for one in found.values()),
        {source: one.misfit for source, one in found.items()},
        {source: one.power for source, one in found.items()},
    )


@dataclass(frozen=True)
class _Problem:
    """A corpus and the samples, with the first estimate of all shares."""

    corpus: Passages
    references: Passages
    unknown: NDArray[np.float32]
    taken_for: NDArray[np.float32]
    caution: float
    given_shares: Floats | None = None
    """Shares whose score functions are asked for, instead of those that are found."""

    @cached_property
    def source(self) -> NDArray[np.int64]:
        assert self.references.source is not None
        return self.references.source

    @cached_property
    def n_sources(self) -> int:
        return int(self.references.log_posterior.shape[1])

    @cached_property
    def n_effective(self) -> float:
        return effective_number(self.corpus.weight, self.corpus.cluster)

    @cached_property
    def every(self) -> NDArray[np.int64]:
        """All sources, none of the stand-ins."""
        return np.arange(self.n_sources)

    @cached_property
    def shares(self) -> Floats:
        """Of all sources, by moments whose score functions follow the shares found."""
        if self.given_shares is not None:
            return self.given_shares
        shares = mixture_shares(self.corpus.log_posterior, self.corpus.weight)
        for _ in range(2):
            shares = self._moments(shares).fit(shares, self.every)[0]
        return shares

    @cached_property
    def steady(self) -> Floats:
        """The shares that are told: where the moments tell little, near the most likely ones.

        Of two sources that cannot be told apart, moments give all to one or the other.
        """
        likely = mixture_shares(self.corpus.log_posterior, self.corpus.weight)
        return self.moments.near(self.shares, likely, _STEADY)

    @cached_property
    def moments(self) -> Moments:
        return self._moments(self.shares)

    @cached_property
    def spread(self) -> Floats:
        """Standard deviation of each share where no bound is near, shape (n_sources,)."""
        covariance = self.moments.covariance(self.shares)
        sides = np.linalg.solve(np.linalg.cholesky(covariance), self.moments.means)
        basis = np.linalg.svd(np.ones((1, self.n_sources)))[2][1:]
        inverse = np.linalg.pinv(basis @ (sides.T @ sides) @ basis.T, hermitian=True)
        return np.asarray(np.sqrt(np.maximum(np.diag(basis.T @ inverse @ basis), DRIFT**2)))

    def mean(self, values: Floats) -> Floats:
        """Of functions of the scores over the corpus."""
        found: Floats = self.corpus.weight @ values / self.corpus.weight.sum()
        return found

    def _moments(self, shares: Floats) -> Moments:
        return Moments.build(
            self.mean(score_functions(self.corpus.log_posterior, shares)),
            self.n_effective,
            score_functions(self.references.log_posterior, shares),
            self.source,
            self.references.weight,
            self.references.cluster,
            self.n_sources,
        )

    def drifting(self, moments: Moments, source: int) -> Moments:
        """The same moments, with drift of one source's share between samples of one kind."""
        rest = np.where(self.every == source, 0, self.shares)
        rest = rest / rest.sum() if rest.sum() > 0 else np.full(len(rest), 1 / len(rest))
        means = moments.means[:, : self.n_sources]
        return moments.with_drift(DRIFT * (means[:, source] - means @ rest))

    @cached_property
    def confused(self) -> Floats:
        """Mean posterior of each source on another's text over that on its own, both ways."""
        mean = np.zeros((self.n_sources, self.n_sources))
        posterior = np.exp(self.references.log_posterior.astype(np.float64))
        np.add.at(mean, self.source, posterior * self.references.weight[:, None])
        relative = mean / np.diag(mean)
        return np.asarray(np.sqrt(relative * relative.T))

    def siblings(self, source: int) -> NDArray[np.int64]:
        """Sources that write so much like this one that either could be taken for the other."""
        taken = np.maximum(self.taken_for[:, source], self.taken_for[source]) >= _TAKEN
        alike = taken & (self.confused[source] >= _CONFUSED)
        return np.flatnonzero(alike & (self.every != source))

    def most_taken(self, source: int) -> float:
        """Share of a source that the text of an unknown one, no sibling of it, may read as."""
        apart = ~np.eye(self.n_sources, dtype=bool)
        unlike = np.setdiff1d(self.every, np.append(self.siblings(source), source))
        column = self.taken_for[unlike, source]
        return float(max(np.quantile(self.taken_for[apart], _TAKEN_LEVEL), column.max(initial=0)))

    def open_moments(self, source: int) -> Moments:
        """Score functions and bins of one source's score; stand-ins are further origins."""
        others = np.where(self.every == source, 0, self.shares) + _BACKGROUND / self.n_sources
        others[source] = 0
        others /= others.sum()
        ratios = (self.corpus.log_posterior, self.references.log_posterior, self.unknown)
        corpus, known, standing = (against(ratio, source, others) for ratio in ratios)
        is_own = self.source == source
        edges = np.unique(
            np.concatenate(
                [np.quantile(known[is_own], _OWN_LEVELS), np.quantile(known[~is_own], _REST_LEVELS)]
            )
        )
        values = [
            np.hstack([score_functions(ratio, self.shares), score[:, None] > edges])
            for ratio, score in zip(ratios, (corpus, known, standing), strict=True)
        ]
        used = np.isfinite(self.unknown).all(axis=1) & ~is_own
        return Moments.build(
            self.mean(values[0]),
            self.n_effective,
            np.concatenate([values[1], values[2][used]]),
            np.concatenate([self.source, self.n_sources + self.source[used]]),
            np.concatenate([self.references.weight, self.references.weight[used]]),
            np.concatenate([self.references.cluster, self.references.cluster[used]]),
            2 * self.n_sources,
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What was found of one candidate."""

    share: float
    low: float
    high: float
    zero_p_value: float
    two: TwoSource
    fit_p_value: float
    open_fit_p_value: float
    unknown: float
    misfit: float
    family: Siblings | None
    power: ManySourcesPower

    @property
    def is_unlike(self) -> bool:
        """Whether the corpus is farther off than text of an unknown model would be."""
        return self.open_fit_p_value < FIT_LEVEL and self.misfit > MISFIT_LIMIT


def _candidate(
    problem: _Problem, source: int, threshold: float, confidence_level: float
) -> _Candidate:
    own = np.array([source])
    closed = problem.drifting(problem.moments, source)
    closed_shares = closed.fit(problem.shares, problem.every)[0]
    share, low, high, two = _closed(problem, closed, closed_shares, source, confidence_level)
    zero = chi_square_tail(closed.rise(own, 0.0, closed_shares, problem.every), 1)
    moments = problem.drifting(problem.open_moments(source), source)
    known = moments.fit(np.append(closed_shares, np.zeros(problem.n_sources)), problem.every)
    siblings = problem.siblings(source)
    stand_ins = np.setdiff1d(
        np.unique(moments.origin[moments.origin >= problem.n_sources]), problem.n_sources + siblings
    )
    standing = np.concatenate([problem.every, stand_ins])
    strangers = np.full(problem.n_sources, _STARTING_UNKNOWN / problem.n_sources)
    start = np.append((1 - _STARTING_UNKNOWN) * closed_shares, strangers)
    open_ = moments.fit(start, standing)
    fit_p_value = moments.fit_p_value(*known)
    high = max(high, moments.edge(own, 1.0, threshold, open_[0], standing))
    open_low = min(low, moments.edge(own, 0.0, threshold, open_[0], standing))
    given_up = problem.most_taken(source) if fit_p_value < FIT_LEVEL else 0.0
    open_low = _without(open_low, given_up)
    family = _family(problem, moments, source, threshold, known[0], open_[0], standing)
    if family is not None:
        family = replace(family, high=max(family.high, high))
    misfit = max(0.0, open_[1] - moments.free(open_[0])) / problem.n_effective
    power = ManySourcesPower(
        source,
        # Without what the problem has counted: the report may be long in the making.
        partial(
            _explained,
            replace(problem),
            source,
            (closed_shares, problem.every),
            (open_[0], standing),
        ),
        1.0 if misfit > STRANGE_LIMIT else given_up,
        FLOOR_ROWS / problem.n_effective,
        problem.n_effective,
        problem.caution,
    )
    return _Candidate(
        share,
        open_low,
        high,
        zero,
        two,
        fit_p_value,
        moments.fit_p_value(*open_),
        float(open_[0][problem.n_sources :].sum()),
        misfit,
        family,
        power,
    )


def _explained(
    problem: _Problem,
    source: int,
    closed: tuple[Floats, NDArray[np.int64]],
    open_: tuple[Floats, NDArray[np.int64]],
    share: float,
) -> tuple[Explained, Explained]:
    """A corpus of a candidate's share and the rest as fitted, without and with stand-ins."""
    rest = without(closed[0], source, closed[1])
    there = replace(problem, given_shares=(1 - share) * rest + share * (problem.every == source))
    kinds = (there.moments, closed), (there.open_moments(source), open_)
    first, second = (
        Explained(there.drifting(moments, source), without(shares, source, origins), origins)
        for moments, (shares, origins) in kinds
    )
    return first, second


def _closed(
    problem: _Problem, moments: Moments, shares: Floats, source: int, confidence_level: float
) -> tuple[float, float, float, TwoSource]:
    """Share, low and high end where no other source than those given has a part."""
    own = np.array([source])
    threshold = _threshold(confidence_level, problem.caution)
    two = two_source(problem.corpus, problem.references, source, problem.shares, problem.caution)
    low = moments.edge(own, 0.0, threshold, shares, problem.every)
    high = moments.edge(own, 1.0, threshold, shares, problem.every)
    share = _blend(float(problem.steady[source]), two.share)
    high = max(high, two.interval(confidence_level)[1], share)
    return share, low, 1.0 if high > _NEARLY_ALL else high, two


def closed_reading(
    corpus: Passages,
    references: Passages,
    source: int,
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> tuple[float, float, float]:
    """Share, low and high end of one source if none but those given has a part.

    Parameters
    ----------
    corpus, references : Passages
    source : int
    confidence_level, caution : float
        As in `fit_mixture`.
    """
    n_sources = references.log_posterior.shape[1]
    nothing = np.zeros((n_sources, n_sources), np.float32)
    problem = _Problem(corpus, references, nothing, nothing, caution)
    moments = problem.drifting(problem.moments, source)
    shares = moments.fit(problem.shares, problem.every)[0]
    return _closed(problem, moments, shares, source, confidence_level)[:3]


def _threshold(confidence_level: float, caution: float) -> float:
    """How far the distance may rise at an end of an interval."""
    return float((normal_quantile((1 + confidence_level) / 2) * caution) ** 2)


def _without(low: float, taken: float) -> float:
    """A share's low end where all the rest of the corpus may be of an unknown source."""
    return max(0.0, (low - taken) / (1 - taken)) if taken < 1 else 0.0


def _blend(by_moments: float, by_bins: float) -> float:
    """Towards 1 the shares of many others can only pull down: two sources then tell more."""
    weight = min(1.0, max(0.0, 2 * by_moments - 1))
    return (1 - weight) * by_moments + weight * by_bins


def _family(
    problem: _Problem,
    moments: Moments,
    source: int,
    threshold: float,
    known: Floats,
    open_: Floats,
    standing: NDArray[np.int64],
) -> Siblings | None:
    """A candidate with its siblings: their share, and the candidate's if one of them is unknown."""
    siblings = problem.siblings(source)
    if not len(siblings):
        return None
    members = np.append(siblings, source)
    share = float(known[members].sum())
    high = moments.edge(members, 1.0, threshold, known, problem.every)
    low = moments.edge(members, 0.0, threshold, open_, standing)
    if len(members) == problem.n_sources:
        low = 0.0
    wider = np.append(standing, problem.n_sources + siblings)
    alone = moments.edge(np.array([source]), 0.0, threshold, open_, wider)
    return Siblings(
        source, tuple(siblings.tolist()), share, min(low, share), max(high, share), alone
    )
