"""The bench of grades, on columns that are made up."""

from __future__ import annotations

import numpy as np

from provenance.validation.bench.graded import copied, judges_table, table


def column(seed: int) -> dict[str, str]:
    rng = np.random.default_rng(seed)
    return {f"i{n}": str(label) for n, label in enumerate(rng.integers(0, 3, 200))}


def test_whole_copies_are_found_and_raters_are_not() -> None:
    people = {name: column(seed) for seed, name in enumerate(("a", "b", "c"))}
    head, *rows = table(people, {"judge": column(8), "other": column(9)}, repeats=2)
    found = {(row[0], row[1]): row[-1] for row in rows}
    assert head[-1] == "found" and len(rows) == 2 * (3 + 1 + 4)
    assert found["a", "judge"] == found["other", "judge"] == "0 of 1"
    assert found["100% copied, the rest a rater's", "judge"] == "6 of 6"


def test_the_right_judge_is_found() -> None:
    judges = {name: column(seed) for seed, name in enumerate(("a", "b", "c"))}
    _, *rows = judges_table(judges, repeats=2)
    found = {(row[0], row[1]): row[-1] for row in rows}
    assert all(told == ("2 of 2" if a == b else "0 of 2") for (a, b), told in found.items())


def test_a_part_is_copied() -> None:
    judge, rater = column(1), column(2)
    half = copied(judge, rater, 0.5, 0)
    assert half.keys() == rater.keys() and {half[i] in (judge[i], rater[i]) for i in half} == {True}
    assert copied(judge, rater, 0.0, 0) == rater
