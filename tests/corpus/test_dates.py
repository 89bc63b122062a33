"""What a file calls a date is read where there is one reading, refused else."""

from __future__ import annotations

import datetime

import pytest
from known_corpora import DAY, one, refusal

# --- dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-31", DAY),
        ("2024-01-31T23:59:59", DAY),
        ("2024-01-31T23:59:59Z", DAY),
        ("2024-02-01T00:30:00+02:00", DAY),
        ("2024-01-31 20:30:00-02:00", DAY),
        ("20240131", DAY),
        (1706659200, DAY),
        (1706745599, DAY),
        (1706745600, DAY + datetime.timedelta(1)),
        (1706659200.5, DAY),
        (1706659200000, DAY),
        ("1706659200", DAY),
        ("1706659200000", DAY),
    ],
)
def test_dates(value: object, expected: datetime.date) -> None:
    assert one({"text": "a", "at": value}, date_field="at").date == expected


@pytest.mark.parametrize("value", ["soon", "", None, True, [], 1e300, "9" * 400, "2024-13-01"])
def test_dates_that_are_none(value: object) -> None:
    row = {"text": "a", "at": value}
    assert one(row, date_field="at").date is None
    assert "<rows>:1: the date 'at' holds" in refusal([row], date_field="at", before=DAY)
