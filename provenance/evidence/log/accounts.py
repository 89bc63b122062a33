"""The join of a corpus with an API's own log: which accounts, days and endpoints were matched.

Random matching, the null of every number here: the matched answers are drawn from the log's answers
at random, so that an account is drawn in proportion to its answers. One value of a field is tested
by the hypergeometric tail.

The null takes each matched answer once. Copies of a text in the corpus are to be counted as one
document: counted as many they look like a collection from few accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.multiple_testing import holm
from provenance.statistics.tails import SMALLEST_P, hypergeometric_tails

__all__ = ["CountArray", "JoinRow", "join_rows"]

CountArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class JoinRow:
    """One account, day or endpoint of the log.

    Parameters
    ----------
    value : str
    n_answers : int
        Its answers in the log.
    n_matched : int
        How many of these stand in the corpus.
    expected : float
        The same under random matching.
    p_value : float
        Chance of so many or more under random matching: the hypergeometric upper tail.
    adjusted_p_value : float
        By Holm's rule over all values of the field, also those that are not shown.
    """

    value: str
    n_answers: int
    n_matched: int
    expected: float
    p_value: float
    # Reports have called it so from the beginning.
    adjusted_p_value: float = field(metadata={"key": "q_value"})


def join_rows(
    values: Sequence[str], n_answers: CountArray, n_matched: CountArray, most: int = 50
) -> tuple[JoinRow, ...]:
    """Compare the matched answers of each value of a field with random matching.

    Parameters
    ----------
    values : sequence of str
        All values of the field that the log holds.
    n_answers, n_matched : ndarray of shape (n_values,)
        Answers in the log, and how many of them stand in the corpus.
    most : int
        Rows that are returned, those with most matched answers first.

    Examples
    --------
    >>> first, second = join_rows(["a", "b"], np.array([4, 4]), np.array([0, 2]))
    >>> first.value, first.expected, round(first.p_value, 4), round(first.adjusted_p_value, 4)
    ('b', 1.0, 0.2143, 0.4286)
    """
    answers, matched = np.asarray(n_answers, np.int64), np.asarray(n_matched, np.int64)
    if not len(values) == len(answers) == len(matched):
        raise ValueError("values and their counts differ in length")
    if np.any(matched < 0) or np.any(matched > answers):
        raise ValueError("matched answers are those of the log: from 0 to n_answers")
    p_values = _upper_tails(answers, matched)
    adjusted = holm(p_values.tolist())
    expected = answers * (matched.sum() / max(1, answers.sum()))
    order = sorted(range(len(values)), key=lambda at: (-matched[at], p_values[at], values[at]))
    return tuple(
        JoinRow(
            value=values[at],
            n_answers=int(answers[at]),
            n_matched=int(matched[at]),
            expected=float(expected[at]),
            p_value=float(p_values[at]),
            adjusted_p_value=adjusted[at],
        )
        for at in order[:most]
    )


def _upper_tails(answers: CountArray, matched: CountArray) -> NDArray[np.float64]:
    drawn, total = int(matched.sum()), int(answers.sum())
    logs = hypergeometric_tails(matched, drawn, answers, total)
    tails: NDArray[np.float64] = np.maximum(SMALLEST_P, np.exp(logs))
    return tails
