"""Green lists as MarkLLM draws them: a context is folded to one of V seeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.draws import Documents, Draws
from provenance.evidence.watermark.schemes.kgw import (
    GreenLists,
    draws_of_windows,
    list_size,
)
from provenance.evidence.watermark.schemes.mersenne import permutation
from provenance.evidence.watermark.schemes.parameters import (
    LARGEST_VOCABULARY,
    fraction,
    no_cuda,
    one_of,
    whole,
)
from provenance.files.compiled import njit

__all__ = ["KgwMarkllm"]

_FOLDS: Final = ("time", "additive", "skip", "min")


@lru_cache(maxsize=4)
def _table(vocab_size: int, key: int) -> NDArray[np.int64]:
    return permutation(vocab_size, key)


@njit(cache=True, nogil=True)
def _folded(fold: Any, ids: Any, bounds: Any, width: Any, table: Any) -> Any:
    out = np.zeros(len(ids), np.int64)
    size = len(table)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document] + width, bounds[document + 1]):
            first = position - width
            if fold == 2:
                out[position] = table[ids[first]]
                continue
            value = table[ids[first]] if fold == 3 else ids[first] % size
            for at in range(first + 1, position):
                if fold == 0:
                    value = value * ids[at] % size
                elif fold == 1:
                    value = (value + ids[at]) % size
                else:
                    value = min(value, table[ids[at]])
            out[position] = value if fold == 3 else table[value]
    return out


@dataclass(frozen=True, kw_only=True)
class KgwMarkllm(GreenLists):
    """KGW of MarkLLM (Pan et al. 2024).

    Parameters
    ----------
    vocab_size : int
    gamma : float
    hash_key : int
    prefix_length : int
        Ids of a context.
    f_scheme : {"time", "additive", "skip", "min"}
        How a context is folded: product, sum, first or least.
    window_scheme : {"left", "self"}
        Whether the target is hashed in.
    device : str, default "cpu"

    Examples
    --------
    >>> KgwMarkllm(vocab_size=300, gamma=0.25, hash_key=7, prefix_length=2).window
    (2, 3)
    """

    gamma: float
    hash_key: int = field(repr=False)
    prefix_length: int
    f_scheme: str = "time"
    window_scheme: str = "left"
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        put(self, "gamma", fraction("gamma", self.gamma))
        list_size(self.vocab_size, self.gamma)
        key = whole("hash_key", self.hash_key, -(1 << 63), (1 << 64) - 1, secret=True)
        put(self, "hash_key", key)
        put(self, "prefix_length", whole("prefix_length", self.prefix_length, 1, 64))
        one_of("f_scheme", self.f_scheme, _FOLDS)
        one_of("window_scheme", self.window_scheme, ("left", "self"))

    @property
    def greenlist_size(self) -> int:
        return list_size(self.vocab_size, self.gamma)

    @property
    def window(self) -> tuple[int, int]:
        return self.prefix_length, self.prefix_length + 1

    def draws(self, documents: Documents) -> Draws:
        width = self.prefix_length
        table = _table(self.vocab_size, self.hash_key)
        fold = _FOLDS.index(self.f_scheme)
        folded = _folded(fold, documents.ids, documents.bounds, width, table)
        key = np.full(1, self.hash_key & ((1 << 64) - 1), np.uint64).view(np.int64)
        salt = table[documents.ids] if self.window_scheme == "self" else key
        seeds = np.mod(folded * salt, self.vocab_size)  # a product of words, then a floor modulo
        return draws_of_windows(documents, seeds.astype(np.uint64), width, width)
