"""Parts as a map of heat."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_examples as examples

from provenance.report.page.page import render_html
from provenance.report.page.parts_map import grids, heat, parts_maps


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


def test_crossed_fields_are_one_grid() -> None:
    found = examples.estimated()
    part = found.breakdown[0]
    values = ("web + 2025-01", "web + 2025-02", "forum + 2025-02")
    cross = [replace(part, field="source+created:month", value=value) for value in values]
    made = replace(found, breakdown=(*found.breakdown, *cross))
    [grid] = grids(made)
    assert (grid.field, grid.across, grid.source) == ("source", "created:month", "gpt-4")
    assert grid.columns == ("2025-01", "2025-02") and grid.n_more == 0
    assert [(name, [cell is not None for cell in cells]) for name, cells in grid.rows] == [
        ("web", [True, True]),
        ("forum", [False, True]),
    ]
    # They stand in no list beside.
    assert [*parts_maps(made)] == [*parts_maps(found)]
    assert "By source and created:month: gpt-4" in render_html(made)
    assert not [*grids(found)]


def test_a_grid_of_many_months_shows_the_newest() -> None:
    found = examples.estimated()
    months = [f"{year}-{month:02}" for year in range(2019, 2024) for month in range(1, 13)]
    cross = tuple(
        replace(found.breakdown[0], field="a+b:month", value=f"web + {month}") for month in months
    )
    [grid] = grids(replace(found, breakdown=cross))
    assert grid.columns == tuple(months[-24:]) and grid.n_more == 36


def test_a_crossing_of_too_small_parts_is_told_as_that() -> None:
    found = examples.model_like()
    few = next(part for part in found.breakdown if part.value == "few")
    cross = tuple(replace(few, field="a+b", value=f"x + {n}") for n in range(3))
    made = replace(found, breakdown=cross)
    [grid] = grids(made)
    assert (grid.rows, grid.n_untold) == ((), 3)
    assert "Nothing can be told of 3 cells." in render_html(made)
