"""Hidden marks, as details of the repairs of text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provenance.evidence.hidden.tally import HiddenMarks
from provenance.records import (
    Finding,
    Place,
)

__all__ = ["with_hidden_marks"]


def with_hidden_marks(told: dict[str, Any], hidden: HiddenMarks) -> dict[str, Any]:
    """The fields with hidden marks as details of the repairs of text, their places first."""
    marked = {_stands(place) for place in hidden.places}

    def with_marks(item: Finding) -> Finding:
        if item.kind != "text_repair":
            return item
        return replace(
            item,
            verdict="found" if hidden.n_marked else item.verdict,
            n_documents=max(item.n_documents, hidden.n_marked),
            where=(*hidden.places, *(p for p in item.where if _stands(p) not in marked))[:20],
            details={**item.details, "hidden_marks": hidden.told()},
        )

    findings = tuple(map(with_marks, told.get("findings", ())))
    if hidden.n_marked and not any(item.kind == "text_repair" for item in findings):
        findings = (*findings, with_marks(Finding(kind="text_repair", verdict="found")))
    return {**told, "findings": findings}


def _stands(place: Place) -> tuple[str, int, str]:
    return place.path, place.line, place.id
