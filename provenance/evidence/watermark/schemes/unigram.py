"""One green list for all contexts: Zhao et al. 2024 (Provable robust watermarking)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.draws import Documents, Draws
from provenance.evidence.watermark.schemes.kgw import list_size
from provenance.evidence.watermark.schemes.laws import CoinLaw
from provenance.evidence.watermark.schemes.parameters import LARGEST_VOCABULARY, fraction, whole
from provenance.statistics.tails import hypergeometric_tail

__all__ = ["Unigram"]


@lru_cache(maxsize=4)
def _mask(vocab_size: int, size: int, seed: int) -> NDArray[np.bool_]:
    mask = np.arange(vocab_size) < size
    np.random.default_rng(seed).shuffle(mask)
    return mask


@dataclass(frozen=True, kw_only=True)
class Unigram:
    """Unigram, also as MarkLLM has it.

    Parameters
    ----------
    vocab_size : int
    gamma : float
        Share of the vocabulary on the green list; the authors call it ``fraction``.
    hash_key : int
        A signed 64-bit number; the authors call it ``watermark_key``.

    Examples
    --------
    >>> int(Unigram(vocab_size=10, gamma=0.5, hash_key=0).mask.sum())
    5
    """

    RENAMED: ClassVar[dict[str, str]] = {"fraction": "gamma", "watermark_key": "hash_key"}
    STATED: ClassVar[dict[str, str]] = {"seed32": "_seed"}

    vocab_size: int
    gamma: float
    hash_key: int = field(repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        put(self, "gamma", fraction("gamma", self.gamma))
        list_size(self.vocab_size, self.gamma)
        key = whole("hash_key", self.hash_key, -(1 << 63), (1 << 63) - 1, secret=True)
        put(self, "hash_key", key)

    @property
    def _seed(self) -> int:
        digest = hashlib.sha256(struct.pack("<q", self.hash_key)).digest()
        return int.from_bytes(digest[:4], "little")

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Whether each id is green, shape (vocab_size,)."""
        return _mask(self.vocab_size, list_size(self.vocab_size, self.gamma), self._seed)

    @property
    def window(self) -> tuple[int, int]:
        return 0, 1

    @property
    def null_hypothesis(self) -> str:
        size = list_size(self.vocab_size, self.gamma)
        return (
            f"the distinct ids of the text are {size} of {self.vocab_size} times green, drawn "
            "without replacement from the vocabulary by a key that the writer did not have"
        )

    def draws(self, documents: Documents) -> Draws:
        everywhere = np.ones(len(documents.ids), np.bool_)
        states = documents.ids.astype(np.uint64)
        return Draws(states, states, everywhere, everywhere)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        return self.mask[documents.ids[at]].astype(np.float64), None

    @property
    def law(self) -> CoinLaw:
        size = list_size(self.vocab_size, self.gamma)
        return CoinLaw(size, self.vocab_size, one_list=True)

    def summary(self, total: float, n: int) -> float:
        return total

    def log_tail(self, total: float, n: int) -> float:
        """Where repeats are counted (``deduplicate="none"``) this law does not hold; see there."""
        size = list_size(self.vocab_size, self.gamma)
        if n > self.vocab_size:
            return 0.0
        return hypergeometric_tail(round(total), n, size, self.vocab_size)
