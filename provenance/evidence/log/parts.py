"""Pairs of a hash and a text, and tables of answers, in parts by the hash's highest bits.

Both are spilled where they are many, and come back one part in memory at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.places import open_named

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Parts", "TableParts"]

_BITS: Final = 6
_PARTS: Final = 1 << _BITS
_IN_MEMORY: Final = 32 << 20
"""Bytes that are held before any file is opened; a round figure, not tuned."""
_ONE_PART: Final = 1 << 20
"""Bytes that are sorted at once; a round figure, not tuned."""
_MOST_OF_A_FILE: Final = 8 << 20
"""The same of what was spilled: a larger file is split; a round figure, not tuned."""

_WHOLE: Final = -1
"""In place of the number of a split, for a part that was not split."""

_Pairs = NDArray[np.uint64]
_Sort = Callable[[_Pairs, _Pairs], _Pairs]


class Parts:
    """Takes pairs in any order and gives them back sorted, one part in memory at a time.

    Parameters
    ----------
    folder : Path
        For what is spilled.
    name : str
        Begins the names of its files.
    bits : int
        Of a hash.
    told : path
        What a write that fails is told of: the file that all this is for.

    Examples
    --------
    >>> import tempfile
    >>> parts = Parts(Path(tempfile.mkdtemp()), "a", 64, "an index")
    >>> parts.add(np.array([1 << 63, 7], np.uint64), np.array([1, 2], np.uint64))
    >>> def pairs(hashes, texts):
    ...     return np.stack([hashes, texts], axis=1)[np.argsort(hashes)]
    >>> parts.sort(pairs, pairs)
    2
    >>> [piece.tolist() for piece in parts.pieces()]
    [[[7, 2], [9223372036854775808, 1]]]
    """

    def __init__(self, folder: Path, name: str, bits: int, told: str | os.PathLike[str]) -> None:
        self.bits = bits
        self._folder, self._name, self._told = folder, name, told
        self._held: list[_Pairs] = []
        self._n_bytes = 0
        self._is_spilled = False
        self._sorted: list[_Pairs] = []
        self._written: set[tuple[int, int]] = set()

    def add(self, hashes: NDArray[np.uint64], texts: NDArray[np.uint64]) -> None:
        """Take in some pairs."""
        self._held.append(np.stack([hashes, texts], axis=1))
        self._n_bytes += self._held[-1].nbytes
        if self._n_bytes > _IN_MEMORY:
            self._spill()

    def sort(self, entries: _Sort, again: _Sort) -> int:
        """Once all is added: put each part in order; how many pairs there are then.

        Parameters
        ----------
        entries : callable
            Takes hashes and texts of a part and gives its pairs, shape (n, 2), in their order.
        again : callable
            Takes what `entries` gave of several pieces of a part and gives what it would have
            given of them all: a hash that many texts hold fills a file that no bits divide.
        """
        if self._is_spilled:
            self._spill()
            for number, _ in sorted(self._written):
                if self._path(number).stat().st_size > _MOST_OF_A_FILE:
                    self._split(number)
            return sum(self._sorted_file(path, entries, again) for path in self._files())
        parts = self._held_parts() if self._n_bytes > _ONE_PART else self._whole()
        self._sorted = [entries(pairs[:, 0], pairs[:, 1]) for pairs in parts]
        self._held = []
        return sum(map(len, self._sorted))

    def pieces(self) -> Iterator[_Pairs]:
        """Parts that hold something, in the order of their hashes."""
        yield from map(_read, self._files()) if self._is_spilled else self._sorted

    def _files(self) -> list[Path]:
        """In the order of their hashes: a part, or what it was split into."""
        return [self._path(number, split) for number, split in sorted(self._written)]

    def _path(self, number: int, split: int = _WHOLE) -> Path:
        more = "" if split == _WHOLE else f".{split}"
        return self._folder / f"{self._name}.{number}{more}"

    def _whole(self) -> Iterator[_Pairs]:
        pairs = np.concatenate([np.zeros((0, 2), np.uint64), *self._held])
        if len(pairs):
            yield pairs

    def _held_parts(self) -> Iterator[_Pairs]:
        return (pairs for _, pairs in self._divided())

    def _divided(self) -> Iterator[tuple[int, _Pairs]]:
        """What is held, by its part."""
        if self._held:
            yield from _by_bits(np.concatenate(self._held), self.bits - _BITS)

    def _spill(self) -> None:
        for number, pairs in self._divided():
            self._append(pairs, number)
        self._held, self._n_bytes, self._is_spilled = [], 0, True

    def _append(self, pairs: _Pairs, number: int, split: int = _WHOLE) -> None:
        self._written.add((number, split))
        with open_named(self._path(number, split), "ab", self._told) as file:
            # Not by `tofile`, whose error on a full disk says neither what nor where.
            file.write(pairs.data)

    def _split(self, number: int) -> None:
        """A part that is too large to be sorted at once, by the next bits of its hashes."""
        path = self._path(number)
        with path.open("rb") as file:
            while len(numbers := np.fromfile(file, np.uint64, _IN_MEMORY // 8 & ~1)):
                for split, pairs in _by_bits(numbers.reshape(-1, 2), self.bits - 2 * _BITS):
                    self._append(pairs, number, split)
        path.unlink()
        self._written.discard((number, _WHOLE))

    def _sorted_file(self, path: Path, entries: _Sort, again: _Sort) -> int:
        found = np.zeros((0, 2), np.uint64)
        for at, pairs in enumerate(_pieces(path)):
            more = entries(pairs[:, 0], pairs[:, 1])
            if at:
                found = np.concatenate([found, more])
                found = again(found[:, 0], found[:, 1])
            else:
                found = more
        found = np.ascontiguousarray(found)
        with open_named(path, "wb", self._told) as file:
            file.write(found.data)
        return len(found)


class TableParts:
    """Takes tables in any order and gives them back in parts by the hash in their column ``text``.

    Parameters
    ----------
    folder, name, told
        As for `Parts`.

    Examples
    --------
    >>> import pyarrow as pa, tempfile
    >>> parts = TableParts(Path(tempfile.mkdtemp()), "a", "an index")
    >>> parts.add(pa.table({"text": np.array([1 << 63, 7], np.uint64)}))
    >>> [table.to_pydict() for table in parts.tables()]
    [{'text': [9223372036854775808, 7]}]
    """

    def __init__(self, folder: Path, name: str, told: str | os.PathLike[str]) -> None:
        self._folder, self._name, self._told = folder, name, told
        self._held: list[pa.Table] = []
        self._n_bytes = 0
        self._is_spilled = False

    def add(self, table: pa.Table) -> None:
        """Take in a table; all have the same columns."""
        self._held.append(table)
        self._n_bytes += table.nbytes
        if self._n_bytes > _IN_MEMORY:
            self._spill()

    def tables(self) -> Iterator[pa.Table]:
        """What was added, the parts with the smallest hashes first; each may hold any order."""
        import pyarrow as pa

        if not self._is_spilled:
            if self._held:
                yield pa.concat_tables(self._held)
            return
        if self._held:
            self._spill()
        for path in self._paths():
            if path.exists():
                yield pa.concat_tables(_stored(path))

    def replace(self, tables: Iterator[pa.Table]) -> None:
        """Hold other tables, of the same parts: what is made of `tables`, one by one."""
        if not self._is_spilled:
            self._held = [*tables]
            return
        for table in tables:
            part = int(table["text"][0].as_py()) >> (64 - _BITS)
            path = self._paths()[part]
            path.unlink()
            self._append(path, table)

    def _paths(self) -> list[Path]:
        return [self._folder / f"{self._name}.{number}" for number in range(_PARTS)]

    def _spill(self) -> None:
        import pyarrow as pa

        table = pa.concat_tables(self._held).combine_chunks()
        part = table["text"].to_numpy() >> np.uint64(64 - _BITS)
        for number, path in enumerate(self._paths()):
            rows = np.flatnonzero(part == number)
            if len(rows):
                self._append(path, table.take(pa.array(rows)))
        self._held, self._n_bytes, self._is_spilled = [], 0, True

    def _append(self, path: Path, table: pa.Table) -> None:
        import pyarrow as pa

        with (
            open_named(path, "ab", self._told) as file,
            pa.ipc.new_stream(file, table.schema) as writer,
        ):
            writer.write_table(table)


def _stored(path: Path) -> list[pa.Table]:
    """Tables that stand one behind the other in a file."""
    import pyarrow as pa

    found = []
    with path.open("rb") as file:
        while file.peek(1):
            found.append(pa.ipc.open_stream(file).read_all())
    return found


def _by_bits(pairs: _Pairs, shift: int) -> Iterator[tuple[int, _Pairs]]:
    """Pairs by the bits of their hashes from `shift` on, as many as number the parts."""
    # Of bytes, numpy sorts by counting.
    part = ((pairs[:, 0] >> np.uint64(shift)) & np.uint64(_PARTS - 1)).astype(np.uint8)
    order = np.argsort(part, kind="stable")
    ends = np.cumsum([0, *np.bincount(part, minlength=_PARTS).tolist()])
    pairs = np.take(pairs, order, axis=0)
    for number in range(_PARTS):
        if ends[number] < ends[number + 1]:
            yield number, pairs[ends[number] : ends[number + 1]]


def _pieces(path: Path) -> Iterator[_Pairs]:
    """Pairs of a file, so many at once as are sorted at once."""
    with path.open("rb") as file:
        while len(numbers := np.fromfile(file, np.uint64, _MOST_OF_A_FILE // 8)):
            yield numbers.reshape(-1, 2)


def _read(path: Path) -> _Pairs:
    return np.fromfile(path, np.uint64).reshape(-1, 2)
