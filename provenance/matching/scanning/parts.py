"""The share in each part of a corpus: values of fields, or its files where no field was named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.matching.breakdown import FEWEST_OF_A_PART, MOST_PARTS
from provenance.matching.library.library import Library
from provenance.matching.library.shares import MachineShare
from provenance.matching.scanning.tally import JudgedDocuments, ScanTally
from provenance.records import Breakdown, Share
from provenance.share.estimate import UNITS
from provenance.statistics.multiple_testing import joint_level

__all__ = ["parts_of", "share_rows"]


@dataclass(frozen=True, slots=True)
class _Part:
    field: str
    value: str
    chosen: NDArray[np.bool_]

    @property
    def is_enough(self) -> bool:
        return int(self.chosen.sum()) >= FEWEST_OF_A_PART


def parts_of(
    tally: ScanTally, judged: JudgedDocuments, library: Library, level: float
) -> tuple[tuple[Breakdown, ...], str]:
    """The share in each part, and what is said of parts that are not told; empty where all are.

    The intervals of one unit hold together (Bonferroni over the parts that are large enough). A
    corpus of several files is told by file where no field was named, those that are large enough
    alone.

    Parameters
    ----------
    tally : ScanTally
    judged : JudgedDocuments
    library : Library
    level : float
        Confidence level of all intervals together.
    """
    found, unshown = [], 0
    for column, numbers in enumerate(tally.numbers):
        name = tally.by[column] if tally.by else "file"
        ranked = _most_frequent(numbers, judged.values[:, column])
        unshown += len(ranked) - MOST_PARTS if len(ranked) > MOST_PARTS else 0
        found += [
            _Part(name, value, judged.values[:, column] == number)
            for value, number in ranked[:MOST_PARTS]
        ]
    if tally.by:
        note = f"{unshown:,} values of --by with fewer documents are not told." if unshown else ""
        return tuple(_told(found, judged, library, level)), note
    enough = [part for part in found if part.is_enough]
    if len(tally.numbers[0]) < 2 or not enough:
        return (), ""
    n_files, at_least = len(tally.numbers[0]), "at least " if (judged.values < 0).any() else ""
    told = tuple(_told(enough, judged, library, level))
    n_untold = sum(one.shares[0].verdict == "withheld" for one in told)
    but = f" Of {n_untold:,} of them nothing can be told." if n_untold else ""
    note = (
        f"Told by file, as no --by was given: {len(enough):,} of {at_least}{n_files:,} files, those"
        f" with {FEWEST_OF_A_PART} judged documents or more, at most {MOST_PARTS}.{but}"
    )
    return told, note


def _most_frequent(numbers: dict[str, int], column: NDArray[np.int64]) -> list[tuple[str, int]]:
    """The values with their numbers, those that most documents have first; equal ones by name."""
    n_documents = np.bincount(column[column >= 0], minlength=len(numbers)).tolist()
    return sorted(numbers.items(), key=lambda one: (-n_documents[one[1]], one[0]))


def _told(
    parts: list[_Part], judged: JudgedDocuments, library: Library, level: float
) -> Iterator[Breakdown]:
    own = joint_level(level, max(1, sum(part.is_enough for part in parts)))
    for part in parts:
        found = judged.part(part.chosen).shares(library, own)
        untold = not part.is_enough or not found["documents"].is_told
        yield Breakdown(
            field=part.field,
            value=part.value,
            n_documents=int(part.chosen.sum()),
            shares=tuple(
                row for unit in UNITS for row in share_rows(found[unit], unit, level, untold)
            ),
        )


def share_rows(found: MachineShare, unit: str, level: float, withheld: bool) -> tuple[Share, Share]:
    """The row of text like a language model's, and that of what belongs to nothing given."""
    untold = withheld or not found.is_told
    low, high = (0.0, 1.0) if untold else (found.low, found.high)
    return (
        Share(
            source=None,
            role="machine",
            unit=unit,  # type: ignore[arg-type]
            share=None if untold else found.share,
            low=low,
            high=high,
            confidence_level=level,
            verdict="withheld" if untold else "estimated",
        ),
        Share(
            source=None,
            role="unknown",
            unit=unit,  # type: ignore[arg-type]
            share=None,
            low=0.0,
            high=1 - low,
            confidence_level=level,
            verdict="bounded",
        ),
    )
