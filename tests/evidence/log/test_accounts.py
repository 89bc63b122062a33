"""The join of a corpus with a log: by hand, by law, and under random matching."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.log.accounts import JoinRow, join_rows
from provenance.statistics.multiple_testing import holm

NAMES = [f"account {number}" for number in range(6)]


ROWS = st.lists(
    st.tuples(st.text(max_size=3), st.integers(0, 30), st.integers(0, 30)).map(
        lambda row: (row[0], row[1], min(row[1:]))
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


def upper_tail(n_matched: int, n_answers: int, drawn: int, total: int) -> Fraction:
    ways = sum(
        math.comb(n_answers, k) * math.comb(total - n_answers, drawn - k)
        for k in range(n_matched, min(n_answers, drawn) + 1)
    )
    return Fraction(ways, math.comb(total, drawn))


def rows_of(table: Iterable[tuple[str, int, int]], most: int = 50) -> tuple[JoinRow, ...]:
    values, answers, matched = [list(column) for column in zip(*table, strict=True)] or [[]] * 3
    return join_rows(values, np.array(answers, np.int64), np.array(matched, np.int64), most)


def test_rows_by_hand() -> None:
    """Three of the log's ten answers are matched, and all three are one day's."""
    first, second, third = rows_of([("monday", 4, 0), ("tuesday", 3, 3), ("friday", 3, 0)])
    assert (first.value, first.n_answers, first.n_matched) == ("tuesday", 3, 3)
    assert first.expected == pytest.approx(0.9)
    assert first.p_value == pytest.approx(1 / 120)
    assert first.adjusted_p_value == pytest.approx(3 / 120)
    assert [second.value, third.value] == ["friday", "monday"]
    assert second.p_value == third.p_value == 1.0


def test_rows_that_are_not_shown_count_in_the_correction() -> None:
    table = [("a", 5, 4), *((f"other {n}", 5, 0) for n in range(99))]
    (row,) = rows_of(table, most=1)
    assert row == rows_of(table)[0]
    assert row.adjusted_p_value == pytest.approx(100 * row.p_value)


@given(ROWS, st.data())
def test_rows_are_exact_and_know_no_order(
    table: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    found = rows_of(table)
    assert rows_of(data.draw(st.permutations(table))) == found
    total, drawn = sum(row[1] for row in table), sum(row[2] for row in table)
    assert sum(row.n_matched for row in found) == drawn
    assert sum(row.expected for row in found) == pytest.approx(drawn)
    for row in found:
        exact = float(upper_tail(row.n_matched, row.n_answers, drawn, total))
        assert row.p_value == pytest.approx(exact, rel=1e-9)
        assert 0 < row.p_value <= row.adjusted_p_value <= 1
    assert [row.adjusted_p_value for row in found] == pytest.approx(
        holm([r.p_value for r in found])
    )
    assert list(found) == sorted(found, key=lambda row: (-row.n_matched, row.p_value, row.value))


@pytest.mark.parametrize("matched", [[1], [1, 5], [-1, 1]])
def test_counts_that_cannot_be_are_refused(matched: list[int]) -> None:
    with pytest.raises(ValueError, match=r"matched|length"):
        join_rows(["a", "b"], np.array([4, 4]), np.array(matched))


def test_row_p_values_hold_under_random_matching() -> None:
    rng = np.random.default_rng(1)
    answers = np.array([400, 100, 60, 30, 9, 1])
    p_values, smallest = [], []
    for _ in range(400):
        matched = rng.multivariate_hypergeometric(answers, 150)
        rows = join_rows(NAMES, answers, matched)
        p_values.append([row.p_value for row in rows])
        smallest.append(min(row.adjusted_p_value for row in rows))
    for level in (0.05, 0.2, 0.5):
        spread = 4 * math.sqrt(level * (1 - level) / 400)
        assert np.mean(np.array(p_values) <= level) <= level + spread
        assert np.mean(np.array(smallest) <= level) <= level + spread
