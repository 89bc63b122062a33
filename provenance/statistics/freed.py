"""What is freed is kept: arrays of megabytes come and go with every batch."""

from __future__ import annotations

import ctypes
import gc
import platform
from typing import Final

__all__ = ["LOOK_AFTER", "keep_what_is_freed"]

LOOK_AFTER: Final = 50_000
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
    gc.set_threshold(LOOK_AFTER, *gc.get_threshold()[1:])
    # Others know no such options, or mean something else by them.
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        for option, size in _KEPT.items():
            library.mallopt(option, size)
