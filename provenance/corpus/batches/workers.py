"""Worker processes that end with the run that started them, however it ends."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from provenance.files.mapped import refuse_cut_files

__all__ = ["end_workers", "process_pool", "result_of"]

Result = TypeVar("Result")

_POLL_SECONDS: Final = 0.5
"""Between two looks at another process; a round figure, not tuned."""
_PR_SET_PDEATHSIG: Final = 1
"""From ``linux/prctl.h``."""


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes for batches; whatever is raised, none of them works on.

    They die with this process, also where it is killed and can clean up nothing.

    Raises
    ------
    InputError
        Where a worker died and a file that this process maps was cut short: that ended it.
    """
    pool = ProcessPoolExecutor(workers, initializer=begin_worker)
    try:
        yield pool
    except BaseException as error:
        _end(_processes_of(pool))
        _stop_listening(pool)
        if isinstance(error, BrokenProcessPool):
            refuse_cut_files()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def result_of(executor: Executor, future: Future[Result]) -> Result:
    """Wait for a result, and not for ever for that of a worker that died.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        Where a worker died; whoever waits for the rest of what it was sending sees nothing.
    """
    patience = 2
    while not wait([future], _POLL_SECONDS).done:
        if all(process.is_alive() for process in _processes_of(executor)):
            continue
        patience -= 1
        if not patience:
            raise BrokenProcessPool("a worker process died")
    return future.result()


def end_workers() -> None:
    """End every worker process of this process, whatever it is at."""
    _end(multiprocessing.active_children())


def begin_worker() -> None:
    """Make this process a worker: signals are for its parent, and it ends with its parent."""
    # The parent ends its workers; their tracebacks would bury what it says.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    die_with_parent()
    threading.Thread(target=_watch, args=(parent, os.getppid()), daemon=True).start()


def die_with_parent() -> bool:
    """Ask Linux to kill this process when its parent ends; False where that cannot be asked."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return False
    return bool(prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0)


def _watch(parent: Any, number: int) -> None:
    """End this process soon after its parent, on any system.

    A parent that ended before the kernel was asked shows by the pipe to it, which is closed.
    """
    while parent.is_alive() and os.getppid() == number:
        parent.join(_POLL_SECONDS)
    os._exit(1)


def _processes_of(executor: Executor) -> list[Any]:
    """Worker processes of a pool; none of another executor."""
    # There is no public way before Python 3.14.
    return list((getattr(executor, "_processes", None) or {}).values())


def _stop_listening(pool: ProcessPoolExecutor) -> None:
    """Close our end of the pipe that results come by.

    A killed worker may have sent half a result, and the pool would wait for the other half as long
    as anybody may write.
    """
    writer = getattr(getattr(pool, "_result_queue", None), "_writer", None)
    if writer is not None and not writer.closed:
        writer.close()


def _end(processes: list[Any]) -> None:
    """Kill: a worker holds nothing that anybody waits for."""
    for process in processes:
        if process.is_alive():
            process.kill()
