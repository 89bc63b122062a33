"""What a candidate's low end gives up to sources that were not given.

Text of an unknown source may read as the candidate's even beside stand-ins. How much is measured on
the sources given: each look-alike's text, as models score it that have never seen it, is read as a
corpus, without that source and its stand-in. The low end that the candidate is given there is what
such a stranger takes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.panel import LEFT_OUT
from provenance.scoring.scored import Passages
from provenance.share.many_sources.problem import Problem
from provenance.share.many_sources.reading import ShareReading

__all__ = ["given_up", "least_given_up", "without_unknown"]

_STRANGER: Final = 0.075
"""What a stranger takes at least. Chosen on models of 2025 and 2026, every second of two sets, of
0, 0.03, 0.05, 0.075, 0.10, 0.15 and 0.20; `bench.hidden_models` tells what it does on others."""
_LOOK_ALIKES: Final = 3
"""Sources whose text is tried, those that read most as the candidate. A round figure, not tuned."""
_LEAST_ALIKE: Final = 0.02
"""A source that reads as the candidate by less is none. A round figure, not tuned."""
_FEWEST_SOURCES: Final = 3
"""Sources that are left: two are no panel."""


def given_up(reading: ShareReading) -> float:
    """Share of the corpus that unknown sources may have of what was read as the candidate's.

    A stranger's part is taken of the whole corpus where the sources given do not explain it, else
    of the share that the stand-ins have. Of a part of a corpus, what the whole
    shows counts too.
    """
    least = least_given_up(reading)
    if reading.low <= least:
        return least
    return reading.doubt.unknown * max([_STRANGER, *_taken(reading)])


def least_given_up(reading: ShareReading) -> float:
    """The same by what a stranger takes at least."""
    return _STRANGER * reading.doubt.unknown


def without_unknown(low: float, taken: float) -> float:
    """A share's low end where all the rest of the corpus is of a source that reads so.

    Examples
    --------
    >>> round(without_unknown(0.55, 0.1), 3)
    0.5
    """
    return max(0.0, (low - taken) / (1 - taken)) if taken < 1 else 0.0


def _taken(reading: ShareReading) -> list[float]:
    """Low ends that the candidate is given in the text of its look-alikes."""
    known = reading.problem.taken_for[:, reading.source]
    alike: NDArray[np.float64] = np.where(reading.problem.every == reading.source, 0.0, known)
    nearest = np.argsort(-alike, kind="stable")[:_LOOK_ALIKES]
    found = []
    for other in nearest[alike[nearest] >= _LEAST_ALIKE].tolist():
        left = _left_out(reading.problem, other, reading.source)
        if left is not None:
            problem, source = left
            found.append(ShareReading(problem, source, reading.confidence_level).low)
    return found


def _left_out(problem: Problem, other: int, candidate: int) -> tuple[Problem, int] | None:
    """A source's text as a corpus whose source was not given; None where it cannot be told."""
    references, source = problem.references, problem.source
    rows = np.flatnonzero(source == other)
    scores = problem.unknown[rows]
    absent = np.array((scores <= LEFT_OUT).all(axis=0), np.bool_)
    absent[other] = True
    kept = np.flatnonzero(~absent)
    if absent[candidate] or len(kept) < _FEWEST_SOURCES or not np.isfinite(scores).all():
        return None
    inside = np.isin(source, kept)
    corpus = Passages(
        _among(scores, kept),
        references.weight[rows],
        references.cluster[rows],
    )
    samples = Passages(
        _among(references.log_posterior[inside], kept),
        references.weight[inside],
        references.cluster[inside],
        np.searchsorted(kept, source[inside]),
        asked=None if references.asked is None else references.asked[inside],
    )
    left = Problem(
        corpus,
        samples,
        problem.unknown[np.ix_(inside, kept)],
        problem.taken_for[np.ix_(kept, kept)],
        problem.caution,
    )
    return left, int(np.searchsorted(kept, candidate))


def _among(log_posterior: NDArray[np.float32], kept: NDArray[np.int64]) -> NDArray[np.float32]:
    """Log posteriors under equal priors of some of the sources alone."""
    from scipy.special import log_softmax

    found: NDArray[np.float32] = log_softmax(log_posterior[:, kept], axis=1).astype(np.float32)
    return found
