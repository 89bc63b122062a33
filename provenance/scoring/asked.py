"""Samples part of which answers the corpus's own prompts: which part that is, and what it counts.

A model asked what the corpus was asked writes as it does there; its answers to other prompts are
many more and tell of other prompts. Neither alone is the better guide: few answers are few, and
many on other prompts are off by no one knows what. So that the answers to the corpus's prompts
count for half of a sample at least, and how far the other half lies from them is an error that
the shares allow for (`share/README.md`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST_ASKED", "answering", "asked_weights"]

FEWEST_ASKED: Final = 30
"""Independent answers of each model to the corpus's prompts from which on they count more; a round
figure, not tuned: of the prompt sets of AlpacaEval the smallest gave 40."""
_HALF: Final = 0.5
"""Part of a sample that these count for at least. Chosen on every fourth of AlpacaEval's models and
its five prompt sets, of what the answers are of the sample, 0.3, 0.5, 0.7 and 1."""


def answering(
    source: NDArray[np.int64],
    prompt_hash: NDArray[np.uint64],
    component: NDArray[np.int64],
    prompts: NDArray[np.uint64],
    models: Collection[int],
) -> NDArray[np.bool_] | None:
    """Which documents of the samples answer the corpus's own prompts.

    Parameters
    ----------
    source : ndarray of int64, shape (n_documents,)
    prompt_hash : ndarray of uint64, shape (n_documents,)
        0 where the prompt is not known.
    component : ndarray of int64, shape (n_documents,)
        The unit of independence.
    prompts : ndarray of uint64
        Those of the corpus.
    models : collection of int
        Sources that are models. A model whose text stays on other prompts would be told from the
        others by these, so that none counts more where not all were asked.

    Returns
    -------
    ndarray of bool, shape (n_documents,), or None
        None where not every model has `FEWEST_ASKED` of them. Of another source that has fewer
        none is: two texts are no half of a sample.

    Examples
    --------
    >>> source, prompt = np.repeat([0, 1], 60), np.tile(np.arange(1, 61), 2).astype(np.uint64)
    >>> found = answering(source, prompt, np.arange(120), prompt[:40], [0, 1])
    >>> int(found.sum()), answering(source, prompt, np.arange(120), prompt[:20], [0, 1])
    (80, None)
    """
    asked: NDArray[np.bool_] = np.isin(prompt_hash, prompts) & (prompt_hash != 0)
    for one in {*models, *np.unique(source[asked]).tolist()}:
        own = asked & (source == one)
        if len(np.unique(component[own])) < FEWEST_ASKED:
            if one in models:
                return None
            asked[own] = False
    return asked if len(models) else None


def asked_weights(
    weight: NDArray[np.float64], source: NDArray[np.int64], asked: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Weights with those that were asked brought to half of their source's, where they are less.

    Parameters
    ----------
    weight : ndarray of float64, shape (n,)
    source : ndarray of int64, shape (n,)
    asked : ndarray of bool, shape (n,)

    Examples
    --------
    >>> weight, source = np.ones(6), np.zeros(6, np.int64)
    >>> asked_weights(weight, source, np.array([True, False, False, False, False, False])).tolist()
    [3.0, 0.6, 0.6, 0.6, 0.6, 0.6]
    """
    found = weight.copy()
    for one in np.unique(source[asked]).tolist():
        first, rest = asked & (source == one), ~asked & (source == one)
        total = weight[first].sum() + weight[rest].sum()
        part = weight[first].sum() / total
        if part < _HALF:
            found[first] *= _HALF / part
            found[rest] *= (1 - _HALF) / (1 - part)
    return found
