"""The parts of a corpus as a map of heat: a row for each value, a column for each source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from provenance.corpus.rows.crossing import BETWEEN
from provenance.records import Breakdown, Share
from provenance.report.report import Report
from provenance.words import source_name

__all__ = ["Cell", "Grid", "PartsMap", "grids", "heat", "parts_maps"]

_DEGREES: Final = 9
"""Shades that an eye tells apart; a round figure, not tuned."""
_MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 24
_MOST_GRID_ROWS: Final = 60
"""Two years of months, and what an eye can follow; round figures, not tuned."""
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


@dataclass(frozen=True, slots=True)
class Grid:
    """Parts by crossed fields, of one source: the last field across, the others down.

    Where a cell is None, the corpus has no such part, or nothing can be told of it.
    """

    field: str
    across: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    n_untold: int
    n_more: int


def grids(report: Report) -> Iterator[Grid]:
    """A grid for each crossing of fields and each source that is asked about."""
    for field, found in groupby(report.breakdown, key=lambda part: part.field):
        parts = [part for part in found if _is_crossed(part)]
        told = [part for part in parts if _is_told(part)]
        keys = dict.fromkeys(
            (row.source, row.role) for part in told for row in part.shares if _is_shown(row)
        )
        for key in keys:
            yield _grid(field, key, told, len(parts) - len(told))
        if parts and not keys:
            down, _, across = field.rpartition("+")
            yield Grid(down, across, "", (), (), len(parts), 0)


def _grid(field: str, key: tuple[str | None, str], told: list[Breakdown], n_untold: int) -> Grid:
    cells = {part.value.rpartition(BETWEEN)[::2]: _cells(part, [key])[0] for part in told}
    columns = sorted({column for _, column in cells})
    # Of many, the last: of months these are the newest.
    shown = columns[-_MOST_COLUMNS:]
    rows = [*dict.fromkeys(row for row, column in cells if column in shown)][:_MOST_GRID_ROWS]
    table = tuple((row, tuple(cells.get((row, column)) for column in shown)) for row in rows)
    n_shown = sum(cell is not None for _, line in table for cell in line)
    down, _, across = field.rpartition("+")
    return Grid(
        down, across, source_name(*key), tuple(shown), table, n_untold, len(cells) - n_shown
    )


def _is_crossed(part: Breakdown) -> bool:
    return "+" in part.field and BETWEEN in part.value


def parts_maps(report: Report) -> Iterator[PartsMap]:
    """One map for each field that shares were broken down by; crossed ones have `grids`."""
    lone = (part for part in report.breakdown if not _is_crossed(part))
    for field, found in groupby(lone, key=lambda part: part.field):
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
