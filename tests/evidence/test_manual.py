"""The manuals' tables of constants are those of the code."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import provenance.evidence

FOLDER = Path(provenance.evidence.__file__).parent
ROOMS = ("canary", "hidden", "log", "regenerated", "washed", "watermark")
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| `(\w+)\.py` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
ROWS = [
    (room, *row) for room in ROOMS for row in ROW.findall((FOLDER / room / "README.md").read_text())
]


def number(text: str) -> float:
    """A figure of a table, of which ``2**16`` is one."""
    factor, _, power = text.partition("**")
    return float(float(factor) ** int(power or 1))


@pytest.mark.parametrize(("room", "name", "value", "file", "source"), ROWS)
def test_every_row_is_a_constant_of_this_value(
    room: str, name: str, value: str, file: str, source: str
) -> None:
    known = getattr(import_module(f"provenance.evidence.{room}.{file}"), name)
    assert known == number(value)
    assert source.strip()


@pytest.mark.parametrize("room", ROOMS)
def test_every_manual_has_a_table_without_a_row_twice(room: str) -> None:
    rows = [(name, file) for own, name, _, file, _ in ROWS if own == room]
    assert len(rows) == len({*rows}) > 5


@pytest.mark.parametrize(("text", "value"), [("0.001", 0.001), ("2**16", 65536), ("1e-4", 1e-4)])
def test_figures_are_read(text: str, value: float) -> None:
    assert number(text) == value
