"""What the page shows of fresh answers: decoded from a finding's details, nothing is trusted."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.errors import InputError
from provenance.files.json import decode, plain
from provenance.records import Finding

__all__ = ["AskedPair", "AskedView", "NearModel", "asked_view"]


@dataclass(frozen=True, slots=True)
class NearModel:
    """A model whose answers were taken as rows, with what came of it."""

    name: str
    p_value: float
    lead: float
    rows_lead: float


@dataclass(frozen=True, slots=True)
class AskedPair:
    """A row beside the candidate's answer to its prompt and the next model's."""

    id: str
    path: str
    line: int
    prompt_hash: str
    likeness: float
    likeness_to_next: float
    next: str
    ahead: float
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class AskedView:
    """The parts of a finding that stands on fresh answers; those that it lacks are empty."""

    n_prompts: int
    n_others: int | None = None
    unasked_at_most: float | None = None
    own_lead: float | None = None
    nearest: tuple[NearModel, ...] = ()
    pairs: tuple[AskedPair, ...] = ()


def asked_view(finding: Finding) -> AskedView | None:
    """The view of a finding; None where it is of another kind or its details are not so.

    Examples
    --------
    >>> asked_view(Finding(kind="regenerated", verdict="not_checked")) is None
    True
    """
    if finding.details.get("of") != "asked":
        return None
    try:
        found: AskedView = decode(AskedView, plain(finding.details), "details")
    except InputError:
        return None
    return found
