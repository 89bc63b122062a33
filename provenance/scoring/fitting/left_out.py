"""Sources and domains scored by models that have not seen them: as unknown ones would look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.scoring.fitting.learning import (
    FeatureFamily,
    calibrated_on,
    is_learnt,
    sample_weights,
)
from provenance.scoring.fitting.shared_prompts import taught
from provenance.scoring.fitting.stages import Stages
from provenance.scoring.panel import FEWEST_OF_A_DOMAIN, LEFT_OUT, N_FOLDS, References
from provenance.scoring.views import Scores, View

__all__ = ["fill_other_domains", "fill_unknown"]

_MOST_DOMAINS: Final = 8
"""Domains that are left out, the largest ones; a guard of time."""
_MOST_SOURCES_BY_DOMAIN: Final = 8
"""Domains are left out where the question is one API against a few references."""
_SETS: Final = 12
"""Most sets of sources that are left out together."""
_LEFT_OUT_ROWS: Final = 6_000
_LEFT_OUT_DOCUMENTS: Final = 200
"""How many documents a model without some of the sources learns from: in all, of one at least."""


def fill_unknown(
    views: dict[str, View],
    families: Sequence[FeatureFamily],
    references: References,
    stages: Stages,
) -> None:
    """Score every source by models that have not seen it, nor the others of its set."""
    source = references.source[references.document]
    n_sources = int(source.max()) + 1
    if n_sources < 3:
        return
    sample_weight = sample_weights(references)
    fold = references.fold[references.document]
    most = max(_LEFT_OUT_DOCUMENTS, _LEFT_OUT_ROWS // n_sources)
    few, learnt = _first_of_each(references, most)[references.document], is_learnt(references)
    similar = next(iter(views.values())).log_posterior
    apart = [*_apart(similar, source, sample_weight)]
    for number, left_out in enumerate(apart):
        stages("leaving out sources", number, len(apart))
        kept = np.setdiff1d(np.arange(n_sources), left_out)
        place = np.searchsorted(kept, source)
        known = ~np.isin(source, left_out)
        held = _held(fold, source, known & learnt, number)
        learned = np.flatnonzero(known & ~held & few)
        scored = np.flatnonzero(~known | held)
        columns = []
        for family in families:
            fitted = family.fit(learned, place[learned], sample_weight[learned], len(kept))
            columns.append(family.scores(scored, fitted))
        scores = Scores.measured(np.stack(columns, axis=1), references.statistics[scored])
        inside, strange = known[scored] & learnt[scored], ~known[scored]
        for view in views.values():
            used = scores.of(view.families)
            calibration = calibrated_on(
                used[inside],
                scores.limits(view.families),
                place[scored[inside]],
                sample_weight[scored[inside]],
            )
            rows = scored[strange]
            view.unknown[rows] = LEFT_OUT
            view.unknown[rows[:, None], kept] = calibration.log_posteriors(used[strange])
    for view in views.values():
        for one in range(n_sources):
            rows = np.flatnonzero(source == one)
            view.taken_for[one] = mixture_shares(
                view.unknown[rows], references.passage_weight[rows]
            )


def fill_other_domains(
    views: dict[str, View],
    families: Sequence[FeatureFamily],
    references: References,
    stages: Stages,
) -> None:
    """Score every domain by models that have not seen it.

    Only domains that sources share are left out, and only where others of these remain.
    """
    source = references.source[references.document]
    n_sources = int(source.max()) + 1
    shared = _shared_domains(references)
    if len(shared) < 2 or n_sources > _MOST_SOURCES_BY_DOMAIN:
        return
    sample_weight, learnt = sample_weights(references), is_learnt(references)
    fold = references.fold[references.document]
    domain = references.domain[references.document]
    for number, left_out in enumerate(shared):
        stages("leaving out domains", number, len(shared))
        inside = np.flatnonzero((domain != left_out) & learnt)
        outside = np.flatnonzero(domain == left_out)
        # Every source counts alike, however much of it the domain took away.
        weight = sample_weight[inside]
        totals = np.bincount(source[inside], weight, minlength=n_sources)
        weight = weight / totals[source[inside]] * weight.sum() / np.count_nonzero(totals)
        columns = [
            family.scores(outside, family.fit(inside, source[inside], weight, n_sources))
            for family in families
        ]
        scores = Scores.measured(np.stack(columns, axis=1), references.statistics[outside])
        for view in views.values():
            view.other_domains[outside] = view.calibrated(scores, fold[outside])


def _shared_domains(references: References) -> list[int]:
    """Domains that at least two sources have enough documents of, the largest first."""
    labelled = references.domain >= 0
    pairs = np.stack([references.domain[labelled], references.source[labelled]])
    found, n_documents = np.unique(pairs, axis=1, return_counts=True)
    domain, n_sources = np.unique(found[0, n_documents >= FEWEST_OF_A_DOMAIN], return_counts=True)
    shared = domain[n_sources > 1].tolist()
    size = np.bincount(references.domain[labelled], minlength=1)
    return sorted(shared, key=lambda number: (-size[number], number))[:_MOST_DOMAINS]


def _held(
    fold: NDArray[np.int64], source: NDArray[np.int64], known: NDArray[np.bool_], number: int
) -> NDArray[np.bool_]:
    """The fold to calibrate on, and the next ones while it has nothing of a known source."""
    for n_folds in range(1, N_FOLDS):
        held = (fold - number) % N_FOLDS < n_folds
        if np.isin(source[known], source[known & held]).all():
            break
    return held


def _first_of_each(references: References, most: int) -> NDArray[np.bool_]:
    """So many documents of every source; they stand in the order of their hashes."""
    learnt = np.flatnonzero(taught(references.source, references.prompt_hash))
    order = learnt[np.argsort(references.source[learnt], kind="stable")]
    first = np.searchsorted(references.source[order], references.source[order])
    chosen = np.zeros(len(references.source), bool)
    chosen[order] = np.arange(len(order)) - first < most
    return chosen


def _apart(
    log_posterior: NDArray[np.float32],
    source: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> Iterator[NDArray[np.int64]]:
    """Sets of sources to leave out together; look-alikes stand in different sets."""
    n_sources = log_posterior.shape[1]
    likeness = np.stack(
        [
            np.average(np.exp(log_posterior[source == one]), axis=0, weights=weight[source == one])
            for one in range(n_sources)
        ]
    )
    likeness += likeness.T
    n_sets = min(n_sources, _SETS)
    sets: list[list[int]] = [[] for _ in range(n_sets)]
    most = -(-n_sources // n_sets)
    for one in np.argsort(-np.sort(likeness, axis=1)[:, -2], kind="stable").tolist():
        room = [members for members in sets if len(members) < most]
        min(room, key=lambda members: (likeness[one, members].max(initial=0), len(members))).append(
            one
        )
    for members in sets:
        if members:
            yield np.array(sorted(members))
