"""Few accounts that explain all matched documents, and how many random matching would need.

Random matching is that of `accounts`: a document that one account explains takes one answer, a
document that s accounts explain takes answers of s different accounts; no answer is taken twice
before all have been. Where the documents that several accounts explain are very many, those of one
set are drawn a few at a time together.

The sets are found greedily: the account that explains most of what is left comes next. The smallest
set is smaller at most by a factor of ln(n) + 1, hence "at most so many accounts suffice"; observed
and random numbers are found the same way.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from provenance.evidence.log.accounts import CountArray
from provenance.features.kernels import put
from provenance.files.compiled import njit
from provenance.statistics.conformal import conformal_p

__all__ = ["Cover", "cover"]

MAX_CHOSEN: Final = 50
_MAX_DRAWN: Final = 1 << 18
"""Accounts drawn at once for documents that several accounts explain."""

_MAX_COLOURS: Final = 10**9
"""From so many answers on, numpy does not draw without replacement."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Small sets of accounts that explain the matched documents: at most so many suffice.

    Parameters
    ----------
    n_documents : int
        Matched documents with at least one known account.
    n_accounts, n_accounts_half, n_accounts_most : int
        Accounts that explain all of them, half of them and 90 %.
    random_low, random_median, random_high : int
        Accounts for 90 % under random matching: 2.5 %, 50 % and 97.5 % of the draws.
    random_half_low, random_half_high : int
        The same for half of the documents.
    p_value_few, p_value_many : float
        Share of draws, the observed one among them, that need no more (no fewer) accounts for
        90 % than were found.
    chosen : tuple of str
        The first accounts, at most 50; each explains most of what those before it do not.
    """

    n_documents: int
    n_accounts: int
    n_accounts_half: int
    n_accounts_most: int
    random_low: int
    random_median: int
    random_high: int
    random_half_low: int
    random_half_high: int
    p_value_few: float
    p_value_many: float
    chosen: tuple[str, ...]


def cover(
    explained_by: Mapping[tuple[int, ...], int],
    names: Sequence[str],
    n_answers: CountArray,
    rng: np.random.Generator,
    draws: int = 199,
) -> Cover | None:
    """Find few accounts that explain the matched documents, and how many random matching needs.

    Parameters
    ----------
    explained_by : mapping of tuple of int to int
        For each set of account numbers that could have received a document's answer, how many
        documents; ``()`` is unknown and left out.
    names : sequence of str
        Names of the accounts.
    n_answers : ndarray of shape (n_accounts,)
        Each account's answers in the log; above 0 for every account that explains a document.
    rng : numpy.random.Generator
    draws : int
        Random matchings.

    Returns
    -------
    Cover or None
        None where no document has a known account.

    Examples
    --------
    >>> sets = {(0,): 6, (0, 1): 2, (2,): 2, (): 5}
    >>> found = cover(sets, ["a", "b", "c"], np.array([9, 9, 9]), np.random.default_rng(0))
    >>> found.n_documents, found.n_accounts, found.n_accounts_half, found.chosen
    (10, 2, 1, ('a', 'c'))
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; at least 1 is needed")
    answers = np.asarray(n_answers, np.int64)
    if len(names) != len(answers):
        raise ValueError("names and n_answers differ in length")
    matched = _matched(explained_by, answers)
    n_documents = matched.n_documents()
    if n_documents == 0:
        return None
    half, most = -(-n_documents // 2), -(-9 * n_documents // 10)
    chosen, explained = _greedy(matched, n_documents)
    n_half, n_most = _needed(explained, half), _needed(explained, most)
    drawn = [_greedy(one, most)[1] for one in _random(matched, answers, rng, draws)]
    random_most = np.array([_needed(one, most) for one in drawn])
    low, median, high = _quantiles(random_most, (0.025, 0.5, 0.975))
    half_low, half_high = _quantiles(
        np.array([_needed(one, half) for one in drawn]), (0.025, 0.975)
    )
    return Cover(
        n_documents=n_documents,
        n_accounts=len(chosen),
        n_accounts_half=n_half,
        n_accounts_most=n_most,
        random_low=low,
        random_median=median,
        random_high=high,
        random_half_low=half_low,
        random_half_high=half_high,
        p_value_few=conformal_p(int(np.sum(random_most <= n_most)), draws),
        p_value_many=conformal_p(int(np.sum(random_most >= n_most)), draws),
        chosen=tuple(names[account] for account in chosen[:MAX_CHOSEN].tolist()),
    )


@dataclass(frozen=True, slots=True)
class _Explained:
    """Documents by the accounts that explain them.

    Set number i is ``members[ends[i]:ends[i + 1]]`` and stands for ``n_of_set[i]`` documents.
    """

    alone: CountArray  # documents that only this account explains
    ends: CountArray
    members: CountArray
    n_of_set: CountArray

    def n_documents(self) -> int:
        return int(self.alone.sum() + self.n_of_set.sum())


def _matched(explained_by: Mapping[tuple[int, ...], int], answers: CountArray) -> _Explained:
    alone = np.zeros(len(answers), np.int64)
    several: Counter[tuple[int, ...]] = Counter()
    for accounts, count in explained_by.items():
        one = tuple(sorted(set(accounts)))
        if count < 0 or any(not 0 <= at < len(answers) or answers[at] < 1 for at in one):
            raise ValueError(f"{count} documents of {one}: no such accounts with answers")
        if len(one) == 1:
            alone[one[0]] += count
        elif one and count:
            several[one] += count
    # Equal mappings give equal draws, whatever their order.
    sets = sorted(several)
    return _Explained(
        alone=alone,
        ends=np.cumsum([0, *map(len, sets)], dtype=np.int64),
        members=np.fromiter((at for one in sets for at in one), np.int64),
        n_of_set=np.fromiter((several[one] for one in sets), np.int64),
    )


def _greedy(matched: _Explained, enough: int) -> tuple[CountArray, CountArray]:
    """Accounts in the order they are chosen, and how many documents they explain so far."""
    if len(matched.n_of_set) == 0:
        order = np.argsort(-matched.alone, kind="stable")
        explained = np.cumsum(matched.alone[order])
        n = min(_needed(explained, enough), len(order))
        return order[:n], explained[:n]
    chosen, explained = _greedy_cover(
        matched.alone, matched.ends, matched.members, matched.n_of_set, enough
    )
    return chosen, explained


def _needed(explained: CountArray, enough: int) -> int:
    return int(np.searchsorted(explained, enough)) + 1


def _quantiles(numbers: CountArray, levels: Sequence[float]) -> list[int]:
    found = np.quantile(numbers, levels, method="inverted_cdf")
    return [int(number) for number in found]


def _random(
    matched: _Explained, answers: CountArray, rng: np.random.Generator, draws: int
) -> Iterator[_Explained]:
    """The same documents under random matching, once for each draw."""
    sizes, weights = _pieces(np.diff(matched.ends), matched.n_of_set)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    n_alone = int(matched.alone.sum())
    for _ in range(draws):
        left = answers.copy()
        members = _draw_sets(ends, left, answers, rng.random(int(ends[-1])))
        left = left if left.sum() >= n_alone else answers
        yield _Explained(_drawn(left, n_alone, rng), ends, members, weights)


def _pieces(sizes: CountArray, counts: CountArray) -> tuple[CountArray, CountArray]:
    """Sizes and documents of the sets that are drawn: one a document unless these are too many."""
    step = 1
    while step < counts.max(initial=0) and sizes @ -(-counts // step) > _MAX_DRAWN:
        step *= 2
    n_pieces = -(-counts // step)
    weights = np.full(int(n_pieces.sum()), step, np.int64)
    last = np.cumsum(n_pieces) - 1
    weights[last] = counts - step * (n_pieces - 1)
    return np.repeat(sizes, n_pieces), weights


def _drawn(answers: CountArray, n: int, rng: np.random.Generator) -> CountArray:
    """How many of n answers are each account's; none is drawn twice before all have been."""
    total = int(answers.sum())
    if total >= _MAX_COLOURS:
        return rng.multinomial(n, answers / total).astype(np.int64)
    rounds, rest = divmod(n, total)
    part = rng.multivariate_hypergeometric(answers, rest, method="marginals")
    return rounds * answers + part.astype(np.int64)


@njit(cache=True)
def _greedy_cover(alone: Any, ends: Any, members: Any, n_of_set: Any, enough: Any) -> Any:
    """Lazy greedy cover: what an account adds is kept up to date, its place in the heap is not."""
    n_accounts = len(alone)
    gains = alone.copy()
    starts = np.zeros(n_accounts + 1, np.int64)
    for at in members:
        starts[at + 1] += 1
    starts = np.cumsum(starts)
    held = np.empty(len(members), np.int64)  # the sets of each account
    filled = starts[:-1].copy()
    for number in range(len(n_of_set)):
        for place in range(ends[number], ends[number + 1]):
            at = members[place]
            gains[at] += n_of_set[number]
            held[filled[at]] = number
            filled[at] += 1
    # Most documents first, then the smallest account number.
    heap = [at - gains[at] * n_accounts for at in range(n_accounts) if gains[at] > 0]
    heapq.heapify(heap)
    is_explained = np.zeros(len(n_of_set), np.bool_)
    chosen = np.empty(n_accounts, np.int64)
    explained = np.empty(n_accounts, np.int64)
    n_chosen, total = 0, 0
    while total < enough:
        code = heapq.heappop(heap)
        at = code % n_accounts
        if at - gains[at] * n_accounts != code:
            if gains[at] > 0:
                heapq.heappush(heap, at - gains[at] * n_accounts)
            continue
        total += gains[at]
        chosen[n_chosen], explained[n_chosen] = at, total
        n_chosen += 1
        for number in held[starts[at] : starts[at + 1]]:
            if not is_explained[number]:
                is_explained[number] = True
                for other in members[ends[number] : ends[number + 1]]:
                    gains[other] -= n_of_set[number]
    return chosen[:n_chosen], explained[:n_chosen]


@njit(cache=True)
def _draw_sets(ends: Any, left: Any, answers: Any, uniform: Any) -> Any:
    """Different accounts for each set, in proportion to the answers that are left.

    A drawn answer is taken out of `left`, which is filled up again where a set finds none.
    """
    n_accounts = len(left)
    tree = _tree(left)
    total = left.sum()
    drawn = np.empty(len(uniform), np.int64)
    for number in range(len(ends) - 1):
        start = ends[number]
        for place in range(start, ends[number + 1]):
            if total == 0:  # the set's own accounts stay out of the tree
                put(left, np.int64(0), answers, n_accounts)
                rest = answers.copy()
                for other in drawn[start:place]:
                    rest[other] = 0
                tree = _tree(rest)
                total = rest.sum()
            at = _find(tree, min(np.int64(uniform[place] * total), total - 1))
            drawn[place] = at
            total -= left[at]
            _add(tree, at, -left[at], n_accounts)
        for at in drawn[start : ends[number + 1]]:
            left[at] = max(0, left[at] - 1)
            total += left[at]
            _add(tree, at, left[at], n_accounts)
    return drawn


@njit(cache=True)
def _tree(weights: Any) -> Any:
    """Sums of a Fenwick tree (Fenwick 1994)."""
    n = len(weights)
    tree = np.zeros(n + 1, np.int64)
    put(tree, np.int64(1), weights, n)
    for at in range(1, n + 1):
        above = at + (at & -at)
        if above <= n:
            tree[above] += tree[at]
    return tree


@njit(cache=True)
def _add(tree: Any, at: Any, weight: Any, n: Any) -> None:
    place = at + 1
    while place <= n:
        tree[place] += weight
        place += place & -place


@njit(cache=True)
def _find(tree: Any, rest: Any) -> Any:
    """The account that holds the answer with this number."""
    step = 1
    while 2 * step < len(tree):
        step *= 2
    place = 0
    while step > 0:
        if place + step < len(tree) and tree[place + step] <= rest:
            place += step
            rest -= tree[place]
        step //= 2
    return place
