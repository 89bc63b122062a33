"""The scorer as scikit-learn knows estimators."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.utils import estimator_checks

from provenance.errors import InputError
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.estimator import SourceClassifier
from provenance.scoring.fitting import fit_panel
from provenance.simulate.words import NGramModel, library_texts

# Those of scikit-learn's checks that need no matrix of numbers: for texts, `check_estimator` itself
# has next to none.
WITHOUT_A_MATRIX = (
    "check_do_not_raise_errors_in_init_or_set_param",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)


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
def test_scikit_learn_takes_it_for_an_estimator() -> None:
    estimator_checks.check_estimator(SourceClassifier())
    assert is_classifier(SourceClassifier())


@pytest.mark.parametrize("name", WITHOUT_A_MATRIX)
def test_checks_of_scikit_learn(name: str) -> None:
    check: Any = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip("this version of scikit-learn has no such check")
    check("SourceClassifier", SourceClassifier())


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
        (["a", "b"], ["a", "a"], "1 sources"),
    ],
)
def test_what_it_cannot_learn_from(given: Any, labels: Sequence[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SourceClassifier().fit(given, labels)


def test_a_wrong_view_suggests_the_right_one(texts: tuple[list[str], list[str]]) -> None:
    with pytest.raises(InputError, match="Perhaps 'n-grams' is meant"):
        SourceClassifier("ngrams").fit(*texts)
