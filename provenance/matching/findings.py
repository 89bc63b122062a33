"""What reading a corpus finds by itself: rows of the samples and undone disguises."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.corpus.document import Document
from provenance.features.features import DISGUISES
from provenance.matching.tally import Tally
from provenance.records import Finding, Place

__all__ = ["findings"]

_NO_LOG = "no log of the API's answers was given"
_NOT_CHECKED = {
    "near_duplicate": _NO_LOG,
    "watermark": "no watermark key was given",
    "disclosure": "not part of this version",
    "suppressed_signature": "not part of this version",
}


def findings(tally: Tally, names: Sequence[str]) -> list[Finding]:
    """Overlap with the samples, undone disguises, and what was not checked."""
    n_overlap = {
        name: int(count) for name, count in zip(names, tally.overlaps.tolist(), strict=True)
    }
    n_repairs = sum(tally.repairs[name] for name in DISGUISES)
    return [
        Finding(
            kind="overlap",
            # Without a log, nobody looked where most of an overlap would be.
            verdict="found" if any(n_overlap.values()) else "not_checked",
            statistic=float(tally.n_overlapping),
            null_hypothesis="no document of the corpus stands in a source's sample"
            if any(n_overlap.values())
            else f"{_NO_LOG}; no document stands in a source's sample",
            n_documents=tally.n_overlapping,
            where=_places(tally.overlap_places),
            details={"by_source": {name: count for name, count in n_overlap.items() if count}},
        ),
        Finding(
            kind="text_repair",
            verdict="found" if tally.n_disguised else "not_found",
            statistic=float(n_repairs),
            null_hypothesis="no text was edited by what no keyboard types",
            n_documents=tally.n_disguised,
            where=_places(tally.disguise_places),
            details={"repairs": {name: tally.repairs[name] for name in DISGUISES}},
        ),
        *(
            Finding(kind=kind, verdict="not_checked", null_hypothesis=why)  # type: ignore[arg-type]
            for kind, why in _NOT_CHECKED.items()
        ),
    ]


def _places(documents: Sequence[Document]) -> tuple[Place, ...]:
    return tuple(Place(id=item.id, path=item.path, line=item.line) for item in documents)
