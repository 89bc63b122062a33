"""Files that were found whole before: their header is read, and each array when it is looked at.

A match against a cached panel looks at few arrays, and unpacking all to hold them against their
hash would be most of opening a file. So the bytes are hashed as they lie there. Where these very
bytes were unpacked and found whole before, they are so still.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.files import archive
from provenance.files.archive import LARGEST, Broken, joined
from provenance.files.aside import write_aside
from provenance.fingerprint.file import (
    FREQUENCIES,
    KIND,
    ROWS,
    Numbers,
    fields_of,
    frequencies_of,
    rows_of,
    sample_of,
    table_of,
    told_of,
    whole_of,
)
from provenance.fingerprint.later import LaterRows
from provenance.fingerprint.sample import DOCUMENT_COLUMNS

__all__ = ["LATER", "CheckedFiles", "LaterFields", "opened_fields"]

LATER: Final = ("sums", "squares", "lengths", "frequency", "sample")
"""Fields that are read when they are looked at."""
_OF_SAMPLE: Final = (*DOCUMENT_COLUMNS, "n_passages", "passage_tokens", "statistics")
_MOST_NOTED: Final = 10_000
"""Files that are remembered, in 650 kB; half of them are kept then. A round figure, not tuned."""
_LINE: Final = re.compile("[0-9a-f]{64}")


class CheckedFiles:
    """Files whose arrays were held against their hash, by the SHA-256 of their bytes.

    They stand in a text file, a line each. Whoever may write there may write fitted panels beside
    it too; what is read of a file's arrays is looked at for bounds in any case.

    Parameters
    ----------
    folder : path
        Of the cache.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> CheckedFiles(place).add("ab" * 32)
    >>> "ab" * 32 in CheckedFiles(place), "cd" * 32 in CheckedFiles(place)
    (True, False)
    """

    def __init__(self, folder: Path) -> None:
        version = hashlib.sha256(KIND.schema.encode()).hexdigest()[:8]
        self._path = folder / f"whole-fingerprints-{version}.txt"
        self._known: dict[str, None] | None = None

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._noted()

    def add(self, sha256: str) -> None:
        """Note one; where nothing can be written, it is looked at again the next time."""
        noted = self._noted()
        if sha256 in noted:
            return
        noted[sha256] = None
        with suppress(OSError, InputError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and not self._path.is_file():
                return
            if len(noted) > _MOST_NOTED:
                kept = [*noted][-_MOST_NOTED // 2 :]
                write_aside(self._path, "".join(f"{one}\n" for one in kept).encode())
            else:
                with self._path.open("a", encoding="ascii") as file:
                    file.write(f"{sha256}\n")

    def _noted(self) -> dict[str, None]:
        if self._known is None:
            lines: list[str] = []
            with suppress(OSError):
                if self._path.is_file():  # whoever opens a pipe waits for ever
                    with self._path.open(encoding="ascii", errors="replace") as file:
                        lines = file.read(2 * _MOST_NOTED * 65).split("\n")
            self._known = dict.fromkeys(line for line in lines if _LINE.fullmatch(line))
        return self._known


def opened_fields(
    path: str | os.PathLike[str], checked: CheckedFiles
) -> tuple[dict[str, Any], str]:
    """The fields of a file and the hash of its arrays, feature rows to be read later.

    Of a file that was found whole before `LaterFields` stand under ``later`` in place of arrays;
    any other is read as `read_fields` does, and noted.

    Parameters
    ----------
    path : path
    checked : CheckedFiles

    Raises
    ------
    InputError
        As `read_fields`.
    """
    with archive.explained(path, KIND), open(path, "rb") as file:
        was, sha256 = _told(file), _sha256(file)
        if sha256 not in checked:
            found = fields_of(file, path, rows_later=True)
            checked.add(sha256)
            return found
        header, _ = archive.planes_of(file, KIND, ())
        told = told_of(header)
        later = LaterFields(path, was, told["spec"])
        return {**told, "later": later}, str(header["sha256"])
    raise AssertionError("unreachable")


@dataclass(frozen=True, slots=True)
class LaterFields:
    """The arrays of a file that was found whole, each read when it is first looked at.

    Parameters
    ----------
    path : path
    was : tuple of int
        What the system told of the file when its bytes were hashed: where it tells another thing
        by then, the file is refused.
    spec : FeatureSpec
    """

    path: str | os.PathLike[str]
    was: tuple[int, ...]
    spec: FeatureSpec

    def value(self, name: str) -> Any:
        """A field of `LATER`.

        Raises
        ------
        InputError
            Where the file is gone, or another one.
        """
        with archive.explained(self.path, KIND):
            if name == "frequency":
                return table_of(*self._frequencies(), self.spec)
            if name == "sample":
                return sample_of(self._numbers(_OF_SAMPLE), self._rows_later)
            return whole_of(name, self._numbers((name,)))
        raise AssertionError("unreachable")

    def counts_at(self, slots: NDArray[np.int64]) -> NDArray[np.uint32]:
        """What the frequency table holds at some slots: few stand in the file, and many are made.

        Raises
        ------
        InputError
            Where the file is gone, or another one.
        """
        with archive.explained(self.path, KIND):
            known, counts = self._frequencies()
            asked = np.zeros(1 << self.spec.frequency_bits, np.bool_)
            asked[slots] = True
            kept = np.flatnonzero(asked[known])
            kept = kept[np.argsort(known[kept])]
            known, counts = np.append(known[kept], -1), np.append(counts[kept], 0)
            place = np.searchsorted(known[:-1], slots)
            return np.where(known[place] == slots, counts[place], 0).astype(np.uint32)
        raise AssertionError("unreachable")

    def _frequencies(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return frequencies_of(self._numbers(FREQUENCIES), self.spec)

    def _rows_later(self, n_rows: int) -> FeatureRows:
        return LaterRows(n_rows, None, partial(self._rows, n_rows))

    def _rows(self, n_rows: int) -> FeatureRows:
        with archive.explained(self.path, KIND):
            return rows_of(self._numbers(ROWS), n_rows, self.spec.n_features)
        raise AssertionError("unreachable")

    def _numbers(self, names: Collection[str]) -> Numbers:
        with open(self.path, "rb") as file:
            if _told(file) != self.was:
                raise Broken("the file was changed while it was in use")
            planes = archive.planes_of(file, KIND, names)[1]
        return {name: joined(name, planes.pop(name)) for name in [*planes]}


def _told(file: IO[bytes]) -> tuple[int, ...]:
    """What changes with a file, as its system tells it."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _sha256(file: IO[bytes]) -> str:
    """Of the bytes of a file that is not too long for one, and is one."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not 0 < size <= LARGEST:
        return ""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
