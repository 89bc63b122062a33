"""Shares of several sources on simulated scores: known shares, strangers, siblings, laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_scores import Floats, World, spread_out

from provenance.scoring.scored import Passages
from provenance.share.many_sources.many_sources import _family, fit_many
from provenance.share.many_sources.problem import Problem
from provenance.share.many_sources.reading import ShareReading
from provenance.share.mixture import Mixture
from provenance.share.two_sources.two_sources import CAUTION, FIT_LEVEL

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]


def fit(
    world: World, corpus: Passages, candidates: Sequence[int] = (0,), caution: float = CAUTION
) -> Mixture:
    return fit_many(
        corpus, world.references, world.unknown, world.taken_for, candidates, caution=caution
    )


def reordered(passages: Passages, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Passages:
    return Passages(
        passages.log_posterior[rows],
        passages.weight[rows],
        passages.cluster[rows],
        None if passages.source is None else passages.source[rows],
    )


SHARES = {
    4: [0.3, 0.5, 0.2, 0.0],
    5: [0.1, 0.0, 0.6, 0.0, 0.3],
    6: [0.7, 0.1, 0.0, 0.1, 0.0, 0.1],
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_sources", [4, 5, 6])
def test_shares_are_near_the_truth_and_inside_their_intervals(n_sources: int, seed: int) -> None:
    truth = np.array(SHARES[n_sources])
    world = World.build(spread_out(n_sources, n_sources), 500, seed)
    found = fit(world, world.corpus(SHARES[n_sources], 2000, seed))
    assert found.shares == pytest.approx(truth, abs=0.06)
    assert found.shares.sum() == pytest.approx(1)
    # An interval of 95 % may miss in one of these nine corpora, but not by much.
    assert (found.low <= truth + 0.01).all()
    assert (truth <= found.high + 0.01).all()
    assert found.low[0] > 0
    assert found.high[0] - found.low[0] < 0.4


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 8))]
)
@pytest.mark.parametrize("n_sources", [4, 6])
def test_nothing_is_seen_where_nothing_is(n_sources: int, seed: int) -> None:
    """Also in a corpus that is large beside the references."""
    world = World.build(spread_out(n_sources, 10 + seed), 150, seed)
    shares = [0.0, *np.random.default_rng(seed).dirichlet(np.ones(n_sources - 1))]
    found = fit(world, world.corpus(shares, 5000, seed))
    assert found.low[0] == 0
    assert found.shares[0] < 0.05


CUBE = np.array([*product([0.0, 1.0], repeat=3)])
"""Sources at its corners: each has three neighbours and reads as a third of each."""

MIDDLE = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
"""The first of these sources is nearest to each of the others."""


def with_stranger(
    means: Floats, candidate: int, own: float, stranger: float, seed: int
) -> tuple[World, Passages]:
    """The last source is unknown; what the two leave is of the others alike."""
    world = World.build(means[:-1], 300, seed)
    shares = np.full(len(means), (1 - own - stranger) / (len(means) - 2))
    shares[candidate], shares[-1] = own, stranger
    return world, replace(world, means=means).corpus(shares.tolist(), 1500, seed, strange=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("side", [2.0, 3.0])
def test_an_unknown_source_is_not_taken_for_the_candidate(
    side: float, share: float, seed: int
) -> None:
    """It is like no source, but as near to the candidate as to any; other corners stand in."""
    world, corpus = with_stranger(side * CUBE, 6, 0.0, share, seed)
    assert fit(world, corpus, [6]).low[6] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_it_would_be_where_nothing_stood_in_for_it(seed: int) -> None:
    world, corpus = with_stranger(2 * CUBE, 6, 0.0, 0.5, seed)
    nothing = {"unknown": np.nan, "taken_for": 0.0}
    alone = replace(
        world,
        **{name: np.full_like(getattr(world, name), value) for name, value in nothing.items()},
    )
    problem = Problem(corpus, alone.references, alone.unknown, alone.taken_for, 1.0)
    one = ShareReading(problem, 6, 0.95)
    assert one.moments.edge(one.own, 0.0, 3.84, one.known[0], problem.every) > 0.05
    # It does not fit well either, which by itself makes the interval wide.
    assert one.caution > CAUTION


@pytest.mark.parametrize("seed", SEEDS)
def test_the_candidate_is_seen_beside_an_unknown_source(seed: int) -> None:
    world, corpus = with_stranger(2 * CUBE, 6, 0.5, 0.2, seed)
    found = fit(world, corpus, [6])
    assert found.low[6] <= 0.5 <= found.high[6]
    if found.fit_p_values[6] >= FIT_LEVEL:
        assert found.low[6] > 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stranger_nearest_to_the_candidate_is_not_taken_for_it(seed: int) -> None:
    """Whatever source is unknown here, most of its text reads as the candidate."""
    world, corpus = with_stranger(2.5 * MIDDLE, 0, 0.0, 0.5, seed)
    found = fit(world, corpus)
    assert found.low[0] == 0
    assert all(family.low_alone == 0 for family in found.families)


def twins(seed: int = 0) -> World:
    """The last source writes nearly as the first does."""
    return World.build(np.concatenate([3 * CUBE, [[0.5, 0.0, 0.0]]]), 400, seed)


TWINS = [0.2, 0.2, 0.0, 0.1, 0.0, 0.1, 0.0, 0.1, 0.3]


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_that_write_alike_are_a_family(seed: int) -> None:
    world = twins(seed)
    found = fit(world, world.corpus(TWINS, 2000, seed), candidates=(0, 3))
    [family] = found.families
    assert (family.source, family.siblings) == (0, (8,))
    assert family.share == pytest.approx(0.5, abs=0.05)
    assert 0.4 < family.low <= 0.5 <= family.high < 0.6
    assert family.high - family.low < found.high[0] - found.low[0]
    assert family.low_alone <= found.low[0]
    assert found.low[0] <= 0.2 <= found.high[0]


@pytest.mark.slow
def test_a_family_of_all_sources_has_no_more_than_everything() -> None:
    """The shares of its members add up to 1 but for rounding."""
    reading = SimpleNamespace(
        source=0,
        siblings=np.array([1]),
        problem=SimpleNamespace(n_sources=2, every=np.arange(2)),
        known=(np.array([0.5, 0.5000000000000002]),),
        shown=np.array([0.5, 0.5, 0.0, 0.0]),
        standing=np.arange(2),
        own=np.array([0]),
        high=1.0,
        upper=lambda *_: 1.0,
        lower=lambda *_: 0.5,
    )
    found = _family(reading, 0.0)  # type: ignore[arg-type]
    assert found is not None and (found.share, found.low, found.high) == (1.0, 0.0, 1.0)


def test_sources_apart_are_no_family() -> None:
    world = World.build(3 * CUBE, 400, 0)
    assert fit(world, world.corpus([0.125] * 8, 500, 0), range(8)).families == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_twin_is_not_taken_for_the_candidate(seed: int) -> None:
    world = twins(seed)
    found = fit(world, world.corpus([0.0, *TWINS[1:-1], 0.5], 2000, seed))
    assert found.low[0] == 0
    assert found.families[0].share == pytest.approx(0.5, abs=0.05)


def assert_same(found: Mixture, expected: Mixture, tolerance: float = 5e-3) -> None:
    """The edges of an interval are found to this part of its length."""
    assert found.shares == pytest.approx(expected.shares, abs=1e-3)
    assert found.low == pytest.approx(expected.low, abs=tolerance)
    assert found.high == pytest.approx(expected.high, abs=tolerance)
    for source, p_value in expected.fit_p_values.items():
        assert found.fit_p_values[source] == pytest.approx(p_value, abs=0.02)


@pytest.mark.slow
def test_the_order_of_candidates_does_not_matter() -> None:
    world = twins()
    corpus = world.corpus(TWINS, 800, 1)
    found, other = fit(world, corpus, (0, 8, 1)), fit(world, corpus, (1, 0, 8))
    assert_same(other, found, 1e-9)
    assert other.unknown == found.unknown
    assert {one.source: one for one in other.families} == {
        one.source: one for one in found.families
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    world = World.build(spread_out(4, 4), 200, seed)
    corpus = world.corpus(SHARES[4], 600, seed)
    rng = np.random.default_rng(seed)
    of_corpus, of_references = rng.permutation(600), rng.permutation(800)
    other = replace(
        world,
        references=reordered(world.references, of_references),
        unknown=world.unknown[of_references],
    )
    assert_same(fit(other, reordered(corpus, of_corpus)), fit(world, corpus))


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_may_be_numbered_otherwise(seed: int) -> None:
    world = World.build(spread_out(5, 5), 200, seed)
    corpus = world.corpus(SHARES[5], 600, seed)
    order = np.random.default_rng(seed).permutation(5)
    place = np.argsort(order)
    references = world.references
    assert references.source is not None
    other = World(
        world.means[order],
        Passages(
            references.log_posterior[:, order],
            references.weight,
            references.cluster,
            place[references.source],
        ),
        world.unknown[:, order],
        world.taken_for[np.ix_(order, order)],
    )
    renumbered = replace(corpus, log_posterior=corpus.log_posterior[:, order])
    found = fit(other, renumbered, (int(place[0]),))
    expected = fit(world, corpus)
    assert found.shares[place] == pytest.approx(expected.shares, abs=2e-3)
    assert found.low[place] == pytest.approx(expected.low, abs=5e-3)
    # The hundred corpora that are simulated for it are other ones.
    assert found.high[place] == pytest.approx(expected.high, abs=0.02)


def test_the_scale_of_weights_and_copies_of_documents_tell_nothing() -> None:
    world = World.build(spread_out(4, 4), 200, 0)
    corpus = world.corpus(SHARES[4], 400, 0)
    plain = fit(world, corpus)
    heavier = fit(world, replace(corpus, weight=corpus.weight * 7))
    copies = fit(world, reordered(corpus, np.repeat(np.arange(400), 5)))
    for found in (heavier, copies):
        assert_same(found, plain)
    apart = replace(reordered(corpus, np.repeat(np.arange(400), 5)), cluster=np.arange(2000))
    told = fit(world, apart)
    assert told.high[0] - told.low[0] < plain.high[0] - plain.low[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_caution_widens(seed: int) -> None:
    world = World.build(spread_out(5, 5), 200, seed)
    corpus = world.corpus([0.5, 0.2, 0.2, 0.1, 0.0], 600, seed)
    before = fit(world, corpus, caution=1.0)
    for caution in (1.5, 3.0):
        found = fit(world, corpus, caution=caution)
        assert found.shares == pytest.approx(before.shares)
        assert (found.low <= before.low + 1e-9).all()
        assert (found.high >= before.high - 1e-9).all()
        if caution == CAUTION:
            assert found.high[0] - found.low[0] > before.high[0] - before.low[0]
        before = found


@given(
    st.integers(0, 10_000),
    st.integers(3, 5),
    st.integers(1, 40),
    st.sampled_from([0.01, 1.0, 30.0]),
    st.data(),
)
@settings(max_examples=15, deadline=None)
def test_any_corpus_gives_shares_inside_their_intervals(
    seed: int, n_sources: int, n_rows: int, scale: float, data: st.DataObject
) -> None:
    candidates = data.draw(
        st.lists(st.integers(0, n_sources - 1), min_size=1, max_size=n_sources, unique=True)
    )
    world = World.build(spread_out(n_sources, seed), 40, seed)
    logits = np.random.default_rng(seed).normal(scale=scale, size=(n_rows, n_sources))
    ratio = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)
    found = fit(world, Passages(ratio, np.ones(n_rows), np.arange(n_rows)), candidates)
    assert found.shares.sum() == pytest.approx(1)
    assert (found.low >= 0).all()
    assert (found.low <= found.shares + 1e-9).all()
    assert (found.shares <= found.high + 1e-9).all()
    assert (found.high <= 1).all()
    assert 0 <= found.unknown <= 1 + 1e-6
    for p_values in (found.fit_p_values, found.open_fit_p_values):
        assert sorted(p_values) == sorted(candidates)
        assert all(0 <= value <= 1 for value in p_values.values())


@pytest.mark.parametrize("seed", range(150, 165))
def test_a_document_that_tells_nothing(seed: int) -> None:
    world = World.build(spread_out(3, seed), 40, seed)
    logits = np.random.default_rng(seed).normal(scale=0.01, size=(1, 3))
    ratio = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)
    found = fit(world, Passages(ratio, np.ones(1), np.arange(1)), (2,))
    assert (found.low[2], found.high[2]) == (0.0, 1.0)


def test_a_document_or_two_tell_nothing() -> None:
    world = World.build(spread_out(4, 4), 100, 0)
    for count in (1, 2):
        found = fit(world, world.corpus([1.0, 0.0, 0.0, 0.0], count, 0))
        assert (found.low.tolist(), found.high.tolist()) == ([0.0] * 4, [1.0] * 4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("truth", [0.0, 0.3])
def test_models_together_are_told_from_people(truth: float, seed: int) -> None:
    """The last of four is people's; in a part of the corpora an unknown model writes as well."""
    world = World.build(spread_out(4, 5, distance=6.0), 200, seed)
    corpus = world.corpus([truth / 2, truth / 2, 0.0, 1 - truth], 500, seed)
    found = fit_many(corpus, *world.samples, [0], people=[3], of_one_kind=True).models
    assert found is not None
    assert found.low <= truth <= found.high
    assert found.low <= found.share <= found.high
    assert (found.low > 0.1) == (truth > 0)
    # Unless it is known that people of another kind are not in it, one kind stands for no other.
    untold = fit_many(corpus, *world.samples, [0], people=[3]).models
    assert untold == replace(found, low=0.0, low_of_given=found.low)
    assert fit(world, corpus).models is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("far", "is_told"), [(0.6, False), (1.4, True)])
def test_strangers_that_lean_to_models_are_not_told_as_models(
    far: float, is_told: bool, seed: int
) -> None:
    """They may be people of another kind; those that lie beyond the models are told."""
    means = spread_out(4, 5, distance=6.0)
    people, one, other = means[3], means[1], means[2]
    stranger = people + far * (one - people) + far / 2 * (other - people)
    world = World.build(means, 200, seed)
    beside = replace(world, means=np.vstack([means, stranger]))
    corpus = beside.corpus([0.0, 0.0, 0.0, 0.6, 0.4], 1500, seed, strange=1)
    found = fit_many(corpus, *world.samples, [0], people=[3], of_one_kind=True).models
    assert found is not None
    assert (found.low > 0.2) == is_told
    assert is_told or found.low == 0
