"""What a file calls a date to a day in UTC: read where there is one reading, refused else."""

from __future__ import annotations

import datetime
import math
import re
from decimal import Decimal
from typing import Any

__all__ = ["BadDate", "day_of", "last_day"]

_EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC).timestamp()
"""An epoch before it is more likely something else: few texts that are dated to the second are
older, and small numbers, years and ids all fall below. A round figure, not tuned."""
_YEARS_AHEAD = 10
"""Years from now after which an epoch is more likely something else; a round figure, not tuned."""
_YEAR = 31_556_952
"""Seconds of a mean Gregorian year."""
_UNITS = (1, 10**3, 10**6, 10**9)
"""Seconds, milli-, micro- and nanoseconds; their windows of plausible epochs do not overlap."""
_YEARS = range(1000, 3000)
_MISSING = frozenset({"", "nan", "nat", "null", "none", "n/a", "na", "<na>", "-"})
_LONGEST = 100
"""Characters of a date at most; a round figure, not tuned."""

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_TIME = r"(?P<time>(?:[T,]\s*|\s+)\d{1,2}:\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})(?:[-/.](\d{{1,2}}))?{_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_CLOCKS = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?")
_COARSE = re.compile(r"\d{4}(?:\.0*)?(?:[-/.](\d{1,2}))?")
_WEEK = re.compile(r"\d{4}-?W\d{2}")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d).*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_CLOCK = r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?"
_ZONE = r"(?P<zone>[+-]\d{4}|Z|UTC|GMT|UT|EST|EDT|CST|CDT|MST|MDT|PST|PDT)"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?"
_NAMED = tuple(
    re.compile(_WEEKDAY + form, re.IGNORECASE)
    for form in (
        rf"{_DAY}[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}(?:\s*{_ZONE})?)?(?:\s*\(.*\))?",
        rf"{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}(?:\s*{_ZONE})?)?",
        rf"{_MONTH}\s+{_DAY}\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})",
    )
)
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}


class BadDate(ValueError):  # noqa: N818  (told of a row, no fault of the program)
    """A value that is no date, or might be two; it says why."""


def day_of(value: object) -> datetime.date | None:
    """Read a day in UTC, None where nothing is said.

    A year, a month or a week is its first day. Years are 1000 to 2999; numbers are years,
    days as in 20240131, or epochs from 1990 to ten years from now in seconds, milli-, micro- or
    nanoseconds. What has no zone is taken as UTC.

    Raises
    ------
    BadDate
        Where it is no date, an epoch that is not plausible, or might be two days.

    Examples
    --------
    >>> day_of("2024-01-31T23:30:00-02:00"), day_of(1706745600), day_of(None)
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 1), None)
    >>> day_of(2019), day_of("20240401"), day_of("13/01/2024")
    (datetime.date(2019, 1, 1), datetime.date(2024, 4, 1), datetime.date(2024, 1, 13))
    """
    try:
        return _day(value)
    except BadDate:
        raise
    except (ValueError, OverflowError, OSError, ArithmeticError):
        raise BadDate("there is no such day") from None


def last_day(value: object, first: datetime.date) -> datetime.date:
    """Find the last day of what was read as `first`: of a year, month or week, else the day itself.

    Examples
    --------
    >>> day = datetime.date(2024, 2, 1)
    >>> last_day("2024-02", day), last_day("2024-02-01", day)
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 1))
    >>> last_day("2024-W05", datetime.date(2024, 1, 29))
    datetime.date(2024, 2, 4)
    """
    told = str(value)[:_LONGEST].strip()
    if _WEEK.fullmatch(told):
        return first + datetime.timedelta(6)
    found = _COARSE.fullmatch(told) if first.day == 1 else None
    if found is None:
        return first
    months = 12 * first.year + (12 if found[1] is None else first.month)
    return datetime.date(months // 12, months % 12 + 1, 1) - datetime.timedelta(1)


def _day(value: object) -> datetime.date | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _of_text(value.strip())
    if isinstance(value, datetime.date):
        return _of_object(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadDate("it is neither text nor a number")
    return None if isinstance(value, float) and math.isnan(value) else _of_number(value)


def _of_object(value: datetime.date) -> datetime.date | None:
    if value != value:  # pandas' NaT is a datetime that equals nothing
        return None
    if isinstance(value, datetime.datetime):
        value = _in_utc(value)
    return _plausible(value)


def _in_utc(moment: datetime.datetime) -> datetime.date:
    return (moment if moment.tzinfo is None else moment.astimezone(datetime.UTC)).date()


def _plausible(day: datetime.date) -> datetime.date:
    if day.year not in _YEARS:
        raise BadDate(f"the year {day.year} is not plausible")
    return day


def _of_number(number: int | float | Decimal) -> datetime.date:
    whole = int(number)
    if whole == number:
        if whole in _YEARS:
            return datetime.date(whole, 1, 1)
        if whole // 10_000 in _YEARS and _is_day(whole):
            return datetime.date(whole // 10_000, whole // 100 % 100, whole % 100)
    latest = datetime.datetime.now(datetime.UTC).timestamp() + _YEARS_AHEAD * _YEAR
    for unit in _UNITS:
        seconds = float(number) / unit
        if _EARLIEST <= seconds <= latest:
            return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    raise BadDate("it is no year, no day as in 20240131 and no plausible epoch")


def _is_day(number: int) -> bool:
    try:
        datetime.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True


def _of_text(text: str) -> datetime.date | None:
    if text.lower() in _MISSING:
        return None
    if len(text) > _LONGEST:
        raise BadDate("it is too long for a date")
    if _NUMBER.fullmatch(text):
        return _of_number(_number(text))
    if found := _YEAR_LAST.fullmatch(text):
        day = _of_slashes(int(found[1]), int(found[3]), int(found[4]))
        return _at_time(day, found["time"])
    if _SHORT_YEAR.fullmatch(text):
        raise BadDate("its year has two digits")
    for form in _NAMED:
        if found := form.fullmatch(text):
            return _of_names(found.groupdict())
    return _of_iso(text)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if number.adjusted() > 20:
        raise BadDate("it is no year, no day as in 20240131 and no plausible epoch")
    return number


def _of_slashes(first: int, second: int, year: int) -> datetime.date:
    if first != second and first <= 12 and second <= 12:
        raise BadDate("which of its numbers is the day and which the month is not said")
    day, month = (first, second) if first > 12 else (second, first)
    return _plausible(datetime.date(year, month, day))


def _of_names(found: dict[str, Any]) -> datetime.date:
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    clock = [int(part) for part in (found["clock"] or "0:00").split(":")]
    moment = datetime.datetime(int(found["year"]), month, int(found["day"]), *clock)  # type: ignore[arg-type]
    return _plausible((moment - _offset(found["zone"] or "")).date())


def _offset(zone: str) -> datetime.timedelta:
    if zone[:1] in ("+", "-"):
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        return datetime.timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return datetime.timedelta(hours=_ZONES.get(zone.upper(), 0))


def _of_iso(text: str) -> datetime.date:
    plain = re.sub(r"\s*(?:UTC|GMT)\Z", "+00:00", text)
    try:
        moment = datetime.datetime.fromisoformat(plain)
    except ValueError:
        found = _YEAR_FIRST.fullmatch(text)
        if found is None:
            raise BadDate("it is in no form of a date that is known") from None
        day = datetime.date(int(found[1]), int(found[2]), int(found[3] or 1))
        return _at_time(_plausible(day), found["time"])
    return _plausible(_in_utc(moment))


def _at_time(day: datetime.date, time: str | None) -> datetime.date:
    """The day in UTC of a time on a day, where the time is in a form that is known."""
    clock = (time or "").strip(" ,T")
    if not clock or _CLOCKS.fullmatch(clock):
        return day
    plain = re.sub(r"\s*(?:UTC|GMT)\Z", "+00:00", clock)
    try:
        moment = datetime.datetime.fromisoformat(f"{day.isoformat()}T{plain.replace(' ', '')}")
    except ValueError:
        raise BadDate("its time is in no form that is known") from None
    return _plausible(_in_utc(moment))
