"""The strongest rows of a corpus beside the answers of a log that they match."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.log.matcher import LIMIT, LONG, LogMatcher, LogMatches
from provenance.evidence.log.windows import hash_texts

__all__ = ["LogRow", "log_rows", "strongest"]

MOST: Final = 20
_CHARACTERS: Final = 600
_BEFORE: Final = 80

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One document beside one answer of the log; texts are cut to 600 characters.

    Parameters
    ----------
    kind : {"overlap", "near_duplicate"}
    strength : float
        Tokens in runs, or the similarity.
    id, path, line
        Of the document.
    start, end : int or None
        The first run, in characters of the document's normalised text.
    text : str
    spans : tuple of (int, int)
        Runs, in characters of `text`.
    answer : int
        Number of the answer's text in the log.
    answer_text : str or None
        Where the log kept it.
    answer_spans : tuple of (int, int)
    """

    kind: Literal["overlap", "near_duplicate"]
    strength: float
    id: str
    path: str
    line: int
    start: int | None
    end: int | None
    text: str
    spans: tuple[Span, ...]
    answer: int
    answer_text: str | None
    answer_spans: tuple[Span, ...]

    def record(self, ids: Sequence[str], with_text: bool) -> dict[str, Any]:
        """As the report tells it."""
        place = {"id": self.id, "path": self.path, "line": self.line, "answers": list(ids)}
        if not with_text:
            return place
        told = {"text": self.text, "spans": [list(span) for span in self.spans]}
        answer = {
            "answer_text": self.answer_text,
            "answer_spans": [list(span) for span in self.answer_spans],
        }
        return {**place, **told, **answer}


def strongest(rows: Iterable[LogRow]) -> list[LogRow]:
    """The first of each kind, in an order that no batch decides."""
    found = list(rows)
    return [
        row
        for kind in ("overlap", "near_duplicate")
        for row in heapq.nsmallest(
            MOST,
            (row for row in found if row.kind == kind),
            key=lambda row: (-row.strength, row.id, row.path, row.line),
        )
    ]


def log_rows(
    matcher: LogMatcher, documents: Sequence[Document], texts: Sequence[str], found: LogMatches
) -> list[LogRow]:
    """The strongest rows of one batch.

    Parameters
    ----------
    matcher : LogMatcher
    documents : sequence of Document
    texts : sequence of str
        Normalised.
    found : LogMatches
    """
    explaining = dict(zip(found.answer_text.tolist(), found.answer.tolist(), strict=True))
    by_run = _first(documents, found.covered, found.covered > 0)
    edited = (2 * found.covered < found.tokens) & (found.similarity > 0)
    if matcher.decoys is None:
        edited &= (found.similarity >= LIMIT) & (found.tokens >= LONG)
    by_likeness = _first(documents, found.similarity, edited)
    return [
        *(_row(matcher, documents, texts, found, at, explaining[at], "overlap") for at in by_run),
        *(
            _row(matcher, documents, texts, found, at, int(found.nearest[at]), "near_duplicate")
            for at in by_likeness
        ),
    ]


def _first(
    documents: Sequence[Document], strength: NDArray[Any], among: NDArray[np.bool_]
) -> list[int]:
    places = np.flatnonzero(among).tolist()

    def key(at: int) -> tuple[float, str, str, int]:
        return -strength[at], documents[at].id, documents[at].path, documents[at].line

    return heapq.nsmallest(MOST, places, key=key)


def _row(
    matcher: LogMatcher,
    documents: Sequence[Document],
    texts: Sequence[str],
    found: LogMatches,
    at: int,
    answer: int,
    kind: Literal["overlap", "near_duplicate"],
) -> LogRow:
    mine = np.flatnonzero(found.span_text == at)
    spans = [(int(found.span_start[n]), int(found.span_end[n])) for n in mine]
    text, shown = _cut(texts[at], spans)
    answer_text, answer_spans = _answer(matcher, texts[at], answer)
    strength = found.covered[at] if kind == "overlap" else found.similarity[at]
    document = documents[at]
    return LogRow(
        kind,
        float(strength),
        document.id,
        document.path,
        document.line,
        spans[0][0] if spans else None,
        spans[0][1] if spans else None,
        text,
        shown,
        answer,
        answer_text,
        answer_spans,
    )


def _answer(matcher: LogMatcher, text: str, answer: int) -> tuple[str | None, tuple[Span, ...]]:
    """The answer as the log kept it, cut to where it shares a run with the text."""
    kept = matcher.log.kept_text(answer)
    if kept is None:
        return None, ()
    window = matcher.log.window
    held = hash_texts([kept], window=window, normalized=True)
    own = hash_texts([text], window=window, normalized=True)
    shared = held.places[np.isin(held.windows, own.windows)]
    last = np.minimum(shared + window, held.tokens[0]) - 1
    spans: list[Span] = []
    for start, end in zip(held.starts[shared].tolist(), held.ends[last].tolist(), strict=True):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return _cut(kept, spans)


def _cut(text: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """600 characters from shortly before the first span, with the spans inside."""
    first = max(0, spans[0][0] - _BEFORE) if spans else 0
    first = min(first, max(0, len(text) - _CHARACTERS))
    piece = text[first : first + _CHARACTERS].encode("utf-8", "replace").decode()
    inside = ((max(0, a - first), min(len(piece), b - first)) for a, b in spans)
    return piece, tuple((a, b) for a, b in inside if a < b)
