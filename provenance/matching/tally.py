"""What a match keeps of the corpus while it is read once: bounded memory, the rest on disk.

Shares are estimated on a bottom-k sample of word-identical clusters. A corpus of fewer clusters
than that, which is nearly every one, is its own sample.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.hashes import label_hash
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.matching.scored_batch import MOST_STRONG, ScoredBatch, StrongRow, best_drawn
from provenance.scoring.scored import Scored, document_means, independent
from provenance.statistics.stretches import joined_by_likeness

__all__ = ["CLUSTERS", "SampledCorpus", "Tally", "stretch_hashes"]


CLUSTERS: Final = 1 << 18
"""Most clusters of equal words in the sample: a bound on memory, not tuned."""
_PASSAGES_A_CLUSTER: Final = 4
"""With `CLUSTERS` the most passages in the sample: a bound on memory, not tuned."""
BY_FAMILY: Final = 1 << 13
"""Most clusters that each family reads alone: half a point of noise at even odds; a bound on time
and memory, not tuned."""
_PLACES: Final = 20
"""Most places that a finding shows; the contract caps them."""


@dataclass(frozen=True, slots=True)
class SampledCorpus:
    """The sample of the corpus that shares are estimated on.

    Parameters
    ----------
    scored : Scored
        Equal texts of one group are one document, with their number as its weight.
    text_hash : ndarray of uint64, shape (n_documents,)
    values : ndarray of int64, shape (n_documents, n_fields)
        Numbers of the values of the ``--by`` fields.
    complete : bool
        Whether these are all documents of the corpus.
    """

    scored: Scored
    text_hash: NDArray[np.uint64]
    values: NDArray[np.int64]
    complete: bool


@dataclass(slots=True)
class _Entries:
    """Documents of the sample before they are bounded; columns as in `SampledCorpus`."""

    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    group_hash: NDArray[np.uint64]
    stretch_hash: NDArray[np.uint64]
    weight: NDArray[np.float64]
    values: NDArray[np.int64]
    n_passages: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    log_posterior: dict[str, NDArray[np.float32]]

    @classmethod
    def concatenate(cls, parts: Sequence[_Entries]) -> _Entries:
        columns: dict[str, Any] = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(cls)
            if item.name != "log_posterior"
        }
        log_posterior = {
            view: np.concatenate([part.log_posterior[view] for part in parts])
            for view in parts[0].log_posterior
        }
        return cls(**columns, log_posterior=log_posterior)

    def take(self, entries: NDArray[np.int64], weight: NDArray[np.float64]) -> _Entries:
        first = np.concatenate([[0], np.cumsum(self.n_passages)])
        lengths = self.n_passages[entries]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        passages = np.arange(offsets[-1]) + np.repeat(first[entries] - offsets[:-1], lengths)
        return _Entries(
            self.text_hash[entries],
            self.cluster_hash[entries],
            self.group_hash[entries],
            self.stretch_hash[entries],
            weight,
            self.values[entries],
            lengths,
            self.passage_tokens[passages],
            {view: ratios[passages] for view, ratios in self.log_posterior.items()},
        )

    def bounded(self, most: int) -> tuple[_Entries, bool]:
        """Equal entries as one, in order of their hashes, of the first clusters only.

        Also whether any cluster was left out.
        """
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
        return self.take(order[first][kept], weight[kept]), not kept.all()


@dataclass(slots=True)
class _Sample:
    """Entries of the first clusters by their hashes, whatever order they came in."""

    most: int
    parts: list[_Entries] = field(default_factory=list)
    held: int = 0
    kept: int = 0
    dropped: bool = False

    def add(self, entries: _Entries) -> None:
        self.parts.append(entries)
        self.held += len(entries.passage_tokens)
        if self.held > 2 * max(self.most, self.kept):
            self.bounded()

    def bounded(self) -> _Entries:
        bounded, dropped = _Entries.concatenate(self.parts).bounded(self.most)
        self.dropped |= dropped
        self.parts = [bounded]
        self.held = self.kept = len(bounded.passage_tokens)
        return bounded

    def scored(self, name: str) -> tuple[_Entries, Scored]:
        """The entries, and their documents under one of their posteriors."""
        entries = self.bounded()
        document = np.repeat(np.arange(len(entries.weight)), entries.n_passages)
        found = Scored(
            entries.log_posterior[name],
            document,
            entries.passage_tokens,
            entries.weight,
            independent(entries.cluster_hash, entries.group_hash),
            entries.cluster_hash,
        )
        if not entries.stretch_hash.any():
            return entries, found
        read_as = np.exp(found.log_posterior)
        means = document_means(read_as, document, found.passage_tokens, len(found))
        joined = joined_by_likeness(found.cluster, entries.stretch_hash, means)
        return entries, replace(found, cluster=joined)


@dataclass(slots=True)
class Tally:
    """Adds scored batches; every part of it is bounded or additive.

    Parameters
    ----------
    spec : FeatureSpec
    n_sources : int
    by : tuple of str
        Fields that the shares are broken down by.

    Attributes
    ----------
    prompts : ndarray of uint64
        Prompts of the corpus that some sample answers too, ascending; no more than samples have.
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
    prompts: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    frequency: NDArray[np.uint32] = field(init=False)
    strongest: dict[tuple[str, int], list[StrongRow]] = field(default_factory=dict)
    drawn: dict[str, list[StrongRow]] = field(default_factory=dict)
    value_numbers: list[dict[str, int]] = field(init=False)
    _sample: _Sample = field(default_factory=lambda: _Sample(CLUSTERS))
    _by_family: _Sample = field(default_factory=lambda: _Sample(BY_FAMILY))

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
        self.prompts = np.union1d(self.prompts, batch.prompts)
        self.frequency[batch.slots] += batch.slot_counts
        _note(self.overlap_places, batch.documents, batch.overlap.any(axis=1))
        _note(self.disguise_places, batch.documents, batch.disguised)
        for key, found in batch.strongest.items():
            self.strongest[key] = _best(self.strongest.get(key, []) + found)
        for view, found in batch.drawn.items():
            self.drawn[view] = best_drawn(self.drawn.get(view, []) + found)
        self._hold(batch)

    def _hold(self, batch: ScoredBatch) -> None:
        scored = np.flatnonzero(~batch.too_short)
        documents = [batch.documents[position] for position in scored.tolist()]
        groups = [0 if item.group is None else label_hash(item.group) for item in documents]
        entries = _Entries(
            batch.text_hash[scored],
            batch.cluster_hash[scored],
            np.array(groups, np.uint64),
            stretch_hashes(documents),
            np.ones(len(scored)),
            # A value of short documents alone is a part of the corpus too.
            self._values(batch.documents)[scored],
            np.bincount(batch.document, minlength=len(batch.documents))[scored],
            batch.passage_tokens,
            batch.log_posterior,
        )
        self._sample.add(entries)
        self._by_family.add(replace(entries, log_posterior=batch.by_family))

    def _values(self, documents: Sequence[Document]) -> NDArray[np.int64]:
        values = np.zeros((len(documents), len(self.by)), np.int64)
        for column, (name, numbers) in enumerate(zip(self.by, self.value_numbers, strict=True)):
            for row, item in enumerate(documents):
                values[row, column] = numbers.setdefault(item.fields.get(name, ""), len(numbers))
        return values

    @property
    def n_scored(self) -> int:
        """Documents that are long enough."""
        return self.n_documents - self.n_too_short

    def sampled(self, view: str, unread: float = 0.0) -> SampledCorpus:
        """The sample in one view; its weights add up to the scored documents where complete.

        Parameters
        ----------
        view : str
        unread : float
            Part of the documents spoken of that was never added.
        """
        entries, scored = self._sample.scored(view)
        complete = not self._sample.dropped
        if not complete:
            unread = 1 - (1 - unread) * float(entries.weight.sum()) / self.n_scored
        scored = replace(scored, unread=unread)
        return SampledCorpus(scored, entries.text_hash, entries.values, complete)

    def read_by_families(self) -> dict[str, Scored]:
        """A smaller sample of the corpus as each family alone reads it; none of an empty one."""
        parts = self._by_family.parts
        families = tuple(parts[0].log_posterior) if parts else ()
        return {family: self._by_family.scored(family)[1] for family in families}


def stretch_hashes(documents: Sequence[Document]) -> NDArray[np.uint64]:
    """Hash of what each document was drawn with; 0 where it was drawn alone."""
    names = (one.drawn_with for one in documents)
    return np.array([0 if name is None else label_hash(name) for name in names], np.uint64)


def _note(
    places: list[Document], documents: Sequence[Document], hit: NDArray[np.bool_] | np.bool_
) -> None:
    room = _PLACES - len(places)
    if room > 0:
        places.extend(documents[position] for position in np.flatnonzero(hit)[:room].tolist())


def _best(found: Sequence[StrongRow]) -> list[StrongRow]:
    """The strongest, one for each cluster, in an order that no batch decides."""
    ranked = sorted(found, key=lambda item: (-item.strength, item.cluster_hash, item.document.id))
    chosen: dict[int, StrongRow] = {}
    for item in ranked:
        chosen.setdefault(item.cluster_hash, item)
    return heapq.nsmallest(
        MOST_STRONG, chosen.values(), key=lambda item: (-item.strength, item.cluster_hash)
    )
