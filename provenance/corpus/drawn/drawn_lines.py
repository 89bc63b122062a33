"""Rows of files of lines, drawn by stretches at random places.

A row begins in exactly one of the stretches that a file is cut into, and stretches are drawn alike:
neither its own length nor that of the line before it counts. What the stretches give is more than
is asked for, and of that rows are drawn one by one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import Any, Final

from provenance.corpus.document import BadRow, Row
from provenance.corpus.drawn.drawn_files import DrawnFile, DrawnRow, by_file
from provenance.corpus.formats.at_offsets import ByteOffset, lines_within
from provenance.corpus.formats.by_name import line_rows
from provenance.corpus.formats.jsonsplit import is_lines
from provenance.corpus.places.inputs import FileInput
from provenance.errors import InputError

__all__ = ["Lines", "first_line"]

_PILOT: Final = 64
"""Stretches that tell how long a line is; a round figure: the length need only be about right."""
_PILOT_BYTES: Final = 2**16
_SHORTEST: Final = 512
"""Bytes of a stretch at least: a disk gives no less at a time."""
_SPARE: Final = 1.25
"""Rows gathered for each that is drawn, so that a second round is rare; not tuned."""
_HEAD: Final = 2**20


@dataclass(slots=True)
class Lines:
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
        for at, file in by_file(picks, ends):
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
        for numbers, file in by_file(stretches, self.ends):
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


def first_line(opened: DrawnFile) -> int | None:
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
