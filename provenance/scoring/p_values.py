"""Rows with an error rate: conformal p-values against held-out rows of every other source.

Beside small samples no rank is small enough to list a row. Scores of several sources are then
pooled, each source's moved and stretched to one centre and one spread (`Pooled`): those of many
kinds of people's text by models that saw nothing of the kind, as the corpus's own kind may be none
of them, and in place of their ranks; those of all sources, as they stand, only for rows that are
stronger than every row of a source (`Conformal.beyond_ranks`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.records import ROWS, Diagnostic
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.statistics.conformal import conformal_p, n_at_least
from provenance.statistics.multiple_testing import benjamini_hochberg

__all__ = ["FEWEST_POOLED", "Conformal", "Nulls", "Pooled", "row_check"]

FEWEST_POOLED: Final = 18
"""Kinds of people's text that are pooled: as many as stand for one that was not given
(`share.kinds_of_people`)."""
_FEWEST_SOURCES: Final = 5
"""Sources whose rows tell together how far a source's rows reach: as many others as a model is
named beside (`share.sources`)."""
_FEWEST_ROWS: Final = 20
"""Held-out rows of a kind without which it is not pooled; a round figure, not tuned."""
_CAUTION: Final = 2.0
"""How many times its part of the pool a p-value is, as tails differ. Of 1, 1.5, 2 and 3, beside
gpt-4o; told beside another model (`bench.pooled_rows`), and of models beside models
(`bench.rows_of_models`)."""

Nulls = tuple[NDArray[np.float32], ...]
"""Ascending statistics of the held-out documents of each source but the candidate."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Held-out rows of several sources, as if all had one centre and one spread.

    A source of 60 rows tells its own centre and spread, and not how high one in a thousand of its
    rows scores. The sources together tell that of one, as far as their tails are alike.

    Parameters
    ----------
    centres, spreads : ndarray of float64, shape (n_nulls,)
        Mean and standard deviation of each source; NaN of one that is not pooled.
    distances : ndarray of float64, shape (n_rows,)
        Ascending: how many spreads above its source's centre each held-out row lies.
    """

    centres: NDArray[np.float64]
    spreads: NDArray[np.float64]
    distances: NDArray[np.float64]

    @classmethod
    def of(cls, nulls: Nulls, kinds: Sequence[int], fewest: int = FEWEST_POOLED) -> Pooled | None:
        """Of the nulls of these numbers; None where fewer than ``fewest`` are large enough.

        One that holds half of all the rows, or more, keeps its own ranks.

        Examples
        --------
        >>> few = tuple(np.arange(30.0) + kind for kind in range(3))
        >>> Pooled.of(few, [0, 1, 2]) is None
        True
        >>> many = tuple(np.arange(30.0) + kind for kind in range(18))
        >>> one = Pooled.of(many, range(18))
        >>> float(one.p(0, np.array([40.0]))[0]), float(one.p(0, np.array([-40.0]))[0])
        (0.0036968576709796672, 1.0)
        """
        used = [at for at in kinds if len(nulls[at]) >= _FEWEST_ROWS and np.ptp(nulls[at]) > 0]
        n_rows = sum(len(nulls[at]) for at in used)
        # Its own ranks allow p-values as small as the pool's, and rest on nothing.
        used = [at for at in used if _CAUTION * len(nulls[at]) < n_rows]
        if len(used) < fewest:
            return None
        centres, spreads = np.full(len(nulls), np.nan), np.full(len(nulls), np.nan)
        for at in used:
            centres[at], spreads[at] = nulls[at].mean(), nulls[at].std(ddof=1)
        rows = [(nulls[at] - centres[at]) / spreads[at] for at in used]
        return cls(centres, spreads, np.sort(np.concatenate(rows)))

    @property
    def floor(self) -> float:
        """Smallest p-value that the pool allows."""
        return min(1.0, _CAUTION * float(conformal_p(0, len(self.distances))))

    def holds(self, null: int) -> bool:
        """Whether the source of a null is pooled."""
        return not np.isnan(self.centres[null])

    def p(self, null: int, statistic: NDArray[np.floating]) -> NDArray[np.float64]:
        """P-value of each row statistic against one source that is pooled."""
        away = (statistic - self.centres[null]) / self.spreads[null]
        rank = n_at_least(self.distances, away)
        found: NDArray[np.float64] = _CAUTION * conformal_p(rank, len(self.distances))
        return np.minimum(1.0, found)


@dataclass(frozen=True, slots=True)
class Conformal:
    """Null distributions of one candidate's row statistic.

    The p-value is the largest over all other sources, so that a row by one of them is not listed
    as the candidate's more often than the p-value says (Vovk et al. 2005; maximum over classes).

    Parameters
    ----------
    candidate : int
    nulls : Nulls
    p_values, q_values : ndarray of float64, shape (n_distinct,)
        Distinct p-values of the corpus in ascending order and their q-values.
    counts : ndarray of float64, shape (n_distinct,)
        Distinct rows of the corpus with each of these p-values.
    pooled : Pooled, optional
        Of many kinds of people's text, in place of their own nulls.
    tails : Pooled, optional
        Of the other sources, for rows that are stronger than all of a source's null.
    """

    candidate: int
    nulls: Nulls
    p_values: NDArray[np.float64]
    q_values: NDArray[np.float64]
    counts: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    pooled: Pooled | None = None
    tails: Pooled | None = None

    @classmethod
    def unread(
        cls, samples: ScoredSamples, candidate: int, people: Sequence[int] = ()
    ) -> Conformal:
        """Null distributions alone, which hang on no corpus.

        Parameters
        ----------
        samples : ScoredSamples
        candidate : int
        people : sequence of int
            Sources that are kinds of people's text, which may be pooled.
        """
        nulls = _held_out(samples, samples.scored.log_posterior, candidate)
        pooled = None
        if len(people) >= FEWEST_POOLED:
            unseen = _held_out(samples, samples.unknown, candidate)
            # The candidate has no null of its own.
            pooled = Pooled.of(unseen, [one - (one > candidate) for one in people])
        empty = np.empty(0)
        return cls(candidate, nulls, empty, empty, empty, pooled)

    def beyond_ranks(self) -> Conformal:
        """The same with p-values smaller than one in a sample's size, by the tails of all sources.

        A row that is stronger than all n of a source's held-out rows has a rank of 1 / (n + 1), be
        it by a little or by far. How far the rows of a source reach is told by all sources together
        (`Pooled`), and such a row gets the p-value of that where it is smaller. Of fewer than five
        sources that have rows enough nothing changes. It rests on tails that are alike and not on
        exchangeable rows alone, so that who calls it knows that the candidate is there.

        Examples
        --------
        >>> nulls = tuple(np.arange(30.0) + source for source in range(5))
        >>> ranks = Conformal(0, nulls, np.empty(0), np.empty(0))
        >>> ranks.p(np.array([20.0, 40.0])).round(4)
        array([0.4839, 0.0323])
        >>> ranks.beyond_ranks().p(np.array([20.0, 40.0])).round(4)
        array([0.4839, 0.0132])
        """
        own = range(len(self.nulls))
        left = [at for at in own if self.pooled is None or not self.pooled.holds(at)]
        return replace(self, tails=Pooled.of(self.nulls, left, _FEWEST_SOURCES))

    def read(self, corpus: Scored) -> Conformal:
        """The same with the p- and q-values of a corpus."""
        rows = corpus.row_statistic(self.candidate)
        first = np.unique(corpus.cluster_hash, return_index=True)[1]
        found, n_rows = np.unique(self.p(rows[first]), return_counts=True)
        counts = n_rows.astype(np.float64)
        q_values = benjamini_hochberg(found, counts)
        return replace(self, p_values=found, q_values=q_values, counts=counts)

    def p(self, statistic: NDArray[np.floating]) -> NDArray[np.float64]:
        """p-value of each row statistic, shape (n_documents,); NaN stays NaN."""
        largest = np.zeros(len(statistic))
        for at in range(len(self.nulls)):
            largest = np.maximum(largest, self._p(at, statistic))
        return np.where(np.isnan(statistic), np.nan, largest)

    def _p(self, at: int, statistic: NDArray[np.floating]) -> NDArray[np.float64]:
        """P-value of each row statistic against one other source."""
        if self.pooled is not None and self.pooled.holds(at):
            return self.pooled.p(at, statistic)
        rank = n_at_least(self.nulls[at], statistic)
        found: NDArray[np.float64] = conformal_p(rank, len(self.nulls[at]))
        if self.tails is None or not self.tails.holds(at):
            return found
        return np.where(rank > 0, found, np.minimum(found, self.tails.p(at, statistic)))

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
        # Nothing is further away than infinitely far.
        return float(self.p(np.array([np.inf]))[0])

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

        None too where kinds of people's text are pooled, of which more kinds would do as well.

        As if the rows that are stronger than all held-out ones today stayed so: with m rows, k of
        them at a floor of 1/(n+1), the smallest q-value is m/(k(n+1)) (Benjamini and Hochberg).
        """
        if q_value <= 0 or self.pooled is not None:
            return None
        strongest = float(self.counts[self.p_values <= conformal_p(0, self.n_held_out)].sum())
        needed = math.ceil(float(self.counts.sum()) / (max(1, strongest) * q_value)) - 1
        return max(0, needed - self.n_held_out)


def _held_out(samples: ScoredSamples, log_posterior: NDArray[np.float32], candidate: int) -> Nulls:
    """Null distributions of a candidate: rows of every other source that were scored."""
    statistic = replace(samples.scored, log_posterior=log_posterior).row_statistic(candidate)
    others = [one for one in range(len(samples.names)) if one != candidate]
    found = [statistic[samples.source == one] for one in others]
    return tuple(np.sort(one[~np.isnan(one)]) for one in found)


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
        f"{rows} listed for {name} at {fdr:g}: held against {_held(found)}"
        f" no row can have a p-value below {found.floor:.2g};"
        f" {found.n_at_floor:,} of {n_rows:,} distinct rows are there, so"
        f" no q-value is below {found.smallest_q:.2g}."
    )
    if found.tails is not None:
        sentence = (
            f"{rows} listed for {name} at {fdr:g}: held against {_held(found)} no row can have a"
            f" p-value below {found.floor:.2g}; of {n_rows:,} distinct rows the smallest q-value is"
            f" {found.smallest_q:.2g}."
        )
    if found.pooled is not None and listed:
        sentence += (
            " Where people's text in the corpus is of another kind than these, more of the list may"
            " be false than it says."
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


def _held(found: Conformal) -> str:
    """What rows are held against, in words."""
    if found.pooled is not None:
        return f"{len(found.pooled.distances):,} held-out documents of people's kinds together"
    if found.tails is not None:
        return f"{len(found.tails.distances):,} held-out documents of the other sources together"
    return f"{found.n_held_out:,} held-out reference documents"
