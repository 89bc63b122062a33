"""A known share, told with what it rests on."""

from __future__ import annotations

import pytest
from known_matches import MIXED, matched, told


@pytest.mark.parametrize("n_sources", [2, 5])
def test_a_known_share_is_found(n_sources: int) -> None:
    report, _ = told(n_sources)
    [row] = report.candidates()
    assert report.verdict == "estimated"
    assert row.source == "alpha"
    assert row.low <= 0.3 <= row.high
    assert row.low > 0
    assert row.high - row.low < 0.4


@pytest.mark.parametrize("n_sources", [2, 5])
def test_shares_of_a_unit_add_up(n_sources: int) -> None:
    report, _ = told(n_sources)
    for unit in ("documents", "tokens"):
        found = [row for row in report.shares if row.unit == unit]
        assert sum(row.share or 0 for row in found) == pytest.approx(1)
        assert [row.role for row in found].count("unknown") == 1
        assert len(found) == n_sources + 1
        assert all(row.low <= (row.share or row.low) <= row.high for row in found)


def test_short_rows_widen_the_shares_of_all_rows() -> None:
    report = matched([*MIXED, *[{"text": "too short"}] * 50])
    assert (report.corpus.n_scored, report.corpus.n_too_short) == (200, 50)
    for row, whole in zip(report.shares, report.shares_all, strict=True):
        assert (row.source, row.unit) == (whole.source, whole.unit)
        assert whole.low <= row.low
        assert whole.high >= row.high * 0.8
        if row.unit == "documents":
            assert whole.low == pytest.approx(row.low * 0.8)
            assert whole.high == pytest.approx(min(1, row.high * 0.8 + 0.2))


def test_a_report_without_text_shows_none() -> None:
    report = matched(MIXED, keep_text=False, fdr=0.9)
    assert report.excerpts == report.drawn == ()
    assert "\n".join(report.to_dict()["reasons"])
