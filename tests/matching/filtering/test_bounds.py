"""What may be left: by hand, and held against corpora whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.matching.filtering.bounds import Beyond, CutList, beyond, left_at_most
from provenance.records import CaughtUpTo, ListedRows
from provenance.scoring.false_rows import RowList, counted


def of(p: list[float], counts: list[int], false: list[int], hit: list[int], n: int = 0) -> CutList:
    n_all, n_false, n_hit = (np.array(column, np.int64) for column in (counts, false, hit))
    return CutList(np.array(p), n_all, n_false, n_hit, n_all - n_hit, n or sum(hit))


def same(found: tuple[float | None, float], cut: float | None, left: float) -> bool:
    return found[0] == cut and abs(found[1] - left) < 1e-12


def test_by_hand() -> None:
    # 100 documents, at most 40 the API's. 30 at 0.01, of which 2 may be false; 10 more at 0.1, of
    # which 5 may be.
    cuts = of([0.01, 0.1, 1.0], [30, 10, 60], [2, 7, 67], [0, 0, 0])
    assert [cuts.true_at_least(cut) for cut in (None, 0.01, 0.1, 1.0)] == [0, 28, 33, 33]
    assert [cuts.n_dropped(cut) for cut in (None, 0.01, 0.1, 1.0)] == [0, 30, 40, 100]
    assert left_at_most(40, 100, 30, 28, 0) == pytest.approx(12 / 70)
    assert same(cuts.first_cut(0.2, 40, 100, 0), 0.01, 12 / 70)
    assert same(cuts.first_cut(0.12, 40, 100, 0), 0.1, 7 / 60)
    # Below what is reachable the best place is told.
    assert same(cuts.first_cut(0.01, 40, 100, 0), 0.1, 7 / 60)
    # Nothing has to go where so little may be there.
    assert cuts.first_cut(0.41, 40, 100, 0) == (None, 0.4)


def test_rows_dropped_for_other_reasons_prove_no_more_than_their_p_values() -> None:
    # 20 of the 30 best are dropped by a log, and 10 without a p-value.
    cuts = of([0.01, 1.0], [30, 60], [2, 62], [20, 0], n=30)
    assert cuts.true_at_least(None) == 18
    assert cuts.n_dropped(None) == 30
    assert (cuts.true_at_least(0.01), cuts.n_dropped(0.01)) == (28, 40)


def test_rows_that_nobody_judged_count_as_the_source() -> None:
    assert left_at_most(0, 100, 0, 0, 100) == 0.5
    assert left_at_most(40, 100, 100, 40, 0) == 0.0
    # No more is left of the source than is left at all.
    assert left_at_most(100, 100, 90, 0, 0) == 1.0


def test_what_its_own_documents_tell_of_the_rows_beyond() -> None:
    # 60 up to 0.05 and 140 beyond; of its own 99 held-out documents none lies beyond.
    cuts = of([0.01, 0.05, 1.0], [30, 30, 140], [30, 60, 200], [10, 0, 0])
    listed = ListedRows(
        source="api",
        n_documents=200,
        true_at_least=0,
        listed_at_least=0.0,
        confidence_level=0.95,
        cuts=(),
        caught=(CaughtUpTo(p_value=0.05, n_missed=0, n_held_out=99),),
        n_repeats=3,
    )
    assert cuts.left(None) is None
    known = beyond(cuts, listed, 205, 0.01)
    # Were 6 of 66 missed, none of 99 would be by (66 · … · 61) / (165 · … · 160) = 0.0035; of 5 of
    # 65 by 0.0088, of 4 of 64 by 0.0227. With 3 copies and 5 that have no p-value it is 12.
    assert known.beyond == (Beyond(0.05, 4 + 3 + 5),)
    # 20 of the best are kept, and the 30 behind them; these go with a cut.
    assert [known.left(cut) for cut in (None, 0.01, 0.05, 1.0)] == [62, 42, 12, 12]
    cut, left = known.first_cut(0.1, 205, 205, 0)
    assert (cut, left) == (0.05, 12 / 145)
    # Without it nothing is shown to be gone.
    assert cuts.first_cut(0.1, 205, 205, 0)[1] == 1.0


def test_p_values_are_held_against_places_as_they_are_kept() -> None:
    kept = float(np.float32(0.05))
    assert kept > 0.05
    assert of([kept, 0.0500001], [3, 1], [3, 4], [0, 0]).up_to(0.05) == 3


def test_an_empty_list_shows_nothing() -> None:
    cuts = of([], [], [], [])
    assert cuts.true_at_least(None) == 0
    assert cuts.first_cut(0.5, 60, 100, 0) == (None, 0.6)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.booleans()), min_size=1, max_size=16),
    st.integers(0, 9),
    st.integers(0, 3),
)
def test_it_holds_wherever_its_two_facts_do(
    documents: list[tuple[bool, int, bool]], unjudged: int, spare: int
) -> None:
    """No corpus that the high end and the list allow for has more left than is told."""
    own = np.array([one[0] for one in documents])
    p = np.array([one[1] / 20 for one in documents])
    dropped = np.array([one[2] for one in documents])
    values = np.unique(p)
    false = np.array([int((~own & (p <= value)).sum()) for value in values])
    counts = np.array([int((p == value).sum()) for value in values])
    hit = np.array([int((dropped & (p == value)).sum()) for value in values])
    cuts = CutList(values, counts, false, hit, counts - hit, int(dropped.sum()))
    for cut in (None, *values.tolist()):
        gone = dropped | (p <= (-1 if cut is None else cut))
        n_left = int((~gone).sum()) + unjudged
        told = left_at_most(
            own.sum() + spare, len(own), cuts.n_dropped(cut), cuts.true_at_least(cut), unjudged
        )
        assert cuts.n_dropped(cut) == gone.sum()
        if n_left:
            assert (int((own & ~gone).sum()) + unjudged) / n_left <= told + 1e-12


@pytest.mark.slow
def test_the_bound_holds_as_often_as_it_says() -> None:
    """Rows by rank against a null sample; the high end is the truth: the list alone errs."""
    rng = np.random.default_rng(0)
    misses, told = 0, []
    for _ in range(400):
        null = np.sort(rng.normal(0, 1, 400))
        own = rng.random(500) < 0.3
        score = rng.normal(np.where(own, 4.0, 0.0), 1)
        p = (1 + len(null) - np.searchsorted(null, score)) / (1 + len(null))
        values, counts = counted([(p, np.ones(len(p)))])
        false = RowList.of(values, counts, 0.95).false
        none = np.zeros(len(values), np.int64)
        cuts = CutList(values, counts, false, none, counts, 0)
        cut, left = cuts.first_cut(0.001, float(own.sum()), len(own), 0)
        gone = p <= (-1 if cut is None else cut)
        misses += (own & ~gone).sum() / (~gone).sum() > left
        told.append(left)
    assert misses <= 400 * 0.05
    # Of 30 % some 6 % are left in truth.
    assert np.mean(told) <= 0.15
