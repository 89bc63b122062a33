"""One reading of a date, or none: the same from every kind of file."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_corpora import one, refusal

from provenance.corpus import open_corpus
from provenance.corpus.rows.dates import BadDate, day_of
from provenance.errors import InputError

DAY = datetime.date(2024, 1, 31)
NOON = datetime.datetime(2024, 1, 31, 12, 30, 15)

EAST = datetime.timezone(datetime.timedelta(hours=13))

READ: list[tuple[object, datetime.date]] = [
    (2019, datetime.date(2019, 1, 1)),
    ("2019", datetime.date(2019, 1, 1)),
    (2019.0, datetime.date(2019, 1, 1)),
    ("2019.0", datetime.date(2019, 1, 1)),
    (1000, datetime.date(1000, 1, 1)),
    (2999, datetime.date(2999, 1, 1)),
    (20240131, DAY),
    ("20240131", DAY),
    ("20240131.0", DAY),
    (Decimal(20240131), DAY),
    (1706704215, DAY),
    (1706704215.25, DAY),
    ("1706704215.25", DAY),
    ("1.706704215e9", DAY),
    (1706704215_000, DAY),
    (1706704215_000_000, DAY),
    (1706704215_000_000_000, DAY),
    ("1706704215000000000", DAY),
    ("2024-01-31", DAY),
    (" 2024-01-31 ", DAY),
    ("2024-01", datetime.date(2024, 1, 1)),
    ("2024-01-31T23:59:59Z", DAY),
    ("2024-01-31T23:59:59.123456789Z", DAY),
    ("2024-02-01T00:30:00+02:00", DAY),
    ("2024-01-31 12:30:15 UTC", DAY),
    ("20240131T123015Z", DAY),
    ("2024/01/31", DAY),
    ("2024/1/31 12:30", DAY),
    ("2024.01.31", DAY),
    ("13/01/2024", datetime.date(2024, 1, 13)),
    ("01/13/2024", datetime.date(2024, 1, 13)),
    ("31.01.2024", DAY),
    ("31-1-2024 12:30:15", DAY),
    ("1/31/2024 11:30 PM", DAY),
    ("05/05/2024", datetime.date(2024, 5, 5)),
    ("Wed, 31 Jan 2024 12:30:15 +0000", DAY),
    ("Wed, 31 Jan 2024 23:30:15 -0500", datetime.date(2024, 2, 1)),
    ("31 Jan 2024 12:30:15 GMT", DAY),
    ("Wed Jan 31 12:30:15 +0000 2024", DAY),
    ("Wed Jan 31 12:30:15 2024", DAY),
    ("January 31, 2024", DAY),
    ("31st January 2024", DAY),
    (NOON, DAY),
    (NOON.replace(tzinfo=EAST), datetime.date(2024, 1, 30)),
    (DAY, DAY),
]  # fmt: skip

REFUSED: list[tuple[object, str]] = [
    ("03/04/2024", "which of its numbers is the day"),
    ("3.4.2024", "which of its numbers is the day"),
    ("13/01/24", "two digits"),
    ("13/13/2024", "no such day"),
    ("2024-02-30", "no such day"),
    (0, "no plausible epoch"),
    (-86400, "no plausible epoch"),
    (86400 * 365, "no plausible epoch"),
    (1, "no plausible epoch"),
    (45321, "no plausible epoch"),
    (20241301, "no plausible epoch"),
    (202401, "no plausible epoch"),
    (10**17, "no plausible epoch"),
    (1e300, "no plausible epoch"),
    (math.inf, "no such day"),
    ("9" * 99, "no plausible epoch"),
    ("9" * 400, "too long"),
    ("soon", "no form"),
    ("2024-01-31T12:00 local", "no form"),
    ("0001-01-01T00:00:00", "not plausible"),
    (datetime.date(1, 1, 1), "not plausible"),
    (True, "neither text nor a number"),
    ([2024], "neither text nor a number"),
    ({"$date": 1}, "neither text nor a number"),
    (datetime.timedelta(1), "neither text nor a number"),
]


@pytest.mark.parametrize(("value", "expected"), READ, ids=str)
def test_dates(value: object, expected: datetime.date) -> None:
    assert day_of(value) == expected


@pytest.mark.parametrize(("value", "said"), REFUSED, ids=lambda value: str(value)[:20])
def test_dates_that_are_refused(value: object, said: str) -> None:
    with pytest.raises(BadDate, match=said):
        day_of(value)


@pytest.mark.parametrize("value", [None, "", " ", "NaN", "NaT", "null", "None", math.nan])
def test_dates_that_are_none(value: object) -> None:
    assert day_of(value) is None


@given(st.dates(datetime.date(1990, 1, 2), datetime.date(2030, 1, 1)))
def test_all_ways_to_write_a_day_are_one(day: datetime.date) -> None:
    moment = datetime.datetime(day.year, day.month, day.day, 12, tzinfo=datetime.UTC)
    seconds = int(moment.timestamp())
    ways: list[object] = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
        f"{day:%Y/%m/%d}",
        moment,
        moment.isoformat(),
        *(seconds * 1000**power for power in range(4)),
        *(str(seconds * 1000**power) for power in range(4)),
        f"{day:%d} {_MONTHS[day.month - 1]} {day.year} 12:00:00 +0000",
    ]
    assert {day_of(way) for way in ways} == {day}


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@given(st.text(max_size=40) | st.floats() | st.integers() | st.from_regex(r"[\d/.: -]{1,20}"))
def test_whatever_stands_there_is_a_day_none_or_refused(value: object) -> None:
    try:
        day = day_of(value)
    except BadDate as bad:
        assert str(bad)
    else:
        assert day is None or 1000 <= day.year < 3000


@pytest.mark.parametrize(
    "value", [2019, 20240131, 1706704215, 1706704215000, "2024-01-31", "13/01/2024"]
)
def test_every_file_reads_the_same_date(tmp_path: Path, value: Any) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "a", "d": value}) + "\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": "a", "d": str(value)}) + "\n")
    (tmp_path / "c.csv").write_text(f"text,d\na,{value}\n")
    parquet.write_table(pyarrow.table({"text": ["a"], "d": [value]}), tmp_path / "d.parquet")
    days = {document.date for document in open_corpus(tmp_path, date_field="d")}
    assert days == {day_of(value)}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_timestamps_of_parquet(tmp_path: Path, unit: str, zone: str | None) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    column = pyarrow.array([NOON, None], pyarrow.timestamp(unit, zone))
    parquet.write_table(pyarrow.table({"text": ["a", "b"], "d": column}), tmp_path / "a.parquet")
    corpus = open_corpus(tmp_path, date_field="d")
    assert [document.date for document in corpus] == [DAY, None]
    assert corpus.counts.n_undated == 1


@pytest.mark.parametrize("field", ["year", "d"])
def test_years_and_days_as_whole_numbers(field: str) -> None:
    rows = [
        {"text": "older", "year": 2019, "d": 20190401},
        {"text": "newer", "year": 2024, "d": 20240401},
    ]
    day = datetime.date(2022, 1, 1)
    assert [d.text for d in open_corpus(rows, date_field=field, before=day)] == ["older"]
    assert [d.text for d in open_corpus(rows, date_field=field, after=day)] == ["newer"]


WHEN = [
    (2023, "2023-01-01", "2023-12-31"),
    ("2023", "2023-01-01", "2023-12-31"),
    ("2024-02", "2024-02-01", "2024-02-29"),
    ("2024-W05", "2024-01-29", "2024-02-04"),
    ("2024W05", "2024-01-29", "2024-02-04"),
    (2999, "2999-01-01", "2999-12-31"),
    ("2024-02-01", "2024-02-01", None),
    (20240201, "2024-02-01", None),
    (None, None, None),
    ("soon", None, None),
]


@pytest.mark.parametrize(("value", "first", "last"), WHEN)
def test_a_row_of_several_days_says_so(value: Any, first: str | None, last: str | None) -> None:
    (found,) = open_corpus([{"text": "a", "d": value}], date_field="d")
    days = [None if day is None else datetime.date.fromisoformat(day) for day in (first, last)]
    assert [found.date, found.date_until] == days
    assert found.last_date == (days[1] or days[0])


@pytest.mark.parametrize("bound", ["before", "after"])
def test_a_week_on_both_sides_of_a_day_is_refused(bound: str) -> None:
    rows = [{"text": "a", "d": "2024-W05"}]
    options: dict[str, Any] = {bound: datetime.date(2024, 2, 1)}
    with pytest.raises(InputError, match="the day asked for lies within it"):
        list(open_corpus(rows, date_field="d", **options))


def test_dates_that_cannot_be_read_are_told_apart() -> None:
    rows = [{"text": str(n), "d": value} for n, value in enumerate(("03/04/2024", None, "soon"))]
    corpus = open_corpus([*rows, {"text": "e", "d": "2024"}], date_field="d")
    assert [document.date for document in corpus][:3] == [None] * 3
    assert corpus.what_was_read()[1:] == [
        "2 rows with a date that cannot be read, first <rows>:1: 'd' holds '03/04/2024': which of"
        " its numbers is the day and which the month is not said",
        "1 row with no date, first <rows>:2",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("03/04/2024", "the date 'd' holds '03/04/2024': which of its numbers is the day"),
        (None, "the date 'd' holds None: nothing"),
        (86400, "no plausible epoch"),
    ],
)
def test_where_a_day_is_asked_for_the_row_is_refused(value: object, said: str) -> None:
    with pytest.raises(InputError) as caught:
        list(open_corpus([{"text": "a", "d": value}], date_field="d", before=DAY))
    assert said in str(caught.value)


@pytest.mark.parametrize("value", ["soon", "", None, True, [], 1e300, "9" * 400, "2024-13-01"])
def test_dates_that_are_none_stop_only_where_a_day_is_asked_for(value: object) -> None:
    row = {"text": "a", "at": value}
    assert one(row, date_field="at").date is None
    assert "<rows>:1: the date 'at' holds" in refusal([row], date_field="at", before=DAY)


@pytest.mark.parametrize(
    ("value", "before", "is_refused"),
    [
        (2022, (2022, 1, 1), False),
        (2022, (2022, 6, 1), True),
        ("2022.0", (2022, 12, 31), True),
        (2022, (2023, 1, 1), False),
        ("2022-06", (2022, 6, 1), False),
        ("2022-06", (2022, 6, 2), True),
        ("2022-06", (2022, 7, 1), False),
        ("2022/12", (2022, 12, 15), True),
        ("2022-06-01", (2022, 6, 2), False),
    ],
)
@pytest.mark.parametrize("option", ["before", "after"])
def test_a_year_on_both_sides_of_a_day_is_refused(
    value: object, before: tuple[int, int, int], is_refused: bool, option: str
) -> None:
    rows = [{"text": "a", "d": value}] + [{"text": "b", "d": year} for year in (1990, 2030)]
    changes = {"date_field": "d", option: datetime.date(*before)}
    if is_refused:
        assert "the day asked for lies within it" in refusal(rows, **changes)
    else:
        assert len(list(open_corpus(rows, **changes))) in (1, 2)
