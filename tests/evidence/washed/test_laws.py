"""The law of kinds: by hand, and against the sum it stands for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.laws import FEWEST, REPAIRED, SPEAKING, KindsLaw


def log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@given(st.floats(0.05, 5), st.floats(1, 300), st.integers(1, 60), st.data())
def test_the_tail_is_the_sum_of_its_terms(
    alpha: float, beta: float, n: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, n))
    terms = (
        math.comb(n, i) * math.exp(log_beta(alpha + i, beta + n - i) - log_beta(alpha, beta))
        for i in range(k, n + 1)
    )
    assert KindsLaw(alpha, beta, 0, 0, 0).p_value(k, n) == pytest.approx(sum(terms), abs=1e-9)


def test_two_texts_are_never_too_many() -> None:
    assert FEWEST == 3
    assert not REPAIRED.is_found(2, 2) and not SPEAKING.is_found(2, 1000)
    assert SPEAKING.is_found(60, 1000) and SPEAKING.p_value(60, 1000) < SPEAKING.level


def test_everyday_rates_are_not_found() -> None:
    # Zero-width characters in 18 questions of a forum are the most that was seen of people.
    assert not REPAIRED.is_found(18, 552)
    assert REPAIRED.is_found(150, 500)
    assert not SPEAKING.is_found(3, 1875)
