"""Grades: a copied column is found, raters are not, and what is too little says so."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.matching.grades import LEVEL, Labels, grades, labels_of

ITEMS = [f"i{number}" for number in range(300)]


def rater(seed: int, truth: Labels, part: float = 0.7) -> dict[str, str]:
    """One who sees the truth on a part of the items and guesses on the others."""
    rng = np.random.default_rng(seed)
    return {item: truth[item] if rng.random() < part else str(rng.integers(3)) for item in truth}


TRUTH = {item: str(number % 3) for number, item in enumerate(ITEMS)}
JUDGE, ANN, BOB, CAT = (rater(seed, TRUTH) for seed in range(4))
PEOPLE = {"ann": ANN, "bob": BOB}


def test_a_copy_is_found_and_another_rater_is_not() -> None:
    copy = {item: JUDGE[item] if number % 5 else CAT[item] for number, item in enumerate(ITEMS)}
    found = grades(copy, JUDGE, PEOPLE)
    assert found.verdict == "beyond raters" and (found.p_value or 1) <= LEVEL
    assert "consistent with" in found.summary() and "ann" in found.summary()
    innocent = grades(CAT, JUDGE, PEOPLE)
    assert innocent.verdict == "not beyond raters"
    assert "no evidence" in innocent.summary()
    assert innocent.to_dict()["raters"][0]["everywhere"]["n_items"] == 300


def test_a_better_rater_is_not_a_copy() -> None:
    # It agrees with the judge oftener than the others do, because both see the truth oftener.
    best = rater(9, TRUTH, 0.97)
    found = grades(best, JUDGE, PEOPLE)
    assert max(one.everywhere.p_value for one in found.raters) <= LEVEL
    assert found.verdict == "not beyond raters"


def test_too_little_is_said() -> None:
    few = {item: JUDGE[item] for item in ITEMS[:29]}
    assert "--id-field" in grades(few, JUDGE, PEOPLE).summary()
    alone = grades(CAT, JUDGE, {"ann": ANN})
    assert (alone.verdict, alone.p_value) == ("too little to score", None)
    assert "--rater" in alone.summary()
    assert grades({}, {}, PEOPLE).verdict == "too little to score"


def test_labels_are_read_as_they_are_written() -> None:
    rows = [{"id": "a", "label": 1}, {"id": "b", "label": " yes "}, {"id": "c", "label": None}]
    corpus = open_corpus(rows, text_field="id", id_field="id", by=("label",))
    assert labels_of(corpus, "label") == {"a": "1", "b": "yes"}


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([{"id": "a", "label": None}], "--label-field"),
        ([{"id": "a", "label": 1}, {"id": "a", "label": 2}], "--id-field"),
    ],
)
def test_what_cannot_be_read_is_refused(rows: list[dict[str, object]], word: str) -> None:
    corpus = open_corpus(rows, text_field="id", id_field="id", by=("label",))
    with pytest.raises(InputError, match=word):
        labels_of(corpus, "label")
