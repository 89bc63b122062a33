"""What of a corpus no kind of people's text explains, at least.

People of a kind that was not given may read as a model, and no fit shows it: the models and their
stand-ins explain their text. So a share of all models together has a low end only where people's
text of several kinds was given. How much of a kind scores high where nobody has seen it is measured
on each of them in turn, by models that have not; what the corpus holds beyond the worst of them is
no people's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.share.many_sources.problem import Problem
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import joint_level

__all__ = ["FEWEST_KINDS", "beyond_people", "beyond_worst", "of_another_kind"]

FEWEST_KINDS: Final = 18
"""Kinds of people's text that stand for those that were not given. Drawn as they are, another one
is beyond all of them by a chance of one in nineteen. Fewer were tried, as the manual says."""
_MARGIN: Final = 0.02
"""Part of an unmeasured kind that may pass a limit beyond the worst kind's: as a scan has it."""
_LIMITS: Final = np.arange(0, 4.01, 0.5)
"""Logarithms of how many times likelier a text is under the models than under people, where it is
looked for what is beyond. Round figures, not tuned."""
_FEWEST_ROWS: Final = 20
"""Passages of a kind below which it is none; a round figure, not tuned."""

Floats = NDArray[np.float64]


def beyond_worst(
    values: Floats,
    parts: Floats,
    n_effective: float,
    limits: Floats,
    worst: Floats,
    level: float,
    margin: float,
) -> float:
    """Part of the documents that the worst kind does not explain, at least.

    Parameters
    ----------
    values, parts : ndarray, shape (n_documents,)
        Scores, and weights that add up to 1.
    n_effective : float
        Independent documents.
    limits : ndarray, shape (n_limits,)
        Ascending.
    worst : ndarray, shape (n_limits,)
        Largest part of any kind above each limit.
    level : float
        Of each limit's interval.
    margin : float
        What a kind that was not measured may have above a limit beyond the worst.

    Examples
    --------
    >>> scores, even = np.array([0.0, 5.0]), np.array([0.5, 0.5])
    >>> limits, worst = np.array([1.0]), np.array([0.1])
    >>> round(beyond_worst(scores, even, 1e6, limits, worst, 0.95, 0.0), 3)
    0.443
    >>> beyond_worst(scores, even, 10, limits, worst, 0.95, 0.4)
    0.0
    """
    found = 0.0
    # Each document is put between two limits once, and not held against each of them.
    # What has no score is beyond nothing, though numpy sorts it last.
    known = np.where(np.isnan(values), -np.inf, values)
    between = np.bincount(np.searchsorted(limits, known), parts, len(limits) + 1)
    all_above = np.minimum(1.0, np.cumsum(between[::-1])[-2::-1])
    for above, usual in zip(all_above.tolist(), worst, strict=True):
        low = clopper_pearson(above * n_effective, n_effective, level)[0]
        most = min(1.0, usual + margin)
        found = max(found, float((low - most) / (1 - most)) if most < 1 else 0.0)
    return found


def beyond_people(problem: Problem, people: Sequence[int], level: float) -> float | None:
    """Part of a corpus that no kind of people's text explains, at least.

    Parameters
    ----------
    problem : Problem
    people : sequence of int
        Sources that are no models.
    level : float
        Confidence level.

    Returns
    -------
    float or None
        None where fewer kinds were given than stand for another.
    """
    models = np.setdiff1d(problem.every, people)
    tails = [
        tail for kind in people if (tail := _unseen_tail(problem, kind, people, models)) is not None
    ]
    if len(tails) < FEWEST_KINDS:
        return None
    corpus = problem.corpus
    return beyond_worst(
        _ratio(corpus.log_posterior, models, people),
        corpus.weight / corpus.weight.sum(),
        problem.n_effective,
        _LIMITS,
        of_another_kind(np.array(tails)),
        joint_level(level, len(_LIMITS)),
        _MARGIN,
    )


def of_another_kind(tails: Floats) -> Floats:
    """Part above each limit that a kind may have which nobody gave, but for the margin.

    As far beyond the worst kind as that is beyond the second worst.

    Parameters
    ----------
    tails : ndarray, shape (n_kinds, n_limits)

    Examples
    --------
    >>> of_another_kind(np.array([[0.2, 0.1], [0.5, 0.1], [0.3, 0.0]])).tolist()
    [0.7, 0.1]
    """
    second, worst = np.sort(tails, axis=0)[-2:]
    found: Floats = np.minimum(1.0, 2 * worst - second)
    return found


def _unseen_tail(
    problem: Problem, kind: int, people: Sequence[int], models: NDArray[np.int64]
) -> Floats | None:
    """Part of a kind above each limit where nobody has seen it; None where too few rows tell."""
    rows = np.flatnonzero(problem.source == kind)
    others = [one for one in people if one != kind]
    scores = problem.unknown[rows]
    told = np.isfinite(scores[:, models]).any(axis=1) & np.isfinite(scores[:, others]).any(axis=1)
    if told.sum() < _FEWEST_ROWS:
        return None
    ratio = _ratio(scores[told], models, others)
    weight = problem.references.weight[rows[told]]
    found: Floats = (ratio[:, np.newaxis] > _LIMITS).T @ (weight / weight.sum())
    return found


def _ratio(
    log_posterior: NDArray[np.float32], models: NDArray[np.int64], people: Sequence[int]
) -> Floats:
    """Logarithm of how many times likelier an even mixture of the models is than one of people."""
    from scipy.special import logsumexp

    of_models, of_people = (
        logsumexp(log_posterior[:, list(group)].astype(np.float64), axis=1) - np.log(len(group))
        for group in (models, people)
    )
    found: Floats = of_models - of_people
    return found
