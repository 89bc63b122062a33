"""Whether there is room to begin: libraries that find none end the process without a word."""

from __future__ import annotations

import os
from typing import Final

from provenance.errors import InputError

__all__ = [
    "LEAST",
    "LEAST_A_THREAD",
    "limit_of_addresses",
    "refuse_small_memory",
]

LEAST: Final = 550 << 20
"""Bytes of addresses that numpy, scipy, numba, arrow and a tokenizer take until work begins:
``fingerprint`` took 565 MB with one thread, less what `LEAST_A_THREAD` counts."""
LEAST_A_THREAD: Final = 80 << 20
"""Beside these for each thread of OpenBLAS, which numpy and scipy bring one each of: VmPeak after
all imports was 648 MB with one thread, 728 MB with two."""


def limit_of_addresses() -> int | None:
    """Bytes of addresses that this process may have (``ulimit -v``), None where any number."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def refuse_small_memory() -> None:
    """Refuse to begin under a limit that the libraries alone would break.

    They would end with a status of their own, or with a traceback, wherever they met it.

    Raises
    ------
    InputError
    """
    limit = limit_of_addresses()
    least = LEAST + LEAST_A_THREAD * _threads()
    if limit is not None and limit < least:
        raise InputError(
            f"this process may have {limit >> 20:,} MB of addresses (ulimit -v), too few to begin",
            expected=f"{least >> 20:,} MB at least, and more for a large corpus",
            remedy="Raise the limit, or set OPENBLAS_NUM_THREADS=1",
        )


def _threads() -> int:
    """Threads that OpenBLAS starts."""
    given = os.environ.get("OPENBLAS_NUM_THREADS", "")
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(int(given), n_cores or 1) if given.isdecimal() and int(given) else n_cores or 1
