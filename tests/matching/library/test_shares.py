"""The share that reads as a model's: it leans on the worst kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.matching.library.library import EDGES, VIEWS, counted, starter_library
from provenance.matching.library.shares import MachineShare, machine_share, p_values


def drawn(by: str, name: str, n: int, seed: int = 0) -> np.ndarray:
    """Scores of documents of one kind, all views of one rank."""
    library = starter_library()
    number = next(k for k in library.of(by).tolist() if library.kinds[k].name.startswith(name))
    rank = np.random.default_rng(seed).random(n)
    views = []
    for counts in library.counts[number]:
        place = np.searchsorted(np.cumsum(counts) / counts.sum(), rank)
        views.append(EDGES[np.clip(place, 1, len(EDGES) - 1)] - 1e-6)
    return np.stack(views, axis=1)


def told(scores: np.ndarray) -> MachineShare:
    n = len(scores)
    return machine_share(starter_library(), scores, np.ones(n), np.arange(n), 0.95)


def test_no_kind_by_people_has_a_low_end() -> None:
    library = starter_library()
    for number in library.of("people").tolist():
        found = told(drawn("people", library.kinds[number].name, 300, number))
        assert found.low == 0, library.kinds[number]


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_mixture_is_covered(share: float) -> None:
    n = round(400 * share)
    models = drawn("models", "slop_score/", 400)[:n]
    people = drawn("people", "reddit_qa", 400)[: 400 - n]
    found = told(np.concatenate([models, people]))
    assert 0.2 * share < found.low <= share <= found.high
    assert found.low <= found.share <= found.high


def test_one_family_alone_accuses_nobody() -> None:
    scores = drawn("models", "slop_score/", 400)
    assert told(scores).low > 0.5
    for view in range(len(VIEWS)):
        doubtful = scores.copy()
        doubtful[:, view] = -0.5
        assert told(doubtful).low == 0


def test_too_few_tell_nothing() -> None:
    few = told(drawn("models", "slop_score/", 19))
    assert (few.low, few.high, few.is_told) == (0, 1, False)
    scores = drawn("models", "slop_score/", 400)
    copies = machine_share(starter_library(), scores, np.ones(400), np.zeros(400, np.int64), 0.95)
    assert not copies.is_told
    nothing = machine_share(starter_library(), scores[:0], np.ones(0), np.zeros(0, np.int64), 0.95)
    assert not nothing.is_told


def test_p_values_fall_with_the_score() -> None:
    scores = np.repeat(np.linspace(-3, 3, 50)[:, None], len(VIEWS), axis=1)
    p = p_values(starter_library(), scores)
    assert (np.diff(p) <= 0).all()
    assert p[0] == 1
    assert 0 < p[-1] < 0.01


def test_a_row_that_one_family_finds_usual_is_not_sure() -> None:
    """The stack has a p-value of its own; a family may be three times less sure, and no more."""
    high, usual = np.full((1, len(VIEWS)), 3.0), np.full((1, len(VIEWS)), 3.0)
    usual[0, 0] = -1
    sure, doubted = (float(p_values(starter_library(), one)[0]) for one in (high, usual))
    assert sure < 0.01
    assert doubted > 0.3


def test_the_high_end_leaves_out_as_many_models_as_its_level_allows() -> None:
    """Eighty models, one of them like people: at the level 0.95 the other 79 decide."""
    people, model = drawn("people", "detectrl/human_yelp", 400), drawn("models", "slop_score/", 400)
    library = starter_library()
    counts = [counted(one) for one in (people, people, *[model] * 79)]
    kinds = [
        replace(library.kinds[0], name=f"a/{number}", by="people" if number == 0 else "models")
        for number in range(81)
    ]
    made_up = replace(library, kinds=tuple(kinds), counts=np.stack(counts))
    ones = np.ones(400), np.arange(400)
    assert machine_share(made_up, people, *ones, 0.95).high < 0.1
    assert machine_share(made_up, people, *ones, 0.999).high == 1
