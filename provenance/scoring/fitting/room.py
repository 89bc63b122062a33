"""Room for the library of linear algebra, taken while there is some."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

__all__ = ["take_room"]

_ROOM: Final = 128 << 20
"""Bytes: OpenBLAS maps 32 MiB for itself, and the work needs more; a round figure, not tuned."""


@cache
def take_room() -> None:
    """Let the libraries map their memory now, once a process.

    OpenBLAS maps it when it is loaded and at its first product, and where there is none left it
    tries for ever: a run that has too little would never end. NumPy and SciPy carry one each.

    Raises
    ------
    MemoryError
        Where there is not even room to begin.

    Examples
    --------
    >>> take_room()
    """
    square = np.ones((256, 256))
    np.empty(_ROOM, np.uint8)
    square @ square
    from scipy.linalg.blas import dgemm

    np.empty(_ROOM, np.uint8)
    dgemm(1.0, square, square)
