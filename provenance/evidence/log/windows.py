"""What an answer is found by: windows of its words, and pairs of words, as hashes.

Every answer is read as words and punctuation marks, in one case and without layout. Of its windows
of `window` tokens those are kept that winnowing chooses (Schleimer, Wilkerson and Aiken 2003), so
that every run of ``window + span - 1`` tokens that a text shares with an answer holds one of them.
Near-duplicates are found by pairs of words that are neighbours or have one word between them, half
of them, which their hashes choose. What stands in an answer's own prompt is in neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from provenance.features.normalize.tidy import Repaired

__all__ = [
    "COMMON",
    "FEWEST_TOKENS",
    "SHINGLE_BITS",
    "SPAN",
    "WINDOW",
    "LogHashes",
    "hash_repaired",
    "hash_texts",
]

WINDOW: Final = 32
"""Words of a run, unless told: of other models' answers to the same prompts at most 0.07 % are half
such runs (``python -m provenance.validation.bench.edited_answers``); others were not recorded."""
SPAN: Final = 7
"""Of so many neighbouring windows one is kept: 7.6 bytes a token (``log_cost`` beside it)."""
FEWEST_TOKENS: Final = 8
"""Smallest window; a round figure; not tuned."""
SHINGLE_BITS: Final = 32
COMMON: Final = 0xFFFFFFFF
"""Stands where a text's number would, for what too many answers have to be evidence."""


@dataclass(frozen=True, slots=True)
class LogHashes:
    """Windows and shingles of some texts; see `hash_kernels.log_hashes`.

    Parameters
    ----------
    texts : tuple of str
        Normalised.
    tokens : ndarray of int32, shape (n_texts,)
    starts, ends : ndarray of int32, shape (sum of tokens,)
        Where tokens stand, in characters of their text.
    window_bounds, shingle_bounds : ndarray of int64, shape (n_texts + 1,)
    windows, shingles : ndarray of uint64
    places : ndarray of int32
        First token of each window.
    """

    texts: tuple[str, ...]
    tokens: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    window_bounds: NDArray[np.int64]
    windows: NDArray[np.uint64]
    places: NDArray[np.int32]
    shingle_bounds: NDArray[np.int64]
    shingles: NDArray[np.uint64]


def hash_texts(
    texts: Sequence[str],
    prompts: Sequence[str | None] | None = None,
    *,
    window: int = WINDOW,
    span: int = 1,
    normalized: bool = False,
) -> LogHashes:
    """Windows and shingles of some texts, less what stands in the prompts.

    Parameters
    ----------
    texts : sequence of str
    prompts : sequence of str or None, optional
        What each text answers.
    window : int
        Tokens.
    span : int
        Of so many neighbouring windows at least one is kept; 1 keeps all.
    normalized : bool
        Whether the texts and the prompts have been through `normalize`.

    Examples
    --------
    >>> hash_texts(["to be or not to be that is"], window=4).windows.shape
    (5,)
    """
    from provenance.features.code_points import joined
    from provenance.features.normalize.tidy import all_repaired

    asked = [p or "" for p in prompts or ("",) * len(texts)]
    if not normalized:
        return hash_repaired(all_repaired(texts), all_repaired(asked), window=window, span=span)
    found = _hashes(joined(texts), joined(asked), window, span)
    return LogHashes(tuple(texts), *found)


def hash_repaired(texts: Repaired, prompts: Repaired, *, window: int, span: int) -> LogHashes:
    """The same of texts and prompts after their repairs, a prompt for each text.

    Examples
    --------
    >>> from provenance.features.normalize.tidy import all_repaired
    >>> texts = all_repaired(["to be or not to be that is"])
    >>> hash_repaired(texts, all_repaired([""]), window=4, span=1).windows.shape
    (5,)
    """
    from provenance.features.code_points import decoded

    own, asked = (decoded(one.encoded, [*map(len, one.texts)]) for one in (texts, prompts))
    return LogHashes(tuple(texts.texts), *_hashes(own, asked, window, span))


def _hashes(own: _Points, asked: _Points, window: int, span: int) -> Any:
    from provenance.evidence.log.hash_kernels import log_hashes
    from provenance.features.kernels import character_tables

    return log_hashes(*own, *asked, *character_tables(), window, span, FEWEST_TOKENS)


_Points = tuple[NDArray[np.uint32], NDArray[np.int64]]
"""Code points of some texts, and where each begins."""
