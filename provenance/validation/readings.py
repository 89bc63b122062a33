"""What corpora of known share were read as: readings, their table, one file.

Shares, errors and widths are fractions in [0, 1] everywhere but in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median
from typing import Final

from provenance.statistics.intervals import clopper_pearson, winkler_score

__all__ = [
    "OURS",
    "ListRow",
    "Reading",
    "TableRow",
    "UsedSource",
    "list_table",
    "mean_winkler",
    "table",
]


OURS: Final = "provenance"
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one corpus of known share was read as.

    Parameters
    ----------
    scenario : str
        ``closed``: held-out rows of the samples' own kind; ``other domain``, ``length``,
        ``unknown source``, or the name of a suite's own.
    candidate : str
    detail : str
        The domain, the lengths or the unknown source.
    estimator : str
        ``provenance``, or the method it is compared with.
    split : int
        Corpora of one split, candidate and detail share rows.
    asked, n : int
        Documents asked for, and documents that the corpus has.
    level, truth : float
        The candidate's share as asked for, and as drawn.
    unknown : float
        Share by a source that the estimator was not given.
    trusted : int
        Rows of the corpus's domain beside it that were known not to be the candidate's.
    share : float or None
        None where withheld.
    low, high : float
    withheld : bool
    smallest_detectable_share : float or None
    n_listed, n_false : int or None
        Rows listed as the candidate's, and those of them that are not; None where no list is made.
    """

    scenario: str
    candidate: str
    detail: str = ""
    estimator: str = OURS
    split: int = 0
    asked: int
    n: int
    level: float
    truth: float
    unknown: float = 0.0
    trusted: int = 0
    share: float | None
    low: float
    high: float
    withheld: bool = False
    smallest_detectable_share: float | None = None
    n_listed: int | None = None
    n_false: int | None = None

    @property
    def covers(self) -> bool:
        """Whether the truth lies in the interval."""
        return self.low - _SLACK <= self.truth <= self.high + _SLACK

    @property
    def cell(self) -> tuple[str, str, float, int, int, float]:
        """Which row of the table the reading counts in."""
        kind = self.scenario, self.estimator, self.unknown, self.trusted
        return *kind, self.asked, self.level

    @property
    def false_share(self) -> float | None:
        """Share of the listed rows that are not the candidate's; 0 where none is listed."""
        if self.n_listed is None or self.n_false is None:
            return None
        return self.n_false / max(1, self.n_listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """All corpora of one scenario, estimator, size and share: a row of the table.

    Parameters
    ----------
    scenario, estimator : str
    asked, fewest : int
        Documents asked for, and the fewest that a corpus has.
    level, unknown : float
        Shares of the candidate and of an unknown source.
    trusted : int
        Rows that were known not to be the candidate's.
    corpora, independent, withheld : int
        Corpora; those that share no row of the corpus with another (of one split, candidate and
        detail one is counted); corpora whose share was withheld.
    error, worst, bias : float or None
        Mean and largest absolute error, and mean error, of the shares told.
    covered : int
        Intervals of told shares that hold the truth.
    covered_low, covered_high : float or None
        Clopper-Pearson limits of that rate, with ``independent`` scaled to the told shares as
        the number of trials.
    covered_all : int
        The same with the intervals of withheld shares.
    low_above_truth, low_above_zero : int
        Low ends above the truth, and above 0: at a share of 0 false alarms, elsewhere the power.
    mean_low, median_width : float or None
        Of told shares.
    winkler_score : float or None
        Mean of the width plus two over one less the confidence level times what was missed by
        (`winkler_score`), of told shares: a withheld one does not count, and ``withheld`` tells
        how many there are.
    """

    scenario: str
    estimator: str
    asked: int
    fewest: int
    level: float
    unknown: float
    trusted: int
    corpora: int
    independent: int
    withheld: int
    error: float | None
    worst: float | None
    bias: float | None
    covered: int
    covered_low: float | None
    covered_high: float | None
    covered_all: int
    low_above_truth: int
    low_above_zero: int
    mean_low: float | None
    median_width: float | None
    winkler_score: float | None

    @property
    def told(self) -> int:
        """Corpora whose share was not withheld."""
        return self.corpora - self.withheld


def table(readings: Iterable[Reading], confidence_level: float = 0.95) -> tuple[TableRow, ...]:
    """Error, coverage, false alarms, power and width by scenario, estimator, size and share.

    Parameters
    ----------
    readings : iterable of Reading
    confidence_level : float
        That their intervals were made for: what a miss costs follows from it.
    """
    ordered = sorted(readings, key=lambda item: item.cell)
    cells = groupby(ordered, lambda item: item.cell)
    return tuple(_row_of(list(found), confidence_level) for _, found in cells)


def _row_of(found: Sequence[Reading], confidence_level: float) -> TableRow:
    told = [item for item in found if item.share is not None]
    errors = [(item.share or 0.0) - item.truth for item in told]
    independent = len({(item.split, item.candidate, item.detail) for item in found})
    covered = sum(item.covers for item in told)
    # Corpora that share rows succeed and fail together: they are no trials of their own.
    trials = independent * len(told) / len(found)
    limits = clopper_pearson(covered * trials / len(told), trials) if told else (None, None)
    first = found[0]
    return TableRow(
        scenario=first.scenario,
        estimator=first.estimator,
        asked=first.asked,
        fewest=min(item.n for item in found),
        level=first.level,
        unknown=first.unknown,
        trusted=first.trusted,
        corpora=len(found),
        independent=independent,
        withheld=len(found) - len(told),
        error=fmean(map(abs, errors)) if told else None,
        worst=max(map(abs, errors)) if told else None,
        bias=fmean(errors) if told else None,
        covered=covered,
        covered_low=limits[0],
        covered_high=limits[1],
        covered_all=sum(item.covers for item in found),
        low_above_truth=sum(item.low > item.truth + _SLACK for item in found),
        low_above_zero=sum(item.low > 0 for item in found),
        mean_low=fmean(item.low for item in told) if told else None,
        median_width=median(item.high - item.low for item in told) if told else None,
        winkler_score=mean_winkler(told, confidence_level),
    )


def mean_winkler(readings: Sequence[Reading], confidence_level: float) -> float | None:
    """Mean Winkler score of readings, as a fraction; None of none."""
    if not readings:
        return None
    return fmean(
        winkler_score(item.low, item.high, item.truth, confidence_level) for item in readings
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """Rows listed in all corpora of one scenario and share.

    Parameters
    ----------
    scenario : str
    level, unknown : float
        Shares of the candidate and of an unknown source.
    corpora, with_list : int
        Corpora, and those whose rows are listed; all else is of these.
    mean_listed : float or None
        Rows on a list.
    realised_fdr, worst : float or None
        Mean and largest share of false rows on a list; that of an empty one is 0.
    recall : float or None
        Share of the candidate's rows, of all corpora together, that are listed.
    """

    scenario: str
    level: float
    unknown: float
    corpora: int
    with_list: int
    mean_listed: float | None
    realised_fdr: float | None
    worst: float | None
    recall: float | None


def list_table(readings: Iterable[Reading]) -> tuple[ListRow, ...]:
    """Realised false-discovery rate and recall of the listed rows, by scenario and share.

    Scenarios without any list are left out.
    """
    ordered = sorted((item for item in readings if item.estimator == OURS), key=_list_cell)
    rows = [_list_row(list(found)) for _, found in groupby(ordered, _list_cell)]
    listing = {row.scenario for row in rows if row.with_list}
    return tuple(row for row in rows if row.scenario in listing)


def _list_cell(item: Reading) -> tuple[str, float, float]:
    return item.scenario, item.unknown, item.level


def _list_row(found: Sequence[Reading]) -> ListRow:
    made = [item for item in found if item.false_share is not None]
    false_shares = [item.false_share or 0.0 for item in made]
    n_true = sum((item.n_listed or 0) - (item.n_false or 0) for item in made)
    n_own = sum(round(item.truth * item.n) for item in made)
    return ListRow(
        scenario=found[0].scenario,
        level=found[0].level,
        unknown=found[0].unknown,
        corpora=len(found),
        with_list=len(made),
        mean_listed=fmean(item.n_listed or 0 for item in made) if made else None,
        realised_fdr=fmean(false_shares) if made else None,
        worst=max(false_shares, default=None),
        recall=n_true / n_own if n_own else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSource:
    """One sample that corpora were drawn from.

    Parameters
    ----------
    name, role : str
        The role is candidate, panel or reference, or unknown where it was never fitted.
    n_documents : int
        Different documents whose rows the fingerprint keeps.
    sha256 : str
        Of the fingerprint's payload.
    """

    name: str
    role: str
    n_documents: int
    sha256: str
