"""People's text of a kind that nobody gave is not told as a model's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_scores import World, posteriors, spread_out

from provenance.scoring.scored import Passages
from provenance.share.many_sources import kinds_of_people
from provenance.share.many_sources.kinds_of_people import beyond_people, beyond_worst
from provenance.share.many_sources.many_sources import fit_many
from provenance.share.many_sources.problem import Problem
from provenance.share.mixture import Together

SEEDS = range(3)
N_MODELS = 6
FEWEST_KINDS = 8
PEOPLE = [*range(N_MODELS, N_MODELS + FEWEST_KINDS)]


def world(seed: int, n_each: int = 100) -> World:
    """Models about one place and kinds of people about another."""
    around = spread_out(N_MODELS + len(PEOPLE), seed, distance=2.5)
    around[:N_MODELS] += [5.0, 0.0, 0.0]
    return World.build(around, n_each, seed)


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer kinds than in earnest, so that a test takes a second."""
    monkeypatch.setattr(kinds_of_people, "FEWEST_KINDS", FEWEST_KINDS)


def problem(made: World, corpus: Passages) -> Problem:
    return Problem(corpus, *made.samples, 1.5)


def test_what_lies_beyond_the_worst_by_hand() -> None:
    scores, even, limits = np.array([0.0, 3.0]), np.array([0.5, 0.5]), np.array([1.0, 2.0])
    # All but surely half lie above both limits. At most 20 and 10 % of people's text does, and 5 %
    # more of a kind that was not measured: (0.5 - 0.15) / (1 - 0.15).
    found = beyond_worst(scores, even, 1e9, limits, np.array([0.2, 0.1]), 0.95, 0.05)
    assert found == pytest.approx(0.35 / 0.85, abs=1e-4)
    assert beyond_worst(scores, even, 1e9, limits, np.array([0.6, 1.0]), 0.95, 0.0) == 0
    assert beyond_worst(scores, even, 4, limits, np.array([0.1, 0.1]), 0.95, 0.0) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_few_kinds_stand_for_no_other(seed: int) -> None:
    made = world(seed)
    corpus = made.corpus([1.0] * len(made.means), 240, seed)
    given = problem(made, corpus)
    assert beyond_people(given, PEOPLE[: FEWEST_KINDS - 1], 0.95) is None
    assert beyond_people(given, PEOPLE, 0.95) is not None
    short = problem(world(seed, n_each=10), corpus)
    assert beyond_people(short, PEOPLE, 0.95) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_more_of_it_models_wrote_the_more_is_beyond_people(seed: int) -> None:
    made, found = world(seed), []
    for truth in (0.0, 0.4, 0.8):
        models, people = truth / N_MODELS, (1 - truth) / len(PEOPLE)
        corpus = made.corpus([models] * N_MODELS + [people] * len(PEOPLE), 600, seed)
        told = beyond_people(problem(made, corpus), PEOPLE, 0.95)
        assert told is not None and told <= truth
        found.append(told)
    assert found == sorted(found) and found[-1] > 0.3


def test_people_of_another_kind_are_not_told_as_models() -> None:
    """They lean to the models by more than the nearest kind given, which the fit does not show."""
    made = world(1)
    people = made.means[PEOPLE]
    nearest = people[np.argmax(people[:, 0])]
    stranger = nearest + 0.4 * (nearest - people.mean(axis=0))
    points = np.random.default_rng([1, 3]).normal(stranger, size=(400, 3))
    corpus = Passages(posteriors(points, made.means), np.ones(400), np.arange(400))
    free = fit_many(corpus, *made.samples, [0], people=PEOPLE, of_one_kind=True).models
    found = fit_many(corpus, *made.samples, [0], people=PEOPLE).models
    assert free is not None and free.low > 0.05
    assert found == replace(free, low=0.0)


def test_it_takes_off_what_people_may_explain_and_adds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = world(5)
    corpus = made.corpus(
        [0.5] + [0.0] * (N_MODELS - 1) + [0.5 / FEWEST_KINDS] * FEWEST_KINDS, 600, 5
    )

    def read(*, of_one_kind: bool = False) -> Together:
        found = fit_many(corpus, *made.samples, [0], people=PEOPLE, of_one_kind=of_one_kind).models
        assert found is not None
        return found

    free = read(of_one_kind=True)
    for beyond in (0.0, 0.1, 1.0):
        monkeypatch.setattr(kinds_of_people, "beyond_worst", lambda *_, told=beyond: told)
        assert read() == replace(free, low=min(free.low, beyond))


def test_what_has_no_score_is_beyond_nobody() -> None:
    limits, worst = np.array([0.0, 1.0]), np.array([0.1, 0.0])
    nothing = np.full(100, np.nan)
    assert beyond_worst(nothing, np.full(100, 0.01), 100.0, limits, worst, 0.95, 0.0) == 0.0
