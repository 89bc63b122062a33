"""Grades: a copied column is found, raters are not, and what is too little says so."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.matching.comparisons.grades import LEVEL, Labels, grades, labels_of

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
    rows = [
        *({"id": 1, "label": 1}, {"id": "b", "label": " Yes "}, {"id": "c", "label": None}),
        *({"id": "d", "label": 1.0}, {"id": "e", "label": "1e0"}, {"id": "f", "label": 12345678}),
    ]
    corpus = open_corpus(rows, with_text=False, id_field="id", by=("label",))
    found = labels_of(corpus, "label")
    assert found == {"1": "1", "b": "yes", "d": "1", "e": "1", "f": "12345678"}


def test_other_scales_are_refused() -> None:
    # Raters on a scale of their own never agree with the judge, and anybody else would.
    letters = {item: "abc"[int(label)] for item, label in ANN.items()}
    with pytest.raises(InputError, match="the rater 'ann' and the judge have no grade in common"):
        grades(CAT, JUDGE, {"ann": letters, "bob": BOB})
    with pytest.raises(InputError, match="the suspect and the judge have no grade in common"):
        grades(letters, JUDGE, PEOPLE)


def test_a_rater_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="say the same of every item"):
        grades(JUDGE, JUDGE, {"ann": ANN, "bob": dict(ANN)})


def test_one_label_everywhere_has_no_kappa() -> None:
    same = dict.fromkeys(ITEMS, "1")
    found = grades(same, same, {"ann": same, "bob": same})
    assert found.to_dict()["kappa"]["value"] is None
    assert "nan" not in found.summary() and found.verdict == "not beyond raters"
    assert grades({}, {}, {}).to_dict()["kappa"]["low"] is None


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([{"id": "a", "label": None}], "--label-field"),
        ([{"id": "a", "label": 1}, {"id": "a", "label": 2}], "--id-field"),
    ],
)
def test_what_cannot_be_read_is_refused(rows: list[dict[str, object]], word: str) -> None:
    corpus = open_corpus(rows, with_text=False, id_field="id", by=("label",))
    with pytest.raises(InputError, match=word):
        labels_of(corpus, "label")
