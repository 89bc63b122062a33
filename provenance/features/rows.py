"""Hashed counts of passages in row form, and what turns them into rows of length 1."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.spec import FAMILIES, FeatureSpec

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["FeatureRows", "family_factors", "log_counts", "sums_of_rows"]


_ROWS_AT_ONCE: Final = 2048
"""Rows whose entries are summed at once, as numbers of eight bytes. A round figure."""


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """Hashed counts of passages in row form (the arrays of a CSR matrix).

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_passages + 1,)
    indices : ndarray of uint32, shape (n_entries,)
    counts : ndarray of uint8, shape (n_entries,), saturating at 255
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def n_entries(self) -> int:
        return len(self.indices)

    def unpacked(self) -> FeatureRows:
        """The same rows, ready in memory."""
        return self

    def take(self, rows: NDArray[np.int64]) -> FeatureRows:
        """The given rows, in the given order."""
        from provenance.features.row_kernels import gathered

        return FeatureRows(*gathered(self.indptr, self.indices, self.counts, rows))

    def part(self, start: int, end: int) -> FeatureRows:
        """A copy of the rows from one to before another, of their own memory."""
        first, last = self.indptr[start], self.indptr[end]
        indptr = self.indptr[start : end + 1] - first
        return FeatureRows(indptr, self.indices[first:last].copy(), self.counts[first:last].copy())

    @classmethod
    def concatenate(cls, parts: Sequence[FeatureRows]) -> FeatureRows:
        """All rows of the parts, one part behind the other."""
        n_entries = sum(part.n_entries for part in parts)
        indices, counts = np.empty(n_entries, np.uint32), np.empty(n_entries, np.uint8)
        lengths, start = [np.zeros(1, np.int64)], 0
        for part in parts:
            whole = part.unpacked()
            place = slice(start, start + whole.n_entries)
            indices[place], counts[place] = whole.indices, whole.counts
            lengths.append(np.diff(whole.indptr))
            start = place.stop
        return cls(np.concatenate(lengths).cumsum().astype(np.int64), indices, counts)

    def sorted(self) -> FeatureRows:
        """The same rows with the indices of each in ascending order."""
        # An index and its count are one number: plain numbers sort ten times as fast as pairs.
        wide: Any = np.uint32 if int(self.indices.max(initial=0)) < 1 << 24 else np.uint64
        pairs = self.indices.astype(wide)
        pairs <<= wide(8)
        pairs |= self.counts
        for start, end in itertools.pairwise(self.indptr.tolist()):
            pairs[start:end].sort()
        counts = pairs.astype(np.uint8)
        pairs >>= wide(8)
        return FeatureRows(self.indptr, pairs.astype(np.uint32, copy=False), counts)

    def scales(self, spec: FeatureSpec, families: Sequence[str]) -> NDArray[np.float32]:
        """What each family's log counts are multiplied by so that a row has length 1.

        Returns
        -------
        ndarray of float32, shape (n_passages, n_families)
            Zero for a family that is left out.
        """
        from provenance.features.row_kernels import row_norms

        inverse: NDArray[np.float32] = row_norms(
            self.indptr, self.indices, log_counts(), self.counts, spec.family_bounds
        )
        return inverse * family_factors(families)

    def matrix(self, spec: FeatureSpec, families: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Rows of length 1 as a sparse matrix, shape (n_passages, n_features), float32."""
        import scipy.sparse

        scales, bounds = self.scales(spec, families), spec.family_bounds
        used = [number for number, family in enumerate(FAMILIES) if family in families]
        inside = np.zeros(len(self.indices), np.bool_)
        for number in used:
            inside |= _between(self.indices, bounds[number], bounds[number + 1])
        lengths = sums_of_rows(inside, self.indptr)
        indices, values = self.indices[inside], log_counts()[self.counts[inside]]
        # Entries are many millions: only numbers of four bytes are made for each of them.
        for number in used:
            own = _between(indices, bounds[number], bounds[number + 1])
            values[own] *= np.repeat(scales[:, number], lengths)[own]
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        shape = (len(self), spec.n_features)
        result = scipy.sparse.csr_matrix((values, indices.astype(np.int32), indptr), shape=shape)
        result.eliminate_zeros()
        return result


def _between(indices: NDArray[np.uint32], first: int, end: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (indices >= first) & (indices < end)
    return found


def sums_of_rows(chosen: NDArray[np.bool_], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many entries of each row are chosen.

    Examples
    --------
    >>> sums_of_rows(np.array([True, False, True]), np.array([0, 2, 2, 3])).tolist()
    [1, 0, 1]
    """
    found = np.zeros(len(indptr) - 1, np.int64)
    for first in range(0, len(found), _ROWS_AT_ONCE):
        ends = indptr[first : first + _ROWS_AT_ONCE + 1]
        filled = np.flatnonzero(np.diff(ends))
        if len(filled):
            counted = chosen[ends[0] : ends[-1]].view(np.uint8)
            sums = np.add.reduceat(counted, ends[filled] - ends[0], dtype=np.int64)
            found[first + filled] = sums
    return found


@lru_cache(maxsize=1)
def log_counts() -> NDArray[np.float32]:
    """``log(1 + count)`` for every count that a row can hold."""
    return np.log1p(np.arange(256)).astype(np.float32)


def family_factors(families: Sequence[str]) -> NDArray[np.float32]:
    """What families of unit length are multiplied by, so that those used together have it.

    Examples
    --------
    >>> family_factors(["words"]).tolist()
    [1.0, 0.0, 0.0]
    """
    used = np.array([family in families for family in FAMILIES])
    factors: NDArray[np.float32] = used.astype(np.float32) / np.float32(np.sqrt(used.sum()))
    return factors
