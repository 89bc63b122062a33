"""Whether there is room to begin: libraries that find none end the process without a word."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
from typing import Final

from provenance.errors import InputError

__all__ = [
    "LEAST",
    "LEAST_A_THREAD",
    "keep_what_is_freed",
    "limit_of_addresses",
    "refuse_small_memory",
]

LEAST: Final = 550 << 20
"""Bytes of addresses that numpy, scipy, numba, arrow and a tokenizer take until work begins:
``fingerprint`` took 565 MB with one thread, less what `LEAST_A_THREAD` counts."""
LEAST_A_THREAD: Final = 80 << 20
"""Beside these for each thread of OpenBLAS, which numpy and scipy bring one each of: VmPeak after
all imports was 648 MB with one thread, 728 MB with two."""

_LOOK_AFTER: Final = 50_000
"""Objects made before cycles among them are looked for: what is loaded at the start stays, and with
700, as Python has it, these looks were a twelfth of a short match. A round figure."""
_TRIM, _MAP = -1, -3
"""Of glibc's mallopt: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD."""
_KEPT: Final = {_TRIM: 512 << 20, _MAP: 32 << 20}
"""Bytes that are free before any is given back, a round figure; and the size from which on a piece
is mapped by itself, the largest that glibc takes."""


def keep_what_is_freed() -> None:
    """Let the next array have the memory of the last one, where the system's library can.

    Else each is given back and asked for anew, page for page, which was a tenth of a match of 1,000
    documents against 48 sources; the most that it held rose by 16 of 1,047 MB.
    """
    gc.set_threshold(_LOOK_AFTER, *gc.get_threshold()[1:])
    # Others know no such options, or mean something else by them.
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        for option, size in _KEPT.items():
            library.mallopt(option, size)


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
