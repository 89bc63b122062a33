"""Documents under sources: the samples, and models that have not seen what they score.

There is one set of models (see `views`) for each fold: a reference passage is scored by the set
that has not seen its group, a suspect passage by the set that has not seen its words or its prompt,
else by that of one fold, drawn by the hash of its words, so that both score distributions are those
of unseen text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import FeatureBatch
from provenance.features.hashes import GOLDEN, MIX_A
from provenance.features.rows import log_counts
from provenance.features.spec import FAMILIES, FeatureSpec
from provenance.files.mapped import refuse_cut_files
from provenance.scoring.asked import answering, asked_weights
from provenance.scoring.scored import Scored, ScoredSamples, token_shares
from provenance.scoring.views import Alone, Scores, View

__all__ = ["FAMILIES", "FEWEST_OF_A_DOMAIN", "LEFT_OUT", "N_FOLDS", "Panel", "References"]


LEFT_OUT: Final = -30.0
"""Log ratio of a source that a model has not seen."""

FEWEST_OF_A_DOMAIN: Final = 20
"""Documents of a domain that tell how scores move between domains."""
N_FOLDS: Final = 5
"""Ten lower the log loss of the source with prompts held out (1.042 to 1.018 on `alpaca_eval`,
0.499 to 0.471 on `debate_2026`), but no range is the better for it: mean Winkler scores of 19.2 and
19.5 on `alpaca_eval`, 26.2 and 28.4 on `collections`, for twice the memory."""


@dataclass(frozen=True)
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

    @cached_property
    def folds_of_words(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The hashes of words that a document has, ascending, and the fold of each."""
        hashes, first = np.unique(self.cluster_hash, return_index=True)
        return hashes, self.fold[first]

    @cached_property
    def folds_of_prompts(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Prompts that one fold alone has, and that fold."""
        hashes, number = np.unique(self.prompt_hash, return_inverse=True)
        first, last = np.full(len(hashes), N_FOLDS), np.full(len(hashes), -1)
        np.minimum.at(first, number, self.fold)
        np.maximum.at(last, number, self.fold)
        alone = (first == last) & (hashes != 0)
        return hashes[alone], first[alone]

    @cached_property
    def prompts(self) -> NDArray[np.uint64]:
        """Hashes of the prompts that a document answers, each once."""
        return np.unique(self.prompt_hash)

    def weighted(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same where documents count something else, shape (n_passages,)."""
        of_passage = self.passage_share * weight[self.document]
        source = self.source[self.document]
        return np.asarray(of_passage / np.bincount(source, of_passage)[source])


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
            fold = _looked_up(prompt_hash, *self.references.folds_of_prompts, fold)
        return _looked_up(cluster_hash, *self.references.folds_of_words, fold)

    def asked(self, prompt_hash: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Those of some prompts that a sample answers, each once."""
        return np.intersect1d(prompt_hash[prompt_hash != 0], self.references.prompts)

    def overlap(self, cluster_hash: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each document's words stand in a source's sample, (n_documents, n_sources)."""
        known, source = self.references.cluster_hash, self.references.source
        found = np.zeros((len(cluster_hash), len(self.names)), bool)
        # Few rows of a corpus stand in any sample.
        hit = np.flatnonzero(_places(cluster_hash, self.references.folds_of_words[0])[1])
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


def _looked_up(
    hashes: NDArray[np.uint64],
    known: NDArray[np.uint64],
    fold: NDArray[np.int64],
    otherwise: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Folds of those hashes that are among the known ones, which ascend."""
    position, is_known = _places(hashes, known)
    found = otherwise.copy()
    found[is_known] = fold[position[is_known]]
    return found


def _places(
    hashes: NDArray[np.uint64], known: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each hash stands among known ones, which ascend, and whether it does."""
    if not len(known):
        return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.bool_)
    position = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return position, known[position] == hashes


def drawn_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """A fold for each hash, uniform over the seeds."""
    mixed = (hashes ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)) * GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(29))) * MIX_A
    return ((mixed >> np.uint64(33)) % np.uint64(N_FOLDS)).astype(np.int64)
