"""Two sources scored against each other in turn: no fold teaches what scores it.

The folds stand in a row, and each is scored by what was learnt from those before it. A test of each
fold is then exact given the folds before, and all folds but the first are tested. Where every fold
is scored by all others these learn from one another: intervals of 95 % of how often the right
answer is told held chance in 90 of 100 cases where nothing was to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.fitting.dealing import references_of
from provenance.scoring.fitting.learning import PENALTIES
from provenance.scoring.fitting.ridge import products_of_rows, scores_by_products
from provenance.scoring.panel import FAMILIES, N_FOLDS, References

__all__ = ["TwoSources", "two_sources"]


@dataclass(frozen=True, slots=True)
class TwoSources:
    """Documents of two sources, and how alike they are.

    Parameters
    ----------
    references : References
        The documents: ``source`` is 0 for those of the first sample and 1 for the second's.
    products : ndarray of float32, shape (n_documents, n_documents)
        Inner products of their feature rows, over the penalty of each family.
    """

    references: References
    products: NDArray[np.float32]

    def scored_in_turn(self) -> NDArray[np.float64]:
        """Score every document by what was learnt from the folds before its own.

        The scores are those of one ridge regression of the source on all feature families, larger
        where a document reads as the first source's. They are not calibrated: all that counts is
        whose is larger.

        Returns
        -------
        ndarray of float64, shape (n_documents,)
            NaN where the folds before hold nothing of a source, as before the first.
        """
        fold = self.references.fold
        found = np.full(len(fold), np.nan)
        for number in range(1, N_FOLDS):
            scored = np.flatnonzero(fold == number)
            found[scored] = self._scores(np.flatnonzero(fold < number), scored)
        return found

    def _scores(self, learned: NDArray[np.int64], scored: NDArray[np.int64]) -> NDArray[np.float64]:
        source = self.references.source[learned]
        count = np.bincount(source, minlength=2)
        if not count.all():
            return np.full(len(scored), np.nan)
        # Both sources count alike, and a document 1 in the mean.
        weight = len(source) / (2 * count[source])
        targets = np.where(source == 0, 1, -1).astype(np.float32)
        return scores_by_products(self.products, learned, scored, targets, weight)


def two_sources(
    first: SampledDocuments, second: SampledDocuments, spec: FeatureSpec, seed: int
) -> TwoSources:
    """Two samples, dealt into folds that share no group, prompt or words.

    A document's feature row is the mean of its passages', by their tokens. Time and memory grow
    with the square of the number of documents.

    Parameters
    ----------
    first, second : SampledDocuments
        Neither empty.
    spec : FeatureSpec
    seed : int
        Draws the folds.
    """
    from scipy.sparse import csr_matrix

    references = references_of([first, second], ("first", "second"), seed)
    rows = FeatureRows.concatenate([first.rows, second.rows])
    n_documents, n_passages = len(references.source), len(references.document)
    place = (references.document, np.arange(n_passages))
    share = references.passage_share.astype(np.float32)
    adding = csr_matrix((share, place), shape=(n_documents, n_passages))
    products = np.zeros((n_documents, n_documents), np.float32)
    for family in FAMILIES:
        products += products_of_rows(adding @ rows.matrix(spec, (family,))) / PENALTIES[family]
    return TwoSources(references, products)
