"""What of the samples teaches who wrote a text: not answers to prompts that few others answered.

Where all sources answer one set of prompts and one of them was asked others besides, it is told
from the rest by what these prompts ask for. Its answers to them show how it writes there, and are
read as such; but what tells the sources apart is learnt from the prompts that they share.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["EVEN", "FEWEST_SHARED", "taught"]

EVEN: Final = 0.05
"""Part of a sample on prompts of its own from which on these are left out; a round figure, that of
the check `prompts`."""
FEWEST_SHARED: Final = 100
"""Documents that have to be left to learn from; a round figure, not tuned."""
_FEWEST_SOURCES: Final = 3
"""Sources with prompts: of two nobody knows whose are the odd ones."""


def taught(source: NDArray[np.int64], prompt_hash: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each document of the samples is learnt from.

    All are, but for the answers of a source to prompts that fewer than half of the others answered,
    where these make up more than `EVEN` of it, no more of most others, and enough is left.

    Parameters
    ----------
    source : ndarray of int64, shape (n_documents,)
    prompt_hash : ndarray of uint64, shape (n_documents,)
        0 where the prompt is not known.

    Examples
    --------
    Three sources answer 200 prompts, and the first one fifty more:

    >>> source = np.repeat([0, 1, 2, 0], [200, 200, 200, 50])
    >>> prompt = np.concatenate([np.tile(np.arange(1, 201), 3), np.arange(201, 251)])
    >>> int((~taught(source, prompt.astype(np.uint64))).sum())
    50
    """
    every = np.ones(len(source), bool)
    known = prompt_hash != 0
    with_prompts = np.unique(source[known])
    if len(with_prompts) < _FEWEST_SOURCES:
        return every
    prompt = np.unique(prompt_hash, return_inverse=True)[1]
    pairs = np.unique(np.stack([prompt[known], source[known]]), axis=1)
    n_others = np.bincount(pairs[0], minlength=prompt.max() + 1)[prompt] - 1
    odd = known & (n_others < (len(with_prompts) - 1) / 2)
    n_documents = np.bincount(source)
    part = np.bincount(source, odd, minlength=len(n_documents)) / n_documents
    left = np.bincount(source, ~odd, minlength=len(n_documents))
    for one in with_prompts.tolist():
        others = part[with_prompts[with_prompts != one]]
        if part[one] > EVEN >= np.median(others) and left[one] >= FEWEST_SHARED:
            every[odd & (source == one)] = False
    return every
