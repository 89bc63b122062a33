"""What is shown of a validation is escaped and complete."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from known_validation import reading, validated
from rich.console import Console

from provenance.validation.page import (
    HEAD,
    cells,
    compared,
    figure,
    in_short,
    list_cells,
    markdown,
    page,
    render_terminal,
)
from provenance.validation.plan import SCENARIOS


@pytest.mark.slow
def test_lists_are_shown_everywhere() -> None:
    lists = validated().list_table()
    assert {row.scenario for row in lists} <= {*SCENARIOS} and lists
    for shown in (markdown(validated()), page(validated())):
        assert "rows listed at a q-value of at most 0.05" in shown
    assert f"| {' | '.join(list_cells(lists[0]))} |" in markdown(validated())


def test_what_is_shown_is_escaped_and_complete() -> None:
    named = replace(validated(), name="<b>\x1b[2J")
    shown = page(named)
    assert "<b>" not in shown and "\x1b" not in shown and shown == page(named)
    assert shown.count("<table>") == markdown(validated()).count("**") // 2
    assert len(figure(validated()).axes) == 2
    frame = validated().to_frame()
    assert len(frame) == len(validated().readings) and "low" in frame


def test_every_table_has_the_score_beside_the_width() -> None:
    [width] = [place for place, name in enumerate(HEAD) if name == "median width"]
    assert HEAD[width : width + 3] == ("median width", "Winkler score", "withheld")
    both = replace(validated(), readings=(reading(0.3, 0.2, 0.4), reading(None, 0.0, 1.0)))
    [row] = both.table()
    # A width of 20 points and 40 times a miss of 10.
    assert cells(row)[width:] == ("20.0", "420.0", "1")
    assert "| 20.0 | 420.0 | 1 |" in markdown(both) and "<td>420.0</td>" in page(both)
    # Told 20 points too much, and wholly above the truth.
    told = in_short(both)
    assert told.startswith("Of 2 corpora of known share 1 was told one.")
    assert "in 0 of these; the share is 20.0 points off on average, 20.0 at worst" in told
    assert told.endswith("stands in 1.") and told in page(both)
    none = replace(both, readings=(reading(None, 0.0, 1.0),))
    assert in_short(none) == "Of 1 corpus of known share none was told a share."


@pytest.mark.parametrize(
    ("sizes", "level", "told"),
    [
        ({"asked": 30000, "n": 30000}, 0.125, "30000 12.5 %   36"),
        ({"asked": 1500, "n": 1476}, 0.25, "1500 (1476)  25 %   36"),
    ],
)
def test_a_row_fits_in_a_terminal_of_80_columns(
    sizes: dict[str, int], level: float, told: str
) -> None:
    apart = [
        reading(level - 0.05, level - 0.1, level + 0.4, level=level, truth=level, split=k, **sizes)
        for k in range(36)
    ]
    shown = StringIO()
    console = Console(file=shown, width=80, color_system=None)
    render_terminal(replace(validated(), readings=tuple(apart)), console)
    text = shown.getvalue()
    assert "…" not in text
    assert told in text and "  50.0  50.0    0\n" in text


def test_lists_fit_in_a_terminal_of_80_columns_with_every_heading_whole() -> None:
    lists = {"n_listed": 1200, "n_false": 1200, "unknown": 1.0, "scenario": "unknown source"}
    shown = StringIO()
    console = Console(file=shown, width=80, color_system=None)
    render_terminal(replace(validated(), readings=(reading(0.3, 0.2, 0.4, **lists),)), console)
    text = shown.getvalue()
    assert "…" not in text and "100.0 %" in text
    assert all(heading in text for heading in ("scenario", "mean rows", "realised", "recall"))


def test_estimators_are_compared_on_all_corpora_in_a_row_each() -> None:
    theirs = {"estimator": "a peer"}
    found = [
        reading(0.3, 0.2, 0.4, **theirs),
        reading(0.05, 0.01, 0.1, truth=0.0, **theirs),
        reading(0.12, 0.05, 0.2),
        reading(None, 0.0, 1.0, truth=0.0),
    ]
    both = replace(validated(), readings=tuple(found))
    assert compared(both) == [
        ("provenance", "1/2", "2.00", "2.00", "1/1", "0", "0/1", "15.0", "15.0"),
        ("a peer", "2/2", "12.50", "20.00", "0/2", "2", "1/1", "14.5", "234.5"),
    ]
    assert markdown(both).startswith("**all corpora**") and "<h2>all corpora</h2>" in page(both)
    assert compared(validated()) == []
