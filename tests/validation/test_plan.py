"""What is fitted and asked for; no row of a corpus is learnt from."""

from __future__ import annotations

from typing import Any

import pytest
from known_validation import pool, small, sources

from provenance import InputError
from provenance.validation.held_out import hold_out
from provenance.validation.plan import Plan, fits
from provenance.validation.protocol import drawn_corpora


@pytest.mark.slow
def test_no_row_of_a_corpus_is_learnt_from() -> None:
    plan = Plan(sizes=(40,), splits=2)
    jobs, notes = fits(pool(), sources(), plan)
    assert notes == []
    assert [(fit.scenario, fit.detail) for fit in jobs] == [
        ("closed", ""),
        ("closed", ""),
        ("other domain", "new"),
        ("other domain", "old"),
        ("unknown source", "beta"),
    ]
    for fit in jobs:
        assert not {*pool().component[fit.learnt]} & {*pool().component[fit.held]}
        held = hold_out(
            sources().fingerprints, pool(), fit.learnt, fit.held, 0, [fit.left_out or ""]
        )
        seen = {*held.panel.references.cluster_hash.tolist()}
        assert not seen & {*held.pool.sample.cluster_hash.tolist()}
        assert (fit.left_out or "") not in held.panel.names
        assert {item.n_documents for item in held.fingerprints} <= {30, 60}
        for one in drawn_corpora(held, "alpha", fit, plan):
            rows = one.corpus.rows
            corpus = held.corpus(rows, "n-grams").scored
            assert len(corpus) == held.tally(rows).n_documents == len(rows)
            assert not held.panel.overlap(corpus.cluster_hash).any()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shares": (1.5,)}, "shares is"),
        ({"shares": ()}, "shares is"),
        ({"sizes": (5,)}, "sizes is"),
        ({"splits": 0}, "splits is 0"),
        ({"repeats": 0}, "repeats is 0"),
        ({"confidence_level": 1.0}, "confidence_level is"),
        ({"fdr": 1.1}, "fdr is 1.1"),
        ({"scenarios": ("weather",)}, "scenarios is"),
        ({"candidates": []}, "no candidate"),
        ({"references": [], "panel": []}, "nothing to tell the candidate from"),
        ({"peers": ("nobody",)}, "no peer 'nobody'"),
        ({"peers": ("classify and count",)}, "peers need the words"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        small(**changes)
