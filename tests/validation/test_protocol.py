"""Corpora at known shares: how they are drawn, read and listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, rows, texts
from known_validation import NAMES, ROLES, pool, small, source, sources, validated

from provenance import Fingerprint, InputError, fit_fingerprint, open_corpus, validate
from provenance.matching.checks.drawn_rows import FEWEST_TOKENS
from provenance.scoring.p_values import Conformal
from provenance.simulate.words import NGramModel, library_texts
from provenance.validation.drawing import drawn_corpora
from provenance.validation.held_out import rng_of, split
from provenance.validation.peers.peer_rows import texts_by_hash
from provenance.validation.plan import SCENARIOS, Fit, Plan
from provenance.validation.protocol import Session


def test_the_rows_listed_are_those_with_such_q_values() -> None:
    """What a session counts is what the null distributions and q-values of its panel say."""
    half = split(pool(), rng_of(0))
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(120,), shares=(0.5,), fdr=0.2)
    session = Session.of(sources(), pool(), fit, plan)
    (drawn,) = [one for one in drawn_corpora(session.held, "alpha", fit, plan) if not one.detail]
    (told,) = session.readings("alpha", [drawn])
    (view, _), unread = next(iter(session.conformal.items()))
    corpus = session.held.corpus(drawn.corpus.rows, view).scored
    found = Conformal.unread(session.held.panel.samples(view), 0).read(corpus)
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


def made_by_models(seed: int, count: int = 240) -> list[Fingerprint]:
    """Three APIs that know the same words and like others of them."""
    model = NGramModel.fit(library_texts()[:150])
    found = []
    for number, name in enumerate(NAMES):
        rng = np.random.default_rng([seed, number])
        api = model.distorted(0.8, rng)
        found.append(fit_fingerprint((api.sample(rng, 90) for _ in range(count)), name, SPEC))
    return found


def false_shares(seed: int, **changes: Any) -> list[float]:
    """Of all lists made of one set of samples."""
    alpha, beta, human = made_by_models(seed)
    options: dict[str, Any] = {"shares": (0.2, 0.5), "sizes": (100,), "splits": 2, **changes}
    found = small(
        candidates=[alpha, beta], panel=[], references=[human], scenarios=("closed",), **options
    )
    assert sum(item.n_listed or 0 for item in found.readings) > 0
    return [item.false_share for item in found.readings if item.false_share is not None]


@pytest.mark.slow
def test_few_of_the_listed_rows_are_false() -> None:
    found = false_shares(3, fdr=0.05, repeats=2)
    assert np.mean(found) <= 0.05 + 3 * np.std(found) / np.sqrt(4)


@pytest.mark.slow
@pytest.mark.parametrize("fdr", [0.05, 0.2])
def test_the_realised_rate_of_false_rows_is_at_most_the_rate_asked_for(fdr: float) -> None:
    """Ten sets of samples; corpora of one set share rows and count as one."""
    means = [np.mean(false_shares(100 + run, fdr=fdr, repeats=2)) for run in range(10)]
    assert np.mean(means) <= fdr + 3 * np.std(means) / np.sqrt(len(means))


def test_every_scenario_is_read() -> None:
    found = validated()
    assert {item.scenario for item in found.readings} == {*SCENARIOS}
    assert found.notes == ()
    for item in found.readings:
        assert 0 <= item.low <= item.high <= 1
        assert item.withheld == (item.share is None)
        assert item.n <= item.asked == 40
        if item.n_listed is None or item.n_false is None:
            assert item.n_listed is item.n_false is item.false_share is None
        else:
            assert not item.withheld
            assert 0 <= item.n_false <= item.n_listed <= item.n
            assert item.n_listed - item.n_false <= round(item.truth * item.n)
        assert (item.detail == "beta") == (item.unknown > 0) == (item.scenario == "unknown source")
    assert [(item.name, item.role) for item in found.sources] == [*zip(NAMES, ROLES, strict=True)]


@pytest.mark.slow
def test_the_order_of_the_sources_changes_nothing() -> None:
    given = {"shares": (0.3,), "scenarios": ("closed",)}
    as_panel = small(references=[], panel=[source("human"), source("beta")], **given)
    assert small(references=[], panel=[source("beta"), source("human")], **given).readings == (
        as_panel.readings
    )


def test_what_is_drawn_does_not_hang_on_what_else_is_drawn() -> None:
    [alone] = small(shares=(0.3,), scenarios=("closed",)).readings
    assert alone in validated().readings


@pytest.mark.slow
def test_candidates_take_turns() -> None:
    found = small(
        candidates=[source("alpha"), source("beta")], panel=[], shares=(0.3,), scenarios=("closed",)
    )
    assert {item.candidate for item in found.readings} == {"alpha", "beta"}


def test_what_cannot_be_tested_is_told() -> None:
    unlabelled = [
        fit_fingerprint(open_corpus(rows(texts(name, 60, seed=0))), name, SPEC)
        for name in ("alpha", "human")
    ]
    found = small(
        candidates=unlabelled[:1],
        references=unlabelled[1:],
        panel=[],
        scenarios=("other domain", "unknown source"),
    )
    assert found.readings == ()
    assert [note.split(" were")[0] for note in found.notes] == ["Other domains", "Unknown sources"]


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(InputError, match="'human' has 39 documents") as caught:
        small(references=[source("human", 39)])
    assert "to draw corpora from" in str(caught.value)
