"""How many a limit misses: by hand, and held against draws whose truth is known."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.statistics.missed import missed_at_most


def test_by_hand() -> None:
    # One of each: with m missed of the corpus's, the one of the sample is caught by 2 / (m + 2).
    assert missed_at_most(1, 0, 1, 1_000, 2 / 10 - 1e-9) == 8
    assert missed_at_most(1, 0, 1, 1_000, 2 / 10 + 1e-9) == 7
    # There are no more than there are.
    assert missed_at_most(1, 0, 1, 3, 2 / 10) == 3
    # Nothing is known where all of the sample is missed.
    assert missed_at_most(5, 40, 40, 700, 0.01) == 700


@given(st.integers(0, 40), st.integers(1, 60), st.data(), st.sampled_from([0.2, 0.05, 0.001]))
def test_it_is_the_last_that_fishers_test_leaves(
    n_caught: int, sampled: int, data: st.DataObject, alpha: float
) -> None:
    missed = data.draw(st.integers(0, sampled))

    def chance(beyond: int) -> float:
        """That no more of all missed are of the sample, where all stand in chance order."""
        every, out = sampled + n_caught + beyond, missed + beyond
        ways = sum(
            math.comb(out, k) * math.comb(every - out, sampled - k)
            for k in range(missed + 1)
            if k <= out and 0 <= sampled - k <= every - out
        )
        return ways / math.comb(every, sampled)

    most = missed_at_most(n_caught, missed, sampled, 80, alpha)
    assert most == 0 or chance(most) >= alpha * (1 - 1e-9)
    assert most == 80 or chance(most + 1) <= alpha * (1 + 1e-9)


def test_it_errs_no_oftener_than_it_says() -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(2_000):
        rate = rng.beta(1, 8)
        own, sample = rng.random(60) < rate, rng.random(100) < rate
        # Twenty others within the limit count as caught too.
        found = missed_at_most(int((~own).sum()) + 20, int(sample.sum()), 100, 10**4, 0.1)
        wrong += own.sum() > found
    assert 0 < wrong <= 2_000 * 0.1
