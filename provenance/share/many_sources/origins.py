"""The rows behind moments, origin by origin: their sums, and what each component adds to a mean.

What hangs on the rows alone is counted once for all functions of them. Of a mixture only the
origins that have a share are gone through: most have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.clusters import effective_number

__all__ = ["Influence", "Origins", "mixed"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Origins:
    """What rows are of, in the order of their origins and, of one origin, of their components.

    Parameters
    ----------
    origin : ndarray of int64, shape (n_rows,)
        Ascending: a source, or a stand-in for an unknown one.
    weight : ndarray, shape (n_rows,)
        Weights of one origin add up to 1.
    component : ndarray of int64, shape (n_rows,)
        Ascending within an origin; rows of one component are not independent.
    n_origins : int
    asked : ndarray of bool, shape (n_rows,), optional
        Which rows answer the corpus's own prompts.
    """

    origin: Numbers
    weight: Floats
    component: Numbers
    n_origins: int
    asked: NDArray[np.bool_] | None = None

    @classmethod
    def ordered(
        cls,
        origin: Numbers,
        weight: Floats,
        component: Numbers,
        n_origins: int,
        asked: NDArray[np.bool_] | None = None,
    ) -> tuple[Origins, Numbers]:
        """Rows in any order, and which of them stands at each place.

        Examples
        --------
        >>> names, weight = np.array([1, 0, 1]), np.array([0.5, 1.0, 0.5])
        >>> found, order = Origins.ordered(names, weight, np.array([8, 8, 7]), 2)
        >>> order.tolist(), found.component.tolist()
        ([1, 2, 0], [8, 7, 8])
        """
        order = np.lexsort((component, origin))
        of_order = None if asked is None else asked[order]
        return cls(origin[order], weight[order], component[order], n_origins, of_order), order

    def taken(self, rows: Numbers, first: int, n_origins: int) -> Origins:
        """All rows, and some of them again behind these, their origins counted from ``first``."""
        asked = self.asked
        return Origins(
            np.concatenate([self.origin, first + self.origin[rows]]),
            np.concatenate([self.weight, self.weight[rows]]),
            np.concatenate([self.component, self.component[rows]]),
            n_origins,
            None if asked is None else np.concatenate([asked, asked[rows]]),
        )

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Where the rows of each origin begin and end."""
        return [
            *pairwise(np.searchsorted(self.origin, np.arange(self.n_origins + 1)).tolist()),
        ]

    @cached_property
    def root(self) -> Floats:
        """Square root of each row's weight."""
        return np.asarray(np.sqrt(self.weight))

    @cached_property
    def present(self) -> Numbers:
        """Origins that have rows."""
        return np.unique(self.origin)

    @cached_property
    def number(self) -> Numbers:
        """Number of each row's component, from 0."""
        return np.asarray(np.unique(self.component, return_inverse=True)[1], np.int64)

    @cached_property
    def n_components(self) -> int:
        return int(self.number.max(initial=-1)) + 1

    @cached_property
    def effective(self) -> Floats:
        """Effective number of components of each origin, at least 1, shape (n_origins,)."""
        return np.array(
            [
                max(1.0, effective_number(self.weight[first:last], self.number[first:last]))
                if last > first
                else 1.0
                for first, last in self.places
            ]
        )

    def sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Mean of each column of values under each origin, and mean products of the columns.

        Returns
        -------
        means : ndarray of float64, shape (n_moments, n_origins)
        squares : ndarray of float64, shape (n_origins, n_moments, n_moments)
        """
        n_moments = values.shape[1]
        means = np.zeros((n_moments, self.n_origins))
        squares = np.zeros((self.n_origins, n_moments, n_moments))
        for number, (first, last) in enumerate(self.places):
            if last > first:
                means[:, number] = self.weight[first:last] @ values[first:last]
                own = values[first:last] * self.root[first:last, None]
                # Of an array with itself half of the products are taken.
                np.matmul(own.T, own, out=squares[number])
        return means, squares

    def apart(self, values: Floats) -> Floats:
        """What each origin's mean is off by if its answers to the corpus's prompts alone are right.

        0 where all of its rows answer them, or none does.

        Returns
        -------
        ndarray of float64, shape (n_origins, n_moments)

        Examples
        --------
        >>> rows = np.array([[1.0], [3.0], [3.0]]), np.full(3, 1 / 3), np.arange(3)
        >>> origin, asked = np.zeros(3, np.int64), np.array([True, False, False])
        >>> Origins(origin, rows[1], rows[2], 1, asked).apart(rows[0]).round(3).tolist()
        [[-1.333]]
        """
        found = np.zeros((self.n_origins, values.shape[1]))
        if self.asked is None:
            return found
        for number, (first, last) in enumerate(self.places):
            asked, weight = self.asked[first:last], self.weight[first:last]
            if asked.any() and not asked.all():
                part = weight[asked] / weight[asked].sum()
                found[number] = part @ values[first:last][asked] - weight @ values[first:last]
        return found


@dataclass(frozen=True)
class Influence:
    """What each component adds to the mean of each column of values under each origin.

    Parameters
    ----------
    origins : Origins
    values : ndarray, shape (n_rows, n_moments)
        In the order of the origins.
    means : ndarray, shape (n_moments, n_origins)
    """

    origins: Origins
    values: Floats
    means: Floats

    def of_mixture(self, shares: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Which components add to the mean of a mixture, and what, (n_used, n_moments)."""
        rows, used = self.origins, np.flatnonzero(shares)
        adds = np.zeros(rows.n_components, np.bool_)
        for one in used.tolist():
            first, last = rows.places[one]
            adds[rows.number[first:last]] = True
        place = np.cumsum(adds) - 1
        total = np.zeros((int(adds.sum()), self.values.shape[1]))
        self._add(used, shares, place, total)
        return adds, total

    def beside(self, shares: Floats, origins: Numbers) -> Iterator[Floats]:
        """Sum over components of what they add to an origin's mean, times that to a mixture's."""
        rows, whole = self.origins, np.zeros((self.origins.n_components, self.values.shape[1]))
        self._add(np.flatnonzero(shares), shares, np.arange(len(whole)), whole)
        for one in origins.tolist():
            first, last = rows.places[one]
            added = self.values[first:last] - self.means[:, one]
            added *= rows.weight[first:last, None]
            yield added.T @ whole[rows.number[first:last]]

    def _add(self, used: Numbers, shares: Floats, place: Numbers, total: Floats) -> None:
        from provenance.share.many_sources.kernels import add_influence

        rows = self.origins
        means = np.ascontiguousarray(self.means[:, used].T)
        starts = np.array([rows.places[one] for one in used.tolist()], np.int64).reshape(-1, 2)
        add_influence(
            self.values, means, rows.weight, place[rows.number], starts, shares[used], total
        )


def mixed(shares: Floats, parts: Floats) -> Floats:
    """Sum of the arrays along the first axis, each times its share: ``np.tensordot``, but swift.

    Examples
    --------
    >>> mixed(np.array([0.5, 0.0, 0.5]), np.arange(6.0).reshape(3, 2)).tolist()
    [2.0, 3.0]
    """
    used = np.flatnonzero(shares)
    if 0 < 2 * len(used) < len(shares):
        shares, parts = shares[used], parts[used]
    found: Floats = (shares @ parts.reshape(len(shares), -1)).reshape(parts.shape[1:])
    return found
