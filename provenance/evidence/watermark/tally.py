"""What is kept of a corpus for one key while it is read once."""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.errors import InputError
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.marked_share import CorpusMean
from provenance.evidence.watermark.passages import (
    EXCESS,
    BestPassages,
    best_passages,
    earlier_draws,
    passages_of,
)
from provenance.evidence.watermark.pooled import PooledSums, SquaredTotals
from provenance.evidence.watermark.records import MarkedPassage
from provenance.evidence.watermark.schemes.draws import (
    Documents,
    Scheme,
    ScoredDraws,
    log_tails_of,
    score_draws,
)
from provenance.evidence.watermark.schemes.laws import ScoreLaw
from provenance.evidence.watermark.tokens import Tokens, character_span
from provenance.records import Place
from provenance.statistics.multiple_testing import benjamini_hochberg
from provenance.statistics.tails import SMALLEST_P

__all__ = ["DocumentTests", "HeldText", "KeyTally", "check_ids", "q_values"]

_Kept = TypeVar("_Kept")

_MAX_PLACES: Final = 20
_ROUNDING: Final = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class DocumentTests:
    """What one key says of each document of a batch.

    Parameters
    ----------
    n_scored : ndarray of int64, shape (n,)
    p_values : ndarray of float64, shape (n,)
        Of the whole document; NaN where nothing is scored.
    passage_p : ndarray of float64, shape (n,)
        Of its best passage.
    starts, ends : ndarray of int64, shape (n,)
        Tokens from which and to which that runs.
    """

    n_scored: NDArray[np.int64]
    p_values: NDArray[np.float64]
    passage_p: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class HeldText:
    """Documents chosen by a hash that knows no key, up to so many tokens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[int, int, NDArray[np.int64]]] = []
        self._ranks: set[int] = set()
        self._size = self._number = 0

    def add(self, rank: int, ids: NDArray[np.int64]) -> None:
        """Take in a document where its rank is low enough."""
        if self._size >= self._most and -rank <= self._held[0][0]:
            return
        # Equal texts have one rank, and are one text.
        if not len(ids) or rank in self._ranks:
            return
        self._ranks.add(rank)
        heapq.heappush(self._held, (-rank, self._number, ids[: self._most].copy()))
        self._number += 1
        self._size += min(len(ids), self._most)
        while self._size - len(self._held[0][2]) >= self._most:
            rank, _, dropped = heapq.heappop(self._held)
            self._ranks.discard(-rank)
            self._size -= len(dropped)

    def documents(self) -> Documents:
        """Those that are held, by rank."""
        parts = [ids for _, _, ids in sorted(self._held, key=lambda item: (-item[0], item[1]))]
        bounds = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        return Documents(np.concatenate([np.empty(0, np.int64), *parts]), bounds)


@dataclass(slots=True)
class KeyTally:
    """What is kept of one key: sums over distinct draws, two p-values of each document.

    Parameters
    ----------
    key : WatermarkKey
    sums : PooledSums
    excess : float
        Of the alternative that passages are sought with, in standard deviations.
    most_listed : float
        Documents up to this p-value may be listed.
    """

    key: WatermarkKey
    sums: PooledSums
    excess: float = EXCESS
    most_listed: float = 0.05
    law: ScoreLaw = field(init=False)
    n_tokens: int = 0
    n_scored: int = 0
    total: float = 0.0
    repeats: SquaredTotals = field(default_factory=SquaredTotals)
    clusters: SquaredTotals = field(default_factory=SquaredTotals)
    copies: SquaredTotals = field(default_factory=SquaredTotals)
    p_values: array[float] = field(default_factory=lambda: array("d"))
    passage_p: array[float] = field(default_factory=lambda: array("d"))
    _smallest: list[tuple[float, int, Place]] = field(default_factory=list)
    _passages: list[tuple[float, int, tuple[MarkedPassage, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.law = self.key.scheme.law

    def add(
        self, documents: Sequence[Document], tokens: Tokens, hashes: NDArray[np.uint64]
    ) -> DocumentTests:
        """Take in a batch, with the hashes of its texts."""
        ids, scheme = tokens.ids, self.key.scheme
        check_ids(ids, self.key)
        draws = scheme.draws(ids)
        scored = score_draws(ids, draws, scheme, prompts=tokens.prompts)
        own = np.flatnonzero(scored.in_document)
        self.sums.add(draws.states[own], scored.values[own])
        self.n_scored += len(own)
        self.total += float(scored.values[own].sum())
        n_scored, p_values = _tests(scheme, ids, scored)
        earlier = earlier_draws(ids, draws, scored, self.law)
        best = best_passages(ids.bounds, scored, earlier, self.law, self.excess)
        passage_p = np.maximum(SMALLEST_P, np.exp(best.log_p))
        self.n_tokens += len(ids.ids)
        self.repeats.add(draws.states[own], np.ones(len(own)))
        self.clusters.add(hashes, n_scored.astype(np.float64))
        self.copies.add(hashes, np.sqrt(n_scored))
        self._note(documents, p_values)
        self._note_passages(documents, tokens, best)
        self.p_values.extend(p_values.tolist())
        self.passage_p.extend(passage_p.tolist())
        return DocumentTests(n_scored, p_values, passage_p, best.starts, best.ends)

    def _note(self, documents: Sequence[Document], p_values: NDArray[np.float64]) -> None:
        for number in np.flatnonzero(p_values <= self.most_listed).tolist():
            item = (-float(p_values[number]), -len(self.p_values) - number)
            _keep(self._smallest, item, partial(_place, documents[number]))

    def _note_passages(
        self, documents: Sequence[Document], tokens: Tokens, best: BestPassages
    ) -> None:
        for number in np.flatnonzero(np.exp(best.log_p) <= self.most_listed).tolist():
            item = (-float(best.log_p[number]), -len(self.p_values) - number)
            alone = partial(self._separate, documents[number], _alone(tokens, number))
            _keep(self._passages, item, alone)

    def _separate(self, document: Document, tokens: Tokens) -> tuple[MarkedPassage, ...]:
        scheme = self.key.scheme
        draws = scheme.draws(tokens.ids)
        scored = score_draws(tokens.ids, draws, scheme, prompts=tokens.prompts)
        level = math.log(max(SMALLEST_P, self.most_listed))
        earlier = earlier_draws(tokens.ids, draws, scored, self.law)
        (found,) = passages_of(tokens.ids.bounds, scored, earlier, self.law, level, self.excess)
        told = []
        for passage in found:
            span = character_span(document.text, self.key.tokenizer, passage.start, passage.end)
            told.append(
                MarkedPassage(
                    place=replace(_place(document), start=span[0], end=span[1]),
                    start_token=passage.start,
                    end_token=passage.end,
                    p_value=max(SMALLEST_P, math.exp(passage.log_p)),
                )
            )
        return tuple(told)

    def places(self, n_listed: int) -> tuple[Place, ...]:
        """The documents of the smallest p-values, of so many that are listed."""
        ranked = sorted(self._smallest, key=lambda item: (-item[0], -item[1]))
        return tuple(place for _, _, place in ranked[:n_listed])

    def passages(self, n_listed: int) -> tuple[MarkedPassage, ...]:
        """The passages of the documents whose best ones have the smallest p-values.

        Further ones of a document are held to the p-value of the last document that is listed.
        """
        ranked = sorted(self._passages, key=lambda item: (-item[0], -item[1]))[:n_listed]
        p = np.sort(_numbers(self.passage_p))
        level = float(p[n_listed - 1]) * _ROUNDING if n_listed else 0.0
        return tuple(
            passage for _, _, found in ranked for passage in found if passage.p_value <= level
        )

    def combined_q(self) -> NDArray[np.float64]:
        """Of each document, as a whole or by its best passage: twice the smaller p-value."""
        both = np.fmin(_numbers(self.p_values), _numbers(self.passage_p))
        return q_values(array("d", np.minimum(1.0, 2 * both)))

    @property
    def log_p(self) -> float:
        """Logarithm of the pooled test's p-value."""
        n = self.sums.n
        return self.key.scheme.log_tail(self.sums.total, n) if n else 0.0

    @property
    def document_p(self) -> float:
        """The smallest p-value of a document or passage, corrected for all of both."""
        p, passage_p = _numbers(self.p_values), _numbers(self.passage_p)
        n = int(np.count_nonzero(~np.isnan(p)))
        if not n:
            return 1.0
        return float(min(1.0, 2 * n * min(np.nanmin(p), np.nanmin(passage_p))))

    @property
    def mean(self) -> CorpusMean:
        """Of the scored tokens of the corpus."""
        return CorpusMean(
            n=self.n_scored,
            total=self.total,
            repeats=self.repeats.total,
            most_repeated=self.repeats.largest,
            clusters=self.clusters.total,
            largest_cluster=self.clusters.largest,
            copies=self.copies.total,
        )


def _keep(
    held: list[tuple[float, int, _Kept]], item: tuple[float, int], make: Callable[[], _Kept]
) -> None:
    """Keep the largest; what is kept is made only where it is."""
    if len(held) < _MAX_PLACES:
        heapq.heappush(held, (*item, make()))
    elif item > held[0][:2]:
        heapq.heapreplace(held, (*item, make()))


def _place(document: Document) -> Place:
    return Place(id=document.id, path=document.path, line=document.line)


def _alone(tokens: Tokens, number: int) -> Tokens:
    prompts = tokens.prompts
    return Tokens(_part(tokens.ids, number), None if prompts is None else _part(prompts, number))


def _part(documents: Documents, number: int) -> Documents:
    begin, end = documents.bounds[number : number + 2]
    return Documents(documents.ids[begin:end], np.array([0, end - begin]))


def check_ids(ids: Documents, key: WatermarkKey) -> None:
    """Refuse ids that the key's generator does not have."""
    size = key.scheme.vocab_size
    if size is not None and len(ids.ids) and int(ids.ids.max()) >= size:
        raise InputError(
            f"the tokenizer gives the id {int(ids.ids.max()):,}, and vocab_size is {size:,}",
            where=key.place,
            expected="the generator's own tokenizer and vocab_size",
        )


def _tests(
    scheme: Scheme, ids: Documents, scored: ScoredDraws
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count and p-value of each document."""
    own = np.flatnonzero(scored.in_document)
    numbers = ids.numbers[own]
    n_documents = len(ids.bounds) - 1
    n_scored = np.bincount(numbers, minlength=n_documents)
    totals = np.bincount(numbers, scored.values[own], n_documents).astype(np.float64)
    logs = log_tails_of(scheme, totals, n_scored)
    p_values = np.where(n_scored > 0, np.maximum(SMALLEST_P, np.exp(logs)), np.nan)
    return n_scored, p_values


def _numbers(values: array[float]) -> NDArray[np.float64]:
    return np.frombuffer(values, np.float64) if len(values) else np.empty(0)


def q_values(p_values: array[float]) -> NDArray[np.float64]:
    """Benjamini-Hochberg over documents that have a p-value; NaN elsewhere."""
    p = _numbers(p_values)
    order = np.argsort(p, kind="stable")[: len(p) - int(np.isnan(p).sum())]
    result = np.full(len(p), np.nan)
    result[order] = benjamini_hochberg(p[order])
    return result
