"""The Gumbel trick on a generator seeded by the context (Aaronson 2022), as two libraries have it.

Under the null the uniform number of each distinct draw is as good as fresh, and minus the
logarithm of what it lacks of 1 is exponential: a sum of T is Gamma(T, 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents, Draws, packed, unpacked
from provenance.evidence.watermark.schemes.kgw import draws_of_windows, green_values, list_size
from provenance.evidence.watermark.schemes.laws import (
    CoinLaw,
    ExponentialLaw,
    ExponentialScores,
    ScoreLaw,
)
from provenance.evidence.watermark.schemes.mersenne import uniforms
from provenance.evidence.watermark.schemes.parameters import (
    LARGEST_VOCABULARY,
    fraction,
    no_cuda,
    one_of,
    whole,
)
from provenance.files.compiled import njit
from provenance.statistics.tails import binomial_tail, gamma_tail

__all__ = ["ExpMarkllm", "ExpThreebricks"]

_CHUNK = 1 << 20
_LARGEST_SEED = (1 << 64) - 1


@njit(cache=True, inline="always")
def _multiplied(left: Any, right: Any, modulus: Any) -> Any:
    """A product of words modulo a third, by doubling: it never overflows."""
    result = np.uint64(0)
    while right > 0:
        if right & np.uint64(1):
            result = result - (modulus - left) if result >= modulus - left else result + left
        left = left - (modulus - left) if left >= modulus - left else left + left
        right >>= np.uint64(1)
    return result


@njit(cache=True, nogil=True)
def _chained(ids: Any, bounds: Any, width: Any, seed: Any, salt: Any, modulus: Any) -> Any:
    out = np.zeros(len(ids), np.uint64)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document] + width, bounds[document + 1]):
            state = seed
            for at in range(position - width, position):
                state = _multiplied(state, salt, modulus)
                word = np.uint64(ids[at])
                left = modulus - word
                state = state - left if state >= left else state + word
            out[position] = state
    return out


@njit(cache=True, nogil=True)
def _products(ids: Any, bounds: Any, width: Any, modulus: Any) -> Any:
    out = np.zeros(len(ids), np.uint64)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document] + width, bounds[document + 1]):
            value = np.int64(1)
            for at in range(position - width, position):
                value = value * ids[at] % modulus
            out[position] = value
    return out


def gumbel_values(states: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Minus the logarithm of 1 less the uniform number of each packed state, shape (n,)."""
    order = np.argsort(states)
    found = np.empty(len(states))
    found[order] = -np.log1p(-uniforms(*unpacked(states[order])).astype(np.float64))
    return found


_GAMMA_NULL = (
    "the uniform numbers of the distinct draws are independent, as for text written without the "
    "key: their sum of -log(1 - u) is Gamma with as many degrees as there are draws"
)


@dataclass(frozen=True, kw_only=True)
class ExpThreebricks:
    """``openai`` and ``maryland`` of three_bricks and radioactive-watermark (Fernandez et al. 2023,
    Sander et al. 2024), with a payload by rotation of the vocabulary.

    Parameters
    ----------
    vocab_size : int
    ngram : int
        Ids of a context. Scores begin at position ngram + 1, as in both repositories.
    seed, salt_key : int
    seeding : {"hash"}
        The other seedings of the repositories use a table that is drawn anew in each process.
    statistic : {"openai", "maryland"}, default "openai"
        Sum of -log(1 - u), or count of green tokens.
    gamma : float, optional
        Length of a green list over the vocabulary; needed for ``maryland``.
    payload_max : int, default 0
        Payloads 0 to this one are tried; the p-value pays for it by Šidák's formula.

    Examples
    --------
    >>> ExpThreebricks(vocab_size=32000, ngram=2, seed=0, salt_key=35317).window
    (2, 3)
    """

    vocab_size: int
    ngram: int
    seed: int = field(repr=False)
    salt_key: int = field(default=35317, repr=False)
    seeding: str = "hash"
    statistic: str = "openai"
    gamma: float | None = None
    payload_max: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        put(self, "ngram", whole("ngram", self.ngram, 1, 64))
        put(self, "seed", whole("seed", self.seed, -(1 << 63), _LARGEST_SEED, secret=True))
        salt = whole("salt_key", self.salt_key, -(1 << 63), _LARGEST_SEED, secret=True)
        put(self, "salt_key", salt)
        put(self, "payload_max", whole("payload_max", self.payload_max, 0, self.vocab_size - 1))
        if self.seeding != "hash":
            raise InputError(
                f"seeding is {str(self.seeding)[:40]!r}, whose table is not seeded: no other "
                "process can draw it again",
                expected='"hash"',
            )
        one_of("statistic", self.statistic, ("openai", "maryland"))
        if self.gamma is not None:
            put(self, "gamma", fraction("gamma", self.gamma))
        if self.statistic == "maryland":
            if self.gamma is None:
                raise InputError("exp_threebricks lacks gamma, which statistic maryland needs")
            list_size(self.vocab_size, self.gamma)

    @property
    def _green(self) -> int | None:
        if self.statistic != "maryland" or self.gamma is None:
            return None
        return list_size(self.vocab_size, self.gamma)

    @property
    def window(self) -> tuple[int, int]:
        return self.ngram, self.ngram + 1

    @property
    def null_hypothesis(self) -> str:
        told = _GAMMA_NULL
        if self._green is not None:
            told = (
                f"each distinct draw is green with probability {self._green} of "
                f"{self.vocab_size}, as for text written without the key"
            )
        if self.payload_max:
            told += f"; the best of {self.payload_max + 1} payloads, by Šidák's formula"
        return told

    def seeds(self, documents: Documents) -> NDArray[np.uint64]:
        """Seed of each context modulo 2**64 - 1, shape (n,)."""
        modulus = _LARGEST_SEED
        result: NDArray[np.uint64] = _chained(
            documents.ids,
            documents.bounds,
            self.ngram,
            np.uint64(self.seed % modulus),
            np.uint64(self.salt_key % modulus),
            np.uint64(modulus),
        )
        return result

    def draws(self, documents: Documents) -> Draws:
        return draws_of_windows(documents, self.seeds(documents), self.ngram, self.ngram + 1)

    def _of_states(self, states: NDArray[np.uint64]) -> NDArray[np.float64]:
        if self._green is None:
            return gumbel_values(states)
        return green_values(states, self.vocab_size, self._green)

    def _rotated(self, states: NDArray[np.uint64], payload: int) -> NDArray[np.uint64]:
        seeds, targets = unpacked(states)
        return packed(seeds, (targets + payload) % self.vocab_size)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64], payload: int = 0
    ) -> tuple[NDArray[np.float64], None]:
        return self._of_states(self._rotated(draws.states[at], payload)), None

    def payload_totals(self, states: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Sum of the scores of distinct draws under each payload, shape (payload_max + 1,).

        Payload m reads the number of id (target + m) modulo V in the same draw, so that one run of
        the generator serves all of them.
        """
        n_payloads = self.payload_max + 1
        totals = np.zeros(n_payloads)
        ordered = np.sort(states)
        parts = np.arange(n_payloads)[None, :]
        for begin in range(0, len(ordered), max(1, _CHUNK // n_payloads)):
            seeds, targets = unpacked(ordered[begin : begin + max(1, _CHUNK // n_payloads)])
            rotated = (targets[:, None] + parts) % self.vocab_size
            states = packed(np.repeat(seeds, n_payloads), rotated.ravel())
            # Rotated draws of one seed meet; each is evaluated once.
            distinct, where = np.unique(states, return_inverse=True)
            totals += self._of_states(distinct)[where].reshape(rotated.shape).sum(axis=0)
        return totals

    @property
    def law(self) -> ScoreLaw:
        if self._green is not None:
            return CoinLaw(self._green, self.vocab_size)
        return ExponentialLaw((1.0,))

    def summary(self, total: float, n: int) -> float:
        return total

    def log_tail(self, total: float, n: int) -> float:
        if self._green is None:
            one = gamma_tail(total, n)
        else:
            one = binomial_tail(round(total), n, self._green / self.vocab_size)
        if not self.payload_max:
            return one
        n_payloads = self.payload_max + 1
        if one < -30:  # the formula's first term, larger than the formula
            return min(0.0, one + math.log(n_payloads))
        none = n_payloads * math.log1p(-math.exp(one)) if one < 0 else -math.inf
        return math.log(-math.expm1(none))


@dataclass(frozen=True, kw_only=True)
class ExpMarkllm(ExponentialScores):
    """EXP of MarkLLM: the seed is the key times the product of the context modulo V.

    Products are very uneven, so that many contexts share a seed: draws are told apart by seed. A
    context that holds the id 0 has the seed 0 under every key.

    Parameters
    ----------
    vocab_size : int
    hash_key : int
    prefix_length : int
        Ids of a context.

    Examples
    --------
    >>> ExpMarkllm(vocab_size=32000, hash_key=1, prefix_length=2).window
    (2, 3)
    """

    vocab_size: int
    hash_key: int = field(repr=False)
    prefix_length: int
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        key = whole("hash_key", self.hash_key, -(1 << 63), _LARGEST_SEED, secret=True)
        put(self, "hash_key", key)
        put(self, "prefix_length", whole("prefix_length", self.prefix_length, 1, 64))

    @property
    def window(self) -> tuple[int, int]:
        return self.prefix_length, self.prefix_length + 1

    @property
    def null_hypothesis(self) -> str:
        return _GAMMA_NULL

    def draws(self, documents: Documents) -> Draws:
        width = self.prefix_length
        products = _products(documents.ids, documents.bounds, width, self.vocab_size)
        seeds = products * np.uint64(self.hash_key & _LARGEST_SEED)
        return draws_of_windows(documents, seeds, width, width)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        return gumbel_values(draws.states[at]), None
