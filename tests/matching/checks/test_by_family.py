"""What each feature family reads alone, by hand and on text of known share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_matches import MIXED, TRUTH, matched, told

from provenance.matching.checks.by_family import reading_of, rooms
from provenance.matching.matched import Settings
from provenance.share.mixture import Mixture


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(1, 3)), min_size=2, max_size=30))
@settings(deadline=None)
def test_the_reading_is_the_likeliest_share(passages: list[tuple[float, int]]) -> None:
    ratio, weight = (np.array(column, float) for column in zip(*passages, strict=True))
    group = np.arange(len(ratio)) % 4
    found = reading_of(ratio, weight, group, 4)
    assert found.shape == (5,)
    assert ((found >= 0) & (found <= 1)).all()

    def likelihood(share: float) -> float:
        return float((weight * np.log1p(share * np.expm1(ratio))).sum())

    grid = np.linspace(0, 1, 201)
    assert likelihood(found[0]) >= max(map(likelihood, grid)) - 1e-6


@pytest.mark.parametrize("ratio", [-1e6, -30.0, 30.0, 1e6])
def test_sure_passages_of_one_class_read_as_all_or_nothing(ratio: float) -> None:
    found = reading_of(np.full(8, ratio), np.ones(8), np.arange(8) % 2, 2)
    assert found == pytest.approx(np.full(3, float(ratio > 0)), abs=1e-6)


def test_a_group_left_out_by_hand() -> None:
    """Of sure passages the share without a group is that of the rest."""
    ratio = np.array([30.0, 30, 30, -30, -30, -30])
    found = reading_of(ratio, np.ones(6), np.array([0, 0, 1, 1, 2, 2]), 3)
    assert found[0] == pytest.approx(0.5, abs=1e-6)
    assert found[1:] == pytest.approx([0.25, 0.5, 0.75], abs=1e-6)


@pytest.mark.slow
def test_families_read_a_corpus_alike_and_near_its_share() -> None:
    report = told(3)[0]
    families = ["words", "shape", "tokens", "statistics"]
    assert [row.family for row in report.by_family] == families
    for row in report.by_family[:1] + report.by_family[2:3]:
        assert row.source == "alpha" and row.share is not None
        assert row.low <= TRUTH <= row.high
        assert row.share == pytest.approx(TRUTH, abs=0.1)
    [check] = [one for one in report.diagnostics if one.kind == "feature_families"]
    assert (check.verdict, check.source) == ("ok", "alpha")


def test_families_disagree_about_text_that_was_washed() -> None:
    """In capitals: the words are the candidate's still, and no token is."""
    washed = [{**row, "text": str(row["text"]).swapcase()} for row in MIXED]
    report = matched(washed)
    [check] = [one for one in report.diagnostics if one.kind == "feature_families"]
    assert check.verdict == "warn"
    assert check.sentence in report.reasons
    shown = {row.family: row for row in report.by_family}
    assert list(shown) == ["words", "shape", "tokens"]
    withheld = report.verdict == "withheld"
    assert all((row.share is None) is withheld for row in shown.values())
    if withheld:
        assert {(row.low, row.high) for row in shown.values()} == {(0, 1)}


def mixture(low: float, high: float) -> Mixture:
    shares = np.array([(low + high) / 2, 1 - (low + high) / 2])
    return Mixture(shares, np.array([low, 1 - high]), np.array([high, 1 - low]), {}, shares, {})


def read(share: float, spread: float = 0.0) -> np.ndarray:
    groups = share + spread * np.where(np.arange(20) % 2, 1, -1)
    return np.stack([np.concatenate([[share], groups]), np.full(21, 0.3)])


ASKED = Settings(confidence_level=0.95, caution=1.0, fdr=0.05, keep_text=False)
WASHED = {"words": read(0.3), "shape": read(0.27), "tokens": read(0.01), "statistics": read(0.0)}


def test_where_families_disagree_the_range_reaches_as_far_as_theirs() -> None:
    given = mixture(0.02, 0.1)
    found = rooms({0: WASHED}, given, "all families", ASKED)
    assert found[0] == pytest.approx((0.02, 0.2))
    wide = given.widened(found)
    assert (wide.low[0], wide.high[0]) == pytest.approx((0.0, 0.3))
    assert (wide.low[1], wide.high[1]) == pytest.approx((0.7, 1.0))
    assert (wide.shares == given.shares).all()


def test_no_family_that_was_left_out_has_a_say() -> None:
    assert rooms({0: WASHED}, mixture(0.2, 0.4), "words", ASKED) == {}


def test_families_that_agree_within_their_noise_move_nothing() -> None:
    near = {"words": read(0.3), "shape": read(0.27), "tokens": read(0.32)}
    assert rooms({0: near}, mixture(0.25, 0.26), "n-grams", ASKED) == {}
    noisy = {"words": read(0.3, 0.1), "tokens": read(0.01, -0.1)}
    assert rooms({0: noisy}, mixture(0.25, 0.26), "n-grams", ASKED) == {}


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1))
def test_a_range_is_never_narrowed(
    one: float, other: float, below: float, above: float, source: int
) -> None:
    given = mixture(min(one, other), max(one, other))
    wide = given.widened({source: (below, above)})
    assert (wide.low <= given.low).all() and (wide.high >= given.high).all()
    assert (wide.low >= 0).all() and (wide.high <= 1).all()
