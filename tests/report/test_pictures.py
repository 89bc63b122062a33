"""What a report tells, drawn: every picture holds the figures that the report does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import report_examples as examples
from matplotlib.figure import Figure

from provenance.errors import InputError
from provenance.records import Finding, RowCalibration
from provenance.report.pictures import as_day, draw_over_time, draw_scores, pairs_html

CALIBRATION = RowCalibration(
    source="a", cllr=0.1, min_cllr=0.1, own=(1.0, 2.0, 3.0), others=(-3.0, -2.0, -1.0)
)


def axes() -> Any:
    return Figure().subplots()


@pytest.mark.parametrize(
    ("told", "day"),
    [("2024", date(2024, 1, 1)), ("2024-03", date(2024, 3, 1)), ("2024-03-09", date(2024, 3, 9))],
)
def test_days(told: str, day: date) -> None:
    assert as_day(told) == day


def test_what_is_no_day_is_named() -> None:
    with pytest.raises(InputError, match="'spring' is no day"):
        as_day("spring")


def test_time_runs_forward_beside_releases() -> None:
    row = examples.share("a", "candidate", "documents", 0.2, 0.1, 0.3)
    later = replace(row, share=None, low=0.0, high=0.5, verdict="bounded")
    drawn = draw_over_time([("2024-05", later), ("2023", row)], {"a $1": "2024-01-02"}, axes())
    bars = [np.asarray(line.get_ydata()).tolist() for line in drawn.lines]
    assert bars == [[10, 30], [20], [0, 50], [0, 1]]


def test_densities_of_the_mix_have_the_weights_of_the_share() -> None:
    drawn = draw_scores([-2.0, 2.0, float("nan")], CALIBRATION, 0.25, axes())
    mine, theirs, both = (np.asarray(line.get_xydata()) for line in drawn.lines)
    assert both[:, 1] == pytest.approx(mine[:, 1] + theirs[:, 1])
    step = np.diff(mine[:2, 0])[0]
    assert mine[:, 1].sum() / both[:, 1].sum() == pytest.approx(0.25, abs=0.02)
    assert 0.9 < both[:, 1].sum() * step < 1.01


def test_scores_that_are_all_one_are_drawn() -> None:
    flat = replace(CALIBRATION, own=(1.0, 1.0), others=(1.0, 1.0))
    draw_scores([1.0, 1.0], flat, 0.5, axes())


def test_pairs_are_escaped_and_marked() -> None:
    pair = {
        "id": "<b>",
        "path": "p",
        "line": 1,
        "answers": ["x"],
        "text": "<i>one two</i>",
        "spans": [[3, 6], [4, 10]],
        "answer_text": None,
    }
    found = Finding(kind="overlap", verdict="found", details={"of": "log", "pairs": [pair]})
    shown = pairs_html(found, 5)
    assert "<mark>one</mark><mark> two</mark>" in shown
    assert "<b>" not in shown
    assert "not kept" in shown
    assert "No row" in pairs_html(found, 0)


def test_a_report_without_a_log_has_no_pairs() -> None:
    with pytest.raises(InputError, match="nobody looked into a log"):
        replace(examples.estimated(), findings=()).log_pairs()


def test_a_report_without_a_share_has_no_mix() -> None:
    with pytest.raises(InputError, match=r"no share|calibration"):
        examples.withheld().plot_scores()
