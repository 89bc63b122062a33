"""Evidence that needs no share, and where in the corpus it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from provenance.records.refusing import check_counts, check_fractions

__all__ = ["OF_LIBRARY", "Finding", "FindingKind", "Place", "unchecked_kinds"]

OF_LIBRARY = "library"
"""What `details` of a finding says where copies are of known answers of models."""


FindingKind = Literal[
    "overlap",
    "near_duplicate",
    "watermark",
    "disclosure",
    "text_repair",
    "suppressed_signature",
    "regenerated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: a document and, if known, characters ``start`` to ``end`` of it."""

    id: str
    path: str
    line: int
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        check_counts(self, "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Evidence that needs no share; ``not_checked`` says that nobody looked."""

    kind: FindingKind
    verdict: Literal["found", "not_found", "not_checked"]
    statistic: float | None = None
    p_value: float | None = None
    null_hypothesis: str = ""
    n_documents: int = 0
    where: tuple[Place, ...] = ()
    source: str | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    q_value: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_counts(self, "n_documents")
        check_fractions(self, "p_value", "q_value", "share", "low", "high")


def unchecked_kinds(findings: Iterable[Finding]) -> tuple[FindingKind, ...]:
    """The kinds that nobody looked for: told as *not checked*, or not told at all.

    Examples
    --------
    >>> unchecked_kinds([Finding(kind="overlap", verdict="not_found")])[:2]
    ('near_duplicate', 'watermark')
    """
    checked = {item.kind for item in findings if item.verdict != "not_checked"}
    return tuple(kind for kind in get_args(FindingKind) if kind not in checked)
