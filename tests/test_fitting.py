"""Fitted panels: held-out scores, independent documents, sources and domains left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import SPEC, fingerprint, panel, rows, texts

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.fitting import fit_panel
from provenance.scoring import N_FOLDS, VIEWS


@pytest.mark.parametrize("n_sources", [2, 3, 5])
def test_posteriors_of_held_out_passages_add_up_and_tell_sources_apart(n_sources: int) -> None:
    fitted = panel(n_sources)
    references = fitted.references
    for name in VIEWS:
        ratio = fitted.views[name].log_ratio
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
    assert fitted.views["words"].log_ratio == pytest.approx(np.log(0.5), abs=1e-3)


def test_the_seed_draws_the_folds_and_nothing_else() -> None:
    first, second = panel(2, seed=0), panel(2, seed=1)
    assert (first.references.fold != second.references.fold).any()
    assert np.array_equal(first.references.component, second.references.component)
    again = fit_panel([fingerprint("alpha"), fingerprint("human")], 0)
    assert np.array_equal(again.weights, first.weights)
