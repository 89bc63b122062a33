"""Fitting the scorer of a panel: cross-fitted by prompt, conversation and text.

The samples are dealt into folds, a model a fold is learnt and calibrated, and a second round leaves
out whole sources and domains: their text then looks as that of an unknown one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.scoring.fitting.dealing import references_of
from provenance.scoring.fitting.learning import (
    calibrated_on,
    cross_calibrated,
    cross_scores,
    feature_families,
    is_learnt,
    sample_weights,
)
from provenance.scoring.fitting.left_out import fill_other_domains, fill_unknown
from provenance.scoring.fitting.stages import Stages, silent
from provenance.scoring.panel import Panel, References
from provenance.scoring.views import Alone, Scores, View, families_of, views_of
from provenance.statistics.threads import one_thread

__all__ = ["MINIMUM_DOCUMENTS", "fit_panel"]

MINIMUM_DOCUMENTS: Final = 20


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
    fill_unknown(views, families, references, stages)
    fill_other_domains(views, families, references, stages)
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
    learnt, sample_weight = is_learnt(references), sample_weights(references)
    found = {}
    for family in families_of(int(source.max()) + 1):
        used = scores.of((family,))
        limit = scores.limits((family,))
        calibration = calibrated_on(used[learnt], limit, source[learnt], sample_weight[learnt])
        found[family] = Alone(calibration, calibration.log_posteriors(used))
    return found
