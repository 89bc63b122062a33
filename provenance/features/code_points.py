"""Texts as numbers for compiled loops: their code points, one text behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.compiled import njit, word_at

__all__ = ["decoded", "joined", "joined_bytes", "joined_encoded", "next_code"]

_WORD: Final = np.uint64(8)
"""Bytes that are looked at together."""
_NOT_ASCII: Final = np.uint64(0x8080808080808080)
"""Of such bytes the bits that those of ASCII do not have."""


def joined(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points of some texts, a lone surrogate as a question mark, and where each text begins.

    Examples
    --------
    >>> code_points, bounds = joined(["aé", "", "z"])
    >>> code_points.tolist(), bounds.tolist()
    ([97, 233, 122], [0, 2, 2, 3])
    """
    return decoded([text.encode("utf-8", "replace") for text in texts], [*map(len, texts)])


def decoded(
    encoded: Sequence[bytes], lengths: Sequence[int]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The same of texts as UTF-8, cut into parts of so many characters.

    Examples
    --------
    >>> code_points, bounds = decoded(["aé".encode(), b"z"], [1, 2])
    >>> code_points.tolist(), bounds.tolist()
    ([97, 233, 122], [0, 1, 3])
    """
    bounds = np.cumsum([0, *lengths], dtype=np.int64)
    return _decoded(np.frombuffer(b"".join(encoded), np.uint8), bounds[-1]), bounds


def joined_bytes(
    texts: Sequence[str], surrogates: str = "replace"
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same as UTF-8; what is made of a lone surrogate can be named, as `str.encode` knows it.

    Examples
    --------
    >>> data, bounds = joined_bytes(["aé", "", "z"])
    >>> data.tolist(), bounds.tolist()
    ([97, 195, 169, 122], [0, 3, 3, 4])
    """
    # To join texts, and not their bytes, takes four times as long where one is not of ASCII.
    return joined_encoded([text.encode("utf-8", surrogates) for text in texts])


def joined_encoded(encoded: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same of texts as UTF-8.

    Examples
    --------
    >>> joined_encoded([b"a", b"bc"])[1].tolist()
    [0, 1, 3]
    """
    bounds = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), np.uint8), bounds


@njit(cache=True, inline="always")
def next_code(data: Any, at: Any) -> Any:
    """The code point that begins at a place of sound UTF-8, a uint64, and where the next begins."""
    one = np.uint64(1)
    code = np.uint32(data[at])
    at += one
    if code >= 0xC0:
        more = 1 + (code >= 0xE0) + (code >= 0xF0)
        code &= np.uint32(0x3F >> more)
        for _ in range(more):
            code = np.uint32(code << np.uint32(6)) | np.uint32(data[at] & 0x3F)
            at += one
    return code, at


@njit(cache=True, nogil=True)
def _decoded(data: Any, n: Any) -> Any:
    """The ``n`` code points of sound UTF-8."""
    found = np.empty(n, np.uint32)
    at, place, end = np.uint64(0), np.uint64(0), np.uint64(len(data))
    while place < np.uint64(n):
        if at + _WORD <= end and word_at(data, at) & _NOT_ASCII == 0:
            for one in range(_WORD):
                found[place + one] = data[at + one]
            at += _WORD
            place += _WORD
        else:
            found[place], at = next_code(data, at)
            place += np.uint64(1)
    return found
