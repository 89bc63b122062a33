"""The scorer as scikit-learn knows estimators."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.utils import estimator_checks
from sklearn.utils.validation import _num_samples, check_is_fitted, validate_data

from provenance.errors import InputError
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.estimator import SourceClassifier
from provenance.scoring.fitting.fitting import fit_panel
from provenance.simulate.words import NGramModel, library_texts

# Heights at which a number is told from a smaller one, in the numbers that the checks draw.
HEIGHTS = np.linspace(-2, 2, 9)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

NOT_RUN = {
    "check_array_api_input": "skips itself unless SCIPY_ARRAY_API is set; texts are no arrays",
}
"""Of scikit-learn's checks of classifiers, those that are not made; all others have to pass."""


class OfNumbers(SourceClassifier):
    """Texts of rows of numbers, so that checks which give numbers say something of it.

    A classifier of texts is asked next to nothing by `check_estimator`, as `CountVectorizer` is
    not: the checks draw matrices. A row is written here as so many words, each number by the
    heights that it is above, and in so many copies as a source has to have documents.
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> OfNumbers:
        given = validate_data(self, X, dtype=np.float64)
        self.mean_, self.scale_ = given.mean(axis=0), given.std(axis=0) + 1e-9
        once = written((given - self.mean_) / self.scale_, 1)
        if y is None or len(given) != _num_samples(y):
            super().fit(once, y)
        labels = np.asarray(y)
        rows = {*zip(map(str, labels.ravel().tolist()), once, strict=False)}
        n_copies = 1 + 25 // min(Counter(label for label, _ in rows).values())
        texts = written((given - self.mean_) / self.scale_, n_copies)
        super().fit(texts, np.repeat(labels, n_copies, axis=0))  # type: ignore[arg-type]
        return self

    def predict_log_proba(self, X: Any) -> Any:
        check_is_fitted(self)
        given = validate_data(self, X, reset=False, dtype=np.float64)
        return super().predict_log_proba(written((given - self.mean_) / self.scale_, 1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        tags.input_tags.string = False
        return tags


def written(numbers: Any, n_copies: int) -> list[str]:
    rows = [
        " ".join(
            f"{LETTERS[column % 26]}{LETTERS[place]}{'over' if number > height else 'under'}"
            for column, number in enumerate(row)
            for place, height in enumerate(HEIGHTS)
        )
        for row in numbers
    ]
    return [f"{row} copy{LETTERS[copy]}" for row in rows for copy in range(n_copies)]


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str]]:
    base = NGramModel.fit(library_texts()[:300])
    rng = np.random.default_rng(0)
    models = {"a": base, "b": base.distorted(1.5, rng), "c": base.distorted(1.5, rng)}
    rows = [(model.sample(rng, 60), name) for name, model in models.items() for _ in range(40)]
    return [text for text, _ in rows], [name for _, name in rows]


@pytest.fixture(scope="module")
def fitted(texts: tuple[list[str], list[str]]) -> SourceClassifier:
    return SourceClassifier().fit(*texts)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learn_takes_it_for_an_estimator_of_texts() -> None:
    # Of texts it checks next to nothing; see below.
    estimator_checks.check_estimator(SourceClassifier())
    assert is_classifier(SourceClassifier())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_check_of_classifiers_but_those_named_passes() -> None:
    found = estimator_checks.check_estimator(OfNumbers(), on_fail=None, on_skip=None)
    failed = [
        (one["check_name"], str(one["exception"])) for one in found if one["status"] == "failed"
    ]
    assert failed == []
    assert {one["check_name"] for one in found if one["status"] != "passed"} <= {*NOT_RUN}
    assert len(found) > 40


def test_it_scores_as_the_panel_does(
    texts: tuple[list[str], list[str]], fitted: SourceClassifier
) -> None:
    parts = [fit_fingerprint(texts[0][at : at + 40], f"source {at // 40}") for at in (0, 40, 80)]
    same = fit_panel(parts)
    assert np.array_equal(same.weights, fitted.panel_.weights)


def test_probabilities_are_of_classes_and_add_up(
    texts: tuple[list[str], list[str]], fitted: SourceClassifier
) -> None:
    found = fitted.predict_proba(texts[0])
    assert found.shape == (120, 3)
    assert found.sum(axis=1) == pytest.approx(1)
    assert (fitted.classes_[found.argmax(axis=1)] == fitted.predict(texts[0])).all()
    assert fitted.score(*texts) > 0.8
    assert fitted.predict_proba(["too short"])[0] == pytest.approx(1 / 3)
    assert fitted.predict_proba([]).shape == (0, 3)


def test_it_is_cloned_and_pickled(
    texts: tuple[list[str], list[str]], fitted: SourceClassifier
) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(texts[0][:9]), fitted.predict_proba(texts[0][:9]))
    with pytest.raises(NotFittedError):
        clone(fitted).predict(texts[0])


def test_it_is_cross_validated_by_groups(texts: tuple[list[str], list[str]]) -> None:
    groups = [number % 20 for number in range(120)]
    found = cross_val_score(SourceClassifier("words"), *texts, groups=groups, cv=GroupKFold(2))
    assert found.mean() > 0.6


@pytest.mark.parametrize(
    ("given", "labels", "told"),
    [
        ("a text", ["a"], "one text"),
        (["a", 1], ["a", "b"], "the text 1 is a int"),
        (["a", "b"], ["a"], "2 texts, 1 sources"),
        (["a", "b"], ["a", "a"], "y has 1 class, each a source"),
        (["a", "b"], None, "the target y is None"),
        (["a", "b"], [0.5, 0.7], "continuous"),
        (["a b"] * 50, ["x"] * 10 + ["y"] * 40, "the class x has 1 different|the class x has 0"),
    ],
)
def test_what_it_cannot_learn_from(given: Any, labels: Sequence[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SourceClassifier().fit(given, labels)


def test_a_wrong_view_suggests_the_right_one(texts: tuple[list[str], list[str]]) -> None:
    with pytest.raises(InputError, match="Perhaps 'n-grams' is meant"):
        SourceClassifier("ngrams").fit(*texts)
