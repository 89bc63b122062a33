"""Fitted panels: held-out scores, independent documents, sources and domains left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, fingerprint, of_domains, panel, rows, texts
from numpy.typing import NDArray

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS, fit_panel
from provenance.scoring.fitting.learning import FeatureFamily, cross_scores, feature_families
from provenance.scoring.panel import FAMILIES, N_FOLDS
from provenance.scoring.views import Scores, views_of


@pytest.mark.parametrize("n_sources", [2, 3, 5])
def test_posteriors_of_held_out_passages_add_up_and_tell_sources_apart(n_sources: int) -> None:
    fitted = panel(n_sources)
    references = fitted.references
    for name in views_of(len(fitted.names)):
        ratio = fitted.views[name].log_posterior
        assert np.exp(ratio).sum(axis=1) == pytest.approx(1, abs=1e-5)
        right = ratio.argmax(axis=1) == references.source[references.document]
        assert right.mean() > 0.8
    assert references.passage_weight.sum() == pytest.approx(n_sources)


@pytest.mark.parametrize("n_sources", [2, 5])
def test_folds_of_the_samples_are_even_and_keep_components_together(n_sources: int) -> None:
    references = panel(n_sources).references
    counts = np.bincount(references.fold, minlength=N_FOLDS)
    assert counts.max() - counts.min() <= 1
    for component in np.unique(references.component):
        assert len(np.unique(references.fold[references.component == component])) == 1


def grouped(count: int, size: int, **fields: str) -> Corpus:
    """Rows in groups of a size."""
    found = rows(texts("alpha", count, 4))
    numbered = [{**row, "talk": f"t{place // size}", **fields} for place, row in enumerate(found)]
    prompt = "ask" if fields else None
    return open_corpus(numbered, group_field="talk", prompt_field=prompt)


@pytest.mark.parametrize("size", [1, 3, 12])
def test_documents_of_a_group_are_one_unit(size: int) -> None:
    """Also where a group holds a large part of a small sample."""
    source = fit_fingerprint(grouped(24 * size, size), "talks", SPEC)
    references = fit_panel([source, fingerprint("human")]).references
    component = references.component[references.source == 0]
    assert sorted(np.bincount(component)[np.unique(component)].tolist()) == [size] * 24


def test_a_prompt_that_most_documents_share_joins_nothing() -> None:
    source = fit_fingerprint(grouped(60, 1, ask="Go on."), "talks", SPEC)
    references = fit_panel([source, fingerprint("human")]).references
    assert len(np.unique(references.component[references.source == 0])) == 60


def test_each_stage_is_told_and_each_step_of_it_once() -> None:
    told: list[tuple[str, int, int]] = []
    names = ("alpha", "beta", "human")
    fit_panel([fingerprint(name) for name in names], 0, lambda *step: told.append(step))
    assert [step for step in told if step[0] == "learning the sources"] == [
        ("learning the sources", fold, 5) for fold in range(5)
    ]
    assert [step[1:] for step in told if step[0] == "leaving out sources"] == [
        (number, 3) for number in range(3)
    ]


def test_documents_of_one_group_cannot_be_a_source() -> None:
    source = fit_fingerprint(grouped(60, 30), "talks", SPEC)
    with pytest.raises(InputError, match=r"'talks' come in 2 groups.*at least 20"):
        fit_panel([source, fingerprint("human")])


def test_a_source_of_copies_is_too_small() -> None:
    copies = fit_fingerprint(iter(texts("alpha", 4, 4) * 30), "copies", SPEC)
    with pytest.raises(InputError, match="'copies' has 4 different documents"):
        fit_panel([copies, fingerprint("human")])


def test_sources_of_the_same_texts_cannot_be_told_apart() -> None:
    twin = replace(fingerprint("alpha"), name="twin")
    fitted = fit_panel([fingerprint("alpha"), twin])
    assert fitted.views["words"].log_posterior == pytest.approx(np.log(0.5), abs=1e-3)


def test_the_seed_draws_the_folds_and_nothing_else() -> None:
    first, second = panel(2, seed=0), panel(2, seed=1)
    assert (first.references.fold != second.references.fold).any()
    assert np.array_equal(first.references.component, second.references.component)
    again = fit_panel([fingerprint("alpha"), fingerprint("human")], 0)
    assert np.array_equal(again.weights, first.weights)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 5))]
)
def test_small_sources_beside_large_ones(seed: int) -> None:
    """Some fold has no document of some source here."""
    small = [
        fit_fingerprint(open_corpus(rows(texts(name, MINIMUM_DOCUMENTS + 1, seed))), name, SPEC)
        for name in ("alpha", "beta", "gamma", "delta")
    ]
    large = fit_fingerprint(open_corpus(rows(texts("human", 200, seed))), "human", SPEC)
    references, views = (found := fit_panel([*small, large], seed)).references, found.views
    filled = np.zeros((5, N_FOLDS), int)
    np.add.at(filled, (references.source, references.fold), 1)
    assert filled.min() == 0
    assert np.isfinite(views["words"].unknown).all()


def stored(names: Sequence[str]) -> FeatureRows:
    return FeatureRows.concatenate([fingerprint(name).sample.rows for name in names])


def test_no_model_scores_what_it_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """In folds, with sources left out and with domains left out."""
    learned: list[NDArray[np.int64]] = []
    n_scored = 0
    fit, scores = FeatureFamily.fit, FeatureFamily.scores

    def learning(family: FeatureFamily, rows: NDArray[np.int64], *given: Any) -> Any:
        learned.append(rows)
        return fit(family, rows, *given)

    def scoring(family: FeatureFamily, rows: NDArray[np.int64], weights: Any) -> Any:
        nonlocal n_scored
        n_scored += 1
        assert len(rows) > 0
        assert not np.isin(rows, learned[-1]).any()
        return scores(family, rows, weights)

    monkeypatch.setattr(FeatureFamily, "fit", learning)
    monkeypatch.setattr(FeatureFamily, "scores", scoring)
    fit_panel([of_domains(name, ["law", "news"]) for name in ("alpha", "beta", "human")])
    assert n_scored == len(learned) == len(FAMILIES) * (N_FOLDS + 3 + 2)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_a_model_knows_nothing_of_the_fold_that_it_scores(n_sources: int) -> None:
    """Other counts in the documents of a fold change every model but that fold's."""
    fitted = panel(n_sources)
    references, held = fitted.references, 2
    found = stored(fitted.names)
    inside = references.fold[references.document] == held
    counts = found.counts.copy()
    counts[np.repeat(inside, np.diff(found.indptr))] += 3
    changed = replace(found, counts=counts)
    _, plain, plain_units = cross_scores(feature_families(found, SPEC), references, SPEC)
    _, other, other_units = cross_scores(feature_families(changed, SPEC), references, SPEC)
    for fold in range(N_FOLDS):
        assert np.array_equal(plain[fold], other[fold]) == (fold == held)
        assert np.array_equal(plain_units[fold], other_units[fold]) == (fold == held)
    assert np.array_equal(plain, fitted.weights)


@pytest.mark.parametrize("n_sources", [2, 3, 5])
def test_whole_numbers_for_weights_give_the_same_scores(n_sources: int) -> None:
    fitted = panel(n_sources)
    references = fitted.references
    document = references.document
    fold = references.fold[document]
    scores = np.empty((len(document), len(FAMILIES), fitted.units.shape[2]), np.float32)
    for number, family in enumerate(feature_families(stored(fitted.names), SPEC)):
        for held_out in range(N_FOLDS):
            weights = fitted.weights[held_out, family.columns].astype(np.float32)
            rows_of_fold = np.flatnonzero(fold == held_out)
            scores[rows_of_fold, number] = family.scores(
                rows_of_fold, weights * fitted.units[held_out, number]
            )
    measured = Scores.measured(scores, references.statistics)
    for view in fitted.views.values():
        assert view.calibrated(measured, fold) == pytest.approx(view.log_posterior, abs=1e-3)
