"""The parts of a corpus as a map of heat: a row for each value, a column for each source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from provenance.records import Breakdown, Share
from provenance.report.report import Report
from provenance.words import source_name

__all__ = ["Cell", "PartsMap", "heat", "parts_maps"]

_DEGREES: Final = 9
"""Shades that an eye tells apart; a round figure, not tuned."""
_MOST_ROWS: Final = 200
_DATED = re.compile(r"\d{4}([-/Wq]?\d{1,2}){0,2}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A share of a part; `heat` is by its low end: what it has for sure."""

    share: Share | None
    heat: int


@dataclass(frozen=True, slots=True)
class PartsMap:
    """All parts by one field: as they come, in the order of time where their values are dates.

    `untold` are those of which nothing can be told, with their documents.
    """

    field: str
    sources: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[Cell, ...]], ...]
    n_more: int
    untold: tuple[tuple[str, int], ...]


def parts_maps(report: Report) -> Iterator[PartsMap]:
    """One map for each field that shares were broken down by."""
    for field, found in groupby(report.breakdown, key=lambda part: part.field):
        parts = [*found]
        if all(_DATED.fullmatch(part.value) for part in parts if part.value):
            parts.sort(key=lambda part: part.value)
        keys = dict.fromkeys(
            (row.source, row.role) for part in parts for row in part.shares if _is_shown(row)
        )
        told = [part for part in parts if _is_told(part)]
        yield PartsMap(
            field=field,
            sources=tuple(source_name(*key) for key in keys),
            rows=tuple(
                (part.value, part.n_documents, _cells(part, [*keys])) for part in told[:_MOST_ROWS]
            ),
            n_more=max(0, len(told) - _MOST_ROWS),
            untold=tuple((part.value, part.n_documents) for part in parts if not _is_told(part)),
        )


def heat(low: float) -> int:
    """The shade of a low end: 0 where nothing is sure, else 1 to 9.

    Examples
    --------
    >>> heat(0.0), heat(0.01), heat(0.5), heat(1.0)
    (0, 1, 5, 9)
    """
    return 0 if low <= 0 else min(_DEGREES, 1 + int(low * _DEGREES))


def _cells(part: Breakdown, keys: list[tuple[str | None, str]]) -> tuple[Cell, ...]:
    held: dict[tuple[str | None, str], Share]
    held = {(row.source, row.role): row for row in part.shares if _is_shown(row)}
    found = [held.get(key) for key in keys]
    return tuple(Cell(row, 0 if row is None else heat(row.low)) for row in found)


def _is_shown(row: Share) -> bool:
    return row.unit == "documents" and row.role in ("candidate", "machine")


def _is_told(part: Breakdown) -> bool:
    return any(row.verdict != "withheld" for row in part.shares if _is_shown(row))
