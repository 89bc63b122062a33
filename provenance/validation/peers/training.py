"""What every peer learns from: texts of known origin, and the classifier that most stand on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError

__all__ = [
    "CONFIDENCE_LEVEL",
    "N_RESAMPLES",
    "Classifier",
    "Fitted",
    "Interval",
    "PeerTexts",
    "Training",
]

N_RESAMPLES: Final = 100
"""Bootstrap resamples of a corpus; Liang et al. draw 1,000 and QuaPy 500 unless told otherwise."""
CONFIDENCE_LEVEL: Final = 0.95
N_FEATURES: Final = 2**18
"""Places of the hashed words and word pairs: a round figure, not tuned."""
N_FOLDS: Final = 5
"""As QuaPy holds out, unless told otherwise."""
_WORD: Final = re.compile(r"\w+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")

Interval = tuple[float, float, float]
"""Share, low and high end, as fractions."""


@dataclass(frozen=True, eq=False)
class PeerTexts:
    """Documents, with what the peers measure of them kept once made.

    Parameters
    ----------
    documents : sequence of str

    Examples
    --------
    >>> [sorted(words) for words in PeerTexts(["To be, or not to be"]).words]
    [['be', 'not', 'or', 'to']]
    """

    documents: Sequence[str]

    def __post_init__(self) -> None:
        if not self.documents:
            raise InputError("there are no texts", expected="at least one")

    def __len__(self) -> int:
        return len(self.documents)

    @cached_property
    def words(self) -> list[set[str]]:
        """Words of each document, in lower case, without order or number."""
        return [set(_WORD.findall(text.lower())) for text in self.documents]

    @cached_property
    def sentences(self) -> tuple[PeerTexts, NDArray[np.int64]]:
        """Sentences as texts of their own, and the number of the document of each.

        Cut at line breaks and at white space behind a full stop, question or exclamation mark.
        """
        cut = [_SENTENCE_END.split(text) for text in self.documents]
        document = np.repeat(np.arange(len(cut)), [len(sentences) for sentences in cut])
        return PeerTexts([*chain.from_iterable(cut)]), document

    @cached_property
    def features(self) -> Any:
        """Which words and word pairs each document holds, unit length.

        Returns
        -------
        scipy.sparse.csr_matrix of float32, shape (n_documents, N_FEATURES)
        """
        from sklearn.feature_extraction.text import HashingVectorizer

        hashed = HashingVectorizer(
            ngram_range=(1, 2),
            n_features=N_FEATURES,
            binary=True,
            alternate_sign=False,
            dtype=np.float32,
        )
        return hashed.transform(self.documents)


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """The one classifier that all peers but Liang et al. stand on.

    Parameters
    ----------
    model : sklearn.linear_model.LogisticRegression
    held_out : ndarray of float64, shape (n_training,)
        Posterior of the candidate for each training document, by a model that has not seen it.
    """

    model: Any
    held_out: NDArray[np.float64]

    def posterior(self, texts: PeerTexts) -> NDArray[np.float64]:
        """Posterior of the candidate for each document, ascending.

        In that order what is drawn with a seed does not depend on the order of the documents.
        """
        found: NDArray[np.float64] = np.sort(self.model.predict_proba(texts.features)[:, 1])
        return found.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Training:
    """Texts of known origin, from which every peer learns.

    Parameters
    ----------
    texts : PeerTexts
        May be shared with the training of another candidate: its features are made once.
    is_candidate : ndarray of bool, shape (n_training,)
    groups : sequence of str, optional
        What each text answers. Texts of one group are held out together: else the answers of the
        rest to a prompt teach the classifier that its words speak against the candidate, and the
        error rates measured on held-out texts are not those of other prompts.
    seed : int
        Draws the folds, and the bootstrap resamples of every corpus.
    confidence_level : float
        Of every interval.
    resamples : int
        Of a corpus, by every peer that draws any.

    Raises
    ------
    InputError
        Where there is not one label for each text, or too few texts of either kind.
    """

    texts: PeerTexts
    is_candidate: NDArray[np.bool_]
    groups: Sequence[str] | None = None
    seed: int = 0
    confidence_level: float = CONFIDENCE_LEVEL
    resamples: int = N_RESAMPLES

    def __post_init__(self) -> None:
        n_candidate = int(np.count_nonzero(self.is_candidate))
        if len(self.is_candidate) != len(self.texts):
            raise InputError(
                f"there are {len(self.texts)} texts and {len(self.is_candidate)} labels",
                expected="one label for each text",
            )
        if min(n_candidate, len(self.texts) - n_candidate) < N_FOLDS:
            raise InputError(
                f"{n_candidate} of {len(self.texts)} texts are by the candidate",
                expected=f"at least {N_FOLDS} by the candidate and {N_FOLDS} by others",
            )

    @cached_property
    def classifier(self) -> Classifier:
        """Logistic regression on words and word pairs, both classes of equal weight."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

        model = LogisticRegression(class_weight="balanced", max_iter=200, tol=1e-3)
        folds = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=self.seed)
        labels, features = self.is_candidate.astype(int), self.texts.features
        groups = range(len(labels)) if self.groups is None else self.groups
        held_out = cross_val_predict(
            model, features, labels, groups=groups, cv=folds, method="predict_proba"
        )
        return Classifier(model.fit(features, labels), held_out[:, 1].astype(np.float64))


class Fitted(Protocol):
    """A peer that has learned from a training set."""

    def read(self, texts: PeerTexts) -> Interval:
        """Share of the candidate in a corpus with its interval at the training's level."""
        ...
