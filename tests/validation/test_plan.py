"""What is fitted and asked for; no row of a corpus is learnt from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_validation import ROLES, pool, small, source, sources

from provenance import Fingerprint, InputError
from provenance.features.hashes import text_hash
from provenance.share.sources import Sources
from provenance.validation.drawing import drawn_corpora
from provenance.validation.held_out import Pool, hold_out
from provenance.validation.plan import Plan, fits


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


def asked_of(item: Fingerprint, n_asked: int) -> Fingerprint:
    """The same where answers to the first prompts were asked of a corpus."""
    sample = item.sample
    prompts = [text_hash(f"prompt {number}") for number in range(n_asked)]
    asked = np.isin(sample.prompt_hash, np.array(prompts, np.uint64))
    return replace(item, sample=replace(sample, asked_hash=np.where(asked, 7, 0).astype(np.uint64)))


@pytest.mark.parametrize("n_asked", [59, 60])
def test_corpora_are_of_the_prompts_that_were_asked(n_asked: int) -> None:
    models = [asked_of(source(name), n_asked) for name in ("alpha", "beta")]
    given = Sources((*models, source("human")), ROLES)
    whole = Pool.of(given.fingerprints)
    jobs, notes = fits(whole, given, Plan(splits=1, scenarios=("closed", "unknown source")))
    asked, people = whole.sample.asked_hash != 0, whole.source == 2
    for fit in jobs:
        drawn_from = asked | people if n_asked == 60 else np.ones(len(asked), bool)
        assert np.array_equal(fit.held, ~fit.learnt & drawn_from)
        expected = {*whole.sample.prompt_hash[asked].tolist()} if n_asked == 60 else None
        assert (None if fit.prompts is None else {*fit.prompts.tolist()}) == expected
    assert len(jobs) == 2
    assert any("that models were asked for alone" in note for note in notes) == (n_asked == 60)


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
