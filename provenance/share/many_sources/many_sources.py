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
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.scored import Passages
from provenance.share.many_sources.kinds_of_people import beyond_people
from provenance.share.many_sources.power import Explained, ManySourcesPower, without
from provenance.share.many_sources.problem import Problem, SampleRows
from provenance.share.many_sources.reading import ShareReading, with_unknown_cost
from provenance.share.many_sources.unknown import given_up, least_given_up, without_unknown
from provenance.share.mixture import Mixture, Siblings, Together, adding_up
from provenance.share.part import WHOLE, Part
from provenance.share.two_sources.two_sources import CAUTION, FIT_LEVEL, FLOOR_ROWS, ZERO_LEVEL
from provenance.statistics.intervals import chi_square_tail, normal_quantile
from provenance.statistics.multiple_testing import holm_levels

__all__ = ["MISFIT_LIMIT", "closed_reading", "fit_many"]

MISFIT_LIMIT: Final = 0.07
"""Squared distance a document: text of models outside a panel of 24 kept within it (AlpacaEval, one
data set)."""
STRANGE_LIMIT: Final = 0.2
"""The same APIs on other prompts kept within it, human text did not (AlpacaEval and Arena-Hard, one
panel)."""

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
    part: Part = WHOLE,
    people: Sequence[int] = (),
    rows: SampleRows | None = None,
    of_one_kind: bool = False,
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
    confidence_level, caution, part
        As in `fit_mixture`.
    people : sequence of int
        References that all models together are told from, as the first candidate's reading has it.
    rows : SampleRows, optional
        Of the same references, where they stand ordered already.
    of_one_kind : bool
        Whether it was declared that people's part of the corpus is of the references' own kind.
    """
    problem = Problem(corpus, references, unknown, taken_for, caution, given_rows=rows)
    shares = problem.steady.copy()
    spread = problem.spread * normal_quantile((1 + part.level(confidence_level)) / 2) * caution
    # Stand-ins guard the candidates alone: any other share may be an unknown source's.
    low, high = np.zeros(problem.n_sources), problem.shares + spread
    found = {
        source: _candidate(ShareReading(problem, source, confidence_level, part))
        for source in candidates
    }
    zero_level = ZERO_LEVEL / part.n_parts
    levels = holm_levels([found[source].zero_p_value for source in candidates], zero_level)
    for source, level in zip(candidates, levels, strict=True):
        one = found[source]
        shares[source], low[source], high[source] = one.reading.share, one.low, one.reading.high
        if _shows_nothing(one.reading, one.zero_p_value, level):
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
    readings = {source: one.reading for source, one in found.items()}
    return Mixture(
        shares,
        low,
        np.clip(np.maximum(high, shares + floor), 0, 1),
        {source: one.two for source, one in readings.items()},
        problem.shares,
        {source: one.fit_p_value for source, one in readings.items()},
        {source: one.open_fit_p_value for source, one in readings.items()},
        tuple(families),
        max(one.unknown for one in readings.values()),
        {source: one.misfit for source, one in readings.items()},
        {source: one.power for source, one in found.items()},
        {source: one.doubt for source, one in readings.items()},
        models=_models(found[candidates[0]], people, shares, zero_level, of_one_kind)
        if people
        else None,
    )


def _shows_nothing(reading: ShareReading, zero_p_value: float, level: float) -> bool:
    """Whether a low end stays at 0: nothing is a share that explains the corpus too."""
    return zero_p_value > level or reading.doubt.misfit > STRANGE_LIMIT


def _models(
    one: _Candidate, people: Sequence[int], shares: Floats, zero_level: float, of_one_kind: bool
) -> Together:
    """All models together: a stranger's text counts, as far as it does not read as people's.

    The stranger may be people of another kind, who read as a model by as much at least as an
    unknown model does as a candidate. Unless people of another kind are excluded, no low end
    stands but that of what no kind of people's text explains.
    """
    reading, problem = one.reading, one.reading.problem
    models = np.setdiff1d(problem.every, people)
    strangers = np.intersect1d(problem.n_sources + models, reading.moments.origins.present)
    anyones, standing = np.append(models, strangers), reading.moments.origins.present
    share, floor = 1 - float(shares[list(people)].sum()), FLOOR_ROWS / problem.n_effective
    lowest = min(
        reading.lower(models, reading.known[0], problem.every),
        reading.lower(anyones, reading.shown, standing),
    )
    low = without_unknown(lowest, least_given_up(reading))
    high = max(
        reading.upper(models, reading.known[0], problem.every),
        reading.upper(anyones, reading.open[0], standing),
    )
    rise = reading.closed.rise(models, 0.0, reading.closed_shares, problem.every)
    if _shows_nothing(reading, chi_square_tail(rise, 1), zero_level):
        low = 0.0
    if one.is_unlike:
        high = 1.0
    low = max(0.0, min(low, share - floor))
    high = min(1.0, max(high, share + floor))
    if of_one_kind:
        return Together(share, low, high)
    beyond = beyond_people(problem, people, reading.level)
    if beyond is None:
        return Together(share, 0.0, high, low)
    return Together(share, min(low, beyond), high)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What was found of one candidate."""

    reading: ShareReading
    low: float
    zero_p_value: float
    family: Siblings | None
    power: ManySourcesPower

    @property
    def is_unlike(self) -> bool:
        """Whether the corpus is farther off than text of an unknown model would be."""
        return self.reading.open_fit_p_value < FIT_LEVEL and self.reading.misfit > MISFIT_LIMIT


def _candidate(reading: ShareReading) -> _Candidate:
    problem = reading.problem
    taken = given_up(reading)
    rise = reading.closed.rise(reading.own, 0.0, reading.closed_shares, problem.every)
    explained = partial(
        _explained,
        # Without what the problem has counted: the report may be long in the making.
        replace(problem, given_rows=problem.rows),
        reading.source,
        (reading.closed_shares, problem.every),
        (reading.shown, reading.standing),
    )
    power = ManySourcesPower(
        reading.source,
        explained,
        1.0 if reading.misfit > STRANGE_LIMIT else taken,
        FLOOR_ROWS / problem.n_effective,
        problem.n_effective,
        # Other corpora of this kind will not all fit as well as this one happens to.
        max(reading.caution, problem.caution),
        problem.corpus.unread,
    )
    return _Candidate(
        reading,
        without_unknown(reading.low, taken),
        chi_square_tail(rise, 1),
        _family(reading, taken),
        power,
    )


def _explained(
    problem: Problem,
    source: int,
    closed: tuple[Floats, NDArray[np.int64]],
    open_: tuple[Floats, NDArray[np.int64]],
    share: float,
) -> tuple[Explained, Explained]:
    """A corpus of a candidate's share and the rest as fitted, without and with stand-ins."""
    rest = without(closed[0], source, closed[1])
    there = replace(problem, given_shares=(1 - share) * rest + share * (problem.every == source))
    kinds = (there.moments, closed), (with_unknown_cost(there.open_moments(source)), open_)
    first, second = (
        Explained(there.drifting(moments, source), without(shares, source, origins), origins)
        for moments, (shares, origins) in kinds
    )
    return first, second


def closed_reading(
    corpus: Passages,
    references: Passages,
    source: int,
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> ShareReading:
    """One source if none but those given has a part: `low_of_known`, `high_of_known`.

    Parameters
    ----------
    corpus, references : Passages
    source : int
    confidence_level, caution : float
        As in `fit_mixture`.
    """
    n_sources = references.log_posterior.shape[1]
    no_stand_ins = np.full(references.log_posterior.shape, np.nan, np.float32)
    nothing = np.zeros((n_sources, n_sources), np.float32)
    problem = Problem(corpus, references, no_stand_ins, nothing, caution)
    return ShareReading(problem, source, confidence_level)


def _family(reading: ShareReading, taken: float) -> Siblings | None:
    """A candidate with its siblings: their share, and the candidate's if one of them is unknown.

    What the candidate's low end gives up to unknown sources, theirs gives up too.
    """
    siblings, problem, source = reading.siblings, reading.problem, reading.source
    if not len(siblings):
        return None
    members = np.append(siblings, source)
    known, shown = reading.known[0], reading.shown
    # Of sources that are all the candidate's siblings the shares add up to 1, but for rounding.
    share = min(1.0, float(known[members].sum()))
    high = max(reading.upper(members, known, problem.every), reading.high)
    low = without_unknown(reading.lower(members, shown, reading.standing), taken)
    if len(members) == problem.n_sources:
        low = 0.0
    wider = np.append(reading.standing, problem.n_sources + siblings)
    alone = reading.lower(reading.own, shown, wider)
    return Siblings(
        source, tuple(siblings.tolist()), share, min(low, share), max(high, share), alone
    )
