"""Corpora of known share are drawn as the plan says, and no row twice."""

from __future__ import annotations

from dataclasses import replace

from known_validation import pool, source, sources

from provenance.share.sources import Sources
from provenance.validation.drawing import drawn_corpora
from provenance.validation.held_out import Pool, hold_out, rng_of, split
from provenance.validation.plan import Fit, Plan, fits


def test_lengths_are_drawn_by_thirds() -> None:
    half = split(pool(), rng_of(1))
    held = hold_out(sources().fingerprints, pool(), half, ~half, 0)
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(40,), shares=(0.0,))
    found = {one.detail: one.corpus.rows for one in drawn_corpora(held, "alpha", fit, plan)}
    lengths = [
        held.pool.sample.n_tokens[found[name]]
        for name in ("shortest third", "middle third", "longest third")
    ]
    assert lengths[0].max() <= lengths[1].min()
    assert lengths[1].max() <= lengths[2].min()


def test_trusted_rows_are_no_part_of_a_corpus_and_share_nothing_with_it() -> None:
    plan = Plan(sizes=(40,), shares=(0.0, 0.5), scenarios=("other domain",), trusted=(0, 12))
    two = Pool.of([source("alpha"), source("human")])
    sources = Sources((source("alpha"), source("human")), ("candidate", "reference"))
    fit = fits(two, sources, plan)[0][0]
    held = hold_out(sources.fingerprints, two, fit.learnt, fit.held, 0)
    found = list(drawn_corpora(held, "alpha", fit, plan))
    assert [len(one.trusted) for one in found] == [0, 0, 12, 12]
    assert len({tuple(one.trusted) for one in found}) == 2
    for one in found:
        assert not {*held.pool.component[one.trusted]} & {*held.pool.component[one.corpus.rows]}
        assert (held.pool.source[one.trusted] == 1).all()
    alone = replace(plan, trusted=(0,))
    again = list(drawn_corpora(held, "alpha", fit, alone))
    assert [one.corpus.rows.tolist() for one in again] == [
        one.corpus.rows.tolist() for one in found[:2]
    ]
