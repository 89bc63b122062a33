"""Rows drawn from files without reading the rest, each row with the same chance.

Lines are drawn by stretches (`drawn_lines.py`), rows of tables by number (`drawn_tables.py`), files
of one text as rows are; each kind gives its part of the sample.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from provenance.corpus.drawn.drawn_files import DrawnFile, DrawnRow
from provenance.corpus.drawn.drawn_lines import Lines, first_line
from provenance.corpus.drawn.drawn_tables import Tables, row_groups
from provenance.corpus.formats import Columns
from provenance.corpus.places.inputs import FileInput, Input

__all__ = ["Drawing", "DrawnFile", "DrawnRow", "drawing", "parts_of", "rows_about"]

SMALL: Final = 64 * 2**20
"""Bytes of files up to which all of them are read: half a second, and the rows are counted."""
_FEW: Final = 4
"""Rows there have to be for each that is asked for; of fewer, reading all costs no more."""


@dataclass(slots=True)
class Drawing:
    """What can be drawn from the inputs of a corpus.

    Attributes
    ----------
    places : set of int
        Inputs that are not read from their beginnings.
    files : list of DrawnFile
        Readings, as far as any was begun.
    """

    seed: int
    lines: Lines | None
    tables: Tables | None
    texts: Sequence[int]

    @property
    def places(self) -> set[int]:
        """Inputs that need not be read whole."""
        found = {*self.texts}
        for kind in (self.lines, self.tables):
            found |= set() if kind is None else {one[0] for one in kind.files}
        return found

    @property
    def readings(self) -> list[DrawnFile]:
        """Files that are read in part, or only looked at."""
        kinds = [kind for kind in (self.lines, self.tables) if kind is not None]
        return [one[1] for kind in kinds for one in kind.files]

    @property
    def is_about(self) -> bool:
        """Whether rows are not counted, only estimated by the bytes."""
        return self.lines is not None

    @property
    def totals(self) -> tuple[float, float, float]:
        """Rows of lines, of tables and of texts."""
        return (
            0.0 if self.lines is None else self.lines.total,
            0.0 if self.tables is None else self.tables.total,
            float(len(self.texts)),
        )

    def some_texts(self, size: int) -> list[int]:
        """Places of so many of the files that are one text each."""
        chance = random.Random(f"{self.seed} {len(self.texts)} texts")
        return sorted(chance.sample(self.texts, min(size, len(self.texts))))


def drawing(
    sources: Sequence[Input], size: int, seed: int, columns: Columns, small: int | None = None
) -> Drawing | None:
    """What can be drawn without reading the whole; None where that is no work, or not possible.

    Parameters
    ----------
    sources : sequence of Input
    size : int
        Rows that are asked for.
    seed : int
    columns : callable
        Which columns of a table are needed.
    small : int, optional
        Bytes of files up to which all of them are read; `SMALL` unless told.
    """
    files = sorted(
        (
            (source.name, source.path, place, source)
            for place, source in enumerate(sources)
            if isinstance(source, FileInput) and source.filesystem is None and source.form.draws
        ),
        key=lambda one: one[:3],
    )
    size_of_all = sum(source.size or 0 for *_, source in files)
    if not size_of_all or size_of_all < (SMALL if small is None else small):
        return None
    named = hashlib.sha256("\n".join(name for name, *_ in files).encode(errors="surrogateescape"))
    chance = random.Random(f"{seed} {named.hexdigest()}")
    lines = [
        (place, opened, source, first)
        for *_, place, source in files
        if source.form.draws == "lines"
        for opened in (DrawnFile(source),)
        for first in (first_line(opened),)
        if first is not None
    ]
    tables = [
        (place, opened, source, groups)
        for *_, place, source in files
        if source.form.draws == "rows"
        for opened in (DrawnFile(source),)
        for groups in (row_groups(opened),)
        if groups
    ]
    texts = [place for *_, place, source in files if source.form.draws == "file"]
    found = Drawing(
        seed,
        Lines(lines, chance) if lines else None,
        Tables(tables, chance, columns) if tables else None,
        texts,
    )
    if found.lines is not None:
        found.lines.look()
    return found if sum(found.totals) > _FEW * size else None


def rows_about(sources: Sequence[Input], columns: Columns) -> tuple[int, int]:
    """Rows of the files that can be drawn from, about, and how many bytes these files have.

    Parameters
    ----------
    sources : sequence of Input
    columns : callable
        Which columns of a table are needed.
    """
    drawn = drawing(sources, 0, 0, columns, small=0)
    if drawn is None:
        return 0, 0
    return round(sum(drawn.totals)), sum(sources[place].size or 0 for place in drawn.places)


def parts_of(size: int, totals: Sequence[float], seed: int) -> list[int]:
    """How many of the rows are drawn of each kind, on average in proportion to its rows.

    Examples
    --------
    >>> parts_of(10, [30.0, 0.0, 70.0], 0), sum(parts_of(10, [1.0, 2.0, 4.0], 0))
    ([3, 0, 7], 10)
    """
    start = random.Random(f"{seed} parts").random()
    ends = [0.0, *accumulate(size * total / max(sum(totals), 1.0) for total in totals)]
    ends[-1] = float(size)
    # A hair above: thirds of ten add up to a little less than ten.
    return [
        math.floor(end + start + 1e-9) - math.floor(begin + start + 1e-9)
        for begin, end in pairwise(ends)
    ]
