"""Pairs of a hash and a text in parts by the hash's highest bits, spilled where they are many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.places import open_named

__all__ = ["Parts"]

_BITS: Final = 6
_PARTS: Final = 1 << _BITS
_IN_MEMORY: Final = 32 << 20
"""Bytes that are held before any file is opened; a round figure, not tuned."""
_ONE_PART: Final = 1 << 20
"""Bytes that are sorted at once; a round figure, not tuned."""

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
    >>> parts.sort(lambda hashes, texts: np.stack([hashes, texts], axis=1)[np.argsort(hashes)])
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

    def add(self, hashes: NDArray[np.uint64], texts: NDArray[np.uint64]) -> None:
        """Take in some pairs."""
        self._held.append(np.stack([hashes, texts], axis=1))
        self._n_bytes += self._held[-1].nbytes
        if self._n_bytes > _IN_MEMORY:
            self._spill()

    def sort(self, entries: _Sort) -> int:
        """Once all is added: put each part in order; how many pairs there are then.

        Parameters
        ----------
        entries : callable
            Takes hashes and texts of a part and gives its pairs, shape (n, 2), in their order.
        """
        if self._is_spilled:
            self._spill()
            return sum(self._sorted_file(path, entries) for path in self._files())
        parts = self._held_parts() if self._n_bytes > _ONE_PART else self._whole()
        self._sorted = [entries(pairs[:, 0], pairs[:, 1]) for pairs in parts]
        self._held = []
        return sum(map(len, self._sorted))

    def pieces(self) -> Iterator[_Pairs]:
        """Parts that hold something, in the order of their hashes."""
        yield from map(_read, self._files()) if self._is_spilled else self._sorted

    def _files(self) -> Iterator[Path]:
        paths = (self._folder / f"{self._name}.{number}" for number in range(_PARTS))
        return (path for path in paths if path.exists())

    def _whole(self) -> Iterator[_Pairs]:
        pairs = np.concatenate([np.zeros((0, 2), np.uint64), *self._held])
        if len(pairs):
            yield pairs

    def _held_parts(self) -> Iterator[_Pairs]:
        return (pairs for _, pairs in self._divided())

    def _divided(self) -> Iterator[tuple[int, _Pairs]]:
        """What is held, by its part."""
        if not self._held:
            return
        pairs = np.concatenate(self._held)
        # Of bytes, numpy sorts by counting.
        part = (pairs[:, 0] >> np.uint64(self.bits - _BITS)).astype(np.uint8)
        order = np.argsort(part, kind="stable")
        ends = np.cumsum([0, *np.bincount(part, minlength=_PARTS).tolist()])
        pairs = np.take(pairs, order, axis=0)
        for number in range(_PARTS):
            if ends[number] < ends[number + 1]:
                yield number, pairs[ends[number] : ends[number + 1]]

    def _spill(self) -> None:
        for number, pairs in self._divided():
            with open_named(self._folder / f"{self._name}.{number}", "ab", self._told) as file:
                # Not by `tofile`, whose error on a full disk says neither what nor where.
                file.write(pairs.data)
        self._held, self._n_bytes, self._is_spilled = [], 0, True

    def _sorted_file(self, path: Path, entries: _Sort) -> int:
        pairs = _read(path)
        found = np.ascontiguousarray(entries(pairs[:, 0], pairs[:, 1]))
        with open_named(path, "wb", self._told) as file:
            file.write(found.data)
        return len(found)


def _read(path: Path) -> _Pairs:
    return np.fromfile(path, np.uint64).reshape(-1, 2)
