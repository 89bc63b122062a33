"""What is kept of a corpus that is read against the library: some forty bytes of each document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.features.features import PreparedTexts, extract
from provenance.features.hashes import lots, text_hash
from provenance.matching.library.library import VIEWS, Library, starter_library
from provenance.matching.library.prose import all_left_out
from provenance.matching.library.shares import MachineShare, machine_share
from provenance.matching.tally import stretch_hashes
from provenance.records import MAX_DRAWN, MAX_EXCERPT_CHARS
from provenance.scoring.scored import independent
from provenance.share.estimate import UNITS
from provenance.statistics.stretches import joined_by_likeness

__all__ = ["JUDGED", "LEFT_OUT", "Batch", "JudgedDocuments", "ScanTally", "score", "score_starter"]

JUDGED: Final = "judged"
LEFT_OUT: Final = ("too short", "language", "code", "unlike")
"""Why a document is not judged: below the library's tokens, in another language than English, of
code, or neither prose nor code, as tables and lists are."""
_WHY: Final = (JUDGED, *LEFT_OUT)
_EXCERPTS: Final = 20
"""A round figure, not tuned."""
_DRAWN: Final = _EXCERPTS + MAX_DRAWN
"""More than are told, because some of them may be listed."""
_MOST_FILES: Final = 10_000
"""Files whose documents are told apart; a bound on memory, not tuned."""
_STACK: Final = VIEWS.index("stack")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as a worker returns it: all arrays have an entry for each document, in order.

    ``why`` are places in `JUDGED` and `LEFT_OUT`; ``scores`` have shape (n_documents, len(VIEWS)).
    """

    documents: Sequence[Document]
    n_tokens: NDArray[np.int64]
    why: NDArray[np.uint8]
    languages: Counter[str]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    scores: NDArray[np.float32]
    disguised: NDArray[np.bool_]
    repairs: dict[str, int]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which documents are long enough and English prose."""
        return np.asarray(self.why == 0)

    @property
    def left_out(self) -> list[str | None]:
        """Why each document is not judged; None of those that are."""
        return [None if at == 0 else _WHY[at] for at in self.why.tolist()]


def score(documents: Sequence[Document], prepared: PreparedTexts, library: Library) -> Batch:
    """Score a batch against a library."""
    features = extract(prepared, library.spec)
    why = np.zeros(len(documents), np.uint8)
    why[features.too_short] = _WHY.index("too short")
    long_enough = np.flatnonzero(~features.too_short).tolist()
    found = all_left_out([features.texts[at] for at in long_enough])
    why[long_enough] = [_WHY.index(reason or JUDGED) for reason, _ in found]
    languages = Counter(language for _, language in found if language)
    return Batch(
        documents,
        features.n_tokens,
        why,
        languages,
        features.text_hash,
        features.cluster_hash,
        library.scores(features).astype(np.float32),
        features.disguised,
        features.repairs,
    )


def score_starter(documents: Sequence[Document], prepared: PreparedTexts) -> Batch:
    """Score a batch against the library that ships, which no worker has to be sent."""
    return score(documents, prepared, starter_library())


@dataclass(slots=True)
class ScanTally:
    """What is kept of each judged document, and the strongest rows' text.

    Parameters
    ----------
    by : tuple of str
        Fields that shares are told by; without any, by file.
    """

    by: tuple[str, ...]
    n_documents: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    n_tokens: int = 0
    n_tokens_judged: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    texts: list[NDArray[np.uint64]] = field(default_factory=list)
    numbers: list[dict[str, int]] = field(default_factory=list)
    strongest: list[tuple[NDArray[np.float32], Document]] = field(default_factory=list)
    drawn: dict[int, tuple[NDArray[np.float32], Document]] = field(default_factory=dict)
    _parts: list[tuple[NDArray[Any], ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.numbers = [{} for _ in self.by or ("file",)]

    @property
    def n_too_short(self) -> int:
        """Documents below the library's tokens."""
        return self.left_out["too short"]

    @property
    def n_long_enough(self) -> int:
        """Documents of as many tokens as the library asks for, or more."""
        return self.n_documents - self.n_too_short

    def add(self, batch: Batch) -> None:
        """Take in a batch."""
        at = np.flatnonzero(batch.judged)
        self.n_documents += len(batch.documents)
        counts = np.bincount(batch.why, minlength=len(_WHY))[1:].tolist()
        self.left_out.update(dict(zip(LEFT_OUT, counts, strict=True)))
        self.languages.update(batch.languages)
        self.n_tokens += int(batch.n_tokens.sum())
        self.n_tokens_judged += int(batch.n_tokens[at].sum())
        self.repairs.update(batch.repairs)
        self.texts.append(batch.text_hash)
        documents = [batch.documents[place] for place in at.tolist()]
        groups = [0 if one.group is None else text_hash(one.group) for one in documents]
        self._parts.append(
            (
                batch.scores[at],
                batch.n_tokens[at],
                batch.cluster_hash[at],
                np.array(groups, np.uint64),
                stretch_hashes(documents),
                self._values(documents),
            )
        )
        found = zip(batch.scores[at], documents, strict=True)
        # Of the strongest by their stack, and equal ones by name, in whatever order they came.
        ranked = sorted(
            [*self.strongest, *found], key=lambda one: (-float(one[0][_STACK]), one[1].id)
        )
        self.strongest = [(scores, _shortened(one)) for scores, one in ranked[:_EXCERPTS]]
        self._draw(batch, at)

    def _draw(self, batch: Batch, at: NDArray[np.int64]) -> None:
        """Keep rows that chance draws, one of the same words: their order decides nothing."""
        by_id = np.array(sorted(at.tolist(), key=lambda i: batch.documents[i].id), np.int64)
        drawn, first = np.unique(lots(batch.cluster_hash[by_id]), return_index=True)
        found = zip(drawn.tolist(), by_id[first].tolist(), strict=True)
        new = [(lot, (batch.scores[i], batch.documents[i])) for lot, i in found]
        kept: dict[int, tuple[NDArray[np.float32], Document]] = {}
        every = [*self.drawn.items(), *new[:_DRAWN]]
        for lot, one in sorted(every, key=lambda pair: (pair[0], pair[1][1].id)):
            kept.setdefault(lot, one)
        self.drawn = {
            lot: (scores, _shortened(one)) for lot, (scores, one) in [*kept.items()][:_DRAWN]
        }

    def _values(self, documents: Sequence[Document]) -> NDArray[np.int64]:
        if not self.by:
            return np.array([self._file(one.path) for one in documents], np.int64)[:, None]
        values = np.zeros((len(documents), len(self.by)), np.int64)
        for column, (name, numbers) in enumerate(zip(self.by, self.numbers, strict=True)):
            for row, one in enumerate(documents):
                values[row, column] = numbers.setdefault(one.fields.get(name, ""), len(numbers))
        return values

    def _file(self, path: str) -> int:
        """Number of a file; -1 where there are too many to tell apart."""
        (numbers,) = self.numbers
        if path not in numbers and len(numbers) >= _MOST_FILES:
            return -1
        return numbers.setdefault(path, len(numbers))

    def judged(self) -> JudgedDocuments:
        """All judged documents together."""
        scores, tokens, words, groups, stretches, values = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        scores = scores.astype(np.float64)
        cluster = joined_by_likeness(independent(words, groups), stretches, scores)
        return JudgedDocuments(scores, tokens.astype(np.float64), cluster, values)


@dataclass(frozen=True, slots=True)
class JudgedDocuments:
    """The judged documents of a corpus or of a part of it.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_judged, len(VIEWS))
    tokens : ndarray of float64, shape (n_judged,)
    cluster : ndarray of int64, shape (n_judged,)
        Number of what is independent: equal words, one conversation, one stretch.
    values : ndarray of int64, shape (n_judged, n_fields)
        Numbers of the values of the fields that it is broken down by.
    """

    scores: NDArray[np.float64]
    tokens: NDArray[np.float64]
    cluster: NDArray[np.int64]
    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    def part(self, chosen: NDArray[np.bool_]) -> JudgedDocuments:
        return JudgedDocuments(
            self.scores[chosen], self.tokens[chosen], self.cluster[chosen], self.values[chosen]
        )

    def shares(self, library: Library, level: float) -> dict[str, MachineShare]:
        weights = {"documents": np.ones(len(self)), "tokens": self.tokens}
        return {
            unit: machine_share(library, self.scores, weights[unit], self.cluster, level)
            for unit in UNITS
        }


def _shortened(document: Document) -> Document:
    return replace(document, text=document.text[:MAX_EXCERPT_CHARS])
