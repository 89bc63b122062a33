"""What a corpus is broken down by: fields, months and years of dates, files, and these crossed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

__all__ = ["BETWEEN", "PartField", "crossed", "part_fields", "part_value"]

BETWEEN: Final = " + "
"""Stands between the values of fields that are crossed."""
_SPANS: Final = {"year": 4, "month": 7}
"""Letters of a day as 2024-05-31 that tell each."""


@dataclass(frozen=True, slots=True)
class PartField:
    """One field; `span` is year or month where its values are days."""

    field: str
    span: str | None = None


@cache
def part_fields(name: str) -> tuple[PartField, ...]:
    """The fields of a name that is asked for: ``A``, ``A:month``, ``A+B:year``.

    Examples
    --------
    >>> [(one.field, one.span) for one in part_fields("source+created:month")]
    [('source', None), ('created', 'month')]
    """
    found = []
    for one in name.split("+"):
        field, _, span = one.rpartition(":")
        is_span = bool(field) and span in _SPANS
        found.append(PartField(field, span) if is_span else PartField(one))
    return tuple(found)


def crossed(values: list[str]) -> str:
    """Values of several fields as one; nothing within one of them looks like what joins them."""
    if len(values) == 1:
        return values[0]
    return BETWEEN.join(one.replace(BETWEEN, "+") or "(none)" for one in values)


def part_value(name: str, value_of: Callable[[str], Any]) -> str:
    """The value of a row by a name that is asked for; empty where it has none.

    Parameters
    ----------
    name : str
    value_of : callable
        What stands in a field, None where nothing does.

    Examples
    --------
    >>> row = {"source": "web", "created": "2024-05-31T10:00:00Z"}
    >>> part_value("source+created:month", row.get), part_value("absent", row.get)
    ('web + 2024-05', '')
    """
    return crossed([_told(one, value_of(one.field)) for one in part_fields(name)])


def _told(part: PartField, value: object) -> str:
    if value is None:
        return ""
    if part.span is None:
        return str(value)
    # Loaded where a date is read: options alone do without.
    from provenance.corpus.rows.dates import BadDate, day_of

    try:
        day = day_of(value)
    except BadDate:
        return ""
    return "" if day is None else day.isoformat()[: _SPANS[part.span]]
