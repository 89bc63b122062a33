"""What a match keeps of the corpus while it is read once: bounded memory, the rest on disk.

Shares are estimated on a bottom-k sample of word-identical clusters. A corpus of fewer clusters
than that, which is nearly every one, is its own sample.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance._stats import connected
from provenance.corpus.document import Document
from provenance.features import STATISTICS, FeatureSpec, PreparedTexts, text_hash
from provenance.measuring import measure
from provenance.panel_file import load_panel
from provenance.scoring import Panel, token_shares
from provenance.two_source import Passages, row_statistic

__all__ = [
    "CLUSTERS",
    "Candidate",
    "ScoredBatch",
    "Suspect",
    "Tally",
    "loaded_panel",
    "score_batch",
    "scorer",
]

CLUSTERS: Final = 1 << 18
_PASSAGES_A_CLUSTER: Final = 4
_EXCERPTS: Final = 100
_EXCERPT_CHARACTERS: Final = 600
_PLACES: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the strongest rows: what an excerpt is made of.

    Parameters
    ----------
    strength, statistic : float
    cluster_hash : int
    document : Document
    log_ratio : ndarray of float32, shape (n_passages, n_sources)
    passage_tokens : ndarray of int64, shape (n_passages,)
    """

    strength: float
    statistic: float
    cluster_hash: int
    document: Document
    log_ratio: NDArray[np.float32]
    passage_tokens: NDArray[np.int64]

    def mean(self, values: NDArray[np.float64]) -> float:
        """Token-weighted mean of a value of each passage, as `document_means` takes it."""
        column = values.astype(np.float32)[:, None]
        all_one = np.zeros(len(column), np.int64)
        return float(document_means(column, all_one, self.passage_tokens, 1)[0, 0])


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A batch of documents with its scores, as a worker returns it."""

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
    log_ratio: dict[str, NDArray[np.float32]]
    slots: NDArray[np.int64]
    slot_counts: NDArray[np.uint32]
    repairs: dict[str, int]
    strongest: dict[tuple[str, int], list[Candidate]]


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
    return score_batch(documents, prepared, loaded_panel(panel_path), candidates)


@lru_cache(maxsize=1)
def loaded_panel(panel_path: Path) -> Panel:
    """A panel from its file, once a process."""
    return load_panel(panel_path)


def score_batch(
    documents: Sequence[Document],
    prepared: PreparedTexts,
    panel: Panel,
    candidates: Sequence[int],
) -> ScoredBatch:
    """Measure and score a batch of documents under every view of a panel."""
    features, slots, counts = measure(prepared, panel.spec)
    log_ratio = panel.score(features)
    strongest = {
        (view, candidate): _strongest(documents, features, ratios, candidate)
        for view, ratios in log_ratio.items()
        for candidate in candidates
    }
    return ScoredBatch(
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
        log_ratio=log_ratio,
        slots=slots,
        slot_counts=counts,
        repairs=features.repairs,
        strongest=strongest,
    )


def _strongest(
    documents: Sequence[Document], features: Any, ratios: NDArray[np.float32], candidate: int
) -> list[Candidate]:
    """The strongest rows of a batch, one for each cluster of equal words."""
    places = (features.document, features.passage_tokens, len(documents))
    means = document_means(ratios, *places)
    statistic = document_means(row_statistic(ratios, candidate), *places)[:, 0]
    strength, cluster = means[:, candidate], features.cluster_hash
    scored = np.flatnonzero(~features.too_short)
    # By id last, so that no order of the documents decides which of equal ones is shown.
    by_id = np.array(sorted(scored.tolist(), key=lambda place: documents[place].id), np.int64)
    order = by_id[np.lexsort((cluster[by_id], -strength[by_id]))]
    first = np.sort(np.unique(cluster[order], return_index=True)[1])[:_EXCERPTS]
    ends = np.searchsorted(features.document, np.arange(len(documents) + 1))
    return [
        Candidate(
            float(strength[place]),
            float(statistic[place]),
            int(cluster[place]),
            replace(documents[place], text=features.texts[place][:_EXCERPT_CHARACTERS]),
            ratios[ends[place] : ends[place + 1]].copy(),
            features.passage_tokens[ends[place] : ends[place + 1]].copy(),
        )
        for place in order[first].tolist()
    ]


def document_means(
    values: NDArray[np.float32],
    document: NDArray[np.int64],
    passage_tokens: NDArray[np.int64],
    n_documents: int,
) -> NDArray[np.float32]:
    """Token-weighted mean over each document's passages, shape (n_documents, n_columns)."""
    weighted = values * token_shares(document, passage_tokens, n_documents)[:, None]
    columns = [np.bincount(document, column, minlength=n_documents) for column in weighted.T]
    return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Suspect:
    """The sample of the corpus that shares are estimated on.

    Parameters
    ----------
    cluster : ndarray of int64, shape (n_entries,)
        Unit of independence: equal words or the same group.
    weight : ndarray of float64, shape (n_entries,)
        Documents that an entry stands for.
    text_hash, cluster_hash : ndarray of uint64, shape (n_entries,)
    values : ndarray of int64, shape (n_entries, n_fields)
        Numbers of the values of the ``--by`` fields.
    entry : ndarray of int64, shape (n_passages,)
    passage_tokens : ndarray of int64, shape (n_passages,)
    log_ratio : dict of str to ndarray of float32, shape (n_passages, n_sources)
        By view.
    complete : bool
        Whether these are all documents of the corpus.
    """

    cluster: NDArray[np.int64]
    weight: NDArray[np.float64]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    values: NDArray[np.int64]
    entry: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    log_ratio: dict[str, NDArray[np.float32]]
    complete: bool

    def passages(
        self, view: str, unit: str = "documents", entries: NDArray[np.bool_] | None = None
    ) -> Passages:
        """Passages of all entries, or of some, weighted for shares of documents or of tokens."""
        weight = self.weight[self.entry]
        if unit == "tokens":
            weight = weight * self.passage_tokens
        else:
            weight = weight * token_shares(self.entry, self.passage_tokens, len(self.weight))
        used = slice(None) if entries is None else entries[self.entry]
        cluster = np.unique(self.cluster[self.entry][used], return_inverse=True)[1]
        return Passages(self.log_ratio[view][used], weight[used], cluster.astype(np.int64))


@dataclass(slots=True)
class _Entries:
    """Entries of the sample before they are bounded; columns as in `Suspect`."""

    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    group_hash: NDArray[np.uint64]
    weight: NDArray[np.float64]
    values: NDArray[np.int64]
    n_passages: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    log_ratio: dict[str, NDArray[np.float32]]

    @classmethod
    def concatenate(cls, parts: Sequence[_Entries]) -> _Entries:
        columns: dict[str, Any] = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(cls)
            if item.name != "log_ratio"
        }
        log_ratio = {
            view: np.concatenate([part.log_ratio[view] for part in parts])
            for view in parts[0].log_ratio
        }
        return cls(**columns, log_ratio=log_ratio)

    def take(self, entries: NDArray[np.int64], weight: NDArray[np.float64]) -> _Entries:
        first = np.concatenate([[0], np.cumsum(self.n_passages)])
        lengths = self.n_passages[entries]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        passages = np.arange(offsets[-1]) + np.repeat(first[entries] - offsets[:-1], lengths)
        return _Entries(
            self.text_hash[entries],
            self.cluster_hash[entries],
            self.group_hash[entries],
            weight,
            self.values[entries],
            lengths,
            self.passage_tokens[passages],
            {view: ratios[passages] for view, ratios in self.log_ratio.items()},
        )

    def bounded(self, most: int) -> _Entries:
        """Equal entries as one, in order of their hashes, of the first clusters only."""
        keys = (*self.values.T, self.group_hash, self.text_hash, self.cluster_hash)
        order = np.lexsort(keys)
        changed = np.zeros(len(order), bool)
        changed[:1] = True
        for key in keys:
            changed[1:] |= key[order][1:] != key[order][:-1]
        first = np.flatnonzero(changed)
        weight = np.add.reduceat(self.weight[order], first) if len(first) else self.weight
        clusters = self.cluster_hash[order[first]]
        new_cluster = np.concatenate([[True], clusters[1:] != clusters[:-1]])[: len(clusters)]
        number = np.cumsum(new_cluster)
        before = np.cumsum(self.n_passages[order[first]]) - self.n_passages[order[first]]
        # What stands before a cluster only grows, so that one that was dropped stays dropped.
        full = number[new_cluster][before[new_cluster] >= _PASSAGES_A_CLUSTER * most]
        kept = number < min([most + 1, *full[:1].tolist()])
        return self.take(order[first][kept], weight[kept])


@dataclass(slots=True)
class Tally:
    """Adds scored batches; every part of it is bounded or additive.

    Parameters
    ----------
    spec : FeatureSpec
    n_sources : int
    by : tuple of str
        Fields that the shares are broken down by.
    """

    spec: FeatureSpec
    n_sources: int
    by: tuple[str, ...] = ()
    n_documents: int = 0
    n_too_short: int = 0
    n_passages: int = 0
    n_tokens: int = 0
    n_tokens_scored: int = 0
    n_disguised: int = 0
    n_overlapping: int = 0
    sums: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(STATISTICS), np.int64))
    overlaps: NDArray[np.int64] = field(init=False)
    overlap_places: list[Document] = field(default_factory=list)
    disguise_places: list[Document] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    frequency: NDArray[np.uint32] = field(init=False)
    strongest: dict[tuple[str, int], list[Candidate]] = field(default_factory=dict)
    value_numbers: list[dict[str, int]] = field(init=False)
    _parts: list[_Entries] = field(default_factory=list)
    _held: int = 0
    _kept: int = 0
    _dropped: bool = False

    def __post_init__(self) -> None:
        self.overlaps = np.zeros(self.n_sources, np.int64)
        self.frequency = np.zeros(1 << self.spec.frequency_bits, np.uint32)
        self.value_numbers = [{} for _ in self.by]

    def add(self, batch: ScoredBatch) -> None:
        """Take in one batch."""
        self.n_documents += len(batch.documents)
        self.n_too_short += int(batch.too_short.sum())
        self.n_passages += len(batch.document)
        self.n_tokens += int(batch.n_tokens.sum())
        self.n_tokens_scored += int(batch.n_tokens[~batch.too_short].sum())
        self.n_disguised += int(batch.disguised.sum())
        self.sums += batch.statistics.astype(np.int64).sum(axis=0)
        self.overlaps += batch.overlap.sum(axis=0)
        self.n_overlapping += int(batch.overlap.any(axis=1).sum())
        self.repairs.update(batch.repairs)
        self.frequency[batch.slots] += batch.slot_counts
        _note(self.overlap_places, batch.documents, batch.overlap.any(axis=1))
        _note(self.disguise_places, batch.documents, batch.disguised)
        for key, found in batch.strongest.items():
            self.strongest[key] = _best(self.strongest.get(key, []) + found)
        self._hold(batch)

    def _hold(self, batch: ScoredBatch) -> None:
        scored = np.flatnonzero(~batch.too_short)
        documents = [batch.documents[position] for position in scored.tolist()]
        groups = [0 if item.group is None else text_hash(item.group) for item in documents]
        self._parts.append(
            _Entries(
                batch.text_hash[scored],
                batch.cluster_hash[scored],
                np.array(groups, np.uint64),
                np.ones(len(scored)),
                self._values(documents),
                np.bincount(batch.document, minlength=len(batch.documents))[scored],
                batch.passage_tokens,
                batch.log_ratio,
            )
        )
        self._held += len(batch.document)
        if self._held > 2 * max(CLUSTERS, self._kept):
            self._bound()

    def _values(self, documents: Sequence[Document]) -> NDArray[np.int64]:
        values = np.zeros((len(documents), len(self.by)), np.int64)
        for column, (name, numbers) in enumerate(zip(self.by, self.value_numbers, strict=True)):
            for row, item in enumerate(documents):
                values[row, column] = numbers.setdefault(item.fields.get(name, ""), len(numbers))
        return values

    def _bound(self) -> _Entries:
        entries = _Entries.concatenate(self._parts)
        bounded = entries.bounded(CLUSTERS)
        n_before, n_after = (len(np.unique(found.cluster_hash)) for found in (entries, bounded))
        self._dropped |= n_after < n_before
        self._parts = [bounded]
        self._held = self._kept = len(bounded.passage_tokens)
        return bounded

    @property
    def n_scored(self) -> int:
        """Documents that are long enough."""
        return self.n_documents - self.n_too_short

    def suspect(self) -> Suspect:
        """The sample; its weights add up to the scored documents where it is complete."""
        entries = self._bound()
        n = len(entries.weight)
        grouped = np.flatnonzero(entries.group_hash != 0)
        cluster = connected(
            n,
            [(np.arange(n), entries.cluster_hash), (grouped, entries.group_hash[grouped])],
        )
        return Suspect(
            cluster,
            entries.weight,
            entries.text_hash,
            entries.cluster_hash,
            entries.values,
            np.repeat(np.arange(n), entries.n_passages),
            entries.passage_tokens,
            entries.log_ratio,
            complete=not self._dropped,
        )


def _note(
    places: list[Document], documents: Sequence[Document], hit: NDArray[np.bool_] | np.bool_
) -> None:
    room = _PLACES - len(places)
    if room > 0:
        places.extend(documents[position] for position in np.flatnonzero(hit)[:room].tolist())


def _best(found: Sequence[Candidate]) -> list[Candidate]:
    """The strongest, one for each cluster, in an order that no batch decides."""
    ranked = sorted(found, key=lambda item: (-item.strength, item.cluster_hash, item.document.id))
    chosen: dict[int, Candidate] = {}
    for item in ranked:
        chosen.setdefault(item.cluster_hash, item)
    return heapq.nsmallest(
        _EXCERPTS, chosen.values(), key=lambda item: (-item.strength, item.cluster_hash)
    )
