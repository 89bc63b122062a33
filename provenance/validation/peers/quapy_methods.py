"""Quantifiers of QuaPy (Moreo et al. 2021) on the shared classifier, with its own bootstrap."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.validation.peers.training import Classifier, Interval, PeerTexts, Training

__all__ = [
    "Columns",
    "both_classes",
    "decisions",
    "fit_emq",
    "fit_kdey",
    "fit_quapy",
    "kernel_densities",
    "quiet",
    "unfitted",
]

_GRID: Final = 4096
"""Places between 0 and 1 at which kernel densities are tabulated: finer than their bandwidth of
0.1 by far."""

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

    def read(self, texts: PeerTexts) -> Interval:
        classified = self.columns(self.classifier.posterior(texts))
        with quiet():
            share = self.bootstrap.quantifier.aggregate(classified)
            _, region = self.bootstrap.aggregate_conf(classified)
        return float(share[1]), float(region.I_low[1]), float(region.I_high[1])


@contextmanager
def quiet() -> Iterator[None]:
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


def decisions(posterior: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which documents a classifier gives to the candidate, as 0 and 1."""
    return (posterior > 0.5).astype(np.int64)


def both_classes(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Posteriors of the rest and of the candidate, shape (n, 2)."""
    return np.stack([1 - posterior, posterior], axis=1)


def fit_quapy(training: Training, method: str, columns: Columns = both_classes) -> _Quantifier:
    """Fit what a quantifier learns beyond the classifier, on held-out posteriors."""
    quantifier = unfitted(training, method)
    labels = training.is_candidate.astype(int)
    with quiet():
        quantifier.aggregation_fit(columns(training.classifier.held_out), labels)
    return _bootstrapped(training, quantifier, columns)


def unfitted(training: Training, method: str) -> Any:
    """A quantifier of QuaPy by its name, on the shared classifier."""
    with quiet():
        from quapy.method import aggregative

        model = training.classifier.model
        return getattr(aggregative, method)(model, fit_classifier=False, val_split=None)


def _bootstrapped(training: Training, quantifier: Any, columns: Columns) -> _Quantifier:
    from quapy.method.confidence import AggregativeBootstrap

    bootstrap = AggregativeBootstrap(
        quantifier,
        n_test_samples=training.resamples,
        confidence_level=training.confidence_level,
        random_state=training.seed,
    )
    bootstrap.quantifiers = [quantifier]
    return _Quantifier(training.classifier, bootstrap, columns)


def fit_emq(training: Training) -> _Quantifier:
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

    quantifier = unfitted(training, "EMQ")
    quantifier.train_prevalence = np.array([1 - labels.mean(), labels.mean()])
    return _bootstrapped(training, quantifier, columns)


def _logits(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as a column, shape (n, 1)."""
    inside = posterior.clip(1e-12, 1 - 1e-12)
    found: NDArray[np.float64] = np.log(inside / (1 - inside))[:, None]
    return found


def kernel_densities(quantifier: Any) -> Columns:
    """Densities of a fitted KDEy under the rest and the candidate, shape (n, 2), from a table.

    They are tabulated once, linear between the places of a fine grid: QuaPy would sum its kernels,
    over all training documents, again for each resample.
    """
    grid = np.linspace(0.0, 1.0, _GRID + 1)
    points = both_classes(grid)
    tables = [quantifier.pdf(kde, points, quantifier.kernel) for kde in quantifier.mix_densities]

    def columns(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.interp(posterior, grid, table) for table in tables], axis=1)

    return columns


def fit_kdey(training: Training) -> _Quantifier:
    """KDEy-ML with tabulated kernel densities: a resample draws densities of documents."""
    quantifier = fit_quapy(training, "KDEyML").bootstrap.quantifier
    columns = kernel_densities(quantifier)
    quantifier.mix_densities = range(len(quantifier.mix_densities))
    quantifier.pdf = lambda column, densities, kernel: densities[:, column]
    return _bootstrapped(training, quantifier, columns)
