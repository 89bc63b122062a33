"""A worker's part of a match: a batch of documents measured and scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import PreparedTexts
from provenance.features.hashes import lots
from provenance.fingerprint.measuring import label_hashes, measure
from provenance.records import MAX_DRAWN
from provenance.scoring.cached.file import load_panel
from provenance.scoring.panel import Panel
from provenance.scoring.scored import document_means, row_statistic
from provenance.statistics.threads import one_thread

__all__ = [
    "MOST_STRONG",
    "ScoredBatch",
    "StrongRow",
    "best_drawn",
    "hold_panel",
    "score_batch",
    "scorer",
    "with_strongest",
]


MOST_STRONG: Final = 100
_MOST_HELD: Final = MOST_STRONG + MAX_DRAWN
"""Drawn rows that are kept: more than are told, because some of them may be listed."""
_EXCERPT_CHARACTERS: Final = 600
_HELD: Final[dict[Path, Panel]] = {}


@dataclass(frozen=True, slots=True)
class StrongRow:
    """One of the strongest rows: what an excerpt is made of.

    Parameters
    ----------
    strength, statistic : float
    cluster_hash : int
    document : Document
    log_posterior : ndarray of float32, shape (n_passages, n_sources)
    passage_tokens : ndarray of int64, shape (n_passages,)
    """

    strength: float
    statistic: float
    cluster_hash: int
    document: Document
    log_posterior: NDArray[np.float32]
    passage_tokens: NDArray[np.int64]

    def mean(self, values: NDArray[np.floating[Any]]) -> float:
        """Token-weighted mean of a value of each passage, as `document_means` takes it."""
        column = values.astype(np.float32)[:, None]
        all_one = np.zeros(len(column), np.int64)
        return float(document_means(column, all_one, self.passage_tokens, 1)[0, 0])


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A batch of documents with its scores, as a worker returns it.

    ``prompts`` are the hashes of those of its prompts that a sample answers, each once.
    """

    documents: list[Document]
    n_tokens: NDArray[np.int64]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    too_short: NDArray[np.bool_]
    disguised: NDArray[np.bool_]
    overlap: NDArray[np.bool_]
    document: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    statistics: NDArray[np.float32]
    log_posterior: dict[str, NDArray[np.float32]]
    by_family: dict[str, NDArray[np.float32]]
    slots: NDArray[np.int64]
    slot_counts: NDArray[np.uint32]
    repairs: dict[str, int]
    strongest: dict[tuple[str, int], list[StrongRow]]
    prompts: NDArray[np.uint64]
    drawn: dict[str, list[StrongRow]] = field(default_factory=dict)


def scorer(
    panel_path: Path, candidates: Sequence[int]
) -> Callable[[Sequence[Document], PreparedTexts], ScoredBatch]:
    """The function that workers map over batches; they load the panel from its file once."""
    return partial(_score_from_file, panel_path=panel_path, candidates=tuple(candidates))


def _score_from_file(
    documents: Sequence[Document],
    prepared: PreparedTexts,
    panel_path: Path,
    candidates: tuple[int, ...],
) -> ScoredBatch:
    return score_batch(documents, prepared, _held_panel(panel_path), candidates)


def hold_panel(panel_path: Path, panel: Panel) -> None:
    """Keep a panel that was just read or written, in place of what was kept before."""
    _HELD.clear()
    _HELD[panel_path] = panel


def _held_panel(panel_path: Path) -> Panel:
    """A panel from its file, once a process."""
    if panel_path not in _HELD:
        hold_panel(panel_path, load_panel(panel_path, verify=False))
    return _HELD[panel_path]


@one_thread
def score_batch(
    documents: Sequence[Document],
    prepared: PreparedTexts,
    panel: Panel,
    candidates: Sequence[int],
) -> ScoredBatch:
    """Measure and score a batch of documents under every view of a panel and by every family."""
    features, slots, counts = measure(prepared, panel.spec)
    prompts = label_hashes([document.prompt for document in documents])
    scores, fold = panel.scores(features, prompts)
    log_posterior = {name: view.calibrated(scores, fold) for name, view in panel.views.items()}
    found = ScoredBatch(
        documents=list(documents),
        n_tokens=features.n_tokens,
        text_hash=features.text_hash,
        cluster_hash=features.cluster_hash,
        too_short=features.too_short,
        disguised=features.disguised,
        overlap=panel.overlap(features.cluster_hash) & ~features.too_short[:, None],
        document=features.document,
        passage_tokens=features.passage_tokens,
        statistics=features.statistics,
        log_posterior=log_posterior,
        by_family=panel.under_families(scores),
        slots=slots,
        slot_counts=counts,
        repairs=features.repairs,
        strongest={},
        prompts=panel.asked(prompts),
    )
    return with_strongest(found, candidates, features.texts.__getitem__)


def with_strongest(
    batch: ScoredBatch, candidates: Sequence[int], text_of: Callable[[int], str]
) -> ScoredBatch:
    """The batch with its strongest rows, as all else of it tells them, and some drawn by chance.

    Parameters
    ----------
    batch : ScoredBatch
    candidates : sequence of int
    text_of : callable
        The normalised text of a document of the batch.
    """
    scored = np.flatnonzero(~batch.too_short).tolist()
    # By id last, so that no order of the documents decides which of equal ones is shown.
    by_id = np.array(sorted(scored, key=lambda place: batch.documents[place].id), np.int64)

    @cache  # most are among the strongest of several views
    def excerpt(place: int) -> Document:
        return batch.documents[place].with_text(text_of(place)[:_EXCERPT_CHARACTERS])

    strongest = {
        (view, candidate): _strongest(batch, by_id, ratios, candidate, excerpt)
        for view, ratios in batch.log_posterior.items()
        for candidate in candidates
    }
    places, none = _drawn(batch, by_id), np.zeros(len(batch.documents), np.float32)
    drawn = {
        view: _rows(batch, places, ratios, none, none, excerpt)
        for view, ratios in batch.log_posterior.items()
    }
    return replace(batch, strongest=strongest, drawn=drawn)


def best_drawn(found: Sequence[StrongRow]) -> list[StrongRow]:
    """Those of several batches that are drawn of them all, in an order that no batch decides."""
    chosen: dict[int, StrongRow] = {}
    for item in sorted(found, key=lambda item: item.document.id):
        chosen.setdefault(item.cluster_hash, item)
    order = np.argsort(lots(np.array([*chosen], np.uint64)), kind="stable")[:_MOST_HELD]
    rows = [*chosen.values()]
    return [rows[place] for place in order.tolist()]


def _drawn(batch: ScoredBatch, by_id: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of a batch drawn by chance, one for each cluster of equal words."""
    first = by_id[np.unique(batch.cluster_hash[by_id], return_index=True)[1]]
    return first[np.argsort(lots(batch.cluster_hash[first]), kind="stable")[:_MOST_HELD]]


def _strongest(
    batch: ScoredBatch,
    by_id: NDArray[np.int64],
    ratios: NDArray[np.float32],
    candidate: int,
    excerpt: Callable[[int], Document],
) -> list[StrongRow]:
    """The strongest rows of a batch, one for each cluster of equal words."""
    places = (batch.document, batch.passage_tokens, len(batch.documents))
    strength, cluster = document_means(ratios, *places)[:, candidate], batch.cluster_hash
    statistic = document_means(row_statistic(ratios, candidate), *places)[:, 0]
    order = by_id[np.lexsort((cluster[by_id], -strength[by_id]))]
    first = np.sort(np.unique(cluster[order], return_index=True)[1])[:MOST_STRONG]
    return _rows(batch, order[first], ratios, strength, statistic, excerpt)


def _rows(
    batch: ScoredBatch,
    chosen: NDArray[np.int64],
    ratios: NDArray[np.float32],
    strength: NDArray[np.float32],
    statistic: NDArray[np.float32],
    excerpt: Callable[[int], Document],
) -> list[StrongRow]:
    """Some documents of a batch with all that an excerpt is made of."""
    cluster = batch.cluster_hash
    ends = np.searchsorted(batch.document, np.arange(len(batch.documents) + 1))
    return [
        StrongRow(
            float(strength[place]),
            float(statistic[place]),
            int(cluster[place]),
            excerpt(place),
            ratios[ends[place] : ends[place + 1]].copy(),
            batch.passage_tokens[ends[place] : ends[place + 1]].copy(),
        )
        for place in chosen.tolist()
    ]
