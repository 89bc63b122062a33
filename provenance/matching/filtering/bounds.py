"""How much of a source may be left in a corpus that rows were taken from: by counting, worst case.

Two facts of the report carry it: the share has a high end, and the list of rows bounds how many of
its rows up to a p-value are false. See the manual of the folder for the formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CutList", "left_at_most"]


def left_at_most(
    at_most: float, n_documents: int, n_dropped: int, n_true: int, n_unjudged: int
) -> float:
    """Highest share of a source in what is left.

    Parameters
    ----------
    at_most : float
        Documents of the source before, at most.
    n_documents : int
        Documents that the report judges or counts as too short.
    n_dropped : int
        Of these, dropped.
    n_true : int
        Of the dropped, the source's at least.
    n_unjudged : int
        Rows that are kept and of which the report says nothing: each may be the source's.

    Returns
    -------
    float
        In [0, 1]; 0 where nothing is left.

    Examples
    --------
    Of 200 documents at most 60 are the source's; 50 are dropped, of which at least 45 are. At most
    15 of the 150 that are left are, and of 160 where nobody judged 10 rows at most 25.

    >>> left_at_most(60, 200, 50, 45, 0), left_at_most(60, 200, 50, 45, 10)
    (0.1, 0.15625)
    """
    kept = n_documents - n_dropped + n_unjudged
    if not kept:
        return 0.0
    # What is left of the source is no more than what is left.
    left = min(max(0.0, at_most - n_true), n_documents - n_dropped)
    return min(1.0, (left + n_unjudged) / kept)


@dataclass(frozen=True, slots=True)
class CutList:
    """A list of documents by p-value, some of which are dropped for other reasons too.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Distinct, ascending.
    counts : ndarray of int64, shape (n,)
        Documents with each.
    false : ndarray of int64, shape (n,)
        False ones among those up to each at most, for all at once.
    hit : ndarray of int64, shape (n,)
        Documents with each that are dropped whatever the cut is.
    along : ndarray of int64, shape (n,)
        Documents that a cut at each drops and none before it does: the rows whose smallest p-value
        it is, with all that stands in them.
    n_hit : int
        Documents dropped whatever the cut is, those without a p-value too.
    """

    p_values: NDArray[np.float64]
    counts: NDArray[np.int64]
    false: NDArray[np.int64]
    hit: NDArray[np.int64]
    along: NDArray[np.int64]
    n_hit: int

    def true_at_least(self, cut: float | None) -> int:
        """How many of the dropped are not false, at least, where all up to a cut are dropped.

        Of the dropped with p-values up to any place no more are false than the list has there, so
        that the best place may be taken.

        Examples
        --------
        Ten documents at 0.01, one of them false at most, and 90 at 1, where all may be.

        >>> counts, none = np.array([10, 90]), np.array([0, 0])
        >>> cuts = CutList(np.array([0.01, 1.0]), counts, np.array([1, 91]), none, counts, 0)
        >>> cuts.true_at_least(0.01), cuts.true_at_least(None)
        (9, 0)
        """
        if not len(self.p_values):
            return 0
        up_to = np.zeros(len(self.p_values), bool) if cut is None else self.p_values <= cut
        dropped = np.cumsum(np.where(up_to, self.counts, self.hit))
        return max(0, int((dropped - self.false).max()))

    def n_dropped(self, cut: float | None) -> int:
        """Documents that are dropped where all rows up to a cut are."""
        if cut is None:
            return self.n_hit
        return self.n_hit + int(self.along[self.p_values <= cut].sum())

    def first_cut(
        self, below: float, at_most: float, n_documents: int, n_unjudged: int
    ) -> tuple[float | None, float]:
        """The cut that drops the fewest documents and leaves less than a share, and what it leaves.

        Where no cut does, the one that leaves least, which is not below.

        Parameters
        ----------
        below : float
        at_most, n_documents, n_unjudged
            See `left_at_most`.
        """
        best: tuple[float | None, float] = (None, 1.0)
        for cut in (None, *self.p_values.tolist()):
            n_dropped, n_true = self.n_dropped(cut), self.true_at_least(cut)
            left = left_at_most(at_most, n_documents, n_dropped, n_true, n_unjudged)
            if n_dropped == n_documents:
                break  # an empty corpus holds nothing, and is no answer
            if left < below:
                return cut, left
            if left < best[1]:
                best = cut, left
        return best
