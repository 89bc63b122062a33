"""Few accounts that explain the matches: by hand, by law, and under random matching."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.evidence.log.cover import (
    MAX_CHOSEN,
    Cover,
    _draw_sets,
    _drawn,
    _pieces,
    cover,
)

N_ACCOUNTS = 6


NAMES = [f"account {number}" for number in range(N_ACCOUNTS)]


ANSWERS = np.array([50, 20, 20, 10, 5, 1])


Sets = dict[tuple[int, ...], int]


SETS = st.dictionaries(
    st.lists(st.integers(0, N_ACCOUNTS - 1), max_size=4, unique=True).map(lambda a: tuple(a)),
    st.integers(0, 9),
    max_size=12,
)


def covered(sets: Sets, draws: int = 9, seed: int = 0) -> Cover | None:
    return cover(sets, NAMES, ANSWERS, np.random.default_rng(seed), draws)


def n_explained(sets: Sets, accounts: Iterable[str]) -> int:
    chosen = {NAMES.index(name) for name in accounts}
    return sum(count for one, count in sets.items() if chosen & set(one))


def test_a_cover_by_hand() -> None:
    """2 explains 5 + 3; then 0 explains 4, and 1 only what 2 and 0 explain already; then 4."""
    sets = {(2,): 5, (1, 2): 3, (0,): 2, (0, 1): 2, (4,): 1, (): 70}
    found = covered(sets)
    assert found is not None
    assert found.n_documents == 13
    assert found.chosen == ("account 2", "account 0", "account 4")
    assert (found.n_accounts, found.n_accounts_half, found.n_accounts_most) == (3, 1, 2)


def test_the_half_and_the_most_are_reached_exactly() -> None:
    found = covered({(0,): 10, (1,): 8, (2,): 2})
    assert found is not None
    assert (found.n_accounts_half, found.n_accounts_most, found.n_accounts) == (1, 2, 3)


@pytest.mark.parametrize("sets", [{}, {(): 4}, {(1,): 0, (0, 2): 0}])
def test_nothing_to_explain(sets: Sets) -> None:
    assert covered(sets) is None


@pytest.mark.parametrize(
    ("sets", "draws"), [({(6,): 1}, 9), ({(-1,): 1}, 9), ({(0,): -1}, 9), ({(0,): 1}, 0)]
)
def test_what_cannot_be_explained_is_refused(sets: Sets, draws: int) -> None:
    with pytest.raises(ValueError, match=r"accounts|draws"):
        covered(sets, draws)


def test_an_account_without_answers_explains_nothing() -> None:
    with pytest.raises(ValueError, match="no such accounts"):
        cover({(1,): 1}, ["a", "b"], np.array([1, 0]), np.random.default_rng(0))


@given(SETS, st.data())
def test_laws_of_a_cover(sets: Sets, data: st.DataObject) -> None:
    found = covered(sets)
    shuffled = data.draw(st.permutations(list(sets.items())))
    turned = {tuple(data.draw(st.permutations(one))): count for one, count in shuffled}
    if len({tuple(sorted(one)) for one in sets}) == len(sets):
        assert covered(turned) == found
    n_documents = sum(count for one, count in sets.items() if one)
    assert (found is None) == (n_documents == 0)
    if found is None:
        return
    assert found.n_documents == n_documents == n_explained(sets, found.chosen)
    assert len(found.chosen) == len(set(found.chosen)) == found.n_accounts
    assert n_explained(sets, found.chosen[: found.n_accounts_half]) * 2 >= n_documents
    assert n_explained(sets, found.chosen[: found.n_accounts_half - 1]) * 2 < n_documents
    assert n_explained(sets, found.chosen[: found.n_accounts_most]) * 10 >= 9 * n_documents
    assert n_explained(sets, found.chosen[: found.n_accounts_most - 1]) * 10 < 9 * n_documents
    assert 1 <= found.random_low <= found.random_median <= found.random_high <= N_ACCOUNTS
    assert 1 <= found.random_half_low <= found.random_half_high <= found.random_high
    assert 0 < found.p_value_few <= 1 and 0 < found.p_value_many <= 1
    assert found.p_value_few + found.p_value_many >= 1


@given(SETS)
def test_every_choice_explains_most(sets: Sets) -> None:
    found = covered(sets)
    for at, name in enumerate(found.chosen if found else ()):
        before = found.chosen[:at] if found else ()
        most = max(n_explained(sets, [*before, other]) for other in NAMES)
        first = next(n for n in NAMES if n_explained(sets, [*before, n]) == most)
        assert name == first


@given(SETS)
def test_a_greedy_cover_is_close_to_the_smallest(sets: Sets) -> None:
    found = covered(sets)
    if found is not None:
        smallest = next(
            size
            for size in range(1, N_ACCOUNTS + 1)
            if any(n_explained(sets, c) == found.n_documents for c in combinations(NAMES, size))
        )
        assert smallest <= found.n_accounts
        assert found.n_accounts <= smallest * (math.log(found.n_documents) + 1)


def test_only_the_first_accounts_are_told() -> None:
    n = MAX_CHOSEN + 30
    names, answers = [str(number) for number in range(n)], np.full(n, 3)
    sets: Sets = {(number,): 1 for number in range(n)}
    found = cover(sets, names, answers, np.random.default_rng(0), 9)
    assert found is not None
    assert found.n_accounts == n and found.chosen == tuple(names[:MAX_CHOSEN])


@pytest.mark.parametrize("together", [False, True])
def test_few_and_many_accounts_are_told_apart(together: bool) -> None:
    """Of 200 equal accounts: a corpus from 5 of them, and one that takes 1 answer of each."""
    names, answers = [str(number) for number in range(200)], np.full(200, 50)
    rng = np.random.default_rng(2)
    other: Sets = {(0, 199): 20} if together else {}
    few = cover({**{(n,): 40 for n in range(5)}, **other}, names, answers, rng)
    many = cover({**{(n,): 1 for n in range(200)}, **other}, names, answers, rng)
    assert few is not None and many is not None
    assert few.n_accounts_most <= 5 < few.random_low
    assert few.p_value_few == many.p_value_many == 1 / 200
    assert many.n_accounts_most > many.random_high


def test_a_log_that_is_matched_as_a_whole_is_no_surprise() -> None:
    """No answer is taken twice: random matching of all answers is the log itself."""
    sets: Sets = {(number,): int(count) for number, count in enumerate(ANSWERS)}
    found = covered(sets, 99)
    assert found is not None
    assert found.random_low == found.random_high == found.n_accounts_most
    assert found.p_value_few == found.p_value_many == 1.0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any), st.integers(0, 60))
def test_no_answer_is_drawn_twice_before_all_are(answers: list[int], n: int) -> None:
    counts = np.array(answers)
    drawn = _drawn(counts, n, np.random.default_rng(0))
    assert drawn.sum() == n
    rounds = n // counts.sum()
    assert np.all(rounds * counts <= drawn) and np.all(drawn <= (rounds + 1) * counts)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.integers(0, 99))
def test_drawn_sets_hold_different_accounts(sizes: list[int], seed: int) -> None:
    answers = np.array([9, 0, 1, 3, 1])
    ends, left = np.cumsum([0, *sizes]), answers.copy()
    drawn = _draw_sets(ends, left, answers, np.random.default_rng(seed).random(int(ends[-1])))
    for start, end in pairwise(ends.tolist()):
        assert len(set(drawn[start:end].tolist())) == end - start
    assert 1 not in drawn
    assert np.all(left >= 0) and np.all(left <= answers)
    if sum(sizes) <= 3:
        assert np.all(np.bincount(drawn, minlength=5) <= answers + (answers == 1))


def test_drawn_sets_follow_the_answers() -> None:
    """Pairs of three accounts: the first in proportion, the second in proportion to the rest."""
    answers = 10**9 * np.array([5, 3, 2])
    ends = np.arange(0, 40_001, 2)
    drawn = _draw_sets(ends, answers.copy(), answers, np.random.default_rng(3).random(40_000))
    pairs = np.bincount(3 * drawn[::2] + drawn[1::2], minlength=9) / 20_000
    expected = [0, 0.3, 0.2, 0.3 * 5 / 7, 0, 0.3 * 2 / 7, 0.2 * 5 / 8, 0.2 * 3 / 8, 0]
    assert pairs == pytest.approx(expected, abs=0.015)


def test_very_many_documents_are_drawn_together() -> None:
    sizes, weights = _pieces(np.array([2, 3]), np.array([5, 1]))
    assert sizes.tolist() == [2] * 5 + [3] and weights.tolist() == [1] * 6
    sizes, weights = _pieces(np.array([2, 3]), np.array([10**7 + 1, 1]))
    assert len(sizes) < 2**18 and sizes[-1] == 3
    assert weights[:-1].sum() == 10**7 + 1 and weights[-1] == 1


def random_sets(rng: np.random.Generator, answers: NDArray[np.int64]) -> Sets:
    """60 documents of one account and 15 of two, matched at random."""
    drawn = np.repeat(np.arange(len(answers)), rng.multivariate_hypergeometric(answers, 60))
    sets: Sets = {}
    for account in drawn.tolist():
        sets[(account,)] = sets.get((account,), 0) + 1
    for _ in range(15):
        pair = rng.choice(len(answers), 2, replace=False, p=answers / answers.sum())
        one = tuple(sorted(pair.tolist()))
        sets[one] = sets.get(one, 0) + 1
    return sets


@pytest.mark.slow
def test_cover_p_values_under_random_matching() -> None:
    """Valid at each level; uniform but for the steps of a whole number."""
    rng = np.random.default_rng(4)
    answers = (10 * rng.pareto(1.5, 150) + 2).astype(np.int64)
    names = [str(number) for number in range(150)]
    few, many = [], []
    for _ in range(300):
        found = cover(random_sets(rng, answers), names, answers, rng, 39)
        assert found is not None
        few.append(found.p_value_few)
        many.append(found.p_value_many)
    for p_values in (np.array(few), np.array(many)):
        for level in (0.1, 0.25, 0.5):
            assert np.mean(p_values <= level) <= level + 4 * math.sqrt(level * (1 - level) / 300)
        assert 0.45 < p_values.mean() < 0.65
        assert np.mean(p_values <= 0.5) > 0.25
