"""Shares of many sources from means of scores: generalised moments with a profile interval.

A score function of the fitted mixture has a mean under every source, read off its held-out rows,
and a mean in the corpus. The shares are the mixture of the first that gives the second (Hansen
1982). Nothing is assumed of the scores: where they are badly calibrated the estimate gets wide,
not wrong. The uncertainty of a source's siblings is inside its interval, because their shares are
free while its own is tested.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.scored import relative_likelihoods
from provenance.share.many_sources.origins import Influence, Origins, mixed
from provenance.statistics.intervals import chi_square_tail

__all__ = ["Moments", "nearest_of_all", "on_simplex", "score_functions", "with_trace"]

_TRACE: Final = 0.1
"""Share that every source keeps in the mixture whose score functions are used, so that none is
above 10 times the number of sources. A round figure, not tuned."""
_RELATIVE_NOISE: Final = 2e-3
"""Part of each moment's variance that is added to it: near-collinear moments stay apart. A round
figure, not tuned."""
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
    result = relative_likelihoods(log_posterior)
    result /= (result @ with_trace(shares))[:, None]
    return result


def with_trace(shares: Floats) -> Floats:
    """The mixture whose score functions are used, in which every source keeps a trace."""
    return np.asarray((1 - _TRACE) * shares + _TRACE / len(shares))


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
        The functions on the rows of the references, in the order of their origins.
    origins : Origins
        What each row is of.
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
    origins: Origins
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
        asked: NDArray[np.bool_] | None = None,
    ) -> Moments:
        """Bring the rows, in any order, into that of their origins."""
        origins, order = Origins.ordered(origin, weight, component, n_origins, asked)
        drift = np.zeros(values.shape[1])
        return cls(observed, n_effective, values[order], origins, drift, unread)

    @property
    def n_origins(self) -> int:
        return self.origins.n_origins

    def with_drift(self, drift: Floats) -> Moments:
        """The same with drift along a direction, of shape (n_moments,)."""
        return self._lending(replace(self, drift=drift))

    def with_cost(self, stand_ins: NDArray[np.bool_], cost: float) -> Moments:
        """The same where the share of some origins adds to the distance; see `cost`."""
        found = replace(self, stand_ins=stand_ins, cost=cost)
        return self._lending(found)

    def seeing(self, observed: Floats) -> Moments:
        """The same of a corpus with other means, of shape (n_moments,)."""
        return self._lending(replace(self, observed=observed))

    def _lending(self, found: Moments) -> Moments:
        # What hangs on the references alone is not counted again.
        for name in ("_sums", "_average", "_influence", "_apart"):
            found.__dict__[name] = getattr(self, name)
        return found

    @property
    def means(self) -> Floats:
        """Mean of each moment under each origin, shape (n_moments, n_origins)."""
        return self._sums[0]

    @property
    def _squares(self) -> Floats:
        """Mean products of the moments under each origin, (n_origins, n_moments, n_moments)."""
        return self._sums[1]

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        return self.origins.sums(self.values)

    @cached_property
    def _influence(self) -> Influence:
        return Influence(self.origins, self.values, self.means)

    @cached_property
    def _apart(self) -> Floats:
        """What each origin's means are off by, if one part of its rows is right; see `Origins`."""
        return self.origins.apart(self.values)

    @cached_property
    def _average(self) -> tuple[Floats, Floats]:
        """Mean of the moments and of their products over a row of any origin, equally likely."""
        present = self.origins.present
        return self.means[:, present].mean(axis=1), self._squares[present].mean(axis=0)

    def _lacking(self, weights: Floats) -> Floats:
        """Spread about origins' means of a row such as any origin has, equally likely, added up.

        A sample in which nothing looks as another source's text does not show that nothing does:
        without it a corpus that one source wrote alone, learnt from 40 to 140 rows, was a hundred
        times as far from that source's means as chance allows. It is to moments what the row
        added to each bin is to densities.

        Parameters
        ----------
        weights : ndarray, shape (n_origins,)
        """
        middle, squares = self._average
        crossed = np.outer(self.means @ weights, middle)
        spread = (self.means * weights) @ self.means.T
        found: Floats = weights.sum() * squares - crossed - crossed.T + spread
        return found

    def _sampling(self, shares: Floats) -> Floats:
        """What documents of a mixture happen to say, by their origins.

        One row of each origin is one that its sample happens to lack; see `_lacking`.
        """
        lacked = shares / self.origins.effective
        sampled = shares - lacked
        found = mixed(sampled, self._squares) - (self.means * sampled) @ self.means.T
        return found + self._lacking(lacked)

    def covariance(self, shares: Floats) -> Floats:
        """Of what the corpus's means differ by from those of a mixture with these shares.

        The corpus's sampling, that of the references by component and by the row that each may
        lack, how far their answers to the corpus's prompts lie from the others, drift. Of a corpus
        that was read whole, how many documents each origin has is no accident: only what these
        documents happen to say is. Of a sample it is one, as far as the rest was not read (the
        finite population correction, Cochran 1977, section 2.6).
        """
        sampling = self._sampling(shares)
        if self.unread:
            mixture = self.means @ shares
            between = (self.means * shares) @ self.means.T - np.outer(mixture, mixture)
            sampling += self.unread * between
        by_component = self._influence.of_mixture(shares)[1]
        found = sampling / self.n_effective + by_component.T @ by_component
        found += self._lacking((shares / self.origins.effective) ** 2)
        if self.origins.asked is not None:
            # Each source by itself, and all together: prompts move the sources alike, or not.
            apart = shares[:, None] * self._apart
            together = apart.sum(axis=0)
            found += apart.T @ apart + np.outer(together, together)
        found += np.outer(self.drift, self.drift)
        diagonal = np.einsum("ii->i", found)  # a view
        diagonal *= 1 + _RELATIVE_NOISE
        diagonal += 1e-12
        return np.asarray(found)

    def error_covariances(self, shares: Floats, origins: NDArray[np.int64]) -> Floats:
        """Of some origins' means with those of a mixture, by the errors of the samples.

        Parameters
        ----------
        shares : ndarray, shape (n_origins,)
        origins : ndarray of int64, shape (n_used,)

        Returns
        -------
        ndarray of float64, shape (n_used, n_moments, n_moments)
            Of moment i of the origin with moment j of the mixture.
        """
        found = np.stack([*self._influence.beside(shares, origins)])
        if self.origins.asked is not None:
            apart = self._apart[origins]
            beside = shares[origins, None] * apart + shares @ self._apart
            found += apart[:, :, None] * beside[:, None]
        return found

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


def on_simplex(
    columns: Floats, target: Floats, fixed: tuple[NDArray[np.bool_], float] | None
) -> tuple[Floats, float]:
    """Least squares over shares that are not negative and add up to 1, some of them to a part.

    Parameters
    ----------
    columns : ndarray, shape (n_rows, n_columns)
    target : ndarray, shape (n_rows,)
    fixed : tuple of ndarray of bool and float, optional
        Some of them, and the share that they must have together.

    Returns
    -------
    shares : ndarray of float64, shape (n_columns,)
    distance : float
        Squared.

    Examples
    --------
    >>> shares, distance = on_simplex(np.eye(2), np.array([0.6, 0.6]), None)
    >>> shares.round(3).tolist(), round(distance, 3)
    ([0.5, 0.5], 0.02)
    """
    found, distances = nearest_of_all(columns.T[None], target[None], fixed)
    return found[0], float(distances[0])


def nearest_of_all(
    columns: Floats, targets: Floats, fixed: tuple[NDArray[np.bool_], float] | None
) -> tuple[Floats, Floats]:
    """`on_simplex` of several problems that are much alike.

    Parameters
    ----------
    columns : ndarray, shape (n_problems, n_columns, n_rows)
    targets : ndarray, shape (n_problems, n_rows)
    fixed
        As there, of all.

    Returns
    -------
    shares : ndarray of float64, shape (n_problems, n_columns)
    distances : ndarray of float64, shape (n_problems,)
    """
    from provenance.share.many_sources.kernels import nearest

    held, total = (np.zeros(columns.shape[1], np.bool_), -1.0) if fixed is None else fixed
    shares, distances = nearest(
        np.ascontiguousarray(columns), np.ascontiguousarray(targets), held, float(total)
    )
    if len(distances) and distances.min() < 0:
        raise np.linalg.LinAlgError("no nearest shares were found")
    return shares, distances
