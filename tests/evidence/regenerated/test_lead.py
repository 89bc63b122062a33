"""The exchange test of rows beside fresh answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from provenance.evidence.regenerated.lead import Lead, lead, usable
from provenance.evidence.regenerated.likeness import Likeness

N_PROMPTS, N_SOURCES = 30, 10


def drawn(seed: int, writer: int | None, near: float = 0.0) -> Lead:
    """Source 0 is the candidate; source 1 stands `near` to it; rows are as the writer's answers."""
    rng = np.random.default_rng(seed)
    prompt = np.tile(np.arange(N_PROMPTS), N_SOURCES + 1)
    author = np.repeat([-1, *range(N_SOURCES)], N_PROMPTS)
    beyond = rng.normal(0, 0.3, (len(prompt), N_SOURCES))
    # Some prompts make all texts alike.
    beyond += rng.normal(0, 1, N_PROMPTS)[prompt][:, None]
    by = np.where(author == -1, -2 if writer is None else writer, author)
    beyond[by == 0, 0] += 1
    beyond[by == 1, 0] += near
    return lead(
        Likeness(beyond, beyond),
        author,
        prompt,
        0,
        range(1, N_SOURCES),
        np.random.default_rng(seed),
    )


def test_rows_of_the_candidate_are_found() -> None:
    found = drawn(0, 0)
    assert found.p_value <= 0.001
    assert (found.n_rows, found.n_prompts, len(found.others)) == (30, 30, 9)
    assert found.own == pytest.approx(1, abs=0.15)
    assert all(one.rows_lead > one.lead + 0.5 for one in found.others)


@pytest.mark.parametrize("writer", [None, 1, 2])
def test_rows_of_others_are_not(writer: int | None) -> None:
    assert min(drawn(seed, writer, 0.7).p_value for seed in range(5)) > 0.05


def test_a_sibling_that_was_asked_is_the_nearest() -> None:
    found = drawn(0, 1, near=0.8)
    assert found.p_value > 0.05
    assert found.others[0].source == 1
    # All others are ruled out: without it the candidate would be named for its text.
    assert max(one.p_value for one in found.others[1:]) <= 0.01


def test_the_order_of_sources_changes_nothing_but_draws() -> None:
    rng = np.random.default_rng(0)
    prompt = np.tile(np.arange(N_PROMPTS), 4)
    author = np.repeat([-1, 0, 1, 2], N_PROMPTS)
    beyond = rng.normal(size=(len(prompt), 3))
    one, other = (
        lead(Likeness(beyond, beyond), author, prompt, 0, order, np.random.default_rng(0))
        for order in ([1, 2], [2, 1])
    )
    assert {(a.source, a.lead) for a in one.others} == {(a.source, a.lead) for a in other.others}


def test_who_answers_too_few_of_the_prompts_is_left_out() -> None:
    prompt = np.concatenate([np.arange(50), np.arange(50), np.arange(24), np.arange(26)])
    author = np.repeat([-1, 0, 1, 2], [50, 50, 24, 26])
    beyond = np.zeros((len(prompt), 3))
    rows, others = usable(np.isfinite(beyond), author, prompt, 0, [1, 2])
    assert (len(rows), others) == (50, [2])


@pytest.mark.slow
def test_rows_of_one_that_was_asked_are_uniform() -> None:
    exact = [
        next(one.p_value for one in drawn(seed, 3).others if one.source == 3) for seed in range(200)
    ]
    assert kstest(exact, "uniform").pvalue > 0.01
    assert 0.01 <= np.mean(np.array(exact) <= 0.05) <= 0.1
