"""Documents that were cut at one length: many end amid a sentence, and at the same number."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.tails import binomial_tail

__all__ = ["MEASURES", "Spike", "is_cut", "spike"]

MEASURES: Final = ("characters", "words", "tokens")
"""What an answer is cut by."""
_SHORTEST: Final = 32
"""Shorter texts pile up at few lengths by themselves; a round figure."""
_WITHIN: Final = 0.1
"""How far to each side of a length its neighbours reach, as part of it; a round figure."""
_ENDS: Final = frozenset(".!?…\"'”’»)]}>*_`~|:;。！？」』）】】，、،؟۔।")


def is_cut(text: str) -> bool:
    """Whether a text ends with a letter or a digit, as one that was cut does.

    Examples
    --------
    >>> [is_cut(text) for text in ("The end.", "The en", "```", "结束。")]
    [False, True, False, False]
    """
    last = text[-1:]
    if last in _ENDS:  # as most do
        return False
    if last.isspace():
        last = text.rstrip()[-1:]
    return last.isalnum() and last not in _ENDS


@dataclass(frozen=True, slots=True)
class Spike:
    """The length at which more cut texts end than at its neighbours.

    Parameters
    ----------
    measure : str
        One of `MEASURES`.
    length : int
    n_there, n_near : int
        Cut texts of that length, and within a tenth of it to both sides.
    p_value : float
        Over all lengths and measures that were tried.
    """

    measure: str
    length: int
    n_there: int
    n_near: int
    p_value: float


def spike(lengths: NDArray[np.int64]) -> Spike | None:
    """The most striking length of some cut texts.

    Under the null a text is as likely to end at each length of the neighbourhood.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n_texts, 3)
        By `MEASURES`; 0 where it is not known.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> free = np.stack([rng.integers(500, 5000, 300)] * 3, axis=1)
    >>> spike(np.concatenate([free, np.full((40, 3), 2000)])).length
    2000
    """
    best: Spike | None = None
    n_tried = 0
    for column, measure in enumerate(MEASURES):
        values, counts = np.unique(lengths[:, column], return_counts=True)
        reach = (values * _WITHIN).astype(np.int64)
        below = np.concatenate([[0], np.cumsum(counts)])
        near = below[np.searchsorted(values, values + reach + 1)]
        near -= below[np.searchsorted(values, values - reach)]
        # Where nobody ends was tried as well: any length up to the longest could have been the one.
        n_tried += max(0, int(values.max(initial=0)) - _SHORTEST + 1)
        for place in np.flatnonzero((counts > 2) & (values >= _SHORTEST)).tolist():
            n_there, n_near = int(counts[place]), int(near[place])
            log_tail = binomial_tail(n_there, n_near, 1 / (2 * int(reach[place]) + 1))
            if best is None or math.exp(log_tail) < best.p_value:
                best = Spike(measure, int(values[place]), n_there, n_near, math.exp(log_tail))
    return None if best is None else replace(best, p_value=min(1.0, n_tried * best.p_value))
