"""Likelihood ratios of rows: their cost by hand and by law, and its way into a report."""

from __future__ import annotations

import numpy as np
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from known_text import panel

from provenance.errors import InputError
from provenance.report.report import Report
from provenance.scoring.calibration import (
    calibration_check,
    calibration_of,
    cllr,
    minimum_cllr,
    row_calibration,
    upper_quantiles,
)

OWN = np.array([True, True, False, False, False])


EVEN = np.ones(5)


def test_perfect_ratios_cost_nothing() -> None:
    llr = np.where(OWN, 40.0, -40.0)
    assert cllr(llr, OWN, EVEN) == pytest.approx(0, abs=1e-12)
    assert minimum_cllr(llr, OWN, EVEN) == pytest.approx(0, abs=1e-10)


def test_ratios_of_one_cost_one_bit() -> None:
    assert cllr(np.zeros(5), OWN, EVEN) == 1.0
    assert minimum_cllr(np.zeros(5), OWN, EVEN) == pytest.approx(1)


def test_the_cost_by_hand() -> None:
    llr = np.log([3.0, 1.0, 1.0, 1 / 3, 1 / 3])
    own = (np.log2(1 + 1 / 3) + 1) / 2
    others = (1 + 2 * np.log2(1 + 1 / 3)) / 3
    assert cllr(llr, OWN, EVEN) == pytest.approx((own + others) / 2)
    weight = np.array([1.0, 3.0, 2.0, 1.0, 1.0])
    own = (np.log2(1 + 1 / 3) + 3) / 4
    others = (2 + 2 * np.log2(1 + 1 / 3)) / 4
    assert cllr(llr, OWN, weight) == pytest.approx((own + others) / 2)


def test_recalibration_by_hand() -> None:
    """Two blocks: 2/3 of the own and 1/4 of the others above, the rest below."""
    llr = np.array([5.0, 5.0, 1.0, 5.0, 1.0, 1.0, 1.0])
    is_own = np.arange(7) < 3
    high, low = 2 / 3 / (2 / 3 + 1 / 4), 1 / 3 / (1 / 3 + 3 / 4)
    own = -(2 * np.log2(high) + np.log2(low)) / 3
    others = -(np.log2(1 - high) + 3 * np.log2(1 - low)) / 4
    assert minimum_cllr(llr, is_own, np.ones(7)) == pytest.approx((own + others) / 2)


def test_ratios_the_wrong_way_round_cost_more_than_none() -> None:
    llr = np.where(OWN, -3.0, 3.0)
    assert cllr(llr, OWN, EVEN) > 4
    assert minimum_cllr(llr, OWN, EVEN) == pytest.approx(1)


ratios = st.lists(st.floats(-30, 30), min_size=5, max_size=5).map(np.array)


@given(ratios, st.floats(0.1, 5), st.floats(-5, 5))
def test_no_monotone_change_beats_or_changes_the_minimum(
    llr: np.ndarray[tuple[int], np.dtype[np.float64]], slope: float, offset: float
) -> None:
    llr = llr.round(2)
    least = minimum_cllr(llr, OWN, EVEN)
    assert least <= cllr(llr, OWN, EVEN) + 1e-9
    assert least <= cllr(slope * llr + offset, OWN, EVEN) + 1e-9
    assert minimum_cllr(slope * llr, OWN, EVEN) == pytest.approx(least)
    assert -1e-9 <= least <= 1 + 1e-9


@given(ratios, st.integers(2, 5))
def test_copies_of_all_rows_change_nothing(
    llr: np.ndarray[tuple[int], np.dtype[np.float64]], copies: int
) -> None:
    once = calibration_of("a", llr, OWN, EVEN)
    often = calibration_of("a", *(np.repeat(part, copies) for part in (llr, OWN, EVEN)))
    assert often.cllr == pytest.approx(once.cllr)
    assert often.min_cllr == pytest.approx(once.min_cllr)
    assert (often.own, often.others) == (once.own, once.others)
    assert list(once.own) == sorted(once.own)
    assert (once.own[0], once.own[-1]) == (llr[OWN].min(), llr[OWN].max())


@pytest.mark.parametrize("n_sources", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_held_out_rows_of_a_panel(n_sources: int) -> None:
    found = row_calibration(panel(n_sources).samples("n-grams"), 0)
    assert found.source == "alpha"
    assert 0 < found.min_cllr <= found.cllr < 1
    assert np.median(found.own) > 0 > np.median(found.others)
    assert len(found.own) <= 60


def test_the_sentence_says_what_is_the_matter() -> None:
    good, vague, bold = (
        calibration_check(calibration_of("a", np.array(llr), OWN, EVEN))
        for llr in ([3.0, 2, -2, -3, -4], [0.0] * 5, [-1.0, -2, -20, -20, -20])
    )
    assert (good.verdict, vague.verdict, bold.verdict) == ("ok", "warn", "warn")
    assert vague.statistic == 1.0
    assert "A single row tells little" in vague.sentence
    assert "too bold or too timid" in bold.sentence


def test_tippett_plot() -> None:
    figure = pytest.importorskip("matplotlib.figure")
    for made in (examples.estimated(), examples.hostile()):
        axes = made.plot_tippett(ax=figure.Figure().subplots())
        own, others = axes.get_lines()[:2]
        assert np.asarray(own.get_xdata()).tolist() == [-1.5, 0.5, 2.0, 9.5]
        assert np.asarray(others.get_ydata()).tolist() == pytest.approx([100, 200 / 3, 100 / 3, 0])
        axes.figure.canvas.draw()
    with pytest.raises(InputError, match="no calibration of gpt-9"):
        examples.estimated().plot_tippett("gpt-9")
    without: Report = examples.withheld()
    with pytest.raises(InputError, match="no calibration"):
        without.plot_tippett()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=300), st.integers(-5, 5))
def test_rates_on_trusted_rows_are_never_told_too_low(values: list[int], at: int) -> None:
    told = upper_quantiles(np.array(values, float))
    n_above = sum(value >= at for value in values)
    assert sum(one >= at for one in told) / (len(told) - 1) >= n_above / len(values) - 1e-12
    assert told == tuple(sorted(told)) and {*told} <= {*values}
