"""Files that rows are drawn from: read at any place, counted, and hashed by what was drawn."""

from __future__ import annotations

import hashlib
import io
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from provenance.corpus.document import BadRow, Row
from provenance.corpus.lost import ChangedFile, LostFile, LostTail
from provenance.corpus.places.inputs import CHANGED, FileInput, OpenedFile
from provenance.errors import InputError

__all__ = ["DrawnFile", "DrawnRow", "by_file"]

_BUFFER: Final = 512
"""Bytes read at once at least: a disk gives no less at a time."""


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
                yield io.BufferedReader(raw, _BUFFER)
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


def by_file(numbers: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Ascending numbers over all files, as numbers within each."""
    found: dict[int, list[int]] = {}
    for number in numbers:
        file = bisect_right(ends, number)
        found.setdefault(file, []).append(number - (ends[file - 1] if file else 0))
    for file, within in found.items():
        yield within, file
