"""Corpora of known share: how they are drawn from a division, and read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, texts
from known_validation import pool, source, sources

from provenance import fit_fingerprint, open_corpus, validate
from provenance.matching.drawn_rows import FEWEST_TOKENS
from provenance.scoring.p_values import Conformal
from provenance.share.sources import Sources
from provenance.validation.held_out import Pool, hold_out, rng_of, split
from provenance.validation.peers.peer_rows import texts_by_hash
from provenance.validation.plan import Fit, Plan, fits
from provenance.validation.session import Session, drawn_corpora


def test_the_rows_listed_are_those_with_such_q_values() -> None:
    """What a session counts is what the null distributions and q-values of its panel say."""
    half = split(pool(), rng_of(0))
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(120,), shares=(0.5,), fdr=0.2)
    session = Session.of(sources(), pool(), fit, plan)
    (drawn,) = [one for one in drawn_corpora(session.held, "alpha", fit, plan) if not one.detail]
    (told,) = session.readings("alpha", [drawn])
    (view, _), unread = next(iter(session.conformal.items()))
    corpus = session.held.corpus(drawn.corpus.rows, view).scored
    found = Conformal.fit(session.held.panel.samples(view), corpus, 0)
    assert all(map(np.array_equal, unread.nulls, found.nulls))
    assert told.n_listed is not None and told.n_false is not None
    assert told.n_listed == found.n_rows(0.2) > 0
    own = pool().source[np.flatnonzero(~half)][drawn.corpus.rows] == 0
    assert np.array_equal(drawn.corpus.own, own)
    assert told.n_false == found.listed(corpus, 0.2)[~own].sum()


def test_ranges_reach_as_far_as_those_of_families_that_disagree() -> None:
    """As those of `match` do: where one family reads none of the candidate's rows as its own."""
    half = split(pool(), rng_of(0))
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(120,), shares=(0.5,))
    session = Session.of(sources(), pool(), fit, plan)
    (drawn,) = [one for one in drawn_corpora(session.held, "alpha", fit, plan) if not one.detail]
    (told,) = session.readings("alpha", [drawn])
    by_family = {**session.held.by_family}
    by_family["words"] = np.roll(by_family["words"], 1, axis=1)
    other = replace(session, held=replace(session.held, by_family=by_family))
    (wide,) = other.readings("alpha", [drawn])
    assert wide.share == told.share
    assert wide.low < told.low and wide.high >= told.high


@pytest.mark.slow
def test_rows_are_looked_at_as_a_match_looks_at_them() -> None:
    """Who is told by how texts begin: a range reaches up only where the words of rows are given."""
    long, spec = (130, 150), replace(SPEC, passage_tokens=512)
    begins = "Here is the very story which you have asked me for. "
    written = {
        "opener": [begins + text for text in texts("human", 240, 21, long)],
        "people": texts("human", 240, 22, long),
    }
    given = {name: open_corpus([{"text": t} for t in found]) for name, found in written.items()}
    own, people = (fit_fingerprint(found, name, spec) for name, found in given.items())
    kept = {
        one: text for found in given.values() for one, text in texts_by_hash(found, spec).items()
    }
    plan: dict[str, Any] = {
        "shares": (0.3,),
        "sizes": (120,),
        "splits": 1,
        "repeats": 1,
        "scenarios": ("closed",),
    }
    bare, looked_at = (
        validate(candidates=[own], references=[people], texts=texts_given, **plan).readings
        for texts_given in ({}, kept)
    )
    assert [one.share for one in bare] == [one.share for one in looked_at]
    assert all(one.low == two.low for one, two in zip(bare, looked_at, strict=True))
    assert all(one.high < two.high for one, two in zip(bare, looked_at, strict=True))


def test_rows_of_which_one_has_no_words_are_not_looked_at() -> None:
    half = split(pool(), rng_of(0))
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(120,), shares=(0.5,))
    held = Session.of(sources(), pool(), fit, plan).held
    rows, view = np.arange(20), next(iter(held.panel.views))
    known = dict.fromkeys(held.pool.sample.text_hash[rows].tolist(), "words")
    is_long = held.pool.sample.n_tokens[rows] >= FEWEST_TOKENS
    assert len(held.drawn_rows(rows, view, known).rows()) == is_long.sum()
    assert held.drawn_rows(np.arange(21), view, known).rows() == []


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
