"""The scorer of a match as scikit-learn knows estimators: texts in, sources out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, check_is_fitted, column_or_1d

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.features.features import extract, prepare
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.scored import document_means
from provenance.scoring.views import views_of
from provenance.words import did_you_mean

__all__ = ["RefusedError", "SourceClassifier"]

_BATCH = 512


class RefusedError(InputError, ValueError):
    """As every `InputError`, and as scikit-learn expects what cannot be learnt from."""


class SourceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Which of several sources wrote a text: the scorer of `match`, as an estimator.

    For cross-validation, pipelines and comparison with other classifiers. A text that stands among
    those it was fitted on is scored by a model that has not seen it. It tells no share, and each
    text is one source's: one that nobody gave is taken for one that was.

    Parameters
    ----------
    view : str, optional
        The feature families that are read: ``"all families"`` (of three sources or more),
        ``"n-grams"`` or ``"words"``; the first that there is unless told.
    spec : FeatureSpec, optional
    seed : int
        Draws the folds.

    Attributes
    ----------
    classes_ : ndarray, shape (n_sources,)
    panel_ : Panel

    Examples
    --------
    >>> texts = [f"it is said that {n} will be so" for n in range(30)]
    >>> texts += [f"we say now: {n} was not" for n in range(30)]
    >>> fitted = SourceClassifier().fit(texts, ["a"] * 30 + ["b"] * 30)
    >>> fitted.predict(["we say now: 99 was not", "it is said that 99 will be so"]).tolist()
    ['b', 'a']
    """

    def __init__(
        self, view: str | None = None, spec: FeatureSpec | None = None, seed: int = 0
    ) -> None:
        self.view = view
        self.spec = spec
        self.seed = seed

    def fit(
        self, X: Iterable[str], y: Sequence[Any], groups: Sequence[Any] | None = None
    ) -> SourceClassifier:
        """Measure the sources and fit the scorer.

        Parameters
        ----------
        X : iterable of str
        y : sequence
            The source of each text.
        groups : sequence, optional
            What texts share that belong together, such as a prompt: one fold has them all.

        Raises
        ------
        InputError
            Where there are fewer than two sources, or too little text of one.
        """
        texts, labels = _texts(X), _labels(y)
        together = [None] * len(texts) if groups is None else [str(one) for one in groups]
        if labels.shape != (len(texts),) or len(together) != len(texts):
            raise RefusedError(
                f"{len(texts):,} texts, {labels.size:,} sources and {len(together):,} groups",
                expected="one of each for each text",
            )
        classes = np.unique(labels)
        if len(classes) < 2:
            told = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
            raise RefusedError(f"y has {told}, each a source", expected="at least two")
        view = _view(self.view, len(classes))
        spec = self.spec or FeatureSpec()
        sources = []
        for number, one in enumerate(classes):
            rows = [
                {"text": text, "group": group}
                for text, group, is_its in zip(texts, together, labels == one, strict=True)
                if is_its
            ]
            corpus = open_corpus(rows, group_field=None if groups is None else "group")
            sources.append(fit_fingerprint(corpus, f"source {number}", spec))
        try:
            self.panel_ = fit_panel(sources, self.seed)
        except InputError as error:
            # Whoever gave labels knows no source 0.
            told = re.sub(
                r"'source (\d+)'", lambda at: f"the class {classes[int(at[1])]!s:.60}", str(error)
            )
            raise RefusedError(told.rstrip(".")) from error
        self.classes_, self._view = classes, view
        return self

    def predict_log_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Log posterior of each source where all are equally likely before.

        Differences of two columns are log likelihood ratios, in nats. A text that is too short to
        score is as likely every source's.
        """
        check_is_fitted(self)
        texts, panel = _texts(X), self.panel_
        n_sources = len(self.classes_)
        found = np.full((len(texts), n_sources), -np.log(n_sources))
        for start in range(0, len(texts), _BATCH):
            batch = extract(prepare(texts[start : start + _BATCH], panel.spec), panel.spec)
            scores = panel.score(batch)[self._view]
            count = len(batch.n_tokens)
            means = document_means(scores, batch.document, batch.passage_tokens, count)
            is_scored = np.bincount(batch.document, minlength=count) > 0
            found[start : start + count][is_scored] = means[is_scored]
        # Means over passages do not add up to one by themselves.
        found -= np.logaddexp.reduce(found, axis=1, keepdims=True)
        return found

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """The same as probabilities."""
        return np.asarray(np.exp(self.predict_log_proba(X)))

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """The likeliest source of each text."""
        best = self.predict_log_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def _texts(given: Iterable[str]) -> list[str]:
    if isinstance(given, str | bytes):
        raise RefusedError("one text was given where several are expected", expected="[text]")
    texts = list(given)
    for number, one in enumerate(texts):
        if not isinstance(one, str):
            raise RefusedError(f"the text {number} is a {type(one).__name__}", expected="texts")
    return texts


def _labels(given: Sequence[Any]) -> NDArray[Any]:
    if given is None:
        raise RefusedError(
            "requires y to be passed, but the target y is None", expected="a source for each text"
        )
    try:
        labels = np.asarray(column_or_1d(given, warn=True))
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
    except ValueError as error:
        raise RefusedError(f"y: {error}", expected="a source for each text") from None
    return labels


def _view(asked: str | None, n_sources: int) -> str:
    known = [*views_of(n_sources)]
    if asked is None:
        return known[0]
    if asked not in known:
        raise RefusedError(
            f"{n_sources} sources have no view {str(asked)[:40]!r}",
            expected=", ".join(known),
            remedy=did_you_mean(str(asked), known),
        )
    return asked
