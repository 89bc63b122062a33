"""What reading a corpus finds by itself, and what is said of the kinds nobody looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from provenance.corpus.document import Document
from provenance.features.features import DISGUISES
from provenance.matching.tally import Tally
from provenance.records import Finding, FindingKind, Place, unchecked_kinds

__all__ = ["findings", "with_unchecked"]

_NO_LOG: Final = "no log of the API's answers was given"
_UNCHECKED: Final[dict[FindingKind, Finding]] = {
    # Without a log, nobody looked where most of an overlap would be.
    "overlap": Finding(
        kind="overlap",
        verdict="not_checked",
        statistic=0.0,
        null_hypothesis=f"{_NO_LOG}; no document stands in a source's sample",
        details={"by_source": {}},
    ),
    "near_duplicate": Finding(
        kind="near_duplicate", verdict="not_checked", null_hypothesis=_NO_LOG
    ),
    "watermark": Finding(
        kind="watermark", verdict="not_checked", null_hypothesis="no watermark key was given"
    ),
    "disclosure": Finding(
        kind="disclosure", verdict="not_checked", null_hypothesis="the corpus was not read for it"
    ),
    "suppressed_signature": Finding(
        kind="suppressed_signature",
        verdict="not_checked",
        null_hypothesis="the corpus was not read for it",
    ),
    "regenerated": Finding(
        kind="regenerated",
        verdict="not_checked",
        null_hypothesis="no candidate was asked the prompts of the corpus",
    ),
}


def findings(tally: Tally, names: Sequence[str]) -> list[Finding]:
    """Rows of the sources' samples, where there are any, and undone disguises."""
    overlap = [_overlap(tally, names)] if tally.n_overlapping else []
    return [*overlap, _repairs(tally)]


def with_unchecked(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, with one more for each kind that none of them is of.

    Overlap stands before what reading found, where a log would have put it; the others at the end.
    """
    told = {item.kind for item in found}
    missing = [_UNCHECKED[kind] for kind in unchecked_kinds(found) if kind not in told]
    before = [item for item in missing if item.kind == "overlap"]
    after = [item for item in missing if item.kind != "overlap"]
    place = [item.kind for item in found].index("text_repair")
    return (*found[:place], *before, *found[place:], *after)


def _overlap(tally: Tally, names: Sequence[str]) -> Finding:
    n_overlap = zip(names, tally.overlaps.tolist(), strict=True)
    return Finding(
        kind="overlap",
        verdict="found",
        statistic=float(tally.n_overlapping),
        null_hypothesis="no document of the corpus stands in a source's sample",
        n_documents=tally.n_overlapping,
        where=_places(tally.overlap_places),
        details={"by_source": {name: count for name, count in n_overlap if count}},
    )


def _repairs(tally: Tally) -> Finding:
    repairs = {name: tally.repairs[name] for name in DISGUISES}
    return Finding(
        kind="text_repair",
        verdict="found" if tally.n_disguised else "not_found",
        statistic=float(sum(repairs.values())),
        null_hypothesis="no text was edited by what no keyboard types",
        n_documents=tally.n_disguised,
        where=_places(tally.disguise_places),
        details={"repairs": repairs},
    )


def _places(documents: Sequence[Document]) -> tuple[Place, ...]:
    return tuple(Place(id=item.id, path=item.path, line=item.line) for item in documents)
