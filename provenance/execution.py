"""Map a function over batches: in this process, in several, or on any executor.

Results come back in the order of the batches, so that what is built from them does not depend on
the number of workers.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import TypeVar

from provenance.errors import InputError

__all__ = ["map_batches"]

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def map_batches(
    function: Callable[[Batch], Result],
    batches: Iterable[Batch],
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """Yield ``function(batch)`` for each batch, in order, with a bounded number in flight.

    Parameters
    ----------
    function : callable
        Picklable where more than one process runs it.
    batches : iterable
        Read lazily: at most ``2 * workers`` batches are held.
    workers : int
        Processes; 1 runs in this one.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own, e.g. ``dask.distributed.Client.get_executor()``.

    Examples
    --------
    >>> list(map_batches(len, ["a", "bb"]))
    [1, 2]
    """
    if workers < 1:
        raise InputError(f"{workers} workers were asked for", expected="at least one")
    if executor is not None:
        yield from _in_flight(executor, function, batches, 2 * workers)
    elif workers == 1:
        yield from map(function, batches)
    else:
        with ProcessPoolExecutor(workers) as pool:
            yield from _in_flight(pool, function, batches, 2 * workers)


def _in_flight(
    executor: Executor, function: Callable[[Batch], Result], batches: Iterable[Batch], most: int
) -> Iterator[Result]:
    waiting: deque[Future[Result]] = deque()
    source = iter(batches)
    try:
        for batch in itertools.islice(source, most):
            waiting.append(executor.submit(function, batch))
        while waiting:
            result = waiting.popleft().result()
            for batch in itertools.islice(source, 1):
                waiting.append(executor.submit(function, batch))
            yield result
    finally:
        for future in waiting:
            future.cancel()
