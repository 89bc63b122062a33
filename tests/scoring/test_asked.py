"""Which documents of the samples answer the corpus's own prompts, and what they count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.scoring.asked import FEWEST_ASKED, answering, asked_weights


def documents(n_asked: int, n_others: int, n_sources: int) -> tuple[np.ndarray, np.ndarray]:
    """Sources that answer the same prompts, of which the first ones are the corpus's."""
    prompts = np.arange(1, n_asked + n_others + 1, dtype=np.uint64)
    source = np.repeat(np.arange(n_sources), len(prompts))
    return source, np.tile(prompts, n_sources)


@pytest.mark.parametrize(
    ("n_asked", "found"), [(FEWEST_ASKED - 1, None), (FEWEST_ASKED, 2 * FEWEST_ASKED)]
)
def test_every_model_needs_enough_answers(n_asked: int, found: int | None) -> None:
    source, prompt = documents(n_asked, 100, 2)
    asked = answering(source, prompt, np.arange(len(source)), prompt[:n_asked], [0, 1])
    assert (None if asked is None else int(asked.sum())) == found


def test_a_model_that_was_not_asked_leaves_all_as_they_are() -> None:
    """Its text would be told from that of the others by its prompts."""
    source, prompt = documents(50, 100, 3)
    corpus = prompt[:50]
    prompt = np.where(source == 2, prompt + np.uint64(1000), prompt)
    rows = np.arange(len(source))
    assert answering(source, prompt, rows, corpus, [0, 1, 2]) is None
    people_are_not_asked = answering(source, prompt, rows, corpus, [0, 1])
    assert people_are_not_asked is not None
    assert int(people_are_not_asked.sum()) == 100


def test_a_few_texts_of_people_are_no_half_of_their_sample() -> None:
    source, prompt = documents(40, 100, 2)
    corpus = prompt[:40]
    prompt[(source == 1) & (prompt > 2)] = 0
    asked = answering(source, prompt, np.arange(len(source)), corpus, [0])
    assert asked is not None
    assert np.bincount(source[asked], minlength=2).tolist() == [40, 0]


def test_rows_of_one_unit_count_once() -> None:
    source, prompt = documents(50, 50, 1)
    together = np.where(prompt <= 50, 0, prompt).astype(np.int64)
    assert answering(source, prompt, together, prompt[:50], [0]) is None


def test_a_prompt_that_is_not_known_was_not_asked() -> None:
    source, prompt = documents(40, 40, 1)
    prompt[:40] = 0
    none = np.zeros(1, np.uint64)
    assert answering(source, prompt, np.arange(80), none, [0]) is None


def test_no_models_were_asked_nothing() -> None:
    source, prompt = documents(40, 40, 1)
    assert answering(source, prompt, np.arange(80), prompt[:40], []) is None


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_answers_to_the_corpus_are_half_of_a_source_at_least(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, asked = rng.integers(0, 3, 60), rng.uniform(size=60) < rng.uniform()
    weight = rng.integers(1, 4, 60).astype(float)
    found = asked_weights(weight, source, asked)
    assert (found > 0).all()
    for one in np.unique(source):
        own, first = source == one, (source == one) & asked
        assert found[own].sum() == pytest.approx(weight[own].sum())
        part = weight[first].sum() / weight[own].sum()
        expected = max(part, 0.5) if first.any() else 0.0
        assert found[first].sum() == pytest.approx(expected * weight[own].sum())
        for same in (first, own & ~asked):
            assert np.ptp(found[same] / weight[same]) < 1e-9 if same.any() else True
