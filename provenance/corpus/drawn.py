"""Rows drawn from files without reading the rest, each row with the same chance.

A row of a file of lines begins in exactly one of the stretches that the file is cut into, and
stretches are drawn alike: neither its own length nor that of the line before it counts. What the
stretches give is more than is asked for, and of that rows are drawn one by one. Rows of tables are
numbered, and drawn by number; where there are many row groups, so many of them are drawn, each as
often as it has rows, and in each the same number of rows. Files of one text are drawn as rows are.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Final

from provenance.corpus.document import BadRow, Row
from provenance.corpus.formats import Columns
from provenance.corpus.formats.at_offsets import ByteOffset, lines_within
from provenance.corpus.formats.by_name import line_rows
from provenance.corpus.formats.columnar import parquet_group_rows, parquet_rows_at
from provenance.corpus.formats.jsonsplit import is_lines
from provenance.corpus.inputs import CHANGED, FileInput, Input, OpenedFile
from provenance.corpus.lost import ChangedFile, LostFile, LostTail
from provenance.errors import InputError

__all__ = ["Drawing", "DrawnFile", "DrawnRow", "drawing", "parts_of", "rows_about"]

SMALL: Final = 64 * 2**20
"""Bytes of files up to which all of them are read: half a second, and the rows are counted."""
_FEW: Final = 4
"""Rows there have to be for each that is asked for; of fewer, reading all costs no more."""
_PILOT: Final = 64
"""Stretches that tell how long a line is; a round figure: the length need only be about right."""
_PILOT_BYTES: Final = 2**16
_SHORTEST: Final = 512
"""Bytes of a stretch at least: a disk gives no less at a time."""
_SPARE: Final = 1.25
"""Rows gathered for each that is drawn, so that a second round is rare; not tuned."""
_GROUPS: Final = 200
"""Row groups that are read of more; about 20 GB of text uncompressed where groups are large."""
_ROWS_A_GROUP: Final = 50
"""Rows of one row group at most, on average, before more groups are read; not tuned."""
_ROOM: Final = 4
"""Rows that stand together for each that is drawn among them, small row groups put together."""
_HEAD: Final = 2**20


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row, the number of its input, and the stretch of it that it was drawn with."""

    place: int
    line: int
    record: object
    drawn_with: str | None = None


class _Counted(io.RawIOBase):
    """Stored bytes, counted as they are read."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored
        self.size = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = int(self._stored.readinto(buffer))
        self.size += count
        return count

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._stored.seek(offset, whence))


class DrawnFile(OpenedFile):
    """A file of which rows are drawn; its sha256 is of its size and of what was drawn."""

    def __init__(self, source: FileInput) -> None:
        super().__init__(source)
        self._drawn = hashlib.sha256(b"%d\n" % (source.size or 0))
        self._n_read = 0

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The stored bytes, to be read anywhere.

        Raises
        ------
        InputError, OSError
            Where it cannot be opened or read.
        """
        with self._source.open() as stored:
            self._inode = os.fstat(stored.fileno()).st_ino
            raw = _Counted(getattr(stored, "raw", stored))
            try:
                yield io.BufferedReader(raw, _SHORTEST)
            finally:
                self._n_read += raw.size

    def found(self, read: Callable[[Any], Iterator[Row]]) -> list[Row]:
        """Rows as `read` finds them; the last is a bad one where the file breaks off or changed."""
        rows: list[Row] = []
        try:
            with self.opened() as stream:
                rows.extend(read(stream))
        except InputError as error:
            rows.append((1, LostFile(error.what, error.expected, error.remedy)))
        except BadRow as bad:
            rows.append((1, bad))
        except OSError as error:
            what = f"the file is truncated, damaged or cannot be read ({error})"
            rows.append((1, LostTail(what, "a whole file", "Fetch or write it again")))
        if self.has_changed():
            rows.append((1, ChangedFile(*CHANGED)))
        return rows

    def note(self, record: object) -> None:
        """Take a row that was drawn into the hash."""
        self._drawn.update(record if isinstance(record, bytes) else repr(record).encode())

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._n_read

    def entry(self) -> dict[str, Any]:
        """Tell path and bytes of the file, and the sha256 of what was drawn from it."""
        sha256, size = self._drawn.hexdigest(), self._source.size or 0
        return {"path": self._source.path, "bytes": size, "sha256": sha256, "drawn": True}


@dataclass(slots=True)
class _Lines:
    """Files of lines, of which nobody knows how many they hold."""

    files: Sequence[tuple[int, DrawnFile, FileInput, int]]
    chance: random.Random
    length: float = 0.0
    stretch: int = 0
    ends: list[int] = field(default_factory=list)
    drawn: set[int] = field(default_factory=set)
    rows: list[DrawnRow] = field(default_factory=list)
    bad: list[DrawnRow] = field(default_factory=list)

    def look(self) -> None:
        """How long a line is, about, by a few stretches that are not used otherwise."""
        ends = [*accumulate(source.size or 0 for _, _, source, _ in self.files)]
        picks = sorted(self.chance.randrange(ends[-1]) for _ in range(_PILOT))
        n_bytes, n_lines = 0, 1
        for at, file in _by_file(picks, ends):
            try:
                with self.files[file][1].opened() as stream:
                    for begin in at:
                        stream.seek(begin)
                        data = stream.read(_PILOT_BYTES)
                        n_bytes += len(data)
                        n_lines += data.count(b"\n")
            except (InputError, OSError):
                continue
        self.length = max(1.0, n_bytes / n_lines)
        self.stretch = round(min(max(self.length, _SHORTEST), _PILOT_BYTES))
        self.ends = [
            *accumulate(-(-(source.size or 0) // self.stretch) for _, _, source, _ in self.files)
        ]

    @property
    def total(self) -> float:
        """About how many rows there are."""
        if not self.drawn:
            return sum(source.size or 0 for _, _, source, _ in self.files) / self.length
        return len(self.rows) * self.ends[-1] / len(self.drawn)

    def gather(self, size: int) -> None:
        """Draw stretches until they hold so many rows, or all were read."""
        while len(self.rows) < size and len(self.drawn) < self.ends[-1]:
            lacking = _SPARE * (size - len(self.rows))
            rows_a_stretch = max(self.total, 1.0) / self.ends[-1]
            self._read(self._more(math.ceil(lacking / rows_a_stretch) + 16))

    def _more(self, count: int) -> list[int]:
        most = self.ends[-1]
        if 2 * (count + len(self.drawn)) > most:
            found = {*range(most)} - self.drawn
        else:
            found = set()
            while len(found) < count:
                number = self.chance.randrange(most)
                if number not in self.drawn:
                    found.add(number)
        self.drawn |= found
        return sorted(found)

    def _read(self, stretches: Sequence[int]) -> None:
        for numbers, file in _by_file(stretches, self.ends):
            place, opened, source, _ = self.files[file]
            read = partial(self._within, file=file, numbers=numbers)
            for line, record in opened.found(read):
                if isinstance(record, BadRow):
                    self.bad.append(DrawnRow(place, line, record))
                else:
                    name = f"{source.path}:{line // self.stretch}"
                    self.rows.append(DrawnRow(place, line, record, name))

    def _within(self, stream: Any, file: int, numbers: Sequence[int]) -> Iterator[Row]:
        """Rows of lines that begin in some stretches of a file."""
        *_, source, first = self.files[file]
        for number in numbers:
            begin = number * self.stretch
            end = begin + self.stretch
            for start, line in lines_within(stream, begin, end, first, source.size or 0):
                yield from line_rows(ByteOffset(start), line)

    def take(self, size: int) -> list[DrawnRow]:
        """So many rows, and all bad ones that were met."""
        self.gather(size)
        # By name, not by place: the order in which files are given draws nothing.
        order = {one[0]: number for number, one in enumerate(self.files)}
        self.rows.sort(key=lambda row: (order[row.place], row.line))
        found = self.chance.sample(self.rows, min(size, len(self.rows)))
        return [*found, *self.bad]


@dataclass(slots=True)
class _Tables:
    """Files whose rows are numbered."""

    files: Sequence[tuple[int, DrawnFile, FileInput, Sequence[int]]]
    chance: random.Random
    columns: Columns

    @property
    def total(self) -> float:
        """How many rows there are."""
        return sum(sum(groups) for *_, groups in self.files)

    def take(self, size: int) -> list[DrawnRow]:
        """So many rows."""
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
    lines: _Lines | None
    tables: _Tables | None
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
        for first in (_first_line(opened, source),)
        if first is not None
    ]
    tables = [
        (place, opened, source, groups)
        for *_, place, source in files
        if source.form.draws == "rows"
        for opened in (DrawnFile(source),)
        for groups in (_row_groups(opened),)
        if groups
    ]
    texts = [place for *_, place, source in files if source.form.draws == "file"]
    found = Drawing(
        seed,
        _Lines(lines, chance) if lines else None,
        _Tables(tables, chance, columns) if tables else None,
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


def _by_file(numbers: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Ascending numbers over all files, as numbers within each."""
    found: dict[int, list[int]] = {}
    for number in numbers:
        file = bisect_right(ends, number)
        found.setdefault(file, []).append(number - (ends[file - 1] if file else 0))
    for file, within in found.items():
        yield within, file


def _first_line(opened: DrawnFile, source: FileInput) -> int | None:
    """Where the first line begins; None where the file may not be plain lines of objects."""
    try:
        with opened.opened() as stream:
            head = stream.read(_PILOT_BYTES)
            if b"\n" not in head:
                head += stream.read(_HEAD)
    except (InputError, OSError):
        return None
    first = 3 if head[:3] == b"\xef\xbb\xbf" else 0
    return first if is_lines(head[first:]) else None


def _row_groups(opened: DrawnFile) -> list[int] | None:
    """Rows of each row group; None where they cannot be told."""
    try:
        with opened.opened() as stream:
            return parquet_group_rows(stream)
    except (InputError, OSError, BadRow):
        return None
