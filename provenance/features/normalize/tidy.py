"""Which texts no repair changes: most are told by one look at the bytes of all together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.code_points import joined_bytes
from provenance.features.normalize.gaps import FEWEST
from provenance.features.normalize.repairs import normalize
from provenance.files.compiled import njit

__all__ = ["are_tidy", "repaired_texts"]


def are_tidy(texts: Sequence[str]) -> NDArray[np.bool_]:
    r"""Where a text is of printable ASCII and line ends alone, and no spacing is repaired.

    Of other texts, which `normalize` may leave as they are too, nothing is told.

    Returns
    -------
    ndarray of bool, shape (n_texts,)

    Examples
    --------
    >>> are_tidy(["One.\n\nTwo.", "One. \nTwo.", "One.\n\n\nTwo.", " One.", "é", ""]).tolist()
    [True, False, False, False, False, True]
    """
    data, bounds = joined_bytes([text if text.isascii() else "\0" for text in texts])
    return _are_tidy(data, bounds)  # type: ignore[no-any-return]


def repaired_texts(texts: Sequence[str]) -> list[str]:
    """Each text as `normalize` gives it, without the counts of its repairs.

    Examples
    --------
    >>> repaired_texts(["One.", " Two."])
    ['One.', 'Two.']
    """
    tidy = are_tidy(texts).tolist()
    return [
        text if is_tidy else normalize(text).text for text, is_tidy in zip(texts, tidy, strict=True)
    ]


_FEWEST: Final = FEWEST


@njit(cache=True, nogil=True)
def _are_tidy(data: Any, bounds: Any) -> Any:
    tidy = np.empty(len(bounds) - 1, np.bool_)
    for text in range(len(tidy)):
        tidy[text] = _is_tidy(data[bounds[text] : bounds[text + 1]])
    return tidy


@njit(cache=True)
def _is_tidy(text: Any) -> Any:
    n = len(text)
    if n == 0:
        return True
    if _is_white(text[0]) or _is_white(text[n - 1]):
        return False
    # No branch within: many bytes are then looked at together.
    bad = 0
    for byte in text:
        bad += ((byte < 32) & (byte != 9) & (byte != 10)) | (byte > 126)
    if bad:
        return False
    for at in range(2, n):
        before = text[at - 1]
        is_third = (before == 10) & (text[at - 2] == 10)
        bad += (text[at] == 10) & ((before == 32) | (before == 9) | is_third)
    # As many as may be odd gaps: which are, `gaps` tells.
    gaps = 0
    for at in range(1, n):
        white, before = text[at], text[at - 1]
        gaps += (white == 9) & (before > 32)
        gaps += (white == 32) & (before == 32)
    return (bad == 0) & (gaps < _FEWEST)


@njit(cache=True, inline="always")
def _is_white(byte: Any) -> Any:
    return byte == 32 or byte == 9 or byte == 10
