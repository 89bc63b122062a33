"""Map a function over batches: in this process, in several, or on any executor.

Results come back in the order of the batches, so that what is built from them does not depend on
the number of workers.
"""

from __future__ import annotations

import gc
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from provenance.corpus.batches.workers import process_pool, result_of
from provenance.errors import MOST_WORKERS, require_whole
from provenance.statistics.freed import LOOK_AFTER

if TYPE_CHECKING:
    from provenance.corpus import Document

__all__ = ["batches", "map_batches", "unprepared"]

Batch = TypeVar("Batch")
Prepared = TypeVar("Prepared")
Result = TypeVar("Result")

_BATCH_CHARACTERS: Final = 1 << 21


def batches(documents: Iterable[Document]) -> Iterable[list[Document]]:
    """Documents in lists of about two million characters."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text) + 64
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def unprepared(_: object) -> None:
    """The `prepare` of a job that needs nothing made ready."""


def map_batches(
    function: Callable[[Batch, Prepared], Result],
    batches: Iterable[Batch],
    *,
    prepare: Callable[[Batch], Prepared],
    workers: int = 1,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """Yield ``function(batch, prepare(batch))`` for each batch, in order.

    With one worker, ``prepare`` runs one batch ahead in a thread of its own: tiktoken and the
    compiled loops leave the interpreter to the other thread meanwhile.

    Parameters
    ----------
    function, prepare : callable
        Picklable where more than one process runs them.
    batches : iterable
        Read lazily: at most ``2 * workers`` batches are held.
    workers : int
        Processes; 1 runs in this one. They end with this process, however it ends.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own, e.g. ``dask.distributed.Client.get_executor()``.

    Examples
    --------
    >>> list(map_batches(lambda text, size: text * size, ["a", "bb"], prepare=len))
    ['a', 'bbbb']
    """
    require_whole("workers", workers, 1, MOST_WORKERS)
    both = partial(_both, function, prepare)
    with _seldom_collected():
        if executor is not None:
            yield from _on(executor, both, batches, 2 * workers)
        elif workers == 1:
            yield from _one_ahead(function, prepare, batches)
        else:
            with process_pool(workers) as pool:
                yield from _in_flight(pool, both, batches, 2 * workers, deque())


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let Python look for garbage in cycles less often: documents of a batch are in none.

    They are many, and it would go through all of them and through what was loaded before.
    """
    before = gc.get_threshold()
    if before[0]:  # 0 is never
        gc.set_threshold(max(before[0], LOOK_AFTER), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _one_ahead(
    function: Callable[[Batch, Prepared], Result],
    prepare: Callable[[Batch], Prepared],
    batches: Iterable[Batch],
) -> Iterator[Result]:
    with ThreadPoolExecutor(1) as ahead:
        waiting: deque[tuple[Batch, Future[Prepared]]] = deque()
        for batch in batches:
            waiting.append((batch, ahead.submit(prepare, batch)))
            if len(waiting) > 1:
                yield _finished(function, *waiting.popleft())
        for batch, prepared in waiting:
            yield _finished(function, batch, prepared)


def _finished(
    function: Callable[[Batch, Prepared], Result], batch: Batch, prepared: Future[Prepared]
) -> Result:
    return function(batch, prepared.result())


def _both(
    function: Callable[[Batch, Prepared], Result],
    prepare: Callable[[Batch], Prepared],
    batch: Batch,
) -> Result:
    return function(batch, prepare(batch))


def _on(
    executor: Executor, function: Callable[[Batch], Result], batches: Iterable[Batch], most: int
) -> Iterator[Result]:
    """On somebody else's executor, which goes on: what is left over is taken back."""
    waiting: deque[Future[Result]] = deque()
    try:
        yield from _in_flight(executor, function, batches, most, waiting)
    finally:
        for future in waiting:
            future.cancel()


def _in_flight(
    executor: Executor,
    function: Callable[[Batch], Result],
    batches: Iterable[Batch],
    most: int,
    waiting: deque[Future[Result]],
) -> Iterator[Result]:
    source = iter(batches)
    for batch in itertools.islice(source, most):
        waiting.append(executor.submit(function, batch))
    while waiting:
        result = result_of(executor, waiting.popleft())
        for batch in itertools.islice(source, 1):
            waiting.append(executor.submit(function, batch))
        yield result
