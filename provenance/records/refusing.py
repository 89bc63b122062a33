"""What a record refuses of its own values; the message names the key and what it held."""

from __future__ import annotations

__all__ = ["check", "check_counts", "check_fractions", "check_interval"]


def check(condition: bool, message: str) -> None:
    """Refuse a record for which a condition does not hold; `message` begins with the key."""
    if not condition:
        raise ValueError(message)


def check_fractions(record: object, *names: str) -> None:
    """Refuse a record in which one of these fields is neither None nor in [0, 1]."""
    for name in names:
        value = getattr(record, name)
        check(value is None or 0 <= value <= 1, f"{name}: {value} is not in [0, 1]")


def check_counts(record: object, *names: str) -> None:
    """Refuse a record in which one of these fields is below 0."""
    for name in names:
        check(getattr(record, name) >= 0, f"{name}: {getattr(record, name)} is below 0")


def check_interval(low: float, high: float, confidence_level: float) -> None:
    """Refuse ends in the wrong order, and a level that is none."""
    check(low <= high, f"low: {low} is above high, {high}")
    within = 0 < confidence_level < 1
    check(within, f"confidence_level: {confidence_level} is not between 0 and 1")
