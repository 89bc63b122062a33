"""Hashed counts of passages in row form, and what turns them into rows of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.features.spec import FAMILIES, FeatureSpec

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["FeatureRows", "family_factors", "log_counts"]


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
        lengths = [np.diff(part.indptr) for part in parts]
        indptr = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum().astype(np.int64)
        return cls(
            indptr,
            np.concatenate([np.empty(0, np.uint32), *(part.indices for part in parts)]),
            np.concatenate([np.empty(0, np.uint8), *(part.counts for part in parts)]),
        )

    def sorted(self) -> FeatureRows:
        """The same rows with the indices of each in ascending order."""
        import scipy.sparse

        # Features are below 2 ** 31, see the bounds of a spec's bits.
        indices, counts = self.indices.astype(np.int32), self.counts.copy()
        shape = (len(self), int(indices.max(initial=0)) + 1)
        rows = scipy.sparse.csr_matrix((counts, indices, self.indptr), shape)
        rows.sort_indices()
        return FeatureRows(self.indptr, rows.indices.astype(np.uint32), rows.data)

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

        scales = self.scales(spec, families)
        lengths = np.diff(self.indptr)
        family = np.searchsorted(spec.family_bounds, self.indices, side="right") - 1
        row = np.repeat(np.arange(len(self)), lengths)
        values = log_counts()[self.counts] * scales[row, family]
        shape = (len(self), spec.n_features)
        result = scipy.sparse.csr_matrix(
            (values, self.indices.astype(np.int32), self.indptr), shape=shape
        )
        result.eliminate_zeros()
        return result


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
