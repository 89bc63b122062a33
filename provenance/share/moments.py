"""Shares of many sources from means of scores: generalised moments with a profile interval.

A score function of the fitted mixture has a mean under every source, read off its held-out rows,
and a mean in the corpus. The shares are the mixture of the first that gives the second (Hansen
1982). Nothing is assumed of the scores: where they are badly calibrated the estimate gets wide,
not wrong. The uncertainty of a source's siblings is inside its interval, because their shares are
free while its own is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.scored import relative_likelihoods
from provenance.statistics.clusters import effective_number
from provenance.statistics.intervals import chi_square_tail

__all__ = ["Moments", "on_simplex", "score_functions"]

_TRACE: Final = 0.1
"""Share that every source keeps in the mixture whose score functions are used, so that none is
above 10 times the number of sources. A round figure, not tuned."""
_RELATIVE_NOISE: Final = 2e-3
"""Part of each moment's variance that is added to it: near-collinear moments stay apart. A round
figure, not tuned."""
_LARGEST_TABLE: Final = 2e7
"""Numbers in a table that is kept, 160 MB; a larger one is summed anew. A round figure."""
_STEPS: Final = 30
"""Steps of the search of an edge at most. A round figure."""
_NEAR: Final = 0.01
"""Part of an interval's half width that its end may fall short by. A round figure, not tuned."""

Floats = NDArray[np.float64]


def score_functions(log_posterior: NDArray[np.float32], shares: Floats) -> Floats:
    """Likelihood of each source over that of the mixture, shape (n_passages, n_sources).

    They are the derivatives of the mixture's log likelihood, the best functions to take means of
    where the ratios are right.

    Examples
    --------
    >>> score_functions(np.log([[0.5, 0.5]]).astype(np.float32), np.array([0.5, 0.5])).round(2)
    array([[1., 1.]])
    """
    n_sources = len(shares)
    kept = (1 - _TRACE) * shares + _TRACE / n_sources
    ratio = relative_likelihoods(log_posterior)
    result: Floats = ratio / (ratio @ kept)[:, None]
    return result


@dataclass(frozen=True)
class Moments:
    """Means of functions of the scores, in the corpus and under each possible origin.

    Parameters
    ----------
    observed : ndarray, shape (n_moments,)
        Means over the corpus.
    n_effective : float
        Independent documents that the corpus is worth.
    values : ndarray, shape (n_rows, n_moments)
        The functions on the rows of the references, rows of one component side by side.
    origin : ndarray of int64, shape (n_rows,)
        What each row is of: a source, or a stand-in for an unknown one.
    weight : ndarray, shape (n_rows,)
        Weights of one origin add up to 1.
    component : ndarray of int64, shape (n_rows,)
        Ascending; rows of one component are not independent.
    n_origins : int
    drift : ndarray, shape (n_moments,)
        Standard deviation that samples of one kind differ by, as a direction.
    unread : float
        Part of the corpus that was not read; see `Passages`.
    stand_ins : ndarray of bool, shape (n_origins,), optional
        Origins whose share costs something, together.
    cost : float
        What a share u of theirs adds to the distance is cost · u + u².
    """

    observed: Floats
    n_effective: float
    values: Floats
    origin: NDArray[np.int64]
    weight: Floats
    component: NDArray[np.int64]
    n_origins: int
    drift: Floats
    unread: float = 0.0
    stand_ins: NDArray[np.bool_] | None = None
    cost: float = 0.0

    @classmethod
    def build(
        cls,
        observed: Floats,
        n_effective: float,
        values: Floats,
        origin: NDArray[np.int64],
        weight: Floats,
        component: NDArray[np.int64],
        n_origins: int,
        unread: float = 0.0,
    ) -> Moments:
        """Bring the rows into the order of their components."""
        order = np.argsort(component, kind="stable")
        return cls(
            observed,
            n_effective,
            values[order],
            origin[order],
            weight[order],
            component[order],
            n_origins,
            np.zeros(values.shape[1]),
            unread,
        )

    def with_drift(self, drift: Floats) -> Moments:
        """The same with drift along a direction, of shape (n_moments,)."""
        return replace(self, drift=drift)

    def with_cost(self, stand_ins: NDArray[np.bool_], cost: float) -> Moments:
        """The same where the share of some origins adds to the distance; see `cost`."""
        found = replace(self, stand_ins=stand_ins, cost=cost)
        return self._lending(found)

    def seeing(self, observed: Floats) -> Moments:
        """The same of a corpus with other means, of shape (n_moments,)."""
        return self._lending(replace(self, observed=observed))

    def _lending(self, found: Moments) -> Moments:
        # What hangs on the references alone is not counted again.
        for name in ("means", "_within", "_rows", "_lacking", "_influence", "_table"):
            found.__dict__[name] = getattr(self, name)
        return found

    @cached_property
    def means(self) -> Floats:
        """Mean of each moment under each origin, shape (n_moments, n_origins)."""
        means = [weight @ values for values, weight in self._of_origins(self.values, self.weight)]
        return np.stack(means, axis=1)

    @cached_property
    def _places(self) -> tuple[NDArray[np.intp], list[tuple[int, int]]]:
        """Rows in the order of their origins, and where those of each begin and end there."""
        order = np.argsort(self.origin, kind="stable")
        ends = np.searchsorted(self.origin[order], np.arange(self.n_origins + 1))
        return order, [*pairwise(ends.tolist())]

    def _of_origins(self, *columns: Floats) -> Iterator[tuple[Floats, ...]]:
        """Some columns of the rows of each origin."""
        order, places = self._places
        ordered = [column[order] for column in columns]
        return (tuple(column[first:last] for column in ordered) for first, last in places)

    @cached_property
    def _number(self) -> NDArray[np.int64]:
        """Number of each row's component, from 0."""
        return np.asarray(np.cumsum(np.diff(self.component, prepend=self.component[:1]) != 0))

    @cached_property
    def _squares(self) -> Floats:
        """Mean products of the moments under each origin, (n_origins, n_moments, n_moments)."""
        of_origins = self._of_origins(self.values, self.weight)
        return np.stack([(values * weight[:, None]).T @ values for values, weight in of_origins])

    @cached_property
    def _within(self) -> Floats:
        """Covariance of the moments under each origin, (n_origins, n_moments, n_moments).

        One row of each origin is one that its sample happens to lack; see `_lacking`.
        """
        lacked = 1 / self._rows[:, None, None]
        sampled = self._squares - self.means.T[:, :, None] * self.means.T[:, None]
        return np.asarray(sampled * (1 - lacked) + self._lacking * lacked)

    @cached_property
    def _rows(self) -> Floats:
        """Effective number of components of each origin, at least 1, shape (n_origins,)."""
        order, places = self._places
        rows = [order[first:last] for first, last in places]
        return np.array(
            [
                max(1.0, effective_number(self.weight[own], self.component[own]))
                if len(own)
                else 1.0
                for own in rows
            ]
        )

    @cached_property
    def _lacking(self) -> Floats:
        """Spread about each origin's means of a row such as any origin has, equally likely.

        A sample in which nothing looks as another source's text does not show that nothing does:
        without it a corpus that one source wrote alone, learnt from 40 to 140 rows, was a hundred
        times as far from that source's means as chance allows. It is to moments what the row
        added to each bin is to densities.
        """
        present = np.unique(self.origin)
        squares, middle = self._squares[present].mean(axis=0), self.means[:, present].mean(axis=1)
        crossed = self.means.T[:, :, None] * middle
        return np.asarray(
            squares
            - crossed
            - crossed.transpose(0, 2, 1)
            + self.means.T[:, :, None] * self.means.T[:, None]
        )

    @cached_property
    def _influence(self) -> Floats:
        deviations: Floats = (self.values - self.means.T[self.origin]) * self.weight[:, None]
        return deviations

    @cached_property
    def _table(self) -> Floats | None:
        """Influence by origin and component, (n_origins, n_components, n_moments); if it is small.

        Components are few where all sources answer the same prompts, and most covariances are
        asked for there. Origins come first, so that a mixture of them copies nothing.
        """
        shape = (self.n_origins, int(self._number[-1]) + 1, self.values.shape[1])
        if np.prod(shape, dtype=np.float64) > _LARGEST_TABLE:
            return None
        place = self.origin * shape[1] + self._number
        order = np.argsort(place, kind="stable")
        first = np.flatnonzero(np.diff(place[order], prepend=-1))
        table = np.zeros((shape[0] * shape[1], shape[2]))
        table[place[order][first]] = np.add.reduceat(self._influence[order], first, axis=0)
        return table.reshape(shape)

    def _by_component(self, shares: Floats) -> Floats:
        """Influence of each component on the means of a mixture, (n_components, n_moments)."""
        if self._table is not None:
            return _mixed(shares, self._table)
        used = np.flatnonzero(shares[self.origin] > 0)
        rows = self._influence[used] * shares[self.origin[used], None]
        first = np.flatnonzero(np.diff(self.component[used], prepend=-1))
        return np.asarray(np.add.reduceat(rows, first, axis=0))

    def covariance(self, shares: Floats) -> Floats:
        """Of what the corpus's means differ by from those of a mixture with these shares.

        The corpus's sampling, that of the references by component and by the row that each may
        lack, drift. Of a corpus that was
        read whole, how many documents each origin has is no accident: only what these documents
        happen to say is. Of a sample it is one, as far as the rest was not read (the finite
        population correction, Cochran 1977, section 2.6).
        """
        sampling = _mixed(shares, self._within)
        if self.unread:
            mixture = self.means @ shares
            between = (self.means * shares) @ self.means.T - np.outer(mixture, mixture)
            sampling += self.unread * between
        by_component = self._by_component(shares)
        found = sampling / self.n_effective + by_component.T @ by_component
        found += _mixed((shares / self._rows) ** 2, self._lacking)
        found += np.outer(self.drift, self.drift)
        diagonal = np.einsum("ii->i", found)  # a view
        diagonal *= 1 + _RELATIVE_NOISE
        diagonal += 1e-12
        return np.asarray(found)

    def error_covariances(self, shares: Floats) -> Floats:
        """Of each origin's means with those of a mixture, by the errors of the samples.

        Parameters
        ----------
        shares : ndarray, shape (n_origins,)

        Returns
        -------
        ndarray of float64, shape (n_origins, n_moments, n_moments)
            Of moment i of the origin with moment j of the mixture.
        """
        mixed = self._influence * shares[self.origin, None]
        first = np.flatnonzero(np.diff(self.component, prepend=-1))
        of_row = np.add.reduceat(mixed, first, axis=0)[self._number]
        of_origins = self._of_origins(self._influence, of_row)
        return np.stack([own.T @ beside for own, beside in of_origins])

    def solve(
        self,
        covariance: Floats,
        origins: NDArray[np.int64],
        fixed: tuple[NDArray[np.int64], float] | None = None,
    ) -> tuple[Floats, float]:
        """Shares of the given origins that come nearest, and how far they stay away, cost included.

        Parameters
        ----------
        covariance : ndarray, shape (n_moments, n_moments)
        origins : ndarray of int64
            Those that may have a share.
        fixed : tuple of ndarray of int64 and float, optional
            Some of them and the share that they must have together.
        """
        return self._nearest(self._whitened(covariance, origins), origins, fixed)

    def _nearest(
        self,
        sides: Floats,
        origins: NDArray[np.int64],
        fixed: tuple[NDArray[np.int64], float] | None = None,
    ) -> tuple[Floats, float]:
        # Both are few: np.isin would take as long as all that follows.
        held = None if fixed is None else ((origins[:, None] == fixed[0]).any(axis=1), fixed[1])
        found, distance = on_simplex(sides[:, :-1], sides[:, -1], held)
        shares = np.zeros(self.n_origins)
        shares[origins] = found
        return shares, distance - self.cost**2 / 4

    def _whitened(self, covariance: Floats, origins: NDArray[np.int64]) -> Floats:
        """Means of the origins and, last, of the corpus, in units of what they differ by.

        NumPy would take a triangle for any matrix; this is solved a million times.
        """
        from scipy.linalg.lapack import dpotrf, dtrtrs

        root, failed = dpotrf(covariance, lower=1)
        if failed:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        sides = np.empty((len(covariance), len(origins) + 1), order="F")
        sides[:, :-1], sides[:, -1] = self.means[:, origins], self.observed
        whitened: Floats = dtrtrs(root, sides, lower=1)[0]
        if self.stand_ins is None:
            return whitened
        # The square of what a mixture misses of this row is its cost, and what no mixture changes.
        priced = np.append(self.stand_ins[origins], -self.cost / 2)
        return np.asfortranarray(np.vstack([whitened, priced]))

    def near(
        self, shares: Floats, prior: Floats, spread: float, origins: NDArray[np.int64]
    ) -> Floats:
        """Shares of some origins, drawn towards others where the moments tell little.

        Parameters
        ----------
        shares : ndarray, shape (n_origins,)
            Whose covariance is used.
        prior : ndarray, shape (n_used,)
            Of the origins given.
        spread : float
            Standard deviation of the shares around the prior ones.
        origins : ndarray of int64, shape (n_used,)

        Returns
        -------
        ndarray of float64, shape (n_used,)
        """
        sides = self._whitened(self.covariance(shares), origins)
        drawn = np.eye(len(origins)) / spread
        columns = np.vstack([sides[:, :-1], drawn])
        return on_simplex(columns, np.append(sides[:, -1], prior / spread), None)[0]

    def fit(self, start: Floats, origins: NDArray[np.int64]) -> tuple[Floats, float]:
        """Shares with the covariance that they imply, and the distance that is left."""
        shares, _ = self.solve(self.covariance(start), origins)
        return self.solve(self.covariance(shares), origins)

    def fit_p_value(self, shares: Floats, distance: float) -> float:
        """p-value of the distance that the best shares leave."""
        return chi_square_tail(distance, self.free(shares))

    def free(self, shares: Floats) -> int:
        """Degrees of freedom that the best shares leave.

        One moment is bound, as score functions weighted by their shares add up to 1, and so is
        one share.
        """
        return max(1, len(self.observed) - int((shares > 1e-6).sum()))

    def rise(
        self, group: NDArray[np.int64], share: float, shares: Floats, origins: NDArray[np.int64]
    ) -> float:
        """How much further the best mixture with this share of a group is than the best."""
        return self._rise(group, share, self.covariance(shares), origins)

    def _rise(
        self, group: NDArray[np.int64], share: float, start: Floats, origins: NDArray[np.int64]
    ) -> float:
        covariance = self.covariance(self.solve(start, origins, (group, share))[0])
        sides = self._whitened(covariance, origins)
        held, free = (self._nearest(sides, origins, one)[1] for one in ((group, share), None))
        return max(0.0, held - free)

    def edge(
        self,
        group: NDArray[np.int64],
        outside: float,
        threshold: float,
        shares: Floats,
        origins: NDArray[np.int64],
    ) -> float:
        """The accepted share of a group farthest towards ``outside``, which is 0 or 1.

        The root of the rise is nearly linear in the share: false position, in its Illinois form.
        """
        inside = float(np.clip(shares[group].sum(), 0, 1))
        if inside == outside:
            return outside
        goal = float(np.sqrt(threshold))
        start = self.covariance(shares)
        under, over = -goal, float(np.sqrt(self._rise(group, outside, start, origins))) - goal
        if over <= 0:
            return outside
        side = 0
        for _ in range(_STEPS):
            part = under / (under - over)
            middle = inside + float(np.clip(part, 0.001, 0.999)) * (outside - inside)
            gap = float(np.sqrt(self._rise(group, middle, start, origins))) - goal
            if gap <= 0:
                inside, under, over = middle, gap, over / 2 if side < 0 else over
                side = -1
                if gap >= -_NEAR * goal:
                    break
            else:
                outside, over, under = middle, gap, under / 2 if side > 0 else under
                side = 1
        return inside


def _mixed(shares: Floats, parts: Floats) -> Floats:
    """Sum of the arrays along the first axis, each times its share: ``np.tensordot``, but swift."""
    found: Floats = (shares @ parts.reshape(len(shares), -1)).reshape(parts.shape[1:])
    return found


def on_simplex(
    columns: Floats, target: Floats, fixed: tuple[NDArray[np.bool_], float] | None
) -> tuple[Floats, float]:
    """Least squares over shares that are not negative and add up to 1, some of them to a part."""
    from scipy.optimize import nnls

    n_rows, n_columns = columns.shape
    if fixed is None:
        totals, values = np.ones((1, n_columns)), np.ones(1)
    else:
        totals = np.empty((2, n_columns))
        totals[0], totals[1] = fixed[0], ~fixed[0]
        values = np.array([fixed[1], 1 - fixed[1]])
    heavy = 1e3 * float(np.sqrt(np.einsum("ij,ij->j", columns, columns).max()))
    left, right = np.empty((n_rows + len(values), n_columns)), np.empty(n_rows + len(values))
    left[:n_rows], right[:n_rows] = columns, target
    left[n_rows:], right[n_rows:] = heavy * totals, heavy * values
    found, _ = nnls(left, right, maxiter=50 * max(10, n_columns))
    # The heavy rows leave a trace of the distance; a covariance of shares above 1 is none.
    found *= totals.T @ (values / np.maximum(totals @ found, 1e-300))
    gap = columns @ found - target
    return found, float(gap @ gap)
