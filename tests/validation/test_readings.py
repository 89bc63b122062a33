"""Tables of readings, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest
from known_validation import reading

from provenance.statistics.intervals import clopper_pearson
from provenance.validation.readings import Reading, list_table, table


def test_a_table_by_hand() -> None:
    [row] = table(
        [
            reading(0.12, 0.05, 0.2),
            reading(0.2, 0.11, 0.3, n=90),
            reading(0.06, 0.0, 0.11, split=1),
            reading(None, 0.0, 1.0, split=1),
        ]
    )
    assert (row.corpora, row.withheld, row.told, row.fewest) == (4, 1, 3, 90)
    assert row.error == pytest.approx((0.02 + 0.1 + 0.04) / 3)
    assert row.worst == pytest.approx(0.1)
    assert row.bias == pytest.approx((0.02 + 0.1 - 0.04) / 3)
    assert (row.covered, row.covered_all) == (2, 3)
    assert (row.low_above_truth, row.low_above_zero) == (1, 2)
    assert row.mean_low == pytest.approx(0.16 / 3)
    assert row.median_width == pytest.approx(0.15)
    # Widths of 0.15, 0.19 and 0.11; one is missed by 0.01, which costs 40 times as much.
    assert row.winkler_score == pytest.approx((0.15 + 0.19 + 0.11 + 0.4) / 3)


def test_a_miss_costs_two_over_one_less_the_level() -> None:
    missed = [reading(0.2, 0.15, 0.3), reading(None, 0.5, 0.6)]
    for level, cost in ((0.5, 4), (0.9, 20), (0.99, 200)):
        [row] = table(missed, level)
        assert (row.withheld, row.told) == (1, 1)
        assert row.winkler_score == pytest.approx(0.15 + cost * 0.05)


def test_corpora_that_share_rows_count_as_one_trial() -> None:
    apart = [reading(0.1, 0.0, 0.2, split=number) for number in range(6)]
    together = [reading(0.1, 0.0, 0.2) for _ in range(6)]
    [independent], [dependent] = table(apart), table(together)
    assert (independent.independent, dependent.independent) == (6, 1)
    assert independent.covered_low == clopper_pearson(6, 6)[0]
    assert dependent.covered_low == clopper_pearson(1, 1)[0]


def test_a_table_has_a_row_for_each_kind_and_none_for_nothing() -> None:
    kinds: list[dict[str, Any]] = [
        {},
        {"level": 0.2},
        {"asked": 50},
        {"unknown": 0.3},
        {"trusted": 50},
        {"estimator": "a peer"},
        {"scenario": "length"},
    ]
    found = table(reading(0.1, 0.0, 0.2, **changes) for changes in kinds for _ in range(2))
    assert [row.corpora for row in found] == [2] * len(kinds)
    [held] = table([reading(None, 0.0, 1.0)])
    assert {held.error, held.covered_low, held.median_width, held.winkler_score} == {None}
    assert table([]) == ()


def listed(n_listed: int | None, n_false: int | None, **changes: Any) -> Reading:
    withheld = n_listed is None
    given = {"n_listed": n_listed, "n_false": n_false, **changes}
    return reading(None if withheld else 0.1, 0.0, 1.0, **given)


def test_a_table_of_lists_by_hand() -> None:
    """False shares 1/4, 0 of an empty list and 1/2; 3 + 0 + 1 of 3 times 10 rows are found."""
    readings = [
        listed(4, 1),
        listed(0, 0, asked=500),
        listed(2, 1, split=1),
        listed(None, None),
        listed(None, None, estimator="a peer"),
        listed(3, 3, level=0.0, truth=0.0),
        listed(None, None, level=0.5, truth=0.5),
        listed(None, None, scenario="other domain"),
    ]
    none, tenth, half = list_table(readings)
    assert [row.level for row in (none, tenth, half)] == [0.0, 0.1, 0.5]
    assert (tenth.scenario, tenth.corpora, tenth.with_list) == ("closed", 4, 3)
    assert tenth.mean_listed == pytest.approx(2.0)
    assert tenth.realised_fdr == pytest.approx(0.25)
    assert tenth.worst == pytest.approx(0.5)
    assert tenth.recall == pytest.approx(4 / 30)
    assert (none.realised_fdr, none.worst, none.recall) == (1.0, 1.0, None)
    assert (half.with_list, half.mean_listed, half.realised_fdr, half.recall) == (0, *[None] * 3)
    assert list_table([]) == ()
