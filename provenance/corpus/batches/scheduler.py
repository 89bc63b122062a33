"""Workers of a dask.distributed scheduler in place of processes of our own.

What a worker needs of files (a cached panel, an index) it must find under the same path. A batch
whose worker dies is given to another one; what comes back is the same for any of them.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from provenance.errors import InputError
from provenance.version import __version__

__all__ = ["Workforce", "workforce"]

_PATIENCE: Final = 10
"""Seconds that a scheduler may take to answer, and its workers to come; a round figure."""


@dataclass(frozen=True, slots=True)
class Workforce:
    """Who works on batches: processes of our own, or an executor with so many threads."""

    workers: int
    executor: Executor | None = None


@contextmanager
def workforce(workers: int, address: str | None = None) -> Iterator[Workforce]:
    """Processes of our own, or the workers of a scheduler for as long as they are needed.

    Parameters
    ----------
    workers : int
        Processes, where no address is given.
    address : str, optional
        Of a dask.distributed scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    InputError
        Where dask.distributed is not installed, where nobody answers at the address or has a
        worker, where a worker has another version of this package, and where the scheduler or its
        workers are lost.

    Examples
    --------
    >>> with workforce(2) as found:
    ...     print(found)
    Workforce(workers=2, executor=None)
    """
    if address is None:
        yield Workforce(workers)
        return
    client = _client(address)
    levels = _silenced()
    try:
        _require_same_version(client, address)
        yield Workforce(sum(client.nthreads().values()), client.get_executor(pure=False))
    except Exception as error:
        if _is_lost(error):
            raise InputError(
                f"the scheduler lost its workers, or was lost itself ({type(error).__name__})",
                where=address,
                remedy="See its log for what ended them, most likely want of memory, and run again",
            ) from None
        raise
    finally:
        client.close(timeout=_PATIENCE)
        for logger, level in levels.items():
            logger.setLevel(level)


def _silenced() -> dict[logging.Logger, int]:
    """Loggers of dask and their levels: what they say of a loss would stand before what we tell."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {logging.getLogger(name): logging.getLogger(name).level for name in names}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    return levels


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "--scheduler needs dask.distributed, which is not installed",
            remedy="Install it with pip install 'llm-provenance[distributed]'",
        ) from None
    _require_answer(address)
    client = Client(address, timeout=_PATIENCE, set_as_default=False)
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        client.close()
        raise InputError(
            "the scheduler has no workers",
            where=address,
            remedy=f"Start some: dask worker {address}",
        ) from None
    return client


def _require_answer(address: str) -> None:
    """Somebody listens there: a client that finds nobody tries for long, and says so for longer."""
    from distributed.comm import get_address_host_port

    try:
        socket.create_connection(get_address_host_port(address), _PATIENCE).close()
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"no scheduler answers ({str(error).splitlines()[0][:200]})",
            where=address,
            expected="the address of a dask.distributed scheduler, such as tcp://host:8786",
        ) from None


def _version() -> str:
    return __version__


def _require_same_version(client: Any, address: str) -> None:
    try:
        found = set(client.run(_version).values())
    except Exception as error:  # whatever a worker says that cannot load this module
        raise InputError(
            f"the workers cannot load this package ({type(error).__name__}: {str(error)[:200]})",
            where=address,
            remedy=f"Install llm-provenance {__version__} where the workers run",
        ) from None
    if found != {__version__}:
        others = ", ".join(sorted(found - {__version__}))
        raise InputError(
            f"workers have llm-provenance {others}, and this is {__version__}",
            where=address,
            remedy="Install the same version everywhere: another one may score otherwise",
        )


def _is_lost(error: BaseException) -> bool:
    """Whether batches were given up, and not that one of them failed."""
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    return isinstance(error, CancelledError | CommClosedError | KilledWorker)
