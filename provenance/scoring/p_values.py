"""Rows with an error rate: conformal p-values against held-out rows of every other source."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.records import ROWS, Diagnostic
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.statistics.conformal import conformal_p, n_at_least
from provenance.statistics.multiple_testing import benjamini_hochberg

__all__ = ["Conformal", "Nulls", "held_out_nulls", "row_check"]

Nulls = tuple[NDArray[np.float32], ...]
"""Ascending statistics of the held-out documents of each source but the candidate."""


@dataclass(frozen=True, slots=True)
class Conformal:
    """Null distributions of one candidate's row statistic.

    The p-value is the largest over all other sources, so that a row by one of them is not listed
    as the candidate's more often than the p-value says (Vovk et al. 2005; maximum over classes).

    Parameters
    ----------
    candidate : int
    nulls : Nulls
    p_values, q_values : ndarray of float64
        Distinct p-values of the corpus in ascending order and their q-values.
    counts : ndarray of float64
        Distinct rows of the corpus with each of these p-values.
    """

    candidate: int
    nulls: Nulls
    p_values: NDArray[np.float64]
    q_values: NDArray[np.float64]
    counts: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @classmethod
    def fit(cls, samples: ScoredSamples, corpus: Scored, candidate: int) -> Conformal:
        """Null distributions from the samples, q-values from the clusters of the corpus."""
        return cls.of(held_out_nulls(samples, candidate), corpus, candidate)

    @classmethod
    def of(cls, nulls: Nulls, corpus: Scored, candidate: int) -> Conformal:
        """The same with null distributions that are there already."""
        bare = cls(candidate, nulls, np.empty(0), np.empty(0))
        rows = corpus.row_statistic(candidate)
        first = np.unique(corpus.cluster_hash, return_index=True)[1]
        found, n_rows = np.unique(bare.p(rows[first]), return_counts=True)
        counts = n_rows.astype(np.float64)
        return cls(candidate, nulls, found, benjamini_hochberg(found, counts), counts)

    def p(self, statistic: NDArray[np.floating]) -> NDArray[np.float64]:
        """p-value of each row statistic, shape (n_documents,); NaN stays NaN."""
        largest = np.zeros(len(statistic))
        for null in self.nulls:
            largest = np.maximum(largest, conformal_p(n_at_least(null, statistic), len(null)))
        return np.where(np.isnan(statistic), np.nan, largest)

    def q(self, p_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """q-value of each p-value, shape (n_documents,); NaN stays NaN."""
        if not len(self.p_values):
            return np.full(len(p_values), np.nan)
        place = np.searchsorted(self.p_values, p_values).clip(max=len(self.p_values) - 1)
        # A p-value that the corpus's clusters do not have may lie above all that they have.
        found = np.maximum(self.q_values[place], p_values)
        return np.where(np.isnan(p_values), np.nan, found)

    def listed(self, corpus: Scored, fdr: float) -> NDArray[np.bool_]:
        """Which documents of the corpus have a q-value of at most that, shape (n_documents,)."""
        return self.q(self.p(corpus.row_statistic(self.candidate))) <= fdr

    @property
    def floor(self) -> float:
        """Smallest p-value that the references allow."""
        return float(conformal_p(0, self.n_held_out))

    @property
    def n_held_out(self) -> int:
        """Held-out documents of the other source that has the fewest."""
        return min(len(null) for null in self.nulls)

    @property
    def smallest_q(self) -> float:
        """Smallest q-value that any row of the corpus has; 1 where there are no rows."""
        return float(self.q_values[0]) if len(self.q_values) else 1.0

    def n_rows(self, q_value: float) -> int:
        """Distinct rows of the corpus with a q-value of at most that."""
        return int(self.counts[self.q_values <= q_value].sum())

    @property
    def n_at_floor(self) -> int:
        """Distinct rows of the corpus that are stronger than every held-out one."""
        return int(self.counts[self.p_values <= self.floor].sum())

    def n_missing(self, q_value: float) -> int | None:
        """Held-out documents that the smallest null lacks for a q-value; None where none suffice.

        As if the rows that are stronger than all held-out ones today stayed so: with m rows, k of
        them at a floor of 1/(n+1), the smallest q-value is m/(k(n+1)) (Benjamini and Hochberg).
        """
        if q_value <= 0:
            return None
        n_rows = float(self.counts.sum())
        needed = math.ceil(n_rows / (max(1, self.n_at_floor) * q_value)) - 1
        return max(0, needed - self.n_held_out)


def held_out_nulls(samples: ScoredSamples, candidate: int) -> Nulls:
    """Null distributions of a candidate; they hang on no corpus."""
    statistic = samples.scored.row_statistic(candidate)
    return tuple(
        np.sort(statistic[samples.source == source])
        for source in range(len(samples.names))
        if source != candidate
    )


def row_check(found: Conformal, name: str, fdr: float, expected: bool) -> Diagnostic:
    """What p- and q-values the corpus and the held-out rows allow.

    Parameters
    ----------
    found : Conformal
    name : str
        The candidate's.
    fdr : float
        Rows with q-values up to it are listed.
    expected : bool
        Whether the candidate's share is above 0, so that there are rows to be listed.
    """
    warned = expected and found.smallest_q > fdr
    n_rows = int(found.counts.sum())
    listed = found.n_rows(fdr)
    rows = f"{listed:,} rows are" if listed > 1 else "1 row is" if listed else "No row is"
    sentence = (
        f"{rows} listed for {name} at {fdr:g}: held against {found.n_held_out:,} held-out reference"
        f" documents no row can have a p-value below {found.floor:.2g};"
        f" {found.n_at_floor:,} of {n_rows:,} distinct rows are there, so"
        f" no q-value is below {found.smallest_q:.2g}."
    )
    missing = found.n_missing(fdr)
    if warned and missing:
        sentence += (
            f" To list rows at {fdr:g} bring at least {missing:,} more held-out reference documents"
            f" ({found.n_held_out + missing:,} of each other source)."
        )
    return Diagnostic(
        name=f"{ROWS}[{name}]",
        verdict="warn" if warned else "ok",
        statistic=found.smallest_q,
        limit=fdr,
        sentence=sentence,
    )
