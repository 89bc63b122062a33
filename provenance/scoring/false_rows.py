"""A list of rows that may be cut anywhere: how many of those up to a row are false at most.

A row is false on the list where one of the other sources that were given wrote it, or text that
reads no otherwise. Every document is a row, copies too: what the bound asks of p-values (see
`statistics.true_discoveries`) copies of a row keep.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.true_discoveries import false_at_most

__all__ = ["RowList", "counted", "supported"]

_CUTS: Final = 10
"""Places at which a report tells a list; a round figure, not tuned."""


def counted(
    batches: Iterable[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distinct p-values in ascending order, and the number of rows with each.

    A p-value is one of a few, by its rank among the held-out rows, so that no more than these are
    kept of any number of rows.

    Parameters
    ----------
    batches : iterable of (p_values, n_rows)
        Two arrays of one shape, (n,); NaN is no row.

    Examples
    --------
    >>> two = np.array([0.5, 0.1]), np.array([1.0, 2.0])
    >>> [column.tolist() for column in counted([two, (np.array([0.5, np.nan]), np.ones(2))])]
    [[0.1, 0.5], [2, 2]]
    """
    known: NDArray[np.float64] = np.empty(0)
    total: NDArray[np.float64] = np.empty(0)
    for p_values, n_rows in batches:
        there = ~np.isnan(p_values)
        together = np.concatenate([known, p_values[there]])
        known, place = np.unique(together, return_inverse=True)
        weight = np.concatenate([total, n_rows[there]])
        total = np.bincount(place, weight, len(known)).astype(np.float64)
    return known, np.rint(total).astype(np.int64)


@dataclass(frozen=True, slots=True)
class RowList:
    """All rows of a corpus by their p-values, and how many of them are false at most.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Distinct, ascending.
    rows : ndarray of int64, shape (n,)
        Number of rows with a p-value up to each.
    false : ndarray of int64, shape (n,)
        Most false ones among them: for all at once with the chance that was asked for.
    """

    p_values: NDArray[np.float64]
    rows: NDArray[np.int64]
    false: NDArray[np.int64]

    @classmethod
    def of(
        cls, p_values: NDArray[np.float64], counts: NDArray[np.int64], confidence_level: float
    ) -> RowList:
        """Of rows that were `counted`."""
        false = false_at_most(p_values, counts, 1 - confidence_level)
        return cls(p_values, np.cumsum(counts), false)

    @property
    def n_rows(self) -> int:
        """All rows."""
        return int(self.rows[-1]) if len(self.rows) else 0

    @property
    def true_at_least(self) -> int:
        """Rows that are not false, of all of them, at least."""
        return self.n_rows - int(self.false[-1]) if len(self.rows) else 0

    def up_to(
        self, p_values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rows up to these p-values and false ones among them at most; NaN stays NaN.

        Parameters
        ----------
        p_values : ndarray, shape (n_documents,)
            Each is one that was counted, or counts as the next larger one.
        """
        if not len(self.p_values):
            return np.full(len(p_values), np.nan), np.full(len(p_values), np.nan)
        place = np.searchsorted(self.p_values, p_values).clip(max=len(self.p_values) - 1)
        known = ~np.isnan(p_values)
        return (
            np.where(known, self.rows[place], np.nan),
            np.where(known, self.false[place], np.nan),
        )

    def cuts(self) -> list[tuple[int, int]]:
        """A few places to cut at, rows and false ones among them at most, the shortest first.

        No place behind the last one at which rows are added that are not false.
        """
        true = self.rows - self.false
        if not len(true) or not true[-1]:
            return []
        last = int(np.argmax(true == true[-1]))
        first = int(np.argmax(true > 0))
        wanted = np.geomspace(self.rows[first], self.rows[last], _CUTS)
        places = np.unique(np.searchsorted(self.rows[: last + 1], np.rint(wanted)).clip(max=last))
        return [(int(self.rows[at]), int(self.false[at])) for at in places]


def supported(
    posterior: NDArray[np.float64], shares: NDArray[np.float64], candidate: int, n_held_out: int
) -> NDArray[np.float64]:
    """Posteriors of rows where the candidate's is no more than held-out rows can support.

    Of m held-out rows of another source none may read as a row does; that says no more than that
    one in m + 1 would, as its p-value does. So the odds for the candidate are raised over those of
    the shares by m + 1 at most. What is taken off goes to the other sources, as they had it.

    Parameters
    ----------
    posterior : ndarray, shape (n_rows, n_sources)
        NaN where a row was not scored.
    shares : ndarray, shape (n_sources,)
    candidate : int
    n_held_out : int
        Held-out rows of the other source that has the fewest.

    Examples
    --------
    >>> rows = np.array([[0.9999, 0.0001], [0.6, 0.4]])
    >>> supported(rows, np.array([0.5, 0.5]), 0, 99).round(4).tolist()
    [[0.9901, 0.0099], [0.6, 0.4]]
    """
    share = float(shares[candidate])
    odds = share * (n_held_out + 1)
    most = odds / (odds + 1 - share) if share < 1 else 1.0
    own = posterior[:, candidate]
    rest = np.delete(posterior, candidate, axis=1) + 1e-12 * np.delete(shares, candidate)
    kept = np.minimum(own, most)
    freed = (own - kept)[:, None] * rest / np.maximum(rest.sum(axis=1, keepdims=True), 1e-300)
    return np.insert(np.delete(posterior, candidate, axis=1) + freed, candidate, kept, axis=1)
