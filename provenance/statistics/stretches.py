"""Rows that were drawn together: how alike they are, and so what they are worth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.clusters import connected

__all__ = ["joined_by_likeness", "likeness", "runs"]

_LEVEL: Final = 0.1
"""Chance that the likeness of rows is larger than what is taken for it; not tuned: what is drawn
one by one is not read as alike, as a bound at a usual level would read it, and pairs that are few
count for little whatever is taken."""


def likeness(values: NDArray[np.floating], stretch: NDArray[np.generic]) -> float:
    """Intraclass correlation of rows drawn together, bounded from above; the largest of all values.

    One-way analysis of variance with unequal sizes; the bound is that of Searle (1971, Linear
    Models, ch. 9) at 90 %, for each value.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_values)
    stretch : ndarray, shape (n_rows,)
        What each row was drawn with.

    Returns
    -------
    float
        From 0 to 1; 0 where no two rows were drawn together.

    Examples
    --------
    >>> values = np.repeat(np.arange(40.0), 5)[:, None]
    >>> likeness(values, np.repeat(np.arange(40), 5))
    1.0
    >>> likeness(values, np.arange(200))
    0.0
    """
    from scipy.special import fdtri

    _, number, sizes = np.unique(stretch, return_inverse=True, return_counts=True)
    n_rows, n_stretches = len(number), len(sizes)
    between, within = n_stretches - 1, n_rows - n_stretches
    if between < 1 or within < 1:
        return 0.0 if within < 1 else 1.0
    means = np.stack([np.bincount(number, column) / sizes for column in values.T], axis=1)
    centred = means - values.mean(axis=0)
    among = (sizes[:, None] * centred**2).sum(axis=0) / between
    inside = ((values - means[number]) ** 2).sum(axis=0) / within
    mean_size = (n_rows - float((sizes**2).sum()) / n_rows) / between
    ratio = among / np.maximum(inside, 1e-12) / fdtri(between, within, _LEVEL)
    found = (ratio - 1) / (ratio + mean_size - 1)
    return round(float(found.max(initial=0.0)), 9)


def runs(stretch: NDArray[np.uint64], likeness: float) -> NDArray[np.int64]:
    """Number of a run of rows for each, so that runs are worth what rows that alike are worth.

    Rows of one stretch of m rows are worth m / (1 + (m - 1) likeness) independent ones (Kish
    1965): it is cut into as many runs of equal length, rounded up or down by chance so that the sum
    of the squares of the lengths is right on average.

    Parameters
    ----------
    stretch : ndarray of uint64, shape (n_rows,)
        Hash of what each row was drawn with; 0 where it was drawn alone.
    likeness : float

    Examples
    --------
    >>> together = np.array([7, 7, 7, 7, 0], np.uint64)
    >>> [len(np.unique(runs(together, alike))) for alike in (0.0, 1.0)]
    [5, 2]
    """
    found = np.arange(len(stretch))
    order = np.argsort(stretch, kind="stable")
    names, first = np.unique(stretch[order], return_index=True)
    for name, rows in zip(names.tolist(), np.split(order, first[1:]), strict=True):
        size = len(rows)
        if not name or size == 1:
            continue
        worth = size / (1 + (size - 1) * likeness)
        few, many = int(np.floor(worth)), int(np.ceil(worth))
        chance = 0.0 if few == many else (1 / worth - 1 / many) / (1 / few - 1 / many)
        n_runs = few if name / 2.0**64 < chance else many
        found[rows] = rows[np.arange(size) * n_runs // size * size // n_runs]
    return found


def joined_by_likeness(
    cluster: NDArray[np.int64], stretch: NDArray[np.uint64], values: NDArray[np.floating]
) -> NDArray[np.int64]:
    """Clusters with rows joined that were drawn together, as far as these are alike.

    Parameters
    ----------
    cluster : ndarray of int64, shape (n_rows,)
    stretch : ndarray of uint64, shape (n_rows,)
        Hash of what each row was drawn with; 0 where it was drawn alone.
    values : ndarray, shape (n_rows, n_values)
        What is told of the rows.

    Examples
    --------
    >>> alone = joined_by_likeness(np.array([4, 4, 6]), np.zeros(3, np.uint64), np.ones((3, 1)))
    >>> alone.tolist()
    [4, 4, 6]
    """
    drawn = np.flatnonzero(stretch)
    if not len(drawn):
        return cluster
    joined = runs(stretch, likeness(values[drawn], stretch[drawn]))
    rows = np.arange(len(cluster))
    return connected(len(rows), [(rows, cluster), (rows, joined)])
