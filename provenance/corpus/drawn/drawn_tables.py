"""Rows of tables, drawn by their numbers.

Where there are many row groups, so many of them are drawn, each as often as it has rows, and in
each the same number of rows.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from provenance.corpus.document import BadRow
from provenance.corpus.drawn.drawn_files import DrawnFile, DrawnRow
from provenance.corpus.formats import Columns
from provenance.corpus.formats.columnar import parquet_group_rows, parquet_rows_at
from provenance.corpus.places.inputs import FileInput
from provenance.errors import InputError

__all__ = ["Tables", "row_groups", "spread", "together"]

_GROUPS: Final = 200
"""Row groups that are read of more; about 20 GB of text uncompressed where groups are large."""
_ROWS_A_GROUP: Final = 50
"""Rows of one row group at most, on average, before more groups are read; not tuned."""
_ROOM: Final = 4
"""Rows that stand together for each that is drawn among them, small row groups put together."""


@dataclass(slots=True)
class Tables:
    """Files whose rows are numbered."""

    files: Sequence[tuple[int, DrawnFile, FileInput, Sequence[int]]]
    chance: random.Random
    columns: Columns

    @property
    def total(self) -> float:
        """How many rows there are."""
        return sum(sum(groups) for *_, groups in self.files)

    def take(self, size: int) -> list[DrawnRow]:
        """So many rows, or all."""
        groups = [
            (file, number, rows)
            for file, (*_, counts) in enumerate(self.files)
            for number, rows in enumerate(counts)
        ]
        ends = [*accumulate(rows for *_, rows in groups)]
        wanted: dict[int, dict[int, list[int]]] = {}
        names: dict[tuple[int, int], str | None] = {}
        for row, name in sorted(self._numbers(size, ends), key=lambda found: found[0]):
            at = bisect_right(ends, row)
            file, number, rows = groups[at]
            wanted.setdefault(file, {}).setdefault(number, []).append(row - (ends[at] - rows))
            names[file, number] = name
        return [row for file in wanted for row in self._read(file, wanted[file], names)]

    def _numbers(self, size: int, ends: Sequence[int]) -> Iterator[tuple[int, str | None]]:
        """Numbers of the rows that are drawn, each with the stretch it is drawn with."""
        most = max(_GROUPS, size // _ROWS_A_GROUP)
        # Where other files turn out to hold fewer rows than they seemed to, all may be wanted.
        if size >= ends[-1]:
            yield from ((row, None) for row in range(ends[-1]))
            return
        if len(ends) <= most:
            yield from ((row, None) for row in self.chance.sample(range(ends[-1]), size))
            return
        stretches = together(ends, _ROOM * size / most)
        for begin, end, count in spread(stretches, size, most, self.chance):
            for row in self.chance.sample(range(begin, end), count):
                yield row, f"rows from {begin}"

    def _read(
        self,
        file: int,
        wanted: Mapping[int, Sequence[int]],
        names: Mapping[tuple[int, int], str | None],
    ) -> Iterator[DrawnRow]:
        place, opened, _, counts = self.files[file]
        ends = [*accumulate(counts)]
        for line, record in opened.found(
            lambda stream: parquet_rows_at(stream, self.columns, wanted)
        ):
            group = bisect_right(ends, line - 1)
            yield DrawnRow(place, line, record, names.get((file, group)))


def together(ends: Sequence[int], fewest: float) -> list[int]:
    """Where stretches of rows end: row groups, small ones put together.

    Parameters
    ----------
    ends : sequence of int
        Where row groups end, ascending.
    fewest : float
        Rows of a stretch at least, where there are so many.

    Examples
    --------
    >>> together([5, 6, 7, 20, 21], 5)
    [5, 21]
    """
    found = [0]
    for end in ends:
        if end - found[-1] >= fewest:
            found.append(end)
    if len(found) == 1:
        found.append(ends[-1])
    found[-1] = ends[-1]
    return found[1:]


def spread(
    ends: Sequence[int], size: int, most: int, chance: random.Random
) -> Iterator[tuple[int, int, int]]:
    """Stretches of rows, and how many rows are drawn of each, so that each row has one chance.

    Points stand at equal distances over all rows, from one that is drawn: a stretch meets as many
    as it has rows for, and each point that it meets stands for the same number of rows (systematic
    sampling proportional to size; Madow 1949, Ann. Math. Stat. 20:333).

    Parameters
    ----------
    ends : sequence of int
        Where stretches end.
    size : int
        Rows that are drawn.
    most : int
        Points.
    chance : random.Random

    Yields
    ------
    tuple of int
        Where a stretch begins and ends, and its rows that are drawn.

    Examples
    --------
    >>> list(spread([10, 20], 4, 2, random.Random(0)))
    [(0, 10, 2), (10, 20, 2)]
    """
    step = ends[-1] / most
    start = chance.random()
    rows = [size // most] * most
    for extra in chance.sample(range(most), size % most):
        rows[extra] += 1
    point = 0
    for begin, end in pairwise([0, *ends]):
        count = 0
        while point < most and (point + start) * step < end:
            count += rows[point]
            point += 1
        if count:
            yield begin, end, min(count, end - begin)


def row_groups(opened: DrawnFile) -> list[int] | None:
    """Rows of each row group; None where they cannot be told."""
    try:
        with opened.opened() as stream:
            return parquet_group_rows(stream)
    except (InputError, OSError, BadRow):
        return None
