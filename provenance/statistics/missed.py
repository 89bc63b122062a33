"""How many of a kind lie beyond a limit, from how many of a sample of the kind do."""

from __future__ import annotations

import math

from provenance.statistics.tails import hypergeometric_tail

__all__ = ["missed_at_most"]


def missed_at_most(n_caught: int, missed: int, sampled: int, most: int, alpha: float) -> int:
    """Most of a kind that a limit misses, where it catches so many at most.

    A sample of the kind and what there is of it stand in chance order, so that of all that the
    limit misses the sample has its part: a hypergeometric law, exact for any distribution of scores
    (Fisher's exact test, one-sided). With the chance ``1 - alpha`` no more are missed. Where fewer
    are caught than `n_caught` fewer are missed as well, so that it may count others too.

    Parameters
    ----------
    n_caught : int
        Within the limit, whosever they are.
    missed, sampled : int
        Of the sample beyond the limit, and the whole sample.
    most : int
        As many as there are beyond the limit, whosever they are.
    alpha : float

    Returns
    -------
    int

    Examples
    --------
    Nothing of 99 is missed. Were two missed of those of whom 9 are caught, all would stand among
    the 11 of 110 by a chance of 11 · 10 / (110 · 109), which is below 0.01.

    >>> missed_at_most(9, 0, 99, 500, 0.01), missed_at_most(9, 0, 99, 500, 0.005)
    (1, 2)

    Without a sample nothing is known.

    >>> missed_at_most(9, 0, 0, 500, 0.01)
    500
    """
    fewest, rejected = 0, most + 1
    while rejected - fewest > 1:
        middle = (fewest + rejected) // 2
        together = sampled + n_caught + middle
        # As few missed of the sample is as many of it caught.
        chance = hypergeometric_tail(
            sampled - missed, sampled, sampled - missed + n_caught, together
        )
        if chance >= math.log(alpha):
            fewest = middle
        else:
            rejected = middle
    return fewest
