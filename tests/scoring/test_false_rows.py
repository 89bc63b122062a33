"""Lists that may be cut anywhere, and posteriors that held-out rows support."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from provenance.scoring.false_rows import RowList, counted, supported

PLACES = st.lists(st.integers(1, 20), max_size=40)


@given(PLACES, st.integers(1, 5))
def test_rows_are_counted_alike_in_any_batches(places: list[int], size: int) -> None:
    p_values = np.array(places, np.float64) / 20
    batches = [p_values[at : at + size] for at in range(0, len(p_values), size)]
    found, counts = counted((one, np.ones(len(one))) for one in batches)
    expected, times = np.unique(p_values, return_counts=True)
    assert found.tolist() == expected.tolist() and counts.tolist() == times.tolist()


def test_a_row_that_was_not_scored_is_none() -> None:
    found, counts = counted([(np.array([np.nan, 0.5]), np.array([7.0, 2.0]))])
    assert (found.tolist(), counts.tolist()) == ([0.5], [2])
    assert [column.tolist() for column in counted([])] == [[], []]


def a_list() -> RowList:
    """Forty of a hundred rows are at 0.001: at most one of them is false, at 95 %."""
    return RowList.of(np.array([0.001, 0.9]), np.array([40, 60]), 0.95)


def test_a_list_by_hand() -> None:
    found = a_list()
    assert (found.n_rows, found.true_at_least) == (100, 39)
    rows, false = found.up_to(np.array([0.9, 0.001, np.nan]))
    assert rows[:2].tolist() == [100, 40] and false[:2].tolist() == [61, 1]
    assert np.isnan(rows[2]) and np.isnan(false[2])
    assert found.cuts() == [(40, 1)]


def test_a_p_value_that_no_row_has_counts_as_the_next_larger() -> None:
    rows, false = a_list().up_to(np.array([0.0005, 0.01, 1.0]))
    assert (rows.tolist(), false.tolist()) == ([40, 100, 100], [1, 61, 61])


def test_an_empty_list_tells_nothing() -> None:
    found = RowList.of(np.empty(0), np.empty(0, np.int64), 0.95)
    assert (found.n_rows, found.true_at_least, found.cuts()) == (0, 0, [])
    assert np.isnan(found.up_to(np.array([0.5]))).all()


@given(st.lists(st.integers(1, 300), min_size=1, max_size=60))
def test_cuts_are_places_of_the_list(places: list[int]) -> None:
    p_values, counts = counted([(np.array(places) / 1000, np.ones(len(places)))])
    found = RowList.of(p_values, counts, 0.75)
    every = set(zip(found.rows.tolist(), found.false.tolist(), strict=True))
    cuts = found.cuts()
    assert set(cuts) <= every and len(cuts) <= 10 and cuts == sorted(cuts)
    assert bool(cuts) == (found.true_at_least > 0)
    if cuts:
        # The last one has all that are not false.
        assert cuts[-1][0] - cuts[-1][1] == found.true_at_least


# Posteriors

ROWS = arrays(np.float64, (4, 3), elements=st.floats(1e-6, 1)).map(
    lambda rows: rows / rows.sum(axis=1, keepdims=True)
)


@pytest.mark.parametrize(
    ("posterior", "share", "n_held_out", "expected"),
    [
        # Odds of 1 to 1 are raised to 100 to 1, of 1 to 9 to 100 to 9, and no more.
        (0.9999, 0.5, 99, 100 / 101),
        (0.9999, 0.1, 99, 100 / 109),
        (0.9, 0.1, 99, 0.9),
        (0.9999, 0.5, 0, 0.5),
        # A share of 0 supports nothing, one of 1 everything.
        (0.3, 0.0, 99, 0.0),
        (0.3, 1.0, 99, 0.3),
    ],
)
def test_a_posterior_is_as_large_as_held_out_rows_support(
    posterior: float, share: float, n_held_out: int, expected: float
) -> None:
    rows = np.array([[posterior, 1 - posterior]])
    found = supported(rows, np.array([share, 1 - share]), 0, n_held_out)
    assert found[0] == pytest.approx([expected, 1 - expected])


@given(ROWS, st.integers(0, 2), st.integers(0, 1000))
def test_what_is_taken_off_goes_to_the_others_as_they_had_it(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]], candidate: int, n_held_out: int
) -> None:
    shares = np.array([0.2, 0.3, 0.5])
    found = supported(rows, shares, candidate, n_held_out)
    assert found.sum(axis=1) == pytest.approx(np.ones(4))
    assert (found[:, candidate] <= rows[:, candidate]).all()
    others = np.delete(np.arange(3), candidate)
    ratio = found[:, others] / found[:, others].sum(axis=1, keepdims=True)
    before = rows[:, others] / rows[:, others].sum(axis=1, keepdims=True)
    assert ratio == pytest.approx(before, abs=1e-4)


def test_a_row_that_nothing_else_explains_is_divided_by_the_shares() -> None:
    found = supported(np.array([[1.0, 0.0, 0.0]]), np.array([0.5, 0.4, 0.1]), 0, 9)
    assert found[0] == pytest.approx([10 / 11, 0.8 / 11, 0.2 / 11])
    assert np.isnan(supported(np.full((1, 2), np.nan), np.array([0.5, 0.5]), 0, 9)).all()
