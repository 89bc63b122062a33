"""Sources and domains that no model has seen read as unknown ones would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, fingerprint, of_domains, panel, rows, texts

from provenance import fit_fingerprint, open_corpus
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.fitting.left_out import _apart, _held
from provenance.scoring.panel import LEFT_OUT


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
