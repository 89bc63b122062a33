"""Hidden marks, as details of the repairs of text."""

from __future__ import annotations

from dataclasses import replace

from provenance.evidence.hidden.tally import PLACES, HiddenMarks
from provenance.records import Finding, Place

__all__ = ["with_hidden_marks"]


def with_hidden_marks(findings: tuple[Finding, ...], hidden: HiddenMarks) -> tuple[Finding, ...]:
    """The findings with hidden marks as details of the repairs of text, their places first."""
    told = tuple(_marked(item, hidden) if item.kind == "text_repair" else item for item in findings)
    if hidden.n_marked and not any(item.kind == "text_repair" for item in findings):
        return (*told, _marked(Finding(kind="text_repair", verdict="found"), hidden))
    return told


def _marked(repairs: Finding, hidden: HiddenMarks) -> Finding:
    marked = {_stands(place) for place in hidden.places}
    others = (place for place in repairs.where if _stands(place) not in marked)
    return replace(
        repairs,
        verdict="found" if hidden.n_marked else repairs.verdict,
        n_documents=max(repairs.n_documents, hidden.n_marked),
        where=(*hidden.places, *others)[:PLACES],
        details={**repairs.details, "hidden_marks": hidden.told()},
    )


def _stands(place: Place) -> tuple[str, int, str]:
    return place.path, place.line, place.id
