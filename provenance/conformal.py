"""Rows with an error rate: conformal p-values against held-out rows of every other source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance._stats import benjamini_hochberg
from provenance.scoring import Panel
from provenance.share import row_statistic
from provenance.tally import Suspect, document_means

__all__ = ["Conformal", "row_statistic"]


@dataclass(frozen=True, slots=True)
class Conformal:
    """Null distributions of one candidate's row statistic.

    The p-value is the largest over all other sources, so that a row by one of them is not listed
    as the candidate's more often than the p-value says (Vovk et al. 2005; maximum over classes).

    Parameters
    ----------
    candidate : int
    nulls : tuple of ndarray of float32
        Ascending statistics of the held-out documents of each other source.
    p_values, q_values : ndarray of float64
        Distinct p-values of the corpus in ascending order and their q-values.
    """

    candidate: int
    nulls: tuple[NDArray[np.float32], ...]
    p_values: NDArray[np.float64]
    q_values: NDArray[np.float64]

    @classmethod
    def fit(cls, panel: Panel, view: str, suspect: Suspect, candidate: int) -> Conformal:
        """Null distributions from the panel, q-values from the clusters of the corpus."""
        references = panel.references
        statistic = document_means(
            row_statistic(panel.views[view].log_ratio, candidate),
            references.document,
            references.passage_tokens,
            len(references.source),
        )[:, 0]
        nulls = tuple(
            np.sort(statistic[references.source == source])
            for source in range(len(panel.names))
            if source != candidate
        )
        bare = cls(candidate, nulls, np.empty(0), np.empty(0))
        rows = document_means(
            row_statistic(suspect.log_ratio[view], candidate),
            suspect.entry,
            suspect.passage_tokens,
            len(suspect.weight),
        )[:, 0]
        first = np.unique(suspect.cluster_hash, return_index=True)[1]
        found, counts = np.unique(bare.p(rows[first]), return_counts=True)
        return cls(candidate, nulls, found, benjamini_hochberg(found, counts.astype(np.float64)))

    def p(self, statistic: NDArray[np.floating]) -> NDArray[np.float64]:
        """p-value of each row statistic, shape (n_documents,); NaN stays NaN."""
        largest = np.zeros(len(statistic))
        for null in self.nulls:
            above = len(null) - np.searchsorted(null, statistic, side="left")
            largest = np.maximum(largest, (1 + above) / (len(null) + 1))
        return np.where(np.isnan(statistic), np.nan, largest)

    def q(self, p_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """q-value of each p-value, shape (n_documents,); NaN stays NaN."""
        if not len(self.p_values):
            return np.full(len(p_values), np.nan)
        place = np.searchsorted(self.p_values, p_values).clip(max=len(self.p_values) - 1)
        # A p-value that the corpus's clusters do not have may lie above all that they have.
        found = np.maximum(self.q_values[place], p_values)
        return np.where(np.isnan(p_values), np.nan, found)

    @property
    def floor(self) -> float:
        """Smallest p-value that the references allow."""
        return max(1 / (len(null) + 1) for null in self.nulls)
