"""How far up a range reaches where the corpus is of another kind than the samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_matches import MIXED, TRUTH, matched, told
from known_text import WORDS, fingerprint

from provenance import Report
from provenance.matching.checks import other_kind
from provenance.matching.checks.other_kind import room_above
from provenance.records import Diagnostic
from provenance.share.mixture import Mixture
from provenance.share.part import ShareDoubt

PANEL = [fingerprint(name) for name in ("beta", "gamma", "delta")]


def check_of(report: Report) -> Diagnostic:
    [check] = [one for one in report.diagnostics if one.kind == "kind_of_text"]
    return check


def mixture(share: float, high: float, unknown: float, caution: float) -> Mixture:
    shares, highs = np.array([share, 1 - share]), np.array([high, 1.0])
    doubts = {0: ShareDoubt(caution)}
    return Mixture(shares, shares, highs, {}, shares, {}, unknown=unknown, doubts=doubts)


def test_the_room_by_hand() -> None:
    """Errors twice as large as allowed for, and a fifth that reads as no source's."""
    given_ = mixture(0.4, 0.5, 0.2, 1.5)
    assert room_above(given_, 0, 3.0) == pytest.approx(0.1 + 0.4 * 0.2 / 0.8)
    assert room_above(given_, 0, 1.0) == pytest.approx(0.1)
    assert room_above(mixture(0.0, 0.02, 0.3, 1.0), 0, 1.0) == 0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(1, 9), st.floats(1, 9))
def test_the_room_is_never_below_0(
    share: float, over: float, unknown: float, caution: float, factor: float
) -> None:
    high = share + over * (1 - share)
    assert room_above(mixture(share, high, unknown, caution), 0, factor) >= 0


def test_a_corpus_of_the_samples_kind_is_none_of_another() -> None:
    check = check_of(told(5)[0])
    assert check.verdict == "ok"
    assert check.statistic is not None and check.limit is not None
    assert check.statistic > check.limit


def test_two_sources_have_a_fit_of_their_own() -> None:
    assert not [one for one in told(2)[0].diagnostics if one.kind == "kind_of_text"]


def on_topic(text: str, rng: np.random.Generator) -> str:
    """A text on another topic: every fourth word is one of a few, whoever writes."""
    words = text.split(" ")
    for at in range(1, len(words) - 1, 4):
        words[at] = str(rng.choice(WORDS[:20])) + "." * words[at].endswith(".")
    return " ".join(words)


def test_a_range_reaches_up_where_the_text_is_of_another_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    written = [{**row, "text": on_topic(str(row["text"]), rng)} for row in MIXED]
    report = matched(written, panel=PANEL)
    check, (row,) = check_of(report), report.candidates("documents")
    assert check.verdict == "warn" and check.sentence in report.reasons
    assert row.high > TRUTH
    monkeypatch.setattr(other_kind, "room_above", lambda *_: 0.0)
    (plain,) = matched(written, panel=PANEL).candidates("documents")
    assert row.high > plain.high and row.low == plain.low
