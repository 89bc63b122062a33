"""Documents under sources: cross-fitted linear scores, calibrated to likelihood ratios.

Each feature family has a linear score for every source. A multinomial logistic model turns the
scores of one family or of several into likelihood ratios (class priors equal). There is one such
set of models for each fold: a reference passage is scored by the set that has not seen its group, a
suspect passage by the set that has not seen its words or its prompt, else by that of one fold,
drawn by the hash of its words, so that both score distributions are those of unseen text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import FeatureBatch
from provenance.features.hashes import GOLDEN, MIX_A
from provenance.features.rows import log_counts
from provenance.features.spec import FAMILIES, FeatureSpec
from provenance.features.statistics import STYLE, evened, style
from provenance.files.mapped import refuse_cut_files
from provenance.scoring.asked import answering, asked_weights
from provenance.scoring.scored import Scored, ScoredSamples, token_shares

__all__ = [
    "FAMILIES",
    "FEWEST_OF_A_DOMAIN",
    "LEFT_OUT",
    "N_FOLDS",
    "VIEWS",
    "Alone",
    "Calibration",
    "Panel",
    "References",
    "Scores",
    "View",
    "column_limits",
    "families_of",
    "views_of",
]


LEFT_OUT: Final = -30.0
"""Log ratio of a source that a model has not seen."""

STATISTICS_FAMILY: Final = "statistics"
"""Figures of style, which need no linear score: they go into the calibration as they are."""

_FARTHEST: Final = 3.0
"""Standard deviations beyond which a figure of style counts no more; a round figure: on
`slop_score`, `alpaca_eval` and `debate_2026` it takes 0.009, 0.003 and -0.001 nats off the loss."""

VIEWS: Final = {
    "all families": (*FAMILIES, STATISTICS_FAMILY),
    "n-grams": FAMILIES,
    "words": ("words",),
}
"""Feature families by the name of their view; the first is used unless the corpus's style or layout
differs from the samples'.

Tokens hold letter case and layout as shape does, so that they stay away where it does.
"""

FEWEST_OF_A_DOMAIN: Final = 20
"""Documents of a domain that tell how scores move between domains."""
N_FOLDS: Final = 5


def views_of(n_sources: int) -> dict[str, tuple[str, ...]]:
    """The views of a panel of so many sources.

    Two sources share one calibration over all folds, which few parameters keep honest: it has no
    room for figures of style.

    Examples
    --------
    >>> list(views_of(2)), list(views_of(3))
    (['n-grams', 'words'], ['all families', 'n-grams', 'words'])
    """
    return {
        name: families
        for name, families in VIEWS.items()
        if n_sources > 2 or STATISTICS_FAMILY not in families
    }


def families_of(n_sources: int) -> tuple[str, ...]:
    """The families that a panel of so many sources reads a corpus by, each alone.

    Examples
    --------
    >>> families_of(2)
    ('words', 'shape', 'tokens')
    """
    return next(iter(views_of(n_sources).values()))


@dataclass(frozen=True, slots=True)
class References:
    """The samples of all sources, without their features.

    Parameters
    ----------
    source : ndarray of int64, shape (n_documents,)
        Position of the document's source in ``Panel.names``.
    cluster_hash, prompt_hash : ndarray of uint64, shape (n_documents,)
        Of its words, and of what it answers; 0 where that is not known.
    component : ndarray of int64, shape (n_documents,)
        Documents joined by group, prompt or words: the unit of independence.
    fold : ndarray of int64, shape (n_documents,)
        Which model has not seen the document.
    multiplicity : ndarray of int64, shape (n_documents,)
    domain : ndarray of int64, shape (n_documents,)
        Number of the document's domain label; -1 where neither it nor its source has one.
    document : ndarray of int64, shape (n_passages,)
    passage_tokens : ndarray of int64, shape (n_passages,)
    statistics : ndarray of float32, shape (n_passages, len(STATISTICS))
    """

    source: NDArray[np.int64]
    cluster_hash: NDArray[np.uint64]
    prompt_hash: NDArray[np.uint64]
    component: NDArray[np.int64]
    fold: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    domain: NDArray[np.int64]
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
        return self.weighted(self.multiplicity.astype(np.float64))

    def weighted(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same where documents count something else, shape (n_passages,)."""
        of_passage = self.passage_share * weight[self.document]
        source = self.source[self.document]
        return np.asarray(of_passage / np.bincount(source, of_passage)[source])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Multinomial logistic model of the source given standardised scores.

    Parameters
    ----------
    centre, scale, limit : ndarray of float64, shape (n_columns,)
        A column is moved and scaled, and what is then farther from 0 than its limit stands there.
    coefficients : ndarray of float64, shape (n_sources, n_columns)
    intercepts : ndarray of float64, shape (n_sources,)
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    limit: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def standard(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """The columns as the model takes them, shape (n_passages, n_columns)."""
        return np.clip((scores - self.centre) / self.scale, -self.limit, self.limit)

    def log_posteriors(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log posterior of each source under equal priors, shape (n_passages, n_sources)."""
        from scipy.special import log_softmax

        standard = self.standard(scores)
        logits = standard @ self.coefficients.T + self.intercepts
        found: NDArray[np.float32] = log_softmax(logits, axis=1).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class Scores:
    """What a calibration sees of some passages.

    Parameters
    ----------
    linear : ndarray of float32, shape (n_passages, n_families, n_columns)
        Linear scores of each of the `FAMILIES`.
    style : ndarray of float32, shape (n_passages, len(STYLE) - 1)
        Figures of style, `evened`.
    """

    linear: NDArray[np.float32]
    style: NDArray[np.float32]

    @classmethod
    def measured(cls, linear: NDArray[np.float32], statistics: NDArray[np.float32]) -> Scores:
        """The same from the statistics of the passages as they were counted."""
        return cls(linear, evened(style(statistics)))

    def limits(self, families: Sequence[str]) -> NDArray[np.float64]:
        """How far each of these columns may lie from 0; see `column_limits`."""
        return column_limits(families, self.linear.shape[2])

    def of(self, families: Sequence[str]) -> NDArray[np.float32]:
        """The columns of some families side by side, shape (n_passages, n_used)."""
        used = [FAMILIES.index(family) for family in families if family in FAMILIES]
        n_columns = len(used) * self.linear.shape[2]
        columns = self.linear[:, used].reshape(len(self.linear), n_columns)
        if STATISTICS_FAMILY not in families:
            return columns
        return np.concatenate([columns, self.style], axis=1)


def column_limits(families: Sequence[str], n_columns: int) -> NDArray[np.float64]:
    """How far a standardised column of `Scores.of` may lie from 0, shape (n_used,).

    Examples
    --------
    >>> column_limits(("words", "shape"), 2).tolist()
    [inf, inf, inf, inf]
    """
    n_scored = sum(family in FAMILIES for family in families)
    n_figures = (len(STYLE) - 1) * (STATISTICS_FAMILY in families)
    return np.repeat([np.inf, _FARTHEST], [n_scored * n_columns, n_figures])


@dataclass(frozen=True, slots=True)
class View:
    """A scorer on some of the feature families.

    Parameters
    ----------
    families : tuple of str
    calibrations : tuple of Calibration, length N_FOLDS
    log_posterior : ndarray of float32, shape (n_reference_passages, n_sources)
        Of the reference passages, each by the models that have not seen it.
    unknown : ndarray of float32, shape (n_reference_passages, n_sources)
        The same by models that have not seen the passage's source at all: what its text looks
        like where it is an unknown source. ``LEFT_OUT`` for the sources left out, NaN where
        there are too few sources to leave any out.
    other_domains : ndarray of float32, shape (n_reference_passages, n_sources)
        The same by models that have not seen the passage's domain; NaN where there are none.
    taken_for : ndarray of float32, shape (n_sources, n_sources)
        Share of each source (column) that a left-out source's text (row) reads as.
    """

    families: tuple[str, ...]
    calibrations: tuple[Calibration, ...]
    log_posterior: NDArray[np.float32]
    unknown: NDArray[np.float32]
    other_domains: NDArray[np.float32]
    taken_for: NDArray[np.float32]

    def calibrated(self, scores: Scores, fold: NDArray[np.int64]) -> NDArray[np.float32]:
        """Log posteriors of the passages of some folds, shape (n_passages, n_sources)."""
        used = scores.of(self.families)
        n_sources = len(self.calibrations[0].intercepts)
        found = np.empty((len(used), n_sources), np.float32)
        for number, calibration in enumerate(self.calibrations):
            found[fold == number] = calibration.log_posteriors(used[fold == number])
        return found


@dataclass(frozen=True, slots=True)
class Alone:
    """A scorer on one feature family: what is told beside the shares, and decides nothing.

    Parameters
    ----------
    calibration : Calibration
        One for all folds, from the scores that other folds' models give.
    log_posterior : ndarray of float32, shape (n_reference_passages, n_sources)
    """

    calibration: Calibration
    log_posterior: NDArray[np.float32]


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
    alone : dict of str to Alone
        By family; see `families_of`.
    weights : ndarray of int16, shape (n_folds, n_features, n_columns)
        Of the linear models, in units of ``units``. ``n_columns`` is 1 for two sources, else the
        number of sources.
    units : ndarray of float32, shape (n_folds, n_families, n_columns)
    is_asked : ndarray of bool, shape (n_documents,), optional
        Which documents of the samples answer the prompts of the corpus at hand; of no file.
    held : object, optional
        The file that the arrays lie in, while it is mapped into memory; see `refuse_cut_files`.
    """

    names: tuple[str, ...]
    spec: FeatureSpec
    seed: int
    references: References
    views: dict[str, View]
    alone: dict[str, Alone]
    weights: NDArray[np.int16]
    units: NDArray[np.float32]
    is_asked: NDArray[np.bool_] | None = None
    held: object = None

    def beside(self, prompts: NDArray[np.uint64], models: Collection[int]) -> Panel:
        """The same panel, held beside a corpus of these prompts: answers to them count more.

        See `scoring.asked`. What tells the sources apart is as it was; only what each document of
        the samples counts in means and densities is another. A fresh panel knows of no corpus.
        """
        known = self.references
        asked = answering(known.source, known.prompt_hash, known.component, prompts, models)
        return replace(self, is_asked=asked)

    @property
    def document_weight(self) -> NDArray[np.float64]:
        """What each document of the samples counts, shape (n_documents,)."""
        weight = self.references.multiplicity.astype(np.float64)
        if self.is_asked is None:
            return weight
        return asked_weights(weight, self.references.source, self.is_asked)

    def folds(
        self, cluster_hash: NDArray[np.uint64], prompt_hash: NDArray[np.uint64] | None = None
    ) -> NDArray[np.int64]:
        """Fold of each document: whose models saw neither its words nor an answer to its prompt.

        That is the fold of its twin in the samples, else of the answers to its prompt there, else
        one drawn by its hash. A prompt that is common among the samples stands in several folds,
        and says nothing.
        """
        fold = drawn_folds(cluster_hash, self.seed)
        if prompt_hash is not None:
            fold = _looked_up(prompt_hash, *self._prompts(), fold)
        return _looked_up(cluster_hash, *self._known(), fold)

    def asked(self, prompt_hash: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Those of some prompts that a sample answers, each once."""
        return np.intersect1d(prompt_hash[prompt_hash != 0], self.references.prompt_hash)

    def overlap(self, cluster_hash: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each document's words stand in a source's sample, (n_documents, n_sources)."""
        known, source = self.references.cluster_hash, self.references.source
        found = np.zeros((len(cluster_hash), len(self.names)), bool)
        # Few rows of a corpus stand in any sample.
        hit = np.flatnonzero(np.isin(cluster_hash, known))
        for number in range(len(self.names) if len(hit) else 0):
            found[hit, number] = np.isin(cluster_hash[hit], known[source == number])
        return found

    def samples(self, view: str) -> ScoredSamples:
        """The samples of all sources as one of the ``views`` scores them."""
        refuse_cut_files()
        references, fitted = self.references, self.views[view]
        scored = Scored(
            fitted.log_posterior,
            references.document,
            references.passage_tokens,
            self.document_weight,
            references.component,
            references.cluster_hash,
            references.source,
            asked=self.is_asked,
        )
        return ScoredSamples(
            self.names,
            scored,
            fitted.unknown,
            fitted.other_domains,
            fitted.taken_for,
            references.fold,
            references.domain,
        )

    def score(self, batch: FeatureBatch) -> dict[str, NDArray[np.float32]]:
        """Log posteriors of a batch's passages under equal priors, for each view."""
        scores, fold = self.scores(batch)
        return {name: view.calibrated(scores, fold) for name, view in self.views.items()}

    def read(
        self, view: str, batch: FeatureBatch, prompt_hash: NDArray[np.uint64]
    ) -> NDArray[np.float32]:
        """Log posteriors in one view, by models that saw no answer to what the documents answer.

        Parameters
        ----------
        view : str
        batch : FeatureBatch
        prompt_hash
            See `scores`.

        Returns
        -------
        ndarray of float32, shape (n_passages, n_sources)
            Under equal priors.
        """
        return self.views[view].calibrated(*self.scores(batch, prompt_hash))

    def under_families(self, scores: Scores) -> dict[str, NDArray[np.float32]]:
        """Log posteriors of passages for each family alone."""
        return {
            family: one.calibration.log_posteriors(scores.of((family,)))
            for family, one in self.alone.items()
        }

    def scores(
        self, batch: FeatureBatch, prompt_hash: NDArray[np.uint64] | None = None
    ) -> tuple[Scores, NDArray[np.int64]]:
        """What the calibrations see of a batch's passages, and each one's fold.

        Parameters
        ----------
        batch : FeatureBatch
        prompt_hash : ndarray of uint64, shape (n_documents,), optional
            What its documents answer; 0 where that is not known.
        """
        from provenance.features.row_kernels import score_passages

        refuse_cut_files()
        rows = batch.rows
        fold = self.folds(batch.cluster_hash, prompt_hash)[batch.document]
        sums, inverse = score_passages(
            rows.indptr,
            rows.indices,
            rows.counts,
            log_counts(),
            self.spec.family_bounds,
            fold,
            self.weights,
        )
        linear = sums * (inverse[:, :, None] * self.units[fold])
        return Scores.measured(linear, batch.statistics), fold

    def _known(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        hashes, first = np.unique(self.references.cluster_hash, return_index=True)
        return hashes, self.references.fold[first]

    def _prompts(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Prompts that one fold alone has, and that fold."""
        hashes, number = np.unique(self.references.prompt_hash, return_inverse=True)
        first, last = np.full(len(hashes), N_FOLDS), np.full(len(hashes), -1)
        np.minimum.at(first, number, self.references.fold)
        np.maximum.at(last, number, self.references.fold)
        alone = (first == last) & (hashes != 0)
        return hashes[alone], first[alone]


def _looked_up(
    hashes: NDArray[np.uint64],
    known: NDArray[np.uint64],
    fold: NDArray[np.int64],
    otherwise: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Folds of those hashes that are among the known ones, which ascend."""
    if not len(known):
        return otherwise
    position = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return np.where(known[position] == hashes, fold[position], otherwise)


def drawn_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """A fold for each hash, uniform over the seeds."""
    mixed = (hashes ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)) * GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(29))) * MIX_A
    return ((mixed >> np.uint64(33)) % np.uint64(N_FOLDS)).astype(np.int64)
