"""Documents under sources: cross-fitted linear scores, calibrated to likelihood ratios.

The scorer is ridge regression of class indicators on unit-length feature rows. Every reference
passage is scored by a model that has not seen its group; every suspect passage by the model of one
fold, drawn by the hash of its words, so that both score distributions are those of unseen text.
A multinomial logistic model turns the held-out scores into likelihood ratios (class priors equal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance._stats import connected
from provenance.errors import InputError
from provenance.features import FeatureBatch
from provenance.fingerprint import Fingerprint, require_same_spec
from provenance.rows import Rows, family_factors, log_counts
from provenance.sample import SampledDocuments
from provenance.spec import FeatureSpec

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["VIEWS", "Calibration", "Panel", "References", "View", "components", "fit_panel"]

VIEWS: Final = {"words and shape": ("words", "shape"), "words": ("words",)}
"""Feature families by the name of their view; the first is used unless the layout differs."""

N_FOLDS: Final = 5
PENALTY: Final = 0.3
CALIBRATION_C: Final = 0.1
MINIMUM_DOCUMENTS: Final = 20
_TOLERANCE: Final = 5e-3
_MOST_ITERATIONS: Final = 200
# A prompt that so many of a source's documents share says nothing of their dependence.
_COMMON: Final = 0.05


@dataclass(frozen=True, slots=True)
class References:
    """The samples of all sources, without their features.

    Parameters
    ----------
    source : ndarray of int64, shape (n_documents,)
        Position of the document's source in ``Panel.names``.
    cluster_hash : ndarray of uint64, shape (n_documents,)
    component : ndarray of int64, shape (n_documents,)
        Documents joined by group, prompt or words: the unit of independence.
    fold : ndarray of int64, shape (n_documents,)
        Which model has not seen the document.
    multiplicity : ndarray of int64, shape (n_documents,)
    document : ndarray of int64, shape (n_passages,)
    passage_tokens : ndarray of int64, shape (n_passages,)
    statistics : ndarray of float32, shape (n_passages, len(STATISTICS))
    """

    source: NDArray[np.int64]
    cluster_hash: NDArray[np.uint64]
    component: NDArray[np.int64]
    fold: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    document: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    statistics: NDArray[np.float32]

    @property
    def passage_share(self) -> NDArray[np.float64]:
        """Part of its document's tokens that each passage holds, shape (n_passages,)."""
        return token_shares(self.document, self.passage_tokens, len(self.source))

    @property
    def passage_weight(self) -> NDArray[np.float64]:
        """Weight of each passage within its source; those of one source sum to 1."""
        weight = self.passage_share * self.multiplicity[self.document]
        source = self.source[self.document]
        return weight / np.bincount(source, weight)[source]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Multinomial logistic model of the source given standardised scores.

    Parameters
    ----------
    centre, scale : ndarray of float64, shape (n_columns,)
    coefficients : ndarray of float64, shape (n_sources, n_columns)
    intercepts : ndarray of float64, shape (n_sources,)
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def log_ratios(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log posterior of each source under equal priors, shape (n_passages, n_sources)."""
        logits = (scores - self.centre) / self.scale @ self.coefficients.T + self.intercepts
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logits.astype(np.float32)


@dataclass(frozen=True, slots=True)
class View:
    """A scorer on some of the feature families.

    Parameters
    ----------
    families : tuple of str
    calibration : Calibration
    log_ratio : ndarray of float32, shape (n_reference_passages, n_sources)
        Of the reference passages, each by the model that has not seen it.
    """

    families: tuple[str, ...]
    calibration: Calibration
    log_ratio: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Panel:
    """All sources of a match, fitted together.

    Parameters
    ----------
    names : tuple of str
    spec : FeatureSpec
    seed : int
    references : References
    views : dict of str to View
    weights : ndarray of float32, shape (n_folds, n_features, n_views * n_columns)
        Of the linear models, one view behind the other. ``n_columns`` is 1 for two sources, else
        the number of sources.
    """

    names: tuple[str, ...]
    spec: FeatureSpec
    seed: int
    references: References
    views: dict[str, View]
    weights: NDArray[np.float32]

    @property
    def n_columns(self) -> int:
        """Number of scores of one view."""
        return int(self.weights.shape[2]) // len(self.views)

    def columns(self, view: str) -> slice:
        """Where a view's weights stand."""
        first = list(self.views).index(view) * self.n_columns
        return slice(first, first + self.n_columns)

    def folds(self, cluster_hash: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Fold of each document: that of its twin in the samples, else one drawn by its hash."""
        known, fold = self._known()
        position = np.searchsorted(known, cluster_hash).clip(max=len(known) - 1)
        drawn = drawn_folds(cluster_hash, self.seed)
        return np.where(known[position] == cluster_hash, fold[position], drawn)

    def overlap(self, cluster_hash: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each document's words stand in a source's sample, (n_documents, n_sources)."""
        references = self.references
        return np.stack(
            [
                np.isin(cluster_hash, references.cluster_hash[references.source == source])
                for source in range(len(self.names))
            ],
            axis=1,
        )

    def score(self, batch: FeatureBatch) -> dict[str, NDArray[np.float32]]:
        """Log posteriors of a batch's passages under equal priors, for each view."""
        from provenance._kernels import score_passages

        rows = batch.rows
        sums, inverse = score_passages(
            rows.indptr,
            rows.indices,
            rows.counts,
            log_counts(),
            self.spec.n_word_features,
            self.folds(batch.cluster_hash)[batch.document],
            self.weights,
        )
        found = {}
        for name, view in self.views.items():
            scales = inverse * family_factors(view.families)
            scores = np.einsum("nfc,nf->nc", sums[:, :, self.columns(name)], scales)
            found[name] = view.calibration.log_ratios(scores)
        return found

    def _known(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        hashes, first = np.unique(self.references.cluster_hash, return_index=True)
        return hashes, self.references.fold[first]


def token_shares(
    document: NDArray[np.int64], passage_tokens: NDArray[np.int64], n_documents: int
) -> NDArray[np.float64]:
    """Part of its document's tokens that each passage holds.

    Examples
    --------
    >>> token_shares(np.array([0, 0, 1]), np.array([10, 30, 5]), 2).tolist()
    [0.25, 0.75, 1.0]
    """
    tokens = passage_tokens.astype(np.float64)
    return tokens / np.bincount(document, tokens, minlength=n_documents)[document]


def drawn_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """A fold for each hash, uniform over the seeds."""
    mixed = (hashes ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed >> np.uint64(33)) % np.uint64(N_FOLDS)).astype(np.int64)


def fit_panel(fingerprints: Sequence[Fingerprint], seed: int = 0) -> Panel:
    """Fit the scorer of several sources on their stored rows.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        At least two, of one spec, with different names.
    seed : int
        Draws the folds.

    Raises
    ------
    InputError
        Where specs differ, names repeat, or a source has too little text.
    """
    spec = require_same_spec(fingerprints)
    names = tuple(fingerprint.name for fingerprint in fingerprints)
    _check(fingerprints, names)
    samples = [fingerprint.sample for fingerprint in fingerprints]
    references = _references(samples, seed)
    _check_independent(references, names)
    rows = Rows.concatenate([sample.rows for sample in samples])
    fitted = [_fit_view(rows, references, spec, families) for families in VIEWS.values()]
    views = dict(zip(VIEWS, (view for view, _ in fitted), strict=True))
    weights = np.concatenate([weights for _, weights in fitted], axis=2)
    return Panel(names, spec, seed, references, views, weights)


def _check(fingerprints: Sequence[Fingerprint], names: Sequence[str]) -> None:
    if len(set(names)) < len(names) or len(names) < 2:
        raise InputError(
            f"the sources are called {', '.join(map(repr, names))}",
            expected="at least two sources with different names",
            remedy="Name them with provenance fingerprint --name",
        )
    for fingerprint in fingerprints:
        n_clusters = len(np.unique(fingerprint.sample.cluster_hash))
        if n_clusters < MINIMUM_DOCUMENTS:
            raise InputError(
                f"{fingerprint.name!r} has {n_clusters} different documents of"
                f" {fingerprint.spec.min_tokens} tokens or more",
                expected=f"at least {MINIMUM_DOCUMENTS}, better 400",
                remedy="Make its fingerprint from more text",
            )


def _check_independent(references: References, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        n_components = len(np.unique(references.component[references.source == number]))
        if n_components < MINIMUM_DOCUMENTS:
            raise InputError(
                f"the documents of {name!r} come in {n_components} groups that share nothing",
                expected=f"at least {MINIMUM_DOCUMENTS} groups, by group field, prompt and words",
                remedy="Make its fingerprint with a finer --group-field, or from more text",
            )


def _references(samples: Sequence[SampledDocuments], seed: int) -> References:
    pooled = SampledDocuments.concatenate(samples)
    source = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
    component = components(pooled, source)
    smallest = np.full(component.max() + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, component, pooled.cluster_hash)
    return References(
        source=source,
        cluster_hash=pooled.cluster_hash,
        component=component,
        fold=_even_folds(smallest, seed)[component],
        multiplicity=pooled.multiplicity,
        document=pooled.document,
        passage_tokens=pooled.passage_tokens,
        statistics=pooled.statistics,
    )


def _even_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Folds of equal numbers of components, in an order that the seed draws."""
    order = np.lexsort((hashes, drawn_folds(hashes, seed)))
    shuffled = np.random.default_rng(seed).permutation(len(hashes))
    folds = np.empty(len(hashes), np.int64)
    folds[order[shuffled]] = np.arange(len(hashes)) % N_FOLDS
    return folds


def components(pooled: SampledDocuments, source: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the connected component of each document, shape (n_documents,)."""
    joins = []
    most = np.maximum(10, _COMMON * np.bincount(source)[source])
    for hashes in (pooled.cluster_hash, pooled.group_hash, pooled.prompt_hash):
        number = np.unique(hashes, return_inverse=True)[1]
        pairs = np.unique(number * (source.max() + 1) + source, return_inverse=True)[1]
        few = np.bincount(pairs)[pairs] <= most if hashes is pooled.prompt_hash else True
        joined = np.flatnonzero((hashes != 0) & few)
        joins.append((joined, hashes[joined]))
    return connected(len(pooled), joins)


def _fit_view(
    rows: Rows, references: References, spec: FeatureSpec, families: tuple[str, ...]
) -> tuple[View, NDArray[np.float32]]:
    features, columns = _repeated(rows.matrix(spec, families))
    source = references.source[references.document]
    n_sources = int(references.source.max()) + 1
    targets = _targets(source, n_sources)
    sample_weight = references.passage_weight * len(source) / n_sources
    fold = references.fold[references.document]
    weights = np.zeros((N_FOLDS, spec.n_features, targets.shape[1]), np.float32)
    scores = np.empty(targets.shape, np.float32)
    for held_out in range(N_FOLDS):
        inside, outside = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
        fitted = ridge(features[inside], targets[inside], sample_weight[inside])
        scores[outside] = _product(features[outside], fitted)
        weights[held_out, columns] = fitted
    calibration = _calibrate(scores, source, sample_weight)
    return View(families, calibration, calibration.log_ratios(scores)), weights


def _repeated(features: scipy.sparse.csr_matrix) -> tuple[Any, NDArray[np.int64]]:
    """Only the columns that more than one passage fills, and which these are."""
    import scipy.sparse

    columns = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) > 1)
    number = np.full(features.shape[1], -1, np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    indices = number[features.indices]
    kept = indices >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    parts = (features.data[kept], indices[kept], before[features.indptr])
    return scipy.sparse.csr_matrix(parts, (features.shape[0], len(columns))), columns


def _targets(source: NDArray[np.int64], n_sources: int) -> NDArray[np.float32]:
    """1 for the source, equal negative values for the others; one column for two sources."""
    targets = np.full((len(source), n_sources), -1 / (n_sources - 1), np.float32)
    targets[np.arange(len(source)), source] = 1
    return targets[:, :1] if n_sources == 2 else targets


def ridge(
    features: scipy.sparse.csr_matrix,
    targets: NDArray[np.float32],
    sample_weight: NDArray[np.float64],
    penalty: float = PENALTY,
    tolerance: float = _TOLERANCE,
) -> NDArray[np.float32]:
    """Weighted ridge regression without intercept, all targets at once.

    Conjugate gradients on ``(X' W X + penalty) w = X' W T`` with the diagonal as preconditioner:
    frequent n-grams would otherwise slow it four times.

    Parameters
    ----------
    features : sparse matrix, shape (n_rows, n_features)
    targets : ndarray, shape (n_rows, n_columns)
    sample_weight : ndarray, shape (n_rows,)
    penalty : float
    tolerance : float
        Part of the first residual, in the preconditioner's norm, that may be left.

    Returns
    -------
    ndarray of float32, shape (n_features, n_columns)
    """
    root = np.sqrt(sample_weight).astype(np.float32)
    scaled = _scaled_rows(features, root)
    transposed = scaled.T.tocsr()
    diagonal = np.bincount(scaled.indices, scaled.data**2, minlength=scaled.shape[1]) + penalty
    inverse = (1 / diagonal).astype(np.float32)[:, None]
    residual = _product(transposed, targets * root[:, None])
    solution = np.zeros_like(residual)
    direction = residual * inverse
    square = _inner(residual, direction)
    stop = tolerance**2 * square
    for _ in range(_MOST_ITERATIONS):
        image = _product(transposed, _product(scaled, direction)) + np.float32(penalty) * direction
        step = (square / np.maximum(_inner(direction, image), 1e-30)).astype(np.float32)
        solution += direction * step
        residual -= image * step
        conditioned = residual * inverse
        before, square = square, _inner(residual, conditioned)
        if np.all(square <= stop):
            break
        direction = conditioned + direction * (square / np.maximum(before, 1e-30)).astype(
            np.float32
        )
    return solution


def _scaled_rows(features: scipy.sparse.csr_matrix, factor: NDArray[np.float32]) -> Any:
    """The matrix with each row multiplied by its factor."""
    import scipy.sparse

    lengths = np.diff(features.indptr)
    values = features.data * np.repeat(factor, lengths)
    return scipy.sparse.csr_matrix((values, features.indices, features.indptr), features.shape)


def _inner(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.einsum("ij,ij->j", left, right, dtype=np.float64)
    return result


def _product(matrix: Any, dense: NDArray[np.float32]) -> NDArray[np.float32]:
    from provenance._kernels import sparse_times_dense

    values = matrix.data.astype(np.float32, copy=False)
    result: NDArray[np.float32] = sparse_times_dense(
        matrix.indptr, matrix.indices, values, np.ascontiguousarray(dense)
    )
    return result


def _calibrate(
    scores: NDArray[np.float32], source: NDArray[np.int64], sample_weight: NDArray[np.float64]
) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    centre, scale = scores.mean(axis=0, dtype=np.float64), scores.std(axis=0, dtype=np.float64)
    # Sources of the very same texts, or of texts without a common word, have equal scores.
    scale[scale == 0] = 1
    standard = (scores - centre) / scale
    model = LogisticRegression(C=CALIBRATION_C, max_iter=500)
    model.fit(standard, source, sample_weight=sample_weight)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    return Calibration(centre, scale, coefficients, intercepts)
