"""How much of a source may be left in a corpus that rows were taken from: by counting, worst case.

Two facts of the report carry it: the share has a high end, and the list of rows bounds how many of
its rows up to a p-value are false. A third does alone: how many of the source's own held-out
documents lie beyond a p-value. See the manual of the folder for the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.records import ListedRows
from provenance.statistics.missed import missed_at_most

__all__ = ["Beyond", "CutList", "beyond", "left_at_most"]


@dataclass(frozen=True, slots=True)
class Beyond:
    """No more of a source than this lies beyond a p-value, or has none."""

    p_value: float
    at_most: int


def left_at_most(
    at_most: float,
    n_documents: int,
    n_dropped: int,
    n_true: int,
    n_unjudged: int,
    n_left: int | None = None,
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
    n_left : int, optional
        Of the kept documents the source's at most, where that is known besides.

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
    left = left if n_left is None else min(left, n_left)
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
    beyond : tuple of Beyond
        For all at once; none where the report does not tell them.
    """

    p_values: NDArray[np.float64]
    counts: NDArray[np.int64]
    false: NDArray[np.int64]
    hit: NDArray[np.int64]
    along: NDArray[np.int64]
    n_hit: int
    beyond: tuple[Beyond, ...] = ()

    def up_to(self, p_value: float) -> int:
        """Documents with a p-value up to this, as the rows keep them: rounded to 32 bits."""
        return int(self.counts[self.p_values <= _rounded_up(p_value)].sum())

    def left(self, cut: float | None) -> int | None:
        """Of the kept documents the source's at most, where all rows up to a cut are dropped.

        What lies beyond a place is counted, and all that is kept up to it; the best place may be
        taken, as they hold together. None where nothing is known.

        Examples
        --------
        90 of 100 have a p-value up to 0.1, and of the others 2 at most are the source's.

        >>> none = np.array([0, 0])
        >>> cuts = CutList(np.array([0.1, 1.0]), np.array([90, 10]), none, none, none, 0)
        >>> cuts = replace(cuts, beyond=(Beyond(0.1, 2),))
        >>> cuts.left(None), cuts.left(0.1)
        (92, 2)
        """
        if not self.beyond:
            return None
        dropped = self._dropped_with_each(cut)
        return min(
            one.at_most
            + self.up_to(one.p_value)
            - int(dropped[self.p_values <= _rounded_up(one.p_value)].sum())
            for one in self.beyond
        )

    def _dropped_with_each(self, cut: float | None) -> NDArray[np.int64]:
        up_to = np.zeros(len(self.p_values), bool) if cut is None else self.p_values <= cut
        return np.where(up_to, self.counts, self.hit)

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
        dropped = np.cumsum(self._dropped_with_each(cut))
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
            left = left_at_most(at_most, n_documents, n_dropped, n_true, n_unjudged, self.left(cut))
            if n_dropped == n_documents:
                break  # an empty corpus holds nothing, and is no answer
            if left < below:
                return cut, left
            if left < best[1]:
                best = cut, left
        return best


def beyond(cuts: CutList, listed: ListedRows, n_documents: int, alpha: float) -> CutList:
    """The list with what of the source lies beyond each place at which its own text was held out.

    All that lies up to a place may be the source's, so that no other source, given or not, matters.
    Documents without a p-value count as the source's, and so do those that repeat others, which
    are no independent draws.

    Parameters
    ----------
    cuts : CutList
    listed : ListedRows
    n_documents : int
        That the report judges or counts as too short.
    alpha : float
        That one of the places is wrong.
    """
    n_listed = int(cuts.counts.sum())
    found = []
    for one in listed.caught:
        n_up_to = cuts.up_to(one.p_value)
        missed = missed_at_most(
            n_up_to, one.n_missed, one.n_held_out, n_listed - n_up_to, alpha / len(listed.caught)
        )
        at_most = missed + listed.n_repeats + n_documents - n_listed
        found.append(Beyond(one.p_value, at_most))
    return replace(cuts, beyond=tuple(found))


def _rounded_up(p_value: float) -> float:
    return float(np.nextafter(np.float32(p_value), np.float32(np.inf)))
