"""How fast a corpus is read, measured and scored on this machine, and what a match of it takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.batches import batches
from provenance.features.features import extract
from provenance.features.spec import FeatureSpec
from provenance.features.tokens import load_encoding
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.library.library import starter_library
from provenance.matching.tally import CLUSTERS

__all__ = ["Forecast", "Throughput", "TimedStep", "forecast", "throughput"]

_CHARACTERS: Final = 4_000_000
"""Text that is looked at: a second of each step; a round figure, not tuned."""
_DOCUMENTS: Final = 20_000
_ROUNDS: Final = 3
_A_DOCUMENT: Final = 400
"""Bytes that a tally keeps of a document beside its scores, as counted from its columns twice."""
_A_SOURCE: Final = 32
"""Bytes that it keeps of a document for each source: four views, held twice while it is bounded."""


@dataclass(frozen=True, slots=True)
class TimedStep:
    """One step on the same documents, in the middle of three rounds.

    Parameters
    ----------
    name : str
    seconds : float
        By the clock.
    processor_seconds : float
    """

    name: str
    seconds: float
    processor_seconds: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """What the first documents of a corpus took, in one process.

    Parameters
    ----------
    n_documents : int
    n_rows : int
        Rows that gave them.
    n_bytes : int
        Of their texts, in UTF-8.
    n_stored : int
        Bytes of files that were read for them; 0 where that is not known, as of tables.
    steps : tuple of TimedStep
        ``reading``, ``tiktoken`` (which is for comparison), ``measuring``, ``scoring``.
    """

    n_documents: int
    n_rows: int
    n_bytes: int
    n_stored: int
    steps: tuple[TimedStep, ...]

    def rates(self) -> Iterator[tuple[TimedStep, float, float]]:
        """Each step with its documents and its megabytes of text a second."""
        for step in self.steps:
            seconds = max(step.seconds, 1e-9)
            yield step, self.n_documents / seconds, self.n_bytes / 1e6 / seconds

    @property
    def seconds(self) -> float:
        """Seconds a row, all steps of a match together."""
        own = sum(step.seconds for step in self.steps if step.name != "tiktoken")
        return own / max(1, self.n_rows)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a match would read, about how long it would take, and how much memory.

    Parameters
    ----------
    n_files : int
    n_bytes : int or None
        As stored; None where an input does not say.
    n_rows : int or None
        About; None where nothing tells.
    n_drawn : int or None
        Rows that would be drawn; None where all would be read.
    is_most : bool
        Whether fewer may do, as for a precision.
    bytes_read : int or None
        Stored bytes that would be read, about.
    seconds : float or None
    memory : int
        Bytes, of one process.
    """

    n_files: int
    n_bytes: int | None
    n_rows: int | None
    n_drawn: int | None
    is_most: bool
    bytes_read: int | None
    seconds: float | None
    memory: int


def throughput(corpus: Corpus) -> Throughput:
    """Measure each step on the first documents of a corpus, with tiktoken alone beside them.

    Steps take turns, so that what else the machine does is done to all of them. Texts are scored
    against the library that `scan` reads against; a panel of few sources takes about as long.

    Raises
    ------
    InputError
        Where the corpus cannot be read.
    """
    part = corpus.reading(limit=_DOCUMENTS, sample=None)
    documents = [*_first(part)]
    library = starter_library()
    encoding = load_encoding(library.spec.encoding)
    parts = [*batches(documents)]
    prepared = [prepare_documents(one, library.spec) for one in parts]
    features = [extract(one, library.spec) for one in prepared]
    library.scores(features[0])
    texts = [one.text for one in documents]
    work: dict[str, Callable[[], Any]] = {
        "reading": lambda: [*_first(corpus.reading(limit=_DOCUMENTS, sample=None))],
        "tiktoken": lambda: [encoding.encode_ordinary(text) for text in texts],
        "measuring": lambda: [_measured(one, library.spec) for one in parts],
        "scoring": lambda: [library.scores(one) for one in features],
    }
    taken = [{name: _seconds(one) for name, one in work.items()} for _ in range(_ROUNDS)]
    steps = [
        TimedStep(name, *(statistics.median(one[name][kind] for one in taken) for kind in (0, 1)))
        for name in work
    ]
    return Throughput(
        len(documents),
        max(1, part.counts.n_rows),
        sum(len(text.encode("utf-8", "surrogatepass")) for text in texts),
        part.bytes_read,
        tuple(steps),
    )


def forecast(
    corpus: Corpus, n_sources: int, *, workers: int = 1, precision: float | None = None
) -> Forecast:
    """What a match with so many sources would read and take, by a look at the corpus.

    Parameters
    ----------
    corpus : Corpus
    n_sources : int
    workers : int
    precision : float, optional
        As of `match`: as many rows as it may draw.
    """
    found = throughput(corpus)
    n_bytes = corpus.bytes_total
    n_rows, drawable = corpus.drawable()
    rest = None if n_bytes is None else n_bytes - drawable
    if rest and found.n_stored:
        n_rows += round(rest * found.n_rows / found.n_stored)
    known = n_rows or None
    size = corpus.options.sample if precision is None else CLUSTERS
    if size is not None and known is not None and size >= known:
        size = None
    n_read = size or known
    held = min(CLUSTERS, n_read or CLUSTERS)
    reading = next(step.seconds for step in found.steps if step.name == "reading")
    seconds = None
    # What cannot be drawn from is read to be sampled.
    is_read_for_it = size is not None and bool(rest)
    if n_read is not None and (found.n_stored or not is_read_for_it):
        whole = reading / max(1, found.n_stored) * (rest or 0) if is_read_for_it else 0.0
        seconds = whole + n_read * found.seconds / workers
    if size is None:
        bytes_read = n_bytes
    elif n_bytes is None or known is None:
        bytes_read = None
    else:
        bytes_read = (rest or 0) + min(drawable, round(2.5 * size * n_bytes / known))
    return Forecast(
        n_files=corpus.n_files,
        n_bytes=n_bytes,
        n_rows=known,
        n_drawn=size,
        is_most=precision is not None and size is not None,
        bytes_read=bytes_read,
        seconds=seconds,
        memory=_memory_now() + held * (_A_DOCUMENT + _A_SOURCE * n_sources),
    )


def _first(corpus: Corpus) -> Iterator[Document]:
    size = 0
    for document in corpus:
        yield document
        size += len(document.text)
        if size >= _CHARACTERS:
            return


def _measured(documents: Sequence[Document], spec: FeatureSpec) -> Any:
    return extract(prepare_documents(documents, spec), spec)


def _seconds(work: Callable[[], Any]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _memory_now() -> int:
    from provenance.matching.custody.manifest import peak_memory

    return peak_memory() or 0
