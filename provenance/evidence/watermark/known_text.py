"""Text that is known to be marked: what its key says of it, and how strongly it scores."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.marked_share import MarkedText
from provenance.evidence.watermark.passages import EXCESS
from provenance.evidence.watermark.pooled import PooledSums
from provenance.evidence.watermark.records import SelfTest
from provenance.evidence.watermark.schemes.draws import Documents, score_draws
from provenance.evidence.watermark.tally import check_ids
from provenance.evidence.watermark.tokens import tokenize_documents, tokenized
from provenance.statistics.tails import SMALLEST_P

__all__ = ["KnownText", "known_text", "marked_text", "passage_excess"]

_MAX_DRAWS: Final = 1 << 20
_ROBUST: Final = 0.7
"""Part of the excess of clean marked text that passages are sought with: edited text has less;
its source is not recorded."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """Text that is known to be marked with a key, and what the key says of it."""

    test: SelfTest
    text: MarkedText


def passage_excess(known: KnownText | None) -> float:
    """Excess that passages are sought with: part of the known text's, where the key finds it."""
    if known is None or not known.test.found or not known.test.excess:
        return EXCESS
    return _ROBUST * known.test.excess


def known_text(
    key: WatermarkKey, level: float, workers: int, executor: Executor | None
) -> KnownText | None:
    """Read the text that is known to be marked with a key; None where none is named.

    Raises
    ------
    InputError
        Where it cannot be read, at the place of the key that names it.
    """
    if key.marked is None:
        return None
    try:
        return _read_marked(key, key.marked, level, workers, executor)
    except InputError as error:
        if key.place is None or error.where == key.place:
            raise
        raise InputError(
            f"text known to be marked cannot be used: {error}",
            where=key.place,
            expected="a corpus that was marked with this key, as `marked`",
        ) from error


def _read_marked(
    key: WatermarkKey, path: str, level: float, workers: int, executor: Executor | None
) -> KnownText:
    corpus = open_corpus(path)
    tokenizer = partial(tokenize_documents, names=[key.tokenizer])
    read = tokenized(corpus, tokenizer, workers, executor)
    text, sums = marked_text(key, (tokens[key.tokenizer].ids for _, tokens in read))
    n, total = sums.n, sums.total
    log_p = key.scheme.log_tail(total, n) if n else 0.0
    moments, excess = key.scheme.law.moments, None
    if moments is not None and n and moments[1] > 0:
        excess = (total / n - moments[0]) / moments[1]
    p_value = max(SMALLEST_P, math.exp(log_p))
    test = SelfTest(
        path=corpus.paths[0] if len(corpus.paths) == 1 else path,
        n_documents=len(text.counts),
        n_scored=n,
        p_value=p_value,
        excess=excess,
        found=p_value <= level,
    )
    return KnownText(test, text)


@dataclass(slots=True)
class _MarkedSums:
    """Sums over text that is known to be marked: of each document, and of distinct draws."""

    sums: PooledSums = field(default_factory=lambda: PooledSums(_MAX_DRAWS))
    parts: list[NDArray[np.float64]] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    def add(self, key: WatermarkKey, ids: Documents) -> None:
        check_ids(ids, key)
        draws = key.scheme.draws(ids)
        scored = score_draws(ids, draws, key.scheme)
        own = np.flatnonzero(scored.in_document)
        values, numbers = scored.values[own], ids.numbers[own]
        self.sums.add(draws.states[own], values)
        n = len(ids.bounds) - 1
        powers = (np.ones(len(values)), values, values**2)
        rows = np.stack([np.bincount(numbers, power, n).astype(np.float64) for power in powers])
        self.parts.append(rows[:, [number for number in range(n) if self._is_new(ids, number)]])

    def _is_new(self, ids: Documents, number: int) -> bool:
        begin, end = ids.bounds[number : number + 2]
        digest = hashlib.blake2b(ids.ids[begin:end].tobytes(), digest_size=16).digest()
        new = digest not in self.seen
        self.seen.add(digest)
        return new


def marked_text(key: WatermarkKey, batches: Iterable[Documents]) -> tuple[MarkedText, PooledSums]:
    """Text that is known to be marked: its documents, and its distinct draws."""
    known = _MarkedSums()
    for ids in batches:
        known.add(key, ids)
    counts, totals, squares = np.concatenate([np.zeros((3, 0)), *known.parts], axis=1)
    return MarkedText(counts, totals, squares), known.sums
