"""How far the distance of a held share may rise where other shares are at 0 or sources are alike.

The rise of a share that is right is a chi-square variable only where every other share is well
above 0 and the sources' means are well known. Shares cannot fall below 0: what chance adds then
goes to look-alikes alone, and the share of their model is read too low. The means that the
distance is measured with are estimated from the same rows as its covariance, so that the more a
source has, the more its errors pull towards a look-alike. Both are simulated, given what the
means say beyond those errors (the conditional likelihood ratio test of Moreira 2003, Econometrica
71, 1027; for moments Kleibergen 2005, Econometrica 73, 1103).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.share.many_sources.moments import Moments, nearest_of_all
from provenance.statistics.intervals import normal_quantile

__all__ = ["rise_factor"]

_LEVEL: Final = 0.95
"""Level at which rises are compared with those of a normal variable: 100 draws tell no further
tail. The customary one, not tuned."""
_DRAWS: Final = 100
"""Corpora that are simulated, always the same. A round figure: the factor is told to within 0.1."""
_SEED: Final = 0

Floats = NDArray[np.float64]


def rise_factor(
    moments: Moments,
    group: NDArray[np.int64],
    share: float,
    shares: Floats,
    origins: NDArray[np.int64],
) -> float:
    """How many times farther than a normal variable the root of a rise goes, at least 1.

    Corpora are simulated in which a group has the share given and the others are as found; counted
    are those in which it is read too low.

    Parameters
    ----------
    moments : Moments
    group : ndarray of int64
        Origins that have the share together.
    share : float
    shares : ndarray, shape (n_origins,)
        Found ones; those of others start here.
    origins : ndarray of int64, shape (n_used,)
        Those that may have a share.

    Examples
    --------
    Beside one other source, both well known, it is that of a normal variable.

    >>> rows = np.repeat([[0.0], [1.0]], 400, axis=0) + np.tile([[-0.1], [0.1]], (400, 1))
    >>> origin, every = np.repeat([0, 1], 400), np.arange(2)
    >>> found = Moments.build(
    ...     np.array([0.5]), 1e4, rows, origin, np.full(800, 1 / 400), np.arange(800), 2
    ... )
    >>> rise_factor(found, every[:1], 0.5, np.array([0.5, 0.5]), every) < 1.1
    True
    """
    there = moments.solve(moments.covariance(shares), origins, (group, share))[0]
    root = np.linalg.cholesky(moments.covariance(there))
    whiten = np.linalg.inv(root)
    used = there[origins]
    means = whiten @ moments.means[:, origins]
    errors = whiten @ moments.error_covariances(there, origins) @ whiten.T
    # What the means say beyond the errors that they share with the gap.
    gap = whiten @ moments.observed - means @ used
    beyond = means.T + errors @ gap
    held = (origins[:, None] == group).any(axis=1)
    drawn = np.random.default_rng(_SEED).normal(size=(_DRAWS, len(gap)))
    columns = beyond - (drawn @ errors.reshape(-1, len(gap)).T).reshape(_DRAWS, *beyond.shape)
    targets = used @ columns + drawn
    free, near = nearest_of_all(columns, targets, None)
    low = free[:, held].sum(axis=1) < share
    far = nearest_of_all(columns[low], targets[low], (held, share))[1]
    roots = np.zeros(_DRAWS)
    roots[low] = np.sqrt(np.maximum(0.0, far - near[low]))
    level = (1 + _LEVEL) / 2
    return max(1.0, float(np.quantile(roots, level)) / normal_quantile(level))
