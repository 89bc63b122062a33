"""The compiled look for words of a list in many texts at once: which texts may hold one.

Hardly any text has an error of typing, and to part all texts into words took a tenth of a match.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_bytes
from provenance.features.number_sets import holds, number_set
from provenance.files.compiled import njit

__all__ = ["may_hold", "table_of"]

_FACTOR: Final = 0x100000001B3
"""The prime of the hash of Fowler, Noll and Vo (FNV-1, 64 bits)."""
_START: Final = 0xCBF29CE484222325
_ALL: Final = (1 << 64) - 1


def table_of(words: Iterable[str]) -> tuple[NDArray[np.uint64], np.uint64]:
    """The set of the hashes of words of small letters of ASCII."""
    return number_set(map(_hash, words))


def _hash(word: str) -> int:
    value = _START
    for letter in word.encode("ascii"):
        value = (value * _FACTOR & _ALL) ^ letter
    return value


def may_hold(
    texts: Sequence[str], table: tuple[NDArray[np.uint64], np.uint64]
) -> NDArray[np.bool_]:
    """Whether a run of letters of each text, in small letters, has the hash of one of the words.

    Letters are those of ASCII: a word beside another letter is taken for one that stands alone.

    Examples
    --------
    >>> may_hold(["Teh end.", "The end."], table_of(["teh"])).tolist()
    [True, False]
    """
    found: NDArray[np.bool_] = _hold(*joined_bytes(texts), *table)
    return found


@njit(cache=True, nogil=True)
def _hold(data: Any, bounds: Any, table: Any, shift: Any) -> Any:
    found = np.zeros(len(bounds) - 1, np.bool_)
    start, factor = np.uint64(_START), np.uint64(_FACTOR)
    for text in range(len(found)):
        value = start
        for at in range(bounds[text], bounds[text + 1] + 1):
            byte = np.uint8(data[at] | 0x20) if at < bounds[text + 1] else np.uint8(0)
            if 97 <= byte <= 122:
                value = (value * factor) ^ np.uint64(byte)
            elif value != start:
                if holds(table, shift, value):
                    found[text] = True
                    break
                value = start
    return found
