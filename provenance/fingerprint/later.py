"""Feature rows of a file that are unpacked when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import FeatureRows

__all__ = ["LaterRows"]


class LaterRows(FeatureRows):
    """Rows of which only their number is known; a match against a cached panel asks no more.

    Parameters
    ----------
    n_rows : int
    n_entries : int or None
        None where that is not known either.
    unpack : callable
        Gives the rows; what is wrong with them is an error then.

    Examples
    --------
    >>> whole = FeatureRows(np.array([0, 1]), np.array([7], np.uint32), np.array([2], np.uint8))
    >>> later = LaterRows(1, 1, lambda: whole)
    >>> len(later), later.indices.tolist()
    (1, [7])
    """

    __slots__ = ("_held", "_n_entries", "_n_rows", "_unpack")
    _held: FeatureRows | None
    _n_entries: int | None
    _n_rows: int
    _unpack: Callable[[], FeatureRows]

    def __init__(
        self, n_rows: int, n_entries: int | None, unpack: Callable[[], FeatureRows]
    ) -> None:
        for name, value in (
            ("_n_rows", n_rows),
            ("_n_entries", n_entries),
            ("_unpack", unpack),
            ("_held", None),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return self._n_rows

    @property
    def n_entries(self) -> int:
        return len(self._kept().indices) if self._n_entries is None else self._n_entries

    def unpacked(self) -> FeatureRows:
        """The rows, not kept: who reads many files' rows once needs room for one at a time."""
        return self._unpack() if self._held is None else self._held

    @property
    def indptr(self) -> NDArray[np.int64]:
        return self._kept().indptr

    @property
    def indices(self) -> NDArray[np.uint32]:
        return self._kept().indices

    @property
    def counts(self) -> NDArray[np.uint8]:
        return self._kept().counts

    def _kept(self) -> FeatureRows:
        if self._held is None:
            object.__setattr__(self, "_held", self._unpack())
        assert self._held is not None
        return self._held

    def __reduce__(self) -> tuple[type[FeatureRows], tuple[NDArray[np.generic], ...]]:
        whole = self.unpacked()
        return FeatureRows, (whole.indptr, whole.indices, whole.counts)
