"""An earlier report of a corpus, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provenance.records.refusing import check, check_counts, check_fractions
from provenance.records.shares import ShareVerdict, Unit

__all__ = ["Baseline", "BaselinePart", "Change", "ChangeVerdict", "Standing"]

ChangeVerdict = Literal["fall", "rise", "not_shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A share in one of two compared reports, and the documents that its interval stands for.

    Parameters
    ----------
    n_documents : int
        Documents that the share is of.
    fewest, most : int or None
        Documents that `low` and `high` stand for, rounded outwards; None for shares of tokens.
    """

    share: float | None
    low: float
    high: float
    verdict: ShareVerdict
    n_documents: int
    fewest: int | None
    most: int | None

    def __post_init__(self) -> None:
        check_fractions(self, "share", "low", "high")
        check_counts(self, "n_documents")
        check(self.low <= self.high, f"low: {self.low} is above high, {self.high}")
        for count in (self.fewest, self.most):
            check(count is None or count >= 0, f"fewest, most: {count} is below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One candidate's share before and after, with an interval of the change.

    Parameters
    ----------
    low, high : float
        ``after.low - before.high`` and ``after.high - before.low``, in [-1, 1]: both intervals
        taken as independent, which is wider than the interval of a difference has to be.
    verdict : {"fall", "rise", "not_shown"}
        Whether the change of the share is larger than both intervals allow for.
    count_low, count_high : int or None
        The same for numbers of documents, which a corpus that grew does not dilute.
    count_verdict : {"fall", "rise", "not_shown"} or None
    sentence : str
        The same in words.
    """

    source: str
    unit: Unit
    before: Standing
    after: Standing
    low: float
    high: float
    verdict: ChangeVerdict
    count_low: int | None
    count_high: int | None
    count_verdict: ChangeVerdict | None
    sentence: str

    def __post_init__(self) -> None:
        check(-1 <= self.low <= self.high <= 1, "low, high: not in order within [-1, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselinePart:
    """One value of one field in two compared reports; `changes` is empty where one lacks it.

    Parameters
    ----------
    n_before, n_after : int or None
        Scored documents that hold the value; None where a report has no such breakdown.
    """

    field: str
    value: str
    n_before: int | None
    n_after: int | None
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        for count in (self.n_before, self.n_after):
            check(count is None or count >= 0, f"n_before, n_after: {count} is below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier report of a corpus, and what has changed since.

    Parameters
    ----------
    paths, sha256
        Of the earlier corpus.
    changes : tuple of Change
        One for each candidate and unit.
    parts : tuple of BaselinePart
    notes : tuple of str
        What weakens the comparison, in words.
    """

    paths: tuple[str, ...]
    sha256: str
    n_documents: int
    n_scored: int
    n_tokens: int
    verdict: Literal["estimated", "withheld"]
    changes: tuple[Change, ...]
    parts: tuple[BaselinePart, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_counts(self, "n_documents", "n_scored", "n_tokens")
