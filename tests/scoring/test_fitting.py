"""Fitted panels: held-out scores, independent documents, sources and domains left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, fingerprint, panel, rows, texts
from numpy.typing import NDArray

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.scoring.fitting import (
    MINIMUM_DOCUMENTS,
    _apart,
    _FeatureFamily,
    _held,
    cross_scores,
    feature_families,
    fit_panel,
)
from provenance.scoring.panel import FAMILIES, LEFT_OUT, N_FOLDS, Scores, views_of


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


@pytest.mark.parametrize("n_sources", [3, 5])
def test_sources_left_out_are_scored_by_models_of_the_others(n_sources: int) -> None:
    fitted = panel(n_sources)
    source = fitted.references.source[fitted.references.document]
    own = np.eye(n_sources, dtype=bool)[source]
    for view in fitted.views.values():
        assert (view.unknown[own] == LEFT_OUT).all()
        assert np.isfinite(view.unknown).all()
        rest = np.exp(view.unknown[~own].reshape(len(source), n_sources - 1))
        assert rest.sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert view.taken_for.sum(axis=1) == pytest.approx(1, abs=1e-4)
        assert np.diag(view.taken_for) == pytest.approx(0, abs=1e-4)


def test_of_two_sources_none_can_be_left_out() -> None:
    for view in panel(2).views.values():
        assert np.isnan(view.unknown).all()
        assert not view.taken_for.any()


def test_a_source_left_out_reads_as_its_twin() -> None:
    """Other texts by the same hand: known beside it, it gets about all of them."""
    twin = fit_fingerprint(open_corpus(rows(texts("alpha", 150, seed=9))), "twin", SPEC)
    names = ("alpha", "beta", "gamma", "human")
    view = fit_panel([*(fingerprint(name) for name in names), twin]).views["words"]
    assert view.taken_for[0, 4] > 0.8
    assert view.taken_for[4, 0] > 0.8
    assert view.taken_for[1:4, [0, 4]].max() < 0.8


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


@pytest.mark.parametrize(
    ("number", "fold", "source", "held"),
    [
        (1, [0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], [1, 4]),
        (1, [0, 1, 2, 0, 2, 3], [0, 0, 0, 1, 1, 1], [1, 2, 4]),
        (4, [0, 4, 3, 0, 1, 4], [0, 0, 0, 1, 1, 2], [0, 1, 3, 5]),
        (6, [0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], [1, 4]),
    ],
)
def test_a_calibration_has_rows_of_every_known_source(
    number: int, fold: list[int], source: list[int], held: list[int]
) -> None:
    """The third source is not known; the next fold helps out, after the last the first."""
    known = np.array(source) < 2
    found = _held(np.array(fold), np.array(source), known, number)
    assert np.flatnonzero(found).tolist() == held


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 6))
def test_every_source_is_left_out_once_and_never_with_its_twin(
    seed: int, n_sources: int, n_twins: int
) -> None:
    rng = np.random.default_rng(seed)
    number = rng.permutation(n_sources)[: 2 * min(n_twins, n_sources // 2)].reshape(-1, 2)
    likeness = rng.uniform(0, 0.1, (n_sources, n_sources)) + np.eye(n_sources)
    for one, other in number:
        likeness[one, other] = likeness[other, one] = 0.9
    ratio = np.log(np.maximum(likeness, 1e-9)).astype(np.float32)
    sets = [*_apart(ratio, np.arange(n_sources), np.ones(n_sources))]
    assert sorted(np.concatenate(sets).tolist()) == [*range(n_sources)]
    assert len(sets) == min(n_sources, 12)
    assert max(len(one) for one in sets) <= -(-n_sources // 12)
    for pair in number:
        assert not any(np.isin(pair, one).all() for one in sets)


def stored(names: Sequence[str]) -> FeatureRows:
    return FeatureRows.concatenate([fingerprint(name).sample.rows for name in names])


def of_domains(name: str, domains: Sequence[str]) -> Fingerprint:
    """Thirty documents of each domain."""
    found = [
        {"text": text, "domain": domains[place % len(domains)]}
        for place, text in enumerate(texts(name, 30 * len(domains), 6))
    ]
    return fit_fingerprint(open_corpus(found, domain_field="domain"), name, SPEC)


def test_no_model_scores_what_it_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """In folds, with sources left out and with domains left out."""
    learned: list[NDArray[np.int64]] = []
    n_scored = 0
    fit, scores = _FeatureFamily.fit, _FeatureFamily.scores

    def learning(family: _FeatureFamily, rows: NDArray[np.int64], *given: Any) -> Any:
        learned.append(rows)
        return fit(family, rows, *given)

    def scoring(family: _FeatureFamily, rows: NDArray[np.int64], weights: Any) -> Any:
        nonlocal n_scored
        n_scored += 1
        assert len(rows) > 0
        assert not np.isin(rows, learned[-1]).any()
        return scores(family, rows, weights)

    monkeypatch.setattr(_FeatureFamily, "fit", learning)
    monkeypatch.setattr(_FeatureFamily, "scores", scoring)
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


def test_domains_that_sources_share_are_left_out() -> None:
    sources = [of_domains("alpha", ["law", "news"]), of_domains("human", ["law", "news", "verse"])]
    fitted = fit_panel(sources)
    references = fitted.references
    source = references.source[references.document]
    domain = references.domain[references.document]
    verse = ~np.isin(domain, domain[source == 0])
    assert verse.sum() > 0
    for view in fitted.views.values():
        assert np.isnan(view.other_domains[verse]).all()
        shared = view.other_domains[~verse]
        assert np.exp(shared).sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert (shared.argmax(axis=1) == source[~verse]).mean() > 0.8
        assert not np.array_equal(shared, view.log_posterior[~verse])


def test_without_domains_there_are_no_others() -> None:
    for view in panel(3).views.values():
        assert np.isnan(view.other_domains).all()
