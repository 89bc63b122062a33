"""Shares of a corpus and of its parts: how much of it is consistent with each source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provenance.records.refusing import check, check_counts, check_fractions, check_interval

__all__ = [
    "Breakdown",
    "Family",
    "FamilyReading",
    "ListedPart",
    "ListedParts",
    "Power",
    "Role",
    "Share",
    "ShareVerdict",
    "Unit",
]

Role = Literal["candidate", "machine", "panel", "reference", "unknown"]
Unit = Literal["documents", "tokens"]
ShareVerdict = Literal["estimated", "bounded", "withheld"]


def _check_range(row: Share | Family) -> None:
    check_fractions(row, "share", "low", "high")
    check_interval(row.low, row.high, row.confidence_level)
    known = row.share is not None
    check(known or row.verdict != "estimated", "share: null, but the verdict is estimated")
    check(not known or row.verdict != "withheld", "share: a number, but the verdict is withheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One source's share of the documents or of their tokens.

    Parameters
    ----------
    source : str or None
        None is what belongs to no source given (role ``unknown``), and text like a language
        model's of which nobody knows whose it is (role ``machine``).
    share : float or None
        In [0, 1]; None where withheld.
    low, high : float
        Two-sided interval at `confidence_level`, or the set that can be defended.
    verdict : {"estimated", "bounded", "withheld"}
        ``bounded``: only the ends stand, no point between them is better than another.

    Examples
    --------
    >>> ends = dict(share=None, low=0.0, high=0.2, confidence_level=0.95, verdict="bounded")
    >>> Share(source="a", role="panel", unit="tokens", **ends).high
    0.2
    """

    source: str | None
    role: Role
    unit: Unit
    share: float | None
    low: float
    high: float
    confidence_level: float
    verdict: ShareVerdict

    def __post_init__(self) -> None:
        _check_range(self)
        unnamed = self.role in ("machine", "unknown")
        check(
            unnamed == (self.source is None),
            "source: null goes with the roles machine and unknown",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A candidate and its siblings, with their share together.

    ``candidate_low`` is the low end of the candidate's own share if the corpus may hold a sibling
    that was not given.
    """

    source: str
    members: tuple[str, ...]
    unit: Unit
    share: float | None
    low: float
    high: float
    candidate_low: float
    confidence_level: float
    verdict: ShareVerdict

    def __post_init__(self) -> None:
        _check_range(self)
        check_fractions(self, "candidate_low")
        check(self.source in self.members, "members: without the candidate itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyReading:
    """What one feature family alone reads of a candidate's share of the documents.

    It stands beside the shares and decides none. ``share`` is None where shares are withheld.
    """

    family: str
    source: str
    share: float | None
    low: float
    high: float
    confidence_level: float

    def __post_init__(self) -> None:
        check_fractions(self, "share", "low", "high")
        check_interval(self.low, self.high, self.confidence_level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The shares among the documents that hold one value of one field.

    Their intervals hold together, at the confidence level, with those of all other parts.
    """

    field: str
    value: str
    n_documents: int
    shares: tuple[Share, ...]

    def __post_init__(self) -> None:
        check_counts(self, "n_documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPart:
    """A part of a breakdown that has at least a share ``low`` of a source.

    ``source`` is None where it is text like a language model's, of which nobody knows whose it is.
    """

    field: str
    value: str
    source: str | None
    n_documents: int
    low: float

    def __post_init__(self) -> None:
        check_counts(self, "n_documents")
        check_fractions(self, "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedParts:
    """The parts whose low end is above 0, corrected for all that were judged, the highest first.

    Parameters
    ----------
    n_judged : int
        Shares of parts that were told, so that they might have been listed.
    error_rate : float
        Chance at most that any part is listed that has nothing of its source (family-wise, which
        bounds the expected rate of false ones too).
    parts : tuple of ListedPart
    """

    n_judged: int
    error_rate: float
    parts: tuple[ListedPart, ...]

    def __post_init__(self) -> None:
        check_fractions(self, "error_rate")
        n_listed = len(self.parts)
        check(n_listed <= self.n_judged, f"parts: {n_listed}, but {self.n_judged} were judged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The smallest share that would be seen; None where none would, or where it is not known."""

    source: str
    unit: Unit
    smallest_detectable_share: float | None
    at_power: float

    def __post_init__(self) -> None:
        check_fractions(self, "smallest_detectable_share", "at_power")
