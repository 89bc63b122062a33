"""Fitting the scorer of a panel: cross-fitted by prompt, conversation and text.

Ridge regression of class indicators on unit-length feature rows, one model a fold, and logistic
calibration on the scores that other folds' models give. A second round leaves out whole sources:
their text then looks as that of an unknown source would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.hashes import text_hash
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.em import mixture_shares
from provenance.scoring.panel import (
    FAMILIES,
    FEWEST_OF_A_DOMAIN,
    LEFT_OUT,
    N_FOLDS,
    Alone,
    Calibration,
    Panel,
    References,
    Scores,
    View,
    drawn_folds,
    families_of,
    views_of,
)
from provenance.scoring.ridge import product, repeated, ridge
from provenance.scoring.shared_prompts import taught
from provenance.statistics.clusters import connected
from provenance.statistics.threads import one_thread

__all__ = [
    "MINIMUM_DOCUMENTS",
    "Stages",
    "components",
    "cross_calibrated",
    "cross_scores",
    "feature_families",
    "fit_panel",
    "references_of",
    "silent",
]

PENALTIES: Final = {"words": 0.3, "shape": 0.6, "tokens": 0.3}
CALIBRATION_C: Final = 0.1
MINIMUM_DOCUMENTS: Final = 20
# Two sources are told apart by one score, which is worth more steps. Among many, fewer steps lose
# nothing: with 0.1, 0.2 and 0.3 the log loss with prompts held out is 1.751, 1.748 and 1.745 on
# `alpaca_eval`, 0.519, 0.518 and 0.522 on `slop_score`, 0.720, 0.718 and 0.725 on `debate_2026`.
_TOLERANCE: Final = {True: 5e-3, False: 0.2}
# A prompt that so many of a source's documents share says nothing of their dependence.
_COMMON: Final = 0.05
_MOST_DOMAINS: Final = 8
_MOST_SOURCES_BY_DOMAIN: Final = 8
"""Domains are left out where the question is one API against a few references."""
_SETS: Final = 12
"""Most sets of sources that are left out together."""
_LEFT_OUT_ROWS: Final = 6_000
_LEFT_OUT_DOCUMENTS: Final = 200
"""How many documents a model without some of the sources learns from: in all, of one at least."""


Stages = Callable[[str, int, int], None]
"""Called with what is being done, the steps done of it and all its steps."""


def silent(told: str, done: int, total: int) -> None:
    """Tell nobody."""


@one_thread
def fit_panel(fingerprints: Sequence[Fingerprint], seed: int = 0, stages: Stages = silent) -> Panel:
    """Fit the scorer of several sources on their stored rows.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        At least two, of one spec, with different names.
    seed : int
        Draws the folds.
    stages : callable
        Told what is being done, before each step.

    Raises
    ------
    InputError
        Where specs differ, names repeat, or a source has too little text.
    """
    spec = require_same_spec(fingerprints)
    names = tuple(fingerprint.name for fingerprint in fingerprints)
    _check(fingerprints, names)
    samples = [fingerprint.sample for fingerprint in fingerprints]
    references = references_of(samples, names, seed)
    _check_independent(references, names)
    families = feature_families(
        FeatureRows.concatenate([sample.rows for sample in samples]),
        spec,
    )
    scores, weights, units = cross_scores(families, references, spec, stages)
    stages("calibrating scores", 0, 1)
    views = _views(scores, references)
    _fill_unknown(views, families, references, stages)
    _fill_other_domains(views, families, references, stages)
    alone = _alone(scores, references)
    return Panel(names, spec, seed, references, views, alone, weights, units)


def _check(fingerprints: Sequence[Fingerprint], names: Sequence[str]) -> None:
    if len(set(names)) < len(names) or len(names) < 2:
        raise InputError(
            f"the sources are called {', '.join(map(repr, names))}",
            expected="at least two sources with different names",
            remedy="Name them with provenance fingerprint --name",
        )
    for fingerprint in fingerprints:
        n_clusters = len(np.unique(fingerprint.sample.cluster_hash))
        if n_clusters < MINIMUM_DOCUMENTS:
            raise InputError(
                f"{fingerprint.name!r} has {n_clusters} different documents of"
                f" {fingerprint.spec.min_tokens} tokens or more",
                expected=f"at least {MINIMUM_DOCUMENTS}, better 400",
                remedy="Make its fingerprint from more text",
            )


def _check_independent(references: References, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        n_components = len(np.unique(references.component[references.source == number]))
        if n_components < MINIMUM_DOCUMENTS:
            raise InputError(
                f"the documents of {name!r} come in {n_components} groups that share nothing",
                expected=f"at least {MINIMUM_DOCUMENTS} groups, by group field, prompt and words",
                remedy="Make its fingerprint with a finer --group-field, or from more text",
            )


def references_of(
    samples: Sequence[SampledDocuments], names: Sequence[str], seed: int
) -> References:
    """The samples of all sources, dealt into folds that share no group, prompt or words."""
    pooled, source = SampledDocuments.pooled(samples)
    component = components(pooled, source)
    smallest = np.full(component.max() + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, component, pooled.cluster_hash)
    return References(
        source=source,
        cluster_hash=pooled.cluster_hash,
        prompt_hash=pooled.prompt_hash,
        component=component,
        fold=_even_folds(smallest, seed)[component],
        multiplicity=pooled.multiplicity,
        domain=_domains(samples, names),
        document=pooled.document,
        passage_tokens=pooled.passage_tokens,
        statistics=pooled.statistics,
    )


def _domains(samples: Sequence[SampledDocuments], names: Sequence[str]) -> NDArray[np.int64]:
    """Number of each document's domain label, shape (n_documents,).

    A source without labels is a domain of its own, called as the source is: so do references come
    that are one for each domain.
    """
    labels = np.concatenate(
        [
            sample.domain_hash
            if sample.domain_hash.any()
            else np.full(len(sample), text_hash(name), np.uint64)
            for sample, name in zip(samples, names, strict=True)
        ]
    )
    number = np.unique(np.append(labels, np.uint64(0)), return_inverse=True)[1][:-1]
    return number.astype(np.int64) - 1


def _shared_domains(references: References) -> list[int]:
    """Domains that at least two sources have enough documents of, the largest first."""
    labelled = references.domain >= 0
    pairs = np.stack([references.domain[labelled], references.source[labelled]])
    found, n_documents = np.unique(pairs, axis=1, return_counts=True)
    domain, n_sources = np.unique(found[0, n_documents >= FEWEST_OF_A_DOMAIN], return_counts=True)
    shared = domain[n_sources > 1].tolist()
    size = np.bincount(references.domain[labelled], minlength=1)
    return sorted(shared, key=lambda number: (-size[number], number))[:_MOST_DOMAINS]


def _even_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Folds of equal numbers of components, in an order that the seed draws."""
    order = np.lexsort((hashes, drawn_folds(hashes, seed)))
    shuffled = np.random.default_rng(seed).permutation(len(hashes))
    folds = np.empty(len(hashes), np.int64)
    folds[order[shuffled]] = np.arange(len(hashes)) % N_FOLDS
    return folds


def components(pooled: SampledDocuments, source: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the connected component of each document, shape (n_documents,)."""
    joins = []
    most = np.maximum(10, _COMMON * np.bincount(source)[source])
    for hashes in (pooled.cluster_hash, pooled.group_hash, pooled.prompt_hash):
        number = np.unique(hashes, return_inverse=True)[1]
        pairs = np.unique(number * (source.max() + 1) + source, return_inverse=True)[1]
        few = np.bincount(pairs)[pairs] <= most if hashes is pooled.prompt_hash else True
        joined = np.flatnonzero((hashes != 0) & few)
        joins.append((joined, hashes[joined]))
    return connected(len(pooled), joins)


@dataclass(frozen=True, slots=True)
class _FeatureFamily:
    """Feature rows of one family, without the columns that a single passage fills."""

    name: str
    rows: Any
    columns: NDArray[np.int64]

    def fit(
        self,
        learned: NDArray[np.int64],
        source: NDArray[np.int64],
        sample_weight: NDArray[np.float64],
        n_sources: int,
    ) -> NDArray[np.float32]:
        """Weights of every source's score, shape (n_kept_features, n_columns)."""
        targets = _targets(source, n_sources)
        return ridge(
            self.rows,
            targets,
            sample_weight,
            PENALTIES[self.name],
            _TOLERANCE[targets.shape[1] == 1],
            learned,
        )

    def scores(self, scored: NDArray[np.int64], fitted: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of some rows, shape (n_scored, n_columns)."""
        return product(self.rows[scored], fitted)


def feature_families(rows: FeatureRows, spec: FeatureSpec) -> list[_FeatureFamily]:
    """Each of the `FAMILIES` of some passages, as it is learned from."""
    return [_FeatureFamily(name, *repeated(rows.matrix(spec, (name,)))) for name in FAMILIES]


def _sample_weight(references: References) -> NDArray[np.float64]:
    """Weight of each passage; of those learnt from each source's sum to the same."""
    learnt, weight = _learnt(references), references.passage_weight
    source = references.source[references.document]
    total = np.bincount(source, weight * learnt)
    evened: NDArray[np.float64] = weight / total[source] * learnt.sum() / len(total)
    return evened


def _learnt(references: References) -> NDArray[np.bool_]:
    """Which passages the models learn from."""
    return taught(references.source, references.prompt_hash)[references.document]


def cross_scores(
    families: Sequence[_FeatureFamily],
    references: References,
    spec: FeatureSpec,
    stages: Stages = silent,
) -> tuple[Scores, NDArray[np.int16], NDArray[np.float32]]:
    """Every passage scored by the models of the folds that it is not in, and those models.

    Returns
    -------
    scores : Scores
    weights, units : ndarray
        As in `Panel`.
    """
    source = references.source[references.document]
    n_sources = int(source.max()) + 1
    sample_weight = _sample_weight(references)
    fold, learnt = references.fold[references.document], _learnt(references)
    n_columns = 1 if n_sources == 2 else n_sources
    weights = np.zeros((N_FOLDS, spec.n_features, n_columns), np.int16)
    units = np.zeros((N_FOLDS, len(families), n_columns), np.float32)
    linear = np.empty((len(source), len(families), n_columns), np.float32)
    for held_out in range(N_FOLDS):
        stages("learning the sources", held_out, N_FOLDS)
        inside = np.flatnonzero((fold != held_out) & learnt)
        outside = np.flatnonzero(fold == held_out)
        for number, family in enumerate(families):
            fitted = family.fit(inside, source[inside], sample_weight[inside], n_sources)
            linear[outside, number] = family.scores(outside, fitted)
            units[held_out, number] = (
                np.maximum(np.abs(fitted).max(axis=0, initial=0), 1e-30) / 32767
            )
            weights[held_out, family.columns] = np.rint(fitted / units[held_out, number])
    return Scores.measured(linear, references.statistics), weights, units


def _views(scores: Scores, references: References) -> dict[str, View]:
    fold = references.fold[references.document]
    n_sources = int(references.source.max()) + 1
    views = {}
    for name, used in views_of(n_sources).items():
        calibrations = tuple(cross_calibrated(scores, used, references))
        unknown = np.full((len(fold), n_sources), np.nan, np.float32)
        nothing = np.zeros((n_sources, n_sources), np.float32)
        bare = View(used, calibrations, unknown, unknown, unknown.copy(), nothing)
        views[name] = replace(bare, log_posterior=bare.calibrated(scores, fold))
    return views


def _alone(scores: Scores, references: References) -> dict[str, Alone]:
    source = references.source[references.document]
    learnt, sample_weight = _learnt(references), _sample_weight(references)
    found = {}
    for family in families_of(int(source.max()) + 1):
        used = scores.of((family,))
        limit = scores.limits((family,))
        calibration = _calibrate(used[learnt], limit, source[learnt], sample_weight[learnt])
        found[family] = Alone(calibration, calibration.log_posteriors(used))
    return found


def _fill_unknown(
    views: dict[str, View],
    families: Sequence[_FeatureFamily],
    references: References,
    stages: Stages,
) -> None:
    """Score every source by models that have not seen it, nor the others of its set."""
    source = references.source[references.document]
    n_sources = int(source.max()) + 1
    if n_sources < 3:
        return
    sample_weight = _sample_weight(references)
    fold = references.fold[references.document]
    most = max(_LEFT_OUT_DOCUMENTS, _LEFT_OUT_ROWS // n_sources)
    few, learnt = _first_of_each(references, most)[references.document], _learnt(references)
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
            calibration = _calibrate(
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


def _fill_other_domains(
    views: dict[str, View],
    families: Sequence[_FeatureFamily],
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
    sample_weight, learnt = _sample_weight(references), _learnt(references)
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


def _targets(source: NDArray[np.int64], n_sources: int) -> NDArray[np.float32]:
    """1 for the source, equal negative values for the others; one column for two sources."""
    targets = np.full((len(source), n_sources), -1 / (n_sources - 1), np.float32)
    targets[np.arange(len(source)), source] = 1
    return targets[:, :1] if n_sources == 2 else targets


def cross_calibrated(
    scores: Scores, families: Sequence[str], references: References
) -> Iterator[Calibration]:
    """One calibration a fold, from the scores of all others.

    Two sources share one: with a parameter for each family and one more it cannot follow single
    rows, and the scores of all folds stay on one scale.
    """
    source = references.source[references.document]
    sample_weight = _sample_weight(references)
    fold = references.fold[references.document]
    columns, limit = scores.of(families), scores.limits(families)
    if len(np.unique(source)) == 2:
        yield from repeat(_calibrate(columns, limit, source, sample_weight), N_FOLDS)
        return
    start, learnt = None, _learnt(references)
    for held_out in range(N_FOLDS):
        used = (fold != held_out) & learnt
        start = _calibrate(columns[used], limit, source[used], sample_weight[used], start)
        yield start


def _calibrate(
    scores: NDArray[np.float32],
    limit: NDArray[np.float64],
    source: NDArray[np.int64],
    sample_weight: NDArray[np.float64],
    start: Calibration | None = None,
) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    centre, scale = scores.mean(axis=0, dtype=np.float64), scores.std(axis=0, dtype=np.float64)
    # Sources of the very same texts, or of texts without a common word, have equal scores.
    scale[scale == 0] = 1
    standard = np.clip((scores - centre) / scale, -limit, limit).astype(np.float32)
    model = LogisticRegression(C=CALIBRATION_C, max_iter=200, tol=1e-3, warm_start=True)
    many = start is not None and len(start.intercepts) > 2
    if many and start is not None:
        model.coef_, model.intercept_ = start.coefficients.copy(), start.intercepts.copy()
        model.classes_ = np.arange(len(start.intercepts))
    model.fit(standard, source, sample_weight=sample_weight)
    coefficients = np.asarray(model.coef_, np.float64)
    intercepts = np.asarray(model.intercept_, np.float64)
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    return Calibration(centre, scale, limit, coefficients, intercepts)
