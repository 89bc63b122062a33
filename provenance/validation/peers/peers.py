"""Published estimators of a share, run on the same training texts and the same corpora as ours.

All read the candidate against the pooled rest. Three families: the word-occurrence mixture of
Liang et al. (2024), classify and count with scikit-learn, and the quantifiers of QuaPy with its
own bootstrap. Where a choice was open, the one that served the peers better was taken: classes of
equal weight, posteriors held out by prompt, expectation maximisation on calibrated posteriors.
"""

from __future__ import annotations

import importlib.util
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, compress
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.statistics.intervals import clopper_pearson

__all__ = [
    "CONFIDENCE_LEVEL",
    "N_RESAMPLES",
    "PEERS",
    "Classifier",
    "Fitted",
    "Interval",
    "Peer",
    "PeerReading",
    "Texts",
    "Training",
    "compare",
    "missing",
    "mixture_alpha",
]

N_RESAMPLES: Final = 100
"""Bootstrap resamples of a corpus; Liang et al. draw 1,000 and QuaPy 500 unless told otherwise."""
CONFIDENCE_LEVEL: Final = 0.95
N_FEATURES: Final = 2**18
N_FOLDS: Final = 5
MINIMUM_CANDIDATE: Final = 3
"""Documents of the candidate that hold a word before Liang et al. count it."""
MINIMUM_REST: Final = 5
"""Documents of the rest (their human text) that hold it."""
_WORD: Final = re.compile(r"\w+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_LARGEST: Final = 700.0
_SMALLEST: Final = 1e-300
_HALVINGS: Final = 20
_GRID: Final = 4096

Interval = tuple[float, float, float]
"""Share, low and high end, as fractions."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Documents, with what the peers measure of them kept once made.

    Parameters
    ----------
    documents : sequence of str

    Examples
    --------
    >>> [sorted(words) for words in Texts(["To be, or not to be"]).words]
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
    def sentences(self) -> tuple[Texts, NDArray[np.int64]]:
        """Sentences as texts of their own, and the number of the document of each.

        Cut at line breaks and at white space behind a full stop, question or exclamation mark.
        """
        cut = [_SENTENCE_END.split(text) for text in self.documents]
        document = np.repeat(np.arange(len(cut)), [len(sentences) for sentences in cut])
        return Texts([*chain.from_iterable(cut)]), document

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

    def posterior(self, texts: Texts) -> NDArray[np.float64]:
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
    texts : Texts
        May be shared with the training of another candidate: its features are made once.
    is_candidate : ndarray of bool, shape (n_training,)
    groups : sequence of str, optional
        What each text answers. Texts of one group are held out together: else the answers of the
        rest to a prompt teach the classifier that its words speak against the candidate, and the
        error rates measured on held-out texts are not those of other prompts.
    seed : int
        Draws the folds, and the bootstrap resamples of every corpus.

    Raises
    ------
    InputError
        Where there is not one label for each text, or too few texts of either kind.
    """

    texts: Texts
    is_candidate: NDArray[np.bool_]
    groups: Sequence[str] | None = None
    seed: int = 0

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

    def read(self, texts: Texts) -> Interval:
        """Share of the candidate in a corpus with its interval at ``CONFIDENCE_LEVEL``."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """A published estimator.

    Parameters
    ----------
    name : str
    source : str
        Where it is published.
    fit : callable
        Learns from a training set.
    packages : tuple of str
        What has to be importable beyond the package's own requirements.
    """

    name: str
    source: str
    fit: Callable[[Training], Fitted]
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerReading:
    """What a peer read one corpus of known share as.

    Parameters
    ----------
    peer : str
    truth, share, low, high : float
        Fractions.
    """

    peer: str
    truth: float
    share: float
    low: float
    high: float


def mixture_alpha(log_posterior: NDArray[np.float64], weights: NDArray[Any]) -> float:
    """Share that maximises the likelihood of a mixture of two known densities, by bisection.

    The log-likelihood ``sum(w log((1 - alpha) + alpha exp(log_posterior)))`` of Liang et al. (2024)
    is concave in alpha.

    Parameters
    ----------
    log_posterior : ndarray of float64, shape (n_texts,)
        Log density under the candidate less that under the rest, in nats.
    weights : ndarray, shape (n_texts,)
        How often each text counts.

    Examples
    --------
    >>> round(mixture_alpha(np.log([3.0, 1 / 3]), np.ones(2)), 3)
    0.5
    """
    excess = np.expm1(log_posterior.clip(-_LARGEST, _LARGEST))

    def slope(alpha: float) -> float:
        density = np.maximum(1 + alpha * excess, _SMALLEST)
        return float(weights @ (excess / density))

    low, high = 0.0, 1.0
    if slope(low) <= 0 or slope(high) >= 0:
        return float(slope(low) > 0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def _documents(texts: Texts) -> tuple[Texts, NDArray[np.int64]]:
    return texts, np.arange(len(texts))


def _sentences(texts: Texts) -> tuple[Texts, NDArray[np.int64]]:
    return texts.sentences


Units = Callable[[Texts], tuple[Texts, NDArray[np.int64]]]
"""Cuts texts, and tells the document of each piece."""


@dataclass(frozen=True, slots=True, eq=False)
class _WordMixture:
    """Occurrence rates of words in two sources; see ``_fit_liang``.

    Parameters
    ----------
    weights : dict of str to float
        What the presence of a word adds to the log ratio of a text, in nats.
    constant : float
        Log ratio of a text without any of the words.
    units : callable
    seed : int
    """

    weights: dict[str, float]
    constant: float
    units: Units
    seed: int

    def log_posterior(self, words: Iterable[str]) -> float:
        """Log density of a set of words under the candidate less that under the rest."""
        # Sets have another order in every process, and sums of floats heed it.
        return self.constant + sum(self.weights.get(word, 0.0) for word in sorted(words))

    def read(self, texts: Texts) -> Interval:
        pieces, _ = self.units(texts)
        ratios = np.sort([self.log_posterior(words) for words in pieces.words if len(words) > 1])
        if not ratios.any():
            return 0.0, 0.0, 1.0
        n = len(ratios)
        rng = np.random.default_rng(self.seed)
        drawn = (rng.multinomial(n, np.full(n, 1 / n)) for _ in range(N_RESAMPLES))
        tail = (1 - CONFIDENCE_LEVEL) / 2
        low, high = np.quantile([mixture_alpha(ratios, one) for one in drawn], [tail, 1 - tail])
        return mixture_alpha(ratios, np.ones(n)), float(low), float(high)


def _fit_liang(training: Training, units: Units) -> _WordMixture:
    """Word-occurrence mixture of Liang et al. (ICML 2024; as coded for their COLM 2024 paper).

    A text is a set of words that occur independently: its log density is the sum of log p of the
    words that are there and of log(1 - p) of those that are not. Words count where both sources
    have them, in ``MINIMUM_CANDIDATE`` and ``MINIMUM_REST`` texts, and not in all texts of one.
    The interval is the percentile bootstrap of the corpus. The published unit is the sentence,
    and the share is then of sentences.
    """
    texts, document = units(training.texts)
    is_candidate = training.is_candidate[document]
    kept = np.array([len(words) > 1 for words in texts.words])
    own, n_own = _text_counts(texts, kept & is_candidate)
    rest, n_rest = _text_counts(texts, kept & ~is_candidate)
    vocabulary = sorted(
        word
        for word, count in own.items()
        if MINIMUM_CANDIDATE <= count < n_own and MINIMUM_REST <= rest[word] < n_rest
    )
    p = np.array([own[word] / n_own for word in vocabulary])
    q = np.array([rest[word] / n_rest for word in vocabulary])
    absent = np.log1p(-p) - np.log1p(-q)
    present = np.log(p) - np.log(q) - absent
    weights = dict(zip(vocabulary, present.tolist(), strict=True))
    return _WordMixture(weights, float(absent.sum()), units, training.seed)


def _text_counts(texts: Texts, chosen: NDArray[np.bool_]) -> tuple[Counter[str], int]:
    """Number of the chosen texts that hold each word, and of all chosen ones."""
    words = compress(texts.words, chosen.tolist())
    return Counter(chain.from_iterable(words)), int(np.count_nonzero(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class _Counting:
    """Share of documents that a classifier gives to the candidate (Forman 2008, CC)."""

    classifier: Classifier

    def read(self, texts: Texts) -> Interval:
        n_own = int(np.count_nonzero(self.classifier.posterior(texts) > 0.5))
        low, high = clopper_pearson(n_own, len(texts), CONFIDENCE_LEVEL)
        return n_own / len(texts), low, high


def _fit_counting(training: Training) -> _Counting:
    return _Counting(training.classifier)


Columns = Callable[[NDArray[np.float64]], NDArray[Any]]
"""From posteriors of the candidate, shape (n,), to what a quantifier of QuaPy aggregates."""


@dataclass(frozen=True, slots=True, eq=False)
class _Quantifier:
    """A quantifier of QuaPy on the shared classifier.

    Parameters
    ----------
    classifier : Classifier
    bootstrap : quapy.method.confidence.AggregativeBootstrap
        Resamples classified documents of the corpus. Its interval is told; the share is the
        quantifier's own, where QuaPy would tell the mean of the resamples.
    columns : callable
    """

    classifier: Classifier
    bootstrap: Any
    columns: Columns

    def read(self, texts: Texts) -> Interval:
        classified = self.columns(self.classifier.posterior(texts))
        with _quiet():
            share = self.bootstrap.quantifier.aggregate(classified)
            _, region = self.bootstrap.aggregate_conf(classified)
        return float(share[1]), float(region.I_low[1]), float(region.I_high[1])


@contextmanager
def _quiet() -> Iterator[None]:
    """Run QuaPy without its output, in this process: its workers would not heed a seed."""
    import joblib

    with (
        warnings.catch_warnings(),
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
        joblib.parallel_config(backend="sequential"),
    ):
        warnings.simplefilter("ignore")
        yield


def _decisions(posterior: NDArray[np.float64]) -> NDArray[np.int64]:
    return (posterior > 0.5).astype(np.int64)


def _both_classes(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([1 - posterior, posterior], axis=1)


def _fit_quapy(training: Training, method: str, columns: Columns = _both_classes) -> _Quantifier:
    """Fit what a quantifier learns beyond the classifier, on held-out posteriors."""
    quantifier = _unfitted(training, method)
    labels = training.is_candidate.astype(int)
    with _quiet():
        quantifier.aggregation_fit(columns(training.classifier.held_out), labels)
    return _bootstrapped(training, quantifier, columns)


def _unfitted(training: Training, method: str) -> Any:
    with _quiet():
        from quapy.method import aggregative

        model = training.classifier.model
        return getattr(aggregative, method)(model, fit_classifier=False, val_split=None)


def _bootstrapped(training: Training, quantifier: Any, columns: Columns) -> _Quantifier:
    from quapy.method.confidence import AggregativeBootstrap

    bootstrap = AggregativeBootstrap(
        quantifier,
        n_test_samples=N_RESAMPLES,
        confidence_level=CONFIDENCE_LEVEL,
        random_state=training.seed,
    )
    bootstrap.quantifiers = [quantifier]
    return _Quantifier(training.classifier, bootstrap, columns)


def _fit_emq(training: Training) -> _Quantifier:
    """Expectation maximisation on posteriors that are calibrated by temperature and bias.

    Alexandari et al. (2020) found that best. For two classes it is a logistic model of the logit;
    the optimiser that QuaPy calls for it gives up where posteriors lie close together.
    """
    from sklearn.linear_model import LogisticRegression

    classifier, labels = training.classifier, training.is_candidate.astype(int)
    calibrated = LogisticRegression(C=1e6).fit(_logits(classifier.held_out), labels)

    def columns(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = calibrated.predict_proba(_logits(posterior))
        return found

    quantifier = _unfitted(training, "EMQ")
    quantifier.train_prevalence = np.array([1 - labels.mean(), labels.mean()])
    return _bootstrapped(training, quantifier, columns)


def _logits(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as a column, shape (n, 1)."""
    inside = posterior.clip(1e-12, 1 - 1e-12)
    found: NDArray[np.float64] = np.log(inside / (1 - inside))[:, None]
    return found


def _fit_kdey(training: Training) -> _Quantifier:
    """KDEy-ML with its kernel densities tabulated once, linear between the places of a fine grid.

    A resample then draws densities of documents where QuaPy would sum its kernels, over all
    training documents, again for each resample.
    """
    fitted = _fit_quapy(training, "KDEyML")
    quantifier = fitted.bootstrap.quantifier
    grid = np.linspace(0.0, 1.0, _GRID + 1)
    points = _both_classes(grid)
    tables = [quantifier.pdf(kde, points, quantifier.kernel) for kde in quantifier.mix_densities]

    def columns(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.interp(posterior, grid, table) for table in tables], axis=1)

    quantifier.mix_densities = range(len(tables))
    quantifier.pdf = lambda column, densities, kernel: densities[:, column]
    return _bootstrapped(training, quantifier, columns)


def _quapy(name: str, source: str, fit: Callable[[Training], Fitted]) -> Peer:
    return Peer(name, f"{source}; QuaPy (Moreo et al. 2021)", fit, ("quapy",))


_LIANG: Final = "Liang et al. 2024, ICML"

PEERS: Final = {
    peer.name: peer
    for peer in (
        Peer("Liang, sentences", _LIANG, partial(_fit_liang, units=_sentences)),
        Peer("Liang, documents", _LIANG, partial(_fit_liang, units=_documents)),
        Peer("classify and count", "Forman 2008; scikit-learn", _fit_counting, ("sklearn",)),
        _quapy("ACC", "Forman 2008", partial(_fit_quapy, method="ACC", columns=_decisions)),
        _quapy("PACC", "Bella et al. 2010", partial(_fit_quapy, method="PACC")),
        _quapy("EMQ", "Saerens et al. 2002, Alexandari et al. 2020", _fit_emq),
        _quapy("KDEyML", "Moreo et al. 2024", _fit_kdey),
        _quapy("HDy", "González-Castro et al. 2013", partial(_fit_quapy, method="HDy")),
        _quapy("DyS", "Maletzke et al. 2019", partial(_fit_quapy, method="DyS")),
    )
}
"""Every peer by its name, in the order of the table."""


def missing(peer: Peer) -> str | None:
    """Why a peer is skipped; None where it can run.

    Examples
    --------
    >>> missing(PEERS["Liang, sentences"]) is None
    True
    """
    lacking = [name for name in peer.packages if importlib.util.find_spec(name) is None]
    if not lacking:
        return None
    return f"{' and '.join(lacking)} not installed: pip install 'llm-provenance[peers]'"


def compare(
    training: Training,
    corpora: Iterable[tuple[Sequence[str], float]],
    peers: Mapping[str, Peer] = PEERS,
) -> list[PeerReading]:
    """Read corpora of known share by every peer that can run; ``missing`` says why others cannot.

    Parameters
    ----------
    training : Training
    corpora : iterable of (texts, truth)
        Read one at a time; its features are made once for all peers.
    peers : mapping of str to Peer
    """
    able = [peer for peer in peers.values() if missing(peer) is None]
    fitted = {peer.name: peer.fit(training) for peer in able}
    return [
        PeerReading(name, truth, *one.read(texts))
        for texts, truth in ((Texts(documents), truth) for documents, truth in corpora)
        for name, one in fitted.items()
    ]
