"""Halves of the samples and the corpora drawn from them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from known_text import SPEC, texts
from known_validation import NAMES, pool, sources

from provenance.validation.held_out import draw, hold_out, rng_of, split


@given(st.integers(0, 2**32))
def test_halves_share_no_component_and_are_even(seed: int) -> None:
    learnt = split(pool(), np.random.default_rng(seed))
    assert not {*pool().component[learnt]} & {*pool().component[~learnt]}
    for number in range(len(NAMES)):
        own = pool().source == number
        for label in np.unique(pool().sample.domain_hash):
            half = learnt[own & (pool().sample.domain_hash == label)]
            assert abs(half.sum() - len(half) / 2) <= 1


@given(
    seed=st.integers(0, 2**32),
    n_own=st.integers(0, 60),
    n_rest=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    n_unknown=st.integers(1, 30),
    asked=st.integers(20, 200),
    level=st.sampled_from([0.0, 0.01, 0.25, 0.5, 1.0]),
    unknown=st.sampled_from([0.0, 0.3]),
)
@example(0, 18, [1], 8, 25, 1.0, 0.3)
def test_a_corpus_has_its_share_and_no_row_twice(
    seed: int,
    n_own: int,
    n_rest: list[int],
    n_unknown: int,
    asked: int,
    level: float,
    unknown: float,
) -> None:
    level = min(level, 1 - unknown)
    sizes = np.cumsum([0, n_own, n_unknown, *n_rest])
    parts = [np.arange(a, b) for a, b in pairwise(sizes)]
    rng = np.random.default_rng(seed)
    found = draw(rng, parts[0], parts[2:], asked, level, parts[1], unknown)
    if found is None:
        assert level > 0 or unknown > 0
        return
    held = [int(np.isin(found.rows, part).sum()) for part in parts]
    assert len({*found.rows.tolist()}) == len(found.rows) <= asked
    assert found.truth == held[0] / len(found.rows)
    assert found.unknown == held[1] / len(found.rows)
    assert abs(found.truth - level) <= 1.01 / len(found.rows)


def test_scores_of_stored_rows_are_those_of_the_documents() -> None:
    from provenance.features.features import extract

    half = split(pool(), rng_of(0))
    held = hold_out(sources().fingerprints, pool(), half, ~half, 0)
    written = texts("alpha", 120, seed=0)
    batch = extract(written, SPEC)
    scored = held.panel.score(batch)
    for view, ratios in held.log_posterior.items():
        place = np.flatnonzero(held.pool.source[held.pool.sample.document] == 0)
        for passage in place[:20].tolist():
            document = held.pool.sample.document[passage]
            twin = np.flatnonzero(batch.text_hash == held.pool.sample.text_hash[document])
            first = np.flatnonzero(batch.document == twin[0])[0]
            np.testing.assert_allclose(ratios[passage], scored[view][first], atol=1e-5)
