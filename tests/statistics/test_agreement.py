"""Kappa and McNemar's test: by hand, and against the formulas they stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.statistics.agreement import beyond_rater, kappa

LABELS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30
)


def plain_kappa(first: str, second: str) -> float:
    n = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(first.count(label) * second.count(label) for label in {*first, *second}) / n**2
    return math.nan if chance == 1 else (agreed - chance) / (1 - chance)


def split(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    return "".join(a for a, _ in pairs), "".join(b for _, b in pairs)


@given(LABELS)
def test_kappa_is_its_formula_and_the_jackknife_leaves_one_out(
    pairs: list[tuple[str, str]],
) -> None:
    first, second = split(pairs)
    found = kappa(first, second)
    if found.value is None or found.high is None or found.low is None:
        assert math.isnan(plain_kappa(first, second))
        return
    assert found.value == pytest.approx(plain_kappa(first, second))
    n = len(first)
    left = [plain_kappa(first[:i] + first[i + 1 :], second[:i] + second[i + 1 :]) for i in range(n)]
    if any(map(math.isnan, left)):
        assert (found.low, found.high) == (-1, 1)
        return
    spread = (n - 1) / n * sum((one - sum(left) / n) ** 2 for one in left)
    assert found.high == pytest.approx(min(1, found.value + 1.959964 * spread**0.5), abs=1e-5)
    assert found.low == pytest.approx(max(-1, found.value - 1.959964 * spread**0.5), abs=1e-5)


def test_kappa_of_nothing_and_of_one_label() -> None:
    assert (kappa("", "").value, kappa("", "").agreement) == (None, 0)
    assert kappa("aaa", "aaa").value is None and kappa("aaa", "aaa").agreement == 1
    assert kappa("abab", "abab").value == 1


def test_only_items_on_which_they_differ_tell_anything() -> None:
    found = beyond_rater("aaaaab", "abbbba", "aaaaaa")
    assert (found.n_suspect, found.n_rater) == (5, 2)
    assert (found.n_only_suspect, found.n_only_rater) == (4, 1)
    assert found.p_value == pytest.approx((math.comb(5, 4) + 1) / 2**5)
    assert beyond_rater("ab", "ab", "aa").p_value == 1


@pytest.mark.slow
def test_two_alike_raters_are_told_apart_no_oftener_than_said() -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(1_000):
        judge, one, two = (rng.integers(0, 3, 120) for _ in range(3))
        copied = rng.random((2, 120)) < 0.6
        pair = [np.where(mask, judge, own) for mask, own in zip(copied, (one, two), strict=True)]
        p_values.append(beyond_rater(*("".join(map(str, x)) for x in (*pair, judge))).p_value)
    for level in (0.01, 0.05, 0.2):
        rate = np.mean(np.array(p_values) <= level)
        assert rate <= level + 3 * (level * (1 - level) / 1_000) ** 0.5
