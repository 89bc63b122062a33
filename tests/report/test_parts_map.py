"""Parts as a map of heat."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_examples as examples

from provenance.report.parts_map import heat, parts_maps


@pytest.mark.parametrize(("low", "shade"), [(0, 0), (1e-9, 1), (0.12, 2), (0.999, 9), (1, 9)])
def test_shades(low: float, shade: int) -> None:
    assert heat(low) == shade


def test_a_map_for_each_field() -> None:
    first, second = parts_maps(examples.estimated())
    assert (first.field, second.field) == ("source", "language")
    assert [(value, cells[0].heat) for value, _, cells in first.rows] == [
        ("web", 1),
        ("forum", 0),
        ("instructions", 5),
    ]


def test_months_stand_in_the_order_of_time() -> None:
    found = examples.estimated()
    months = [replace(found.breakdown[0], field="month", value=f"2025-{n:02}") for n in (3, 1, 2)]
    (told,) = parts_maps(replace(found, breakdown=tuple(months)))
    assert [value for value, _, _ in told.rows] == ["2025-01", "2025-02", "2025-03"]


def test_parts_of_which_nothing_is_told_stand_apart() -> None:
    (told,) = parts_maps(examples.model_like())
    assert [value for value, _, _ in told.rows] == ["web"] and told.untold == (("few", 9),)
    assert told.sources == ("gpt-4", "text like a language model's")
