"""A source is measured: batches of documents become one fingerprint, in bounded memory."""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.batches.batches import batches, map_batches
from provenance.corpus.batches.in_parts import Numbered, Shard, ShardDone, numbered, run_part
from provenance.errors import InputError
from provenance.features.features import (
    FeatureBatch,
    PreparedTexts,
    extract,
    prepare,
)
from provenance.features.hashes import label_hash
from provenance.features.spec import FeatureSpec
from provenance.features.tokens import load_encoding
from provenance.fingerprint.fingerprint import Fingerprint, held_labels
from provenance.fingerprint.in_parts import KeptFeatures, Measured, opened_features
from provenance.fingerprint.readable import readable
from provenance.fingerprint.sample import (
    DEFAULT_LIMITS,
    N_LENGTHS,
    NO_DATE,
    Limits,
    SampledDocuments,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from provenance.corpus import Corpus, Document

__all__ = ["fingerprint_shard", "fit_fingerprint", "label_hashes", "measure", "prepare_documents"]

_PASSAGES_A_DOCUMENT: Final = 8
_READABLE_TOKENS: Final = 500_000


@dataclass(frozen=True, slots=True)
class _Measured:
    """A batch of documents as a worker returns it."""

    features: FeatureBatch
    slots: NDArray[np.int64]
    slot_counts: NDArray[np.uint32]
    sample: SampledDocuments
    domains: tuple[str, ...]
    segments: Mapping[str, tuple[int, int]]


def prepare_documents(documents: Sequence[Document], spec: FeatureSpec) -> PreparedTexts:
    """Repair the texts of a batch and count their tokens."""
    return prepare([document.text for document in documents], spec)


def measure(prepared: PreparedTexts, spec: FeatureSpec) -> Measured:
    """Features of a batch, and the slots of its word n-grams with their counts."""
    frequency = np.zeros(1 << spec.frequency_bits, np.uint32)
    features = extract(prepared, spec, frequency)
    slots = np.flatnonzero(frequency != 0)  # of truth values they are found faster
    return features, slots, frequency[slots]


def _measure(
    documents: Sequence[Document], prepared: PreparedTexts, spec: FeatureSpec
) -> _Measured:
    return _of_batch(documents, *measure(prepared, spec))


def _kept_or_measured(
    batch: Numbered, prepared: PreparedTexts | None, features: KeptFeatures
) -> _Measured:
    return _of_batch(batch.documents, *features.measured(batch, prepared, measure))


def _of_batch(
    documents: Sequence[Document],
    features: FeatureBatch,
    slots: NDArray[np.int64],
    counts: NDArray[np.uint32],
) -> _Measured:
    sample = _sampled(features, documents)
    domains = tuple(sorted({document.domain for document in documents if document.domain}))
    return _Measured(features, slots, counts, sample, domains, _by_segment(features, documents))


def _by_segment(
    features: FeatureBatch, documents: Sequence[Document]
) -> dict[str, tuple[int, int]]:
    """Documents of each segment, and how many of them are too short."""
    found: dict[str, tuple[int, int]] = {}
    for one, short in zip(documents, features.too_short.tolist(), strict=True):
        if one.segment is not None:
            n, n_short = found.get(one.segment, (0, 0))
            found[one.segment] = n + 1, n_short + short
    return found


def _sampled(features: FeatureBatch, documents: Sequence[Document]) -> SampledDocuments:
    kept = _some_passages(features)
    scored, document = np.unique(features.document[kept], return_inverse=True)
    chosen = [documents[position] for position in scored.tolist()]
    return SampledDocuments(
        text_hash=features.text_hash[scored],
        cluster_hash=features.cluster_hash[scored],
        prompt_hash=label_hashes([item.prompt for item in chosen]),
        group_hash=label_hashes([item.group for item in chosen]),
        domain_hash=label_hashes([item.domain for item in chosen]),
        segment_hash=label_hashes([item.segment for item in chosen]),
        asked_hash=label_hashes([item.asked for item in chosen]),
        date=np.array([_days(item.date) for item in chosen], np.int32),
        n_tokens=features.n_tokens[scored],
        multiplicity=np.ones(len(scored), np.int64),
        document=document.astype(np.int64),
        passage_tokens=features.passage_tokens[kept],
        statistics=features.statistics[kept],
        # Sorted when it is known which of them stay.
        rows=features.rows if len(kept) == len(features.rows) else features.rows.take(kept),
    )


def _some_passages(features: FeatureBatch) -> NDArray[np.int64]:
    """Passages to keep: of a long document a few, spread evenly over it."""
    total = np.bincount(features.document, minlength=len(features.n_tokens))[features.document]
    first = np.searchsorted(features.document, features.document)
    ordinal = np.arange(len(features.document)) - first
    most = _PASSAGES_A_DOCUMENT
    part = ordinal * most // np.maximum(1, total)
    before = (ordinal - 1) * most // np.maximum(1, total)
    return np.flatnonzero((total <= most) | (part != before))


def label_hashes(values: Sequence[str | None]) -> NDArray[np.uint64]:
    """Hash of each prompt, group or domain; 0 where there is none.

    Examples
    --------
    >>> label_hashes([None, "a"]).tolist() == [0, label_hash("a")]
    True
    """
    return np.array([0 if value is None else label_hash(value) for value in values], np.uint64)


def _days(value: date | None) -> int:
    return NO_DATE if value is None else (value - date(1970, 1, 1)).days


class _Builder:
    """Adds measured batches; what it holds is bounded by the limits."""

    def __init__(self, name: str, spec: FeatureSpec, limits: Limits) -> None:
        self.result = Fingerprint.empty(name, spec, limits)
        self.parts: list[SampledDocuments] = []
        self.held_tokens = 0
        self.largest: int | None = None
        self.texts: dict[int, str] = {}
        self.domains: set[str] = set()
        self.repairs: Counter[str] = Counter()
        self.segments: dict[str, tuple[int, int]] = {}

    def add(self, batch: _Measured) -> None:
        features, result = batch.features, self.result
        result.frequency[batch.slots] += batch.slot_counts
        statistics = features.statistics.astype(np.int64)
        lengths = np.minimum(N_LENGTHS - 1, np.frexp(features.n_tokens.astype(float))[1])
        self.result = replace(
            result,
            n_documents=result.n_documents + len(features.n_tokens),
            n_too_short=result.n_too_short + int(features.too_short.sum()),
            n_passages=result.n_passages + len(features.rows),
            n_tokens=result.n_tokens + int(features.n_tokens.sum()),
            sums=result.sums + statistics.sum(axis=0),
            squares=result.squares + (statistics**2).sum(axis=0),
            lengths=result.lengths + np.bincount(lengths, minlength=N_LENGTHS),
        )
        self.repairs.update(features.repairs)
        self.domains.update(batch.domains)
        for name, (n, n_short) in batch.segments.items():
            before = self.segments.get(name, (0, 0))
            self.segments[name] = (before[0] + n, before[1] + n_short)
        self._hold(batch)

    def _hold(self, batch: _Measured) -> None:
        sample, scored = batch.sample, np.flatnonzero(~batch.features.too_short)
        if self.largest is not None:
            # The sample is full: what is larger than all of it never enters.
            sample = sample.take(np.flatnonzero(sample.text_hash <= self.largest))
            scored = scored[batch.features.text_hash[scored] <= self.largest]
        self.parts.append(sample)
        self.held_tokens += int(sample.n_tokens.sum())
        hashes = batch.features.text_hash[scored].tolist()
        texts = [batch.features.texts[position] for position in scored.tolist()]
        self.texts.update(zip(hashes, texts, strict=True))
        n_held = sum(len(part) for part in self.parts)
        limits = self.result.limits
        if self.held_tokens > 2 * limits.row_tokens or n_held > 2 * limits.rows:
            self._bound()

    def _bound(self) -> SampledDocuments:
        sample = SampledDocuments.concatenate([SampledDocuments.empty(), *self.parts])
        limits = self.result.limits
        sample = sample.bounded(limits)
        if len(sample) >= limits.rows or sample.passage_tokens.sum() >= limits.row_tokens:
            self.largest = int(sample.text_hash[-1])
        self.parts = [sample]
        self.held_tokens = int(sample.n_tokens.sum())
        tokens = np.cumsum(sample.n_tokens)
        self.domains = {*held_labels(self.domains, sample)}
        shown = sample.text_hash[tokens <= _READABLE_TOKENS].tolist()
        self.texts = {value: self.texts[value] for value in shown}
        return sample

    def finish(self, origin: Sequence[str], inputs: Iterable[str]) -> Fingerprint:
        sample = self._bound()
        sample = replace(sample, rows=sample.rows.sorted())
        return replace(
            self.result,
            origin=tuple(sorted({*origin})),
            inputs_sha256=tuple(sorted({*inputs})),
            sample=sample,
            readable=readable(self.texts, sample, self.result),
            domains=held_labels(self.domains, sample),
            repairs=dict(sorted(self.repairs.items())),
            segments=dict(sorted(self.segments.items())),
        )


def fit_fingerprint(
    corpus: object,
    name: str,
    spec: FeatureSpec | None = None,
    limits: Limits = DEFAULT_LIMITS,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    partials: str | os.PathLike[str] | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
    **reading: Any,
) -> Fingerprint:
    """Measure one source.

    Parameters
    ----------
    corpus : Corpus, or what `open_corpus` takes
        A path, a table, a `datasets` object, rows; a list or tuple holds texts or rows, not paths.
    name : str
        What the source is called in reports.
    spec : FeatureSpec, optional
    limits : Limits, optional
    workers : int
        Processes that count tokens and n-grams; the result is the same for any number.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own.
    partials : path, optional
        Folder of the features of each batch: those that `fingerprint_shard`, or a run that was
        broken off, left there are not made again, others are put there.
    command : sequence of str
        What the user typed, kept beside them.
    progress : callable, optional
        Called with the corpus after each batch.
    **reading
        Options of `open_corpus`, such as ``group_field``, where the corpus is not opened yet.

    Raises
    ------
    InputError
        Where the name is empty, the corpus cannot be read, or the partials are of another run.

    Examples
    --------
    >>> fit_fingerprint(["one two three four five six seven eight nine"], "a").n_passages
    1
    """
    from provenance.corpus.opening import opened as opened_with

    if not isinstance(name, str):
        raise InputError(
            f"the name of the source is a {type(name).__name__}",
            expected="a text",
            remedy="Give the samples first and the name second: fit_fingerprint(samples, 'my-api')",
        )
    if not name.strip():
        raise InputError("a source needs a name", remedy="Pass --name NAME")
    if isinstance(corpus, list | tuple):
        corpus = iter(corpus)
    opened = opened_with(corpus, reading, inspect.signature(fit_fingerprint).parameters)
    builder = _Builder(name, spec or FeatureSpec(), limits)
    own = builder.result.spec
    # Workers inherit it, and say nothing of a cache that cannot be used.
    load_encoding(own.encoding)
    how: dict[str, Any] = {"workers": workers, "executor": executor}
    if partials is None:
        job, first = partial(_measure, spec=own), partial(prepare_documents, spec=own)
        found = map_batches(job, batches(opened), prepare=first, **how)
    else:
        kept = opened_features(Path(partials), own, opened, command)
        either = partial(_kept_or_measured, features=kept)
        found = map_batches(either, numbered(batches(opened)), prepare=kept.prepared, **how)
    for measured in found:
        builder.add(measured)
        if progress is not None:
            progress(opened)
    return builder.finish(opened.paths, (entry["sha256"] for entry in opened.inputs()))


def fingerprint_shard(
    corpus: object,
    *,
    shard: Shard | str,
    partials: str | os.PathLike[str],
    spec: FeatureSpec | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
    **reading: Any,
) -> ShardDone:
    """Measure one part of a source, and leave it for a `fit_fingerprint` with the same partials.

    Parameters
    ----------
    corpus, spec, workers, executor, command, progress, **reading
        As of `fit_fingerprint`, and the same for each part.
    shard : Shard or str
        Which part, such as ``"2/8"``.
    partials : path
        A folder that all parts can write to.

    Raises
    ------
    InputError
        Where the corpus cannot be read, or the folder holds partials of another run.

    Examples
    --------
    >>> import tempfile
    >>> fingerprint_shard([{"text": "one two"}], shard="1/2", partials=tempfile.mkdtemp())
    ShardDone(n_batches=1, n_found=0)
    """
    from provenance.corpus.opening import opened as opened_with

    part = Shard.read(shard) if isinstance(shard, str) else shard
    opened = opened_with(corpus, reading, inspect.signature(fingerprint_shard).parameters)
    kept = opened_features(Path(partials), spec or FeatureSpec(), opened, command)
    load_encoding(kept.spec.encoding)
    return run_part(
        partial(kept.done, measure=measure),
        batches(opened),
        part,
        prepare=kept.prepared,
        workers=workers,
        executor=executor,
        progress=None if progress is None else partial(progress, opened),
    )
