"""Rows with an error rate: p-values by hand, uniform where nothing is, and q-values in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_text import SPEC, documents, panel, scored, texts
from numpy.typing import NDArray

from provenance.matching.tally import Tally
from provenance.scoring.p_values import FEWEST_POOLED, Conformal, Pooled, row_check
from provenance.scoring.scored import Scored, document_means, row_statistic
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import benjamini_hochberg

VIEW = "n-grams"


def corpus(found: Sequence[str], n_sources: int = 2) -> Scored:
    result = Tally(SPEC, n_sources)
    result.add(scored(documents(found), n_sources))
    return result.sampled(VIEW).scored


def fitted(found: Sequence[str], n_sources: int = 2) -> Conformal:
    return Conformal.unread(panel(n_sources).samples(VIEW), 0).read(corpus(found, n_sources))


def statistics(
    found: Sequence[str], n_sources: int = 2
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    batch = scored(documents(found), n_sources)
    values = row_statistic(batch.log_posterior[VIEW], 0)
    return document_means(values, batch.document, batch.passage_tokens, len(found))[:, 0]


def made(*nulls: Sequence[float] | NDArray[np.float32]) -> Conformal:
    return Conformal(
        0, tuple(np.array(null, np.float32) for null in nulls), np.empty(0), np.empty(0)
    )


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [(9.0, 1 / 5), (4.0, 2 / 5), (3.5, 2 / 5), (1.0, 1.0), (0.0, 1.0), (np.nan, np.nan)],
)
def test_p_values_by_hand(statistic: float, expected: float) -> None:
    one = made([1.0, 2.0, 3.0, 4.0])
    assert one.p(np.array([statistic])) == pytest.approx([expected], nan_ok=True)


def test_the_largest_over_the_other_sources_counts() -> None:
    both = made([1.0, 2.0, 3.0, 4.0], [5.0, 6.0])
    assert both.p(np.array([4.5, 9.0])) == pytest.approx([1.0, 1 / 3])
    assert both.floor == pytest.approx(1 / 3)


def test_the_largest_counts_wherever_its_source_stands() -> None:
    """Above all of four, 1/5; below both of two, 1."""
    weak, strong = [1.0, 2.0, 3.0, 4.0], [5.0, 6.0]
    for nulls in ((weak, strong), (strong, weak)):
        assert made(*nulls).p(np.array([4.5, 5.5])) == pytest.approx([1.0, 2 / 3])


@given(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=20), st.data())
def test_a_stronger_row_has_no_larger_p_value(null: list[float], data: st.DataObject) -> None:
    one = made(sorted(null))
    rows = sorted(data.draw(st.lists(st.floats(-10, 10, width=32), min_size=2, max_size=20)))
    found = one.p(np.array(rows, np.float32))
    assert (np.diff(found) <= 0).all()
    assert (found >= one.floor).all()
    assert (found <= 1).all()


def test_q_values_rise_with_p_values_and_are_never_below_them() -> None:
    corpus = [*texts("alpha", 40, 3), *texts("human", 60, 3)]
    one = fitted(corpus)
    p_values = np.sort(one.p(statistics(corpus)))
    q_values = one.q(p_values)
    assert (np.diff(q_values) >= 0).all()
    assert (q_values >= p_values).all()
    anything = np.linspace(0, 1, 101)
    assert (one.q(anything) >= anything).all()
    assert (np.diff(one.q(anything)) >= 0).all()


def test_missing_p_values_stay_missing() -> None:
    one = fitted(texts("human", 5, 3))
    assert np.isnan(one.q(np.array([np.nan, 0.5]))).tolist() == [True, False]
    assert np.isnan(made([1.0]).q(np.array([0.5]))).all()


@given(st.integers(2, 30))
@settings(max_examples=5, deadline=None)
def test_copies_of_a_row_are_one_test(copies: int) -> None:
    corpus = [*texts("alpha", 5, 3), *texts("human", 25, 3)]
    once, often = fitted(corpus), fitted([corpus[0]] * copies + corpus[1:])
    assert np.array_equal(once.p_values, often.p_values)
    assert np.array_equal(once.q_values, often.q_values)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_rows_of_other_sources_are_listed_no_more_often_than_they_say(n_sources: int) -> None:
    """Super-uniform: 300 fresh rows of each other source, a one-sided 99.9 % bound."""
    for name in panel(n_sources).names[1:]:
        rows = texts(name, 300, 21)
        p_values = fitted(rows, n_sources).p(statistics(rows, n_sources))
        for level in (0.02, 0.1, 0.3):
            hits = int((p_values <= level).sum())
            # The null's own 150 rows move the level by one standard error of theirs.
            allowed = level + 3 * np.sqrt(level * (1 - level) / 150)
            assert clopper_pearson(hits, 300, 0.99)[0] <= allowed, (name, level)


def test_rows_of_the_candidate_are_found_and_few_others() -> None:
    rows = [*texts("alpha", 200, 3), *texts("human", 200, 3)]
    one = fitted(rows)
    listed = one.q(one.p(statistics(rows))) <= 0.1
    assert listed[:200].mean() > 0.5
    assert listed[200:].sum() <= 0.25 * listed.sum()


def corpus_of(p_values: Sequence[float], counts: Sequence[float], n_null: int) -> Conformal:
    found, rows = np.array(p_values), np.array(counts, np.float64)
    null = np.arange(n_null, dtype=np.float32)
    return Conformal(0, (null, null[:9999]), found, benjamini_hochberg(found, rows), rows)


def test_what_the_held_out_rows_allow_by_hand() -> None:
    """4 of 100 rows at a floor of 1/50: q is 0.5, and 0.05 needs 100 / (4 * 0.05) - 1 = 499."""
    found = corpus_of([1 / 50, 1.0], [4, 96], 49)
    assert (found.n_held_out, found.n_at_floor) == (49, 4)
    assert found.smallest_q == pytest.approx(0.5)
    assert found.n_missing(0.05) == 499 - 49
    assert found.n_missing(0) is None
    check = row_check(found, "a", 0.05, expected=True)
    assert (check.verdict, check.statistic, check.limit) == ("warn", found.smallest_q, 0.05)
    assert "No row is listed for a at 0.05" in check.sentence and "below 0.5." in check.sentence
    assert "at least 450 more held-out reference documents (499 of each" in check.sentence
    assert row_check(found, "a", 0.05, expected=False).verdict == "ok"
    listed = row_check(corpus_of([1 / 50, 1.0], [50, 50], 49), "a", 0.05, expected=True)
    assert listed.verdict == "ok"
    assert "50 rows are listed for a" in listed.sentence


@given(st.integers(5, 60), st.integers(1, 40), st.integers(0, 60), st.floats(0.01, 0.9))
def test_the_documents_asked_for_suffice(n_null: int, own: int, rest: int, fdr: float) -> None:
    found = corpus_of([1 / (n_null + 1), 1.0], [own, rest], n_null)
    missing = found.n_missing(fdr)
    assert missing is not None
    assert (missing == 0) == (found.smallest_q <= fdr) or found.smallest_q == pytest.approx(fdr)
    more = n_null + missing
    after = corpus_of([1 / (more + 1), 1.0], [own, rest], more)
    assert after.smallest_q <= fdr * (1 + 1e-9)


def kinds(n_kinds: int, n_rows: int, seed: int = 0) -> tuple[NDArray[np.float32], ...]:
    """Held-out rows of kinds whose scores differ in centre and spread, and in nothing else."""
    rng = np.random.default_rng(seed)
    return tuple(
        np.sort(rng.normal(-kind / 4, 1 + kind / 20, n_rows)).astype(np.float32)
        for kind in range(n_kinds)
    )


def beside_pool(nulls: tuple[NDArray[np.float32], ...], people: Sequence[int]) -> Conformal:
    empty = np.empty(0)
    return Conformal(0, nulls, empty, empty, empty, Pooled.of(nulls, people))


def test_few_kinds_are_not_pooled() -> None:
    nulls, every = kinds(FEWEST_POOLED, 30), range(FEWEST_POOLED)
    assert Pooled.of(nulls, every) is not None
    assert Pooled.of(nulls, every[1:]) is None
    small, alike = (*nulls[:-1], nulls[-1][:5]), (*nulls[:-1], np.ones(30, np.float32))
    assert Pooled.of(small, every) is None and Pooled.of(alike, every) is None
    assert Conformal.unread(panel(3).samples(VIEW), 0, [1, 2]).pooled is None


def test_the_pool_by_hand() -> None:
    """Half of each kind lies one below its centre and half one above."""
    nulls = tuple(np.repeat([10.0 * kind - 1, 10.0 * kind + 1], 10) for kind in range(18))
    found = Pooled.of(nulls, range(18))
    assert found is not None and len(found.distances) == 360
    # Above all, above the lower half, and below all.
    assert found.p(1, np.array([11.5, 10.5, 8.0])) == pytest.approx([2 / 361, 1.0, 1.0])
    assert found.floor == pytest.approx(2 / 361)


def test_pooled_rows_reach_below_what_a_kind_alone_allows() -> None:
    nulls = kinds(20, 60)
    one, plain = beside_pool(nulls, range(20)), made(*nulls)
    assert plain.floor == pytest.approx(1 / 61)
    assert one.floor == pytest.approx(2 / 1201)
    rows = np.linspace(-9, 9, 200)
    assert (np.diff(one.p(rows)) <= 0).all() and (one.p(rows) >= one.floor).all()


def test_a_source_that_is_no_kind_of_people_keeps_its_rank() -> None:
    """A model stands first, whose 40 rows allow 1 / 41."""
    one = beside_pool((kinds(1, 40, seed=1)[0], *kinds(20, 60)), range(1, 21))
    assert one.pooled is not None and not one.pooled.holds(0) and one.pooled.holds(20)
    assert one.floor == pytest.approx(1 / 41)


@pytest.mark.parametrize("kind", [0, 7, 19])
def test_fresh_rows_of_a_pooled_kind_are_told_no_more_often_than_they_say(kind: int) -> None:
    """Whose tail is like the others': 20,000 fresh rows, at levels that 60 rows cannot tell."""
    one = beside_pool(kinds(20, 60, seed=3), range(20))
    fresh = np.random.default_rng(4).normal(-kind / 4, 1 + kind / 20, 20_000)
    p_values = one.p(fresh)
    for level in (0.003, 0.01):
        assert (p_values <= level).mean() <= level


def test_the_check_says_that_kinds_were_pooled() -> None:
    one = beside_pool(kinds(20, 60), range(20))
    check = row_check(one, "a", 0.05, expected=True)
    assert "1,200 held-out documents of people's kinds together" in check.sentence
    assert "bring at least" not in check.sentence
    assert "may be false" not in check.sentence  # of no row
    listed = replace(one, p_values=np.full(1, 0.002), q_values=np.full(1, 0.002), counts=np.ones(1))
    assert "more of the list may be false" in row_check(listed, "a", 0.05, expected=True).sentence


def test_a_kind_of_as_many_rows_as_all_others_keeps_its_ranks() -> None:
    """Whose own 2,000 rows allow 1 / 2001, and whose far tail the others' must not hide."""
    small, large = kinds(20, 60), np.sort(np.random.default_rng(5).standard_t(2, 2000))
    one = beside_pool((*small, large.astype(np.float32)), range(21))
    assert one.pooled is not None and not one.pooled.holds(20)
    assert len(one.pooled.distances) == 1200
    at = np.array([large[-20]])
    assert one.p(at)[0] >= 20 / 2001
    fewer = beside_pool((*small, kinds(1, 300)[0]), range(21))
    assert fewer.pooled is not None and fewer.pooled.holds(20)


def test_beyond_ranks_by_hand() -> None:
    """Five sources of 20 rows, half of each one below its centre and half one above."""
    ends = [[10.0 * source - 1, 10.0 * source + 1] for source in range(5)]
    nulls = [np.repeat(np.array(two, np.float32), 10) for two in ends]
    ranks = made(*nulls)
    one = ranks.beyond_ranks()
    # As strong as the strongest rows of the last source, and beyond all rows of all.
    rows = np.array([41.0, 42.0, np.nan])
    assert ranks.p(rows) == pytest.approx([11 / 21, 1 / 21, np.nan], nan_ok=True)
    assert one.p(rows) == pytest.approx([11 / 21, 2 / 101, np.nan], nan_ok=True)
    assert (ranks.floor, one.floor) == pytest.approx((1 / 21, 2 / 101))


def test_a_row_beyond_one_source_alone_keeps_its_rank_in_the_others() -> None:
    nulls = [np.arange(20, dtype=np.float32) + source for source in range(5)]
    assert made(*nulls).beyond_ranks().p(np.array([20.5])) == pytest.approx([4 / 21])


def test_few_sources_and_small_ones_go_by_their_ranks() -> None:
    nulls = kinds(5, 30)
    assert made(*nulls).beyond_ranks().floor == pytest.approx(2 / 151)
    assert made(*nulls[1:]).beyond_ranks().floor == pytest.approx(1 / 31)
    assert made(*nulls, nulls[0][:5]).beyond_ranks().floor == pytest.approx(1 / 6)


@given(st.integers(0, 99), st.integers(5, 9), st.integers(20, 60))
@settings(deadline=None)
def test_beyond_ranks_no_p_value_is_larger_and_order_stays(seed: int, n: int, rows: int) -> None:
    ranks = made(*kinds(n, rows, seed))
    statistic = np.linspace(-6, 9, 200)
    plain, found = ranks.p(statistic), ranks.beyond_ranks().p(statistic)
    assert (found <= plain).all() and (np.diff(found) <= 0).all()
    # What has a rank keeps it.
    assert np.array_equal(found[plain > 1 / (rows + 1)], plain[plain > 1 / (rows + 1)])


@pytest.mark.parametrize("source", [0, 4, 9])
def test_fresh_rows_of_a_source_are_beyond_all_no_more_often_than_told(source: int) -> None:
    """Tails alike, at levels that 100 rows of one cannot tell: 20,000 fresh rows of it."""
    one = made(*kinds(10, 100, seed=6)).beyond_ranks()
    fresh = np.random.default_rng(7).normal(-source / 4, 1 + source / 20, 20_000)
    p_values = one.p(fresh)
    for level in (0.003, 0.006):
        assert (p_values <= level).mean() <= level


def test_the_check_says_what_rows_are_held_against() -> None:
    one = made(*kinds(5, 30)).beyond_ranks()
    weak = replace(one, p_values=np.array([0.02, 1.0]), q_values=np.array([0.2, 1.0]))
    check = row_check(replace(weak, counts=np.array([20.0, 180.0])), "a", 0.05, expected=True)
    assert check.verdict == "warn"
    assert "held against 150 held-out documents of the other sources together" in check.sentence
    assert "of 200 distinct rows the smallest q-value is 0.2." in check.sentence
    # 20 of 200 rows are beyond all 30 of each: at a rate of 0.05 they want 199 of each.
    assert "at least 169 more held-out reference documents (199 of each" in check.sentence
