"""Whether a family can be named by the library alone, on answers that are made up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from provenance.matching.library.shelf import shipped_shelf
from provenance.validation.bench.named_families import Answers, answers_of, table


def made_up(at: Mapping[str, tuple[float, ...]]) -> Answers:
    """Two models of 30 answers of each family, around a place of their family."""
    rng = np.random.default_rng(0)
    family = np.repeat([*at], 60)
    places = 3 * np.repeat([*at.values()], 60, axis=0) + rng.normal(0, 0.2, (len(family), 4))
    products = (places @ places.T).astype(np.float32)
    model = np.array([f"{one}-{n // 30 % 2}" for n, one in enumerate(family)])
    return Answers(products, family, model, np.arange(len(family)) % 2 == 0)


def test_families_that_are_alike_are_named_as_one_another_and_others_are_not() -> None:
    """Of four families two stand at one place: each is taken for the other where it is unseen."""
    alike = {
        "a": (1.0, 0.0, 0.0, 0.0),
        "b": (0.0, 1.0, 0.0, 0.0),
        "c": (0.0, 0.0, 1.0, 0.0),
        "d": (0.0, 0.0, 1.0, 0.1),
    }
    rows = [[cell.strip() for cell in line.split("|")] for line in [*table({"s": made_up(alike)})]]
    assert rows[5][2:5] == ["0.5", "2 of 4", "2 of 4"]
    assert int(rows[2][3][0]) >= 2


def test_the_shelf_gives_answers_of_known_families() -> None:
    found = answers_of(shipped_shelf(), "eqbench_cw")
    assert "Claude" in found.families and len(found.products) == len(found.family)
    assert 0.4 < found.learnt.mean() < 0.6
