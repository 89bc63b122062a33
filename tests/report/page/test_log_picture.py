"""The picture of a join with a log."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

import numpy as np
import pytest

from provenance.evidence.log.accounts import (
    JoinRow,
    join_rows,
)
from provenance.report.page.log_picture import join_picture


def rows_of(table: Iterable[tuple[str, int, int]], most: int = 50) -> tuple[JoinRow, ...]:
    values, answers, matched = [list(column) for column in zip(*table, strict=True)] or [[]] * 3
    return join_rows(values, np.array(answers, np.int64), np.array(matched, np.int64), most)


HOSTILE = ["$x^2", "<script>alert(1)</script>", "\u202eevil\x00", "a" * 10_000, "--><b>", "\ud800"]


def test_a_picture_is_one_svg_and_the_same_again() -> None:
    rows = rows_of([(name, 20, number) for number, name in enumerate(HOSTILE)])
    days = [("2024-02-28", 9, 1), ("2024-03-01", 20, 4), ("2024-03-02", 3, 3)]
    picture = join_picture(days, rows)
    assert picture == join_picture(days[::-1], rows)
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert "<script" not in picture and "<b>" not in picture
    assert "a" * 25 not in picture and "$x^2" in picture


@pytest.mark.parametrize(
    "days",
    [
        [],
        [("$a$", 3, 1), ("<b>", 4, 0)],
        [("0001-01-01", 1, 1), ("9999-12-31", 1, 0)],
        [("2024-01-01", 0, 0)],
    ],
)
def test_any_days_are_drawn(days: list[tuple[str, int, int]]) -> None:
    assert len(join_picture(days, rows_of([("an account", 9, 1)]))) < 200_000


def test_many_accounts_are_drawn_in_part_beside_many_days() -> None:
    many = rows_of([(f"account {number}", 9, 1) for number in range(30)])
    picture = join_picture([(f"2{n:03}-01-01", 5, n % 3) for n in range(100)], many)
    assert len(picture) < 200_000
    assert "account 26" in picture
    assert "account 27" not in picture


def test_nothing_is_drawn_of_what_is_not_there() -> None:
    days, accounts = [("2024-01-01", 3, 1)], rows_of([("an account", 9, 1)])
    n_panels = [
        join_picture(*given).count('id="axes_') for given in ((days, accounts), ([], accounts))
    ]
    assert n_panels == [2, 1]
    assert "matched answers a day" in join_picture(days, ())


@pytest.mark.parametrize("days", [[], [("2024-01-01", 3, 1)]])
def test_a_join_of_no_account_is_drawn(days: list[tuple[str, int, int]]) -> None:
    assert len(join_picture(days, ())) < 200_000
