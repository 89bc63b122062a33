"""What tells sources apart, learnt: a linear score of each feature family, and likelihood ratios.

Ridge regression of class indicators on unit-length feature rows, one model a fold, and logistic
calibration on the scores that other folds' models give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.scoring.fitting.ridge import product, repeated, ridge
from provenance.scoring.fitting.shared_prompts import taught
from provenance.scoring.fitting.stages import Stages, silent
from provenance.scoring.panel import FAMILIES, N_FOLDS, References
from provenance.scoring.views import Calibration, Scores

__all__ = [
    "PENALTIES",
    "FeatureFamily",
    "calibrated_on",
    "cross_calibrated",
    "cross_scores",
    "feature_families",
    "is_learnt",
    "sample_weights",
]

PENALTIES: Final = {"words": 0.3, "shape": 0.6, "tokens": 0.3}
CALIBRATION_C: Final = 0.1
# Two sources are told apart by one score, which is worth more steps. Among many, fewer steps lose
# nothing: with 0.1, 0.2 and 0.3 the log loss with prompts held out is 1.751, 1.748 and 1.745 on
# `alpaca_eval`, 0.519, 0.518 and 0.522 on `slop_score`, 0.720, 0.718 and 0.725 on `debate_2026`.
_TOLERANCE: Final = {True: 5e-3, False: 0.2}


@dataclass(frozen=True, slots=True)
class FeatureFamily:
    """Feature rows of one family, without the columns that a single passage fills.

    Parameters
    ----------
    name : str
    rows : scipy.sparse.csr_matrix, shape (n_passages, n_kept_features)
    columns : ndarray of int64, shape (n_kept_features,)
        Which of the spec's features are kept.
    """

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


def feature_families(rows: FeatureRows, spec: FeatureSpec) -> list[FeatureFamily]:
    """Each of the `FAMILIES` of some passages, as it is learned from."""
    return [FeatureFamily(name, *repeated(rows.matrix(spec, (name,)))) for name in FAMILIES]


def sample_weights(references: References) -> NDArray[np.float64]:
    """Weight of each passage, shape (n_passages,); of those learnt from each source's sum to one
    number.
    """
    learnt, weight = is_learnt(references), references.passage_weight
    source = references.source[references.document]
    total = np.bincount(source, weight * learnt)
    evened: NDArray[np.float64] = weight / total[source] * learnt.sum() / len(total)
    return evened


def is_learnt(references: References) -> NDArray[np.bool_]:
    """Which passages the models learn from, shape (n_passages,)."""
    return taught(references.source, references.prompt_hash)[references.document]


def _targets(source: NDArray[np.int64], n_sources: int) -> NDArray[np.float32]:
    """1 for the source, equal negative values for the others; one column for two sources."""
    targets = np.full((len(source), n_sources), -1 / (n_sources - 1), np.float32)
    targets[np.arange(len(source)), source] = 1
    return targets[:, :1] if n_sources == 2 else targets


def cross_scores(
    families: Sequence[FeatureFamily],
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
    sample_weight = sample_weights(references)
    fold, learnt = references.fold[references.document], is_learnt(references)
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


def cross_calibrated(
    scores: Scores, families: Sequence[str], references: References
) -> Iterator[Calibration]:
    """One calibration a fold, from the scores of all others.

    Two sources share one: with a parameter for each family and one more it cannot follow single
    rows, and the scores of all folds stay on one scale.
    """
    source = references.source[references.document]
    sample_weight = sample_weights(references)
    fold = references.fold[references.document]
    columns, limit = scores.of(families), scores.limits(families)
    if len(np.unique(source)) == 2:
        yield from repeat(calibrated_on(columns, limit, source, sample_weight), N_FOLDS)
        return
    start, learnt = None, is_learnt(references)
    for held_out in range(N_FOLDS):
        used = (fold != held_out) & learnt
        start = calibrated_on(columns[used], limit, source[used], sample_weight[used], start)
        yield start


def calibrated_on(
    scores: NDArray[np.float32],
    limit: NDArray[np.float64],
    source: NDArray[np.int64],
    sample_weight: NDArray[np.float64],
    start: Calibration | None = None,
) -> Calibration:
    """Fit how scores become posteriors: logistic regression of the sources on them.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_passages, n_columns)
        Of each family and source.
    limit : ndarray of float64, shape (n_columns,)
        Spreads from the mean at which a score is cut off.
    source : ndarray of int64, shape (n_passages,)
    sample_weight : ndarray of float64, shape (n_passages,)
    start : Calibration, optional
        Of like scores, to begin at: of several sources it saves time.
    """
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
