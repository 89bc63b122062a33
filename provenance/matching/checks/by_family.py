"""What each feature family alone reads of a corpus, told beside the shares.

A family's reading is the maximum-likelihood share of a candidate against all other sources, these
mixed as the shares have them. What the family reads of the samples, mixed alike, is taken off: at
home every family then reads the same but for noise. Families that disagree by more have seen text
that was edited or rewritten, or that is of another kind than the samples. The range of the share
then reaches as far as theirs, so that no verdict stands on what one of them alone has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.matching.checks.other_kind import judged_of_another_kind
from provenance.matching.judging import Judged
from provenance.matching.matched import Settings
from provenance.records import Diagnostic, FamilyReading
from provenance.scoring.panel import Panel
from provenance.scoring.scored import (
    Passages,
    Scored,
    ScoredSamples,
    against,
    weights_of_others,
)
from provenance.scoring.views import VIEWS
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.statistics.intervals import normal_quantile
from provenance.words import percent

__all__ = [
    "Readings",
    "agreement_checks",
    "family_readings",
    "judged_by_families",
    "reading_of",
    "rooms",
    "told_readings",
]

_GROUPS: Final = 20
"""Groups of clusters that the jackknife leaves out in turn; a round figure, not tuned."""
_LEVEL: Final = 0.01
"""Chance of a word about families that agree, over all pairs; a round figure, not tuned."""
_WORTH_A_WORD: Final = 0.05
"""Difference below which families are said to agree; a round figure, not tuned."""

_LARGEST: Final = 30.0  # a log ratio beyond it changes no share by what is shown
_HALVINGS: Final = 30  # to 1e-9

Readings = Mapping[str, NDArray[np.float64]]


def judged_by_families(
    judged: Judged,
    panel: Panel,
    samples: ScoredSamples,
    corpus: Mapping[str, Scored],
    sources: Sources,
    view: str,
    settings: Settings,
) -> tuple[Judged, dict[int, Readings]]:
    """What was judged, with ranges that reach as far as its families' where these disagree.

    And further up where all families show the corpus to be of another kind than the samples.

    `match` and `validate` both tell shares after it.

    Parameters
    ----------
    judged : Judged
    panel, samples, corpus
        See `family_readings`.
    sources : Sources
    view : str
        By which the corpus was judged.
    settings : Settings

    Returns
    -------
    judged : Judged
    readings : dict of int to dict of str to ndarray
        See `family_readings`.
    """
    mixture = judged.estimate.mixtures["documents"]
    readings = family_readings(panel, samples, corpus, mixture.shares, sources.candidates)
    widened = judged.widened(rooms(readings, mixture, view, settings), sources)
    return judged_of_another_kind(widened, panel, samples, corpus, sources, view), readings


def family_readings(
    panel: Panel,
    samples: ScoredSamples,
    corpus: Mapping[str, Scored],
    shares: NDArray[np.float64],
    candidates: Sequence[int],
) -> dict[int, Readings]:
    """What every family reads of every candidate, by candidate and family.

    Parameters
    ----------
    panel : Panel
    samples : ScoredSamples
        Those of the panel, in any view.
    corpus : mapping of str to Scored
        A sample of the corpus as each family reads it.
    shares : ndarray of float64, shape (n_sources,)
    candidates : sequence of int

    Returns
    -------
    dict of int to dict of str to ndarray, shape (2, n_groups + 1)
        Of the corpus, less what the samples' mixture reads beside its share: the whole, then
        without each group of its clusters; and the same of the samples.
    """
    found: dict[int, dict[str, NDArray[np.float64]]] = {one: {} for one in candidates}
    for family, scored in corpus.items():
        known = replace(samples.scored, log_posterior=panel.alone[family].log_posterior)
        read = scored.passages(), known.passages()
        for candidate in candidates:
            found[candidate][family] = _corrected(*read, candidate, shares)
    return {**found}


def _corrected(
    corpus: Passages, samples: Passages, candidate: int, shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    others = weights_of_others(shares, candidate)
    assert samples.source is not None
    mixed = (1 - shares[candidate]) * others
    mixed[candidate] = shares[candidate]
    weighted = replace(samples, weight=samples.weight * mixed[samples.source])
    found, expected = (_read(one, candidate, others) for one in (corpus, weighted))
    return np.stack([found - (expected[0] - shares[candidate]), expected])


def _read(passages: Passages, candidate: int, others: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = against(passages.log_posterior, candidate, others)
    return reading_of(ratio, passages.weight, passages.cluster % _GROUPS, _GROUPS)


def reading_of(
    log_ratio: NDArray[np.float64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    n_groups: int,
) -> NDArray[np.float64]:
    """Maximum-likelihood share of the first of two classes, and without each group of passages.

    Parameters
    ----------
    log_ratio, weight : ndarray, shape (n_passages,)
        Log likelihood ratio of the first class against the second.
    group : ndarray of int64, shape (n_passages,)
    n_groups : int

    Returns
    -------
    ndarray, shape (n_groups + 1,)
        The whole first; without a group by one step of Newton's from it.

    Examples
    --------
    >>> sure = np.array([9.0, 9.0, -9.0, -9.0])
    >>> reading_of(sure, np.ones(4), np.array([0, 0, 1, 1]), 2).round(2).tolist()
    [0.5, 0.0, 1.0]
    """
    excess = np.expm1(np.clip(log_ratio, -_LARGEST, _LARGEST))

    def slopes(share: float) -> NDArray[np.float64]:
        return weight * excess / (1 + share * excess)

    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slopes(middle).sum() > 0 else (low, middle)
    share = (low + high) / 2
    slope = np.bincount(group, slopes(share), minlength=n_groups)
    bend = np.bincount(group, slopes(share) ** 2 / np.maximum(weight, 1e-300), minlength=n_groups)
    without = (slope.sum() - slope) / np.maximum(bend.sum() - bend, 1e-300)
    found: NDArray[np.float64] = np.clip(np.concatenate([[share], share + without]), 0, 1)
    return found


def _error(replicates: NDArray[np.float64]) -> float:
    """Standard error of a sum of independent readings, shape (2, n_groups + 1): a jackknife."""
    groups = replicates[:, 1:]
    spread = np.square(groups - groups.mean(axis=1, keepdims=True)).sum()
    return float(np.sqrt(spread * (groups.shape[1] - 1) / groups.shape[1]))


def told_readings(
    readings: Mapping[int, Readings], sources: Sources, settings: Settings, *, withheld: bool
) -> Iterator[FamilyReading]:
    """A record of each reading; where shares are withheld, the ends say nothing."""
    for candidate, by_family in readings.items():
        for family, found in by_family.items():
            low, high = _ends(found, settings)
            yield FamilyReading(
                family=family,
                source=sources.names[candidate],
                share=None if withheld else float(np.clip(found[0, 0], 0, 1)),
                low=0.0 if withheld else low,
                high=1.0 if withheld else high,
                confidence_level=settings.confidence_level,
            )


def _ends(found: NDArray[np.float64], settings: Settings) -> tuple[float, float]:
    """The range of one family's reading."""
    width = settings.caution * normal_quantile((1 + settings.confidence_level) / 2)
    share, room = float(found[0, 0]), width * _error(found)
    return min(1.0, max(0.0, share - room)), min(1.0, max(0.0, share + room))


def rooms(
    readings: Mapping[int, Readings], mixture: Mixture, view: str, settings: Settings
) -> dict[int, tuple[float, float]]:
    """How far below and above its range a candidate may lie where the families disagree.

    As far as the range of any family that the corpus was scored by. A launderer moves layout and
    white space for free, and with them what tokens and figures of style read; words stay.

    Parameters
    ----------
    readings : mapping of int to mapping of str to ndarray
        See `family_readings`.
    mixture : Mixture
        Of the documents.
    view : str
        Whose families scored the corpus; what was left out for its layout has no say.
    settings : Settings

    Returns
    -------
    dict of int to tuple of float
        Of candidates whose families disagree; 0 where they reach no further.
    """
    found = {}
    for candidate, by_family in readings.items():
        used = _used(by_family, view)
        if _disagreement(used, len(readings), settings) > 1:
            lows, highs = zip(*(_ends(one, settings) for one in used.values()), strict=True)
            below = float(mixture.low[candidate]) - min(lows)
            above = max(highs) - float(mixture.high[candidate])
            found[candidate] = max(0.0, below), max(0.0, above)
    return found


def _used(by_family: Readings, view: str) -> Readings:
    return {family: by_family[family] for family in VIEWS[view] if family in by_family}


def agreement_checks(
    readings: Mapping[int, Readings],
    sources: Sources,
    settings: Settings,
    *,
    view: str,
    withheld: bool,
) -> Iterator[Diagnostic]:
    """Whether the families read each candidate alike, within what noise explains.

    Where those of the view disagree the range reaches as far as theirs; see `rooms`.
    """
    for candidate, by_family in readings.items():
        if len(by_family) < 2:
            continue
        worst = _disagreement(by_family, len(readings), settings)
        reaches = _disagreement(_used(by_family, view), len(readings), settings) > 1
        yield Diagnostic(
            name=f"feature_families[{sources.names[candidate]}]",
            verdict="warn" if worst > 1 else "ok",
            statistic=worst,
            limit=1.0,
            sentence=_sentence(sources.names[candidate], by_family, worst > 1, withheld=withheld)
            + (" The range reaches as far as theirs." if reaches else ""),
        )


def _disagreement(by_family: Readings, n_candidates: int, settings: Settings) -> float:
    """The largest difference of two families, in parts of what noise explains; 0 of one alone."""
    pairs = list(combinations(by_family.values(), 2))
    level = _LEVEL / (max(1, len(pairs)) * n_candidates)
    width = settings.caution * normal_quantile(1 - level / 2)
    return max(
        (
            abs(float(one[0, 0] - other[0, 0])) / max(_WORTH_A_WORD, width * _error(one - other))
            for one, other in pairs
        ),
        default=0.0,
    )


def _sentence(name: str, by_family: Readings, disagree: bool, *, withheld: bool) -> str:
    if not disagree:
        return f"The feature families, each alone, read {name} alike."
    read = [
        family if withheld else f"{family} {percent(float(np.clip(found[0, 0], 0, 1)))}"
        for family, found in by_family.items()
    ]
    return (
        f"The feature families ({', '.join(read)}) disagree about {name} by more than their noise:"
        " text that was edited or rewritten reads so, and so does text of another kind than the"
        " samples."
    )
