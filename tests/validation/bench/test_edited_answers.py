"""Tables of edited answers: worked by hand, and whole on a made-up data set."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.validation.bench.edited_answers import (
    Found,
    by_edit,
    by_length,
    false_positives,
    last_listed,
    threshold_of,
    try_log,
)
from provenance.validation.markdown import table

EDITS = (("truncation", 0.5), ("synonyms", 0.3))


WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("lt", "rn", "st", "mp", "nd")]


def written(rng: np.random.Generator, n_words: int) -> str:
    return " ".join(rng.choice(WORDS, n_words).tolist()) + "."


@pytest.fixture(scope="module")
def trial():  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    names = ("own", "a", "b", "c", "d", "e", "f")
    answers = {
        name: {f"question {n}": written(rng, 120 if n % 2 else 30) for n in range(24)}
        for name in names
    }
    people = [written(rng, 80) for _ in range(20)]
    return try_log(answers, people, "own", EDITS)


def test_threshold_lets_no_more_pass_than_allowed() -> None:
    values = np.array([0.1, 0.5, 0.5, 0.2, 0.9], np.float32)
    assert threshold_of(values, 0.2) == 0.5
    assert threshold_of(values, 0.0) == pytest.approx(0.9)
    for allowed in (0.0, 0.2, 0.4, 0.6):
        assert np.mean(values > threshold_of(values, allowed)) <= allowed


def test_found_is_cut_by_the_tokens_of_the_answer() -> None:
    flags = np.array([True, False, True])
    found = Found(np.array([7, 8, 25], np.int32), flags, flags, flags.astype("f4"), flags * 3)
    assert found.between(8, 25).run.tolist() == [False]
    assert found.between(0, 9).tokens.tolist() == [7, 8]


def test_halves_of_answers_are_found_and_other_text_is_not(trial) -> None:  # type: ignore[no-untyped-def]
    halves = trial.edited["truncation", 0.5].between(100, 1 << 30)
    assert len(halves.run) and halves.run.all() and halves.half.all()
    assert not any(found.run.any() for found in trial.negatives.values())
    assert len(trial.negatives["people"].run) == 10
    # Half of the prompts, three models.
    assert len(trial.negatives["other models"].run) == 36


def test_list_is_none_without_a_decoy_that_is_less_alike(trial) -> None:  # type: ignore[no-untyped-def]
    n = len(trial.matcher.null)
    assert last_listed(trial.matcher, np.full(10, n)) == -1
    assert last_listed(trial.matcher, np.zeros(10, np.int64)) == 0


def test_tables_have_a_cell_for_each_column(trial) -> None:  # type: ignore[no-untyped-def]
    for rows, n_rows in (
        (false_positives([trial]), 1 + 2),
        (by_edit([trial]), 1 + len(EDITS)),
        (by_length([trial], EDITS), 1 + 3 * (len(EDITS) + 2)),
    ):
        assert len(rows) == n_rows and len({len(row) for row in rows}) == 1
        lines = table(rows).splitlines()
        assert len(lines) == n_rows + 1 and len({line.count("|") for line in lines}) == 1
    assert by_edit([trial])[1][:4] == ("truncation", "0.5", by_edit([trial])[1][2], "100.0 %")
