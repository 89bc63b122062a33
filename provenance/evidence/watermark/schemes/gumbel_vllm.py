"""vLLM's ``gumbel`` and ``dual_key_gumbel``: Philox4x32-10 (Salmon et al. 2011) absorbs a context.

Whole-number arithmetic throughout, the same on every device.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents, Draws
from provenance.evidence.watermark.schemes.laws import ExponentialLaw, ExponentialScores
from provenance.evidence.watermark.schemes.parameters import LARGEST_VOCABULARY, one_of, whole
from provenance.evidence.watermark.schemes.seen import mixed, ngram_hashes
from provenance.files.compiled import njit
from provenance.statistics.tails import two_gamma_tail

__all__ = ["GumbelVllm", "GumbelVllmDual"]

_START: Final = np.uint32(0x574D4358)
_SQUEEZE: Final = np.uint32(0x574D544B)
_ABSENT: Final = np.uint32(0xFFFFFFFF)


@njit(cache=True, inline="always")
def _philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    half = np.uint64(32)
    for _ in range(10):
        first = np.uint64(0xD2511F53) * np.uint64(c0)
        second = np.uint64(0xCD9E8D57) * np.uint64(c2)
        c0, c1, c2, c3 = (
            np.uint32(np.uint32(second >> half) ^ c1 ^ k0),
            np.uint32(second),
            np.uint32(np.uint32(first >> half) ^ c3 ^ k1),
            np.uint32(first),
        )
        k0 = np.uint32(k0 + np.uint32(0x9E3779B9))
        k1 = np.uint32(k1 + np.uint32(0xBB67AE85))
    return c0, c1, c2, c3


@njit(cache=True, inline="always")
def _word(ids: Any, start: Any, first: Any, number: Any, end: Any) -> Any:
    """A word of a block: an id, all ones in front of the document, a filler behind the context."""
    at = first + number
    if at >= end:
        return np.uint32(_ABSENT - np.uint32(number))
    return _ABSENT if at < start else np.uint32(ids[at])


@njit(cache=True, nogil=True)
def _uniforms(ids: Any, bounds: Any, at: Any, width: Any, low: Any, high: Any) -> Any:
    out = np.empty(len(at), np.float32)
    n_blocks = (width + 3) // 4
    document = 0
    for i in range(len(at)):
        position = at[i]
        while bounds[document + 1] <= position:
            document += 1
        start = bounds[document]
        s0, s1, s2, s3 = _START, np.uint32(width), np.uint32(0), np.uint32(0)
        for block in range(n_blocks):
            offset = 4 * block
            first = position - width + offset
            w0 = _word(ids, start, first, 0, position)
            w1 = _word(ids, start, first, 1, position)
            w2 = _word(ids, start, first, 2, position)
            w3 = _word(ids, start, first, 3, position)
            key = np.uint32(low ^ np.uint32(offset))
            s0, s1, s2, s3 = _philox(
                np.uint32(s0 ^ w0),
                np.uint32(s1 ^ w1),
                np.uint32(s2 ^ w2),
                np.uint32(s3 ^ w3),
                key,
                high,
            )
        token = np.uint32(ids[position])
        r0, r1, r2, r3 = _philox(
            np.uint32(token >> np.uint32(2)),
            s0,
            s1,
            s2,
            np.uint32(low ^ s3),
            np.uint32(high ^ _SQUEEZE),
        )
        lane = token & np.uint32(3)
        word = r0 if lane == 0 else r1 if lane == 1 else r2 if lane == 2 else r3
        out[i] = np.float32((np.float64(word >> np.uint32(8)) + 1.0) / 16777217.0)
    return out


def philox_uniforms(
    documents: Documents, at: NDArray[np.int64], key: int, width: int
) -> NDArray[np.float32]:
    """The uniform number of the id at each position, given the ``width`` ids before it.

    Parameters
    ----------
    documents : Documents
    at : ndarray of int64, shape (n,)
        Positions, ascending.
    key : int
        64 bits.
    width : int
        Ids of a context; those in front of the document are all ones.

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    low, high = np.uint32(key & 0xFFFFFFFF), np.uint32(key >> 32)
    ids, bounds = documents.ids, documents.bounds
    result: NDArray[np.float32] = _uniforms(ids, bounds, at, width, low, high)
    return result


def _scores(
    documents: Documents, at: NDArray[np.int64], key: int, width: int
) -> NDArray[np.float64]:
    return -np.log1p(-philox_uniforms(documents, at, key, width).astype(np.float64))


@dataclass(frozen=True, kw_only=True)
class _Philox:
    """What both kinds share: the key, the context and its draws."""

    STATED: ClassVar[dict[str, str]] = {"kind": "_kind", "alpha": "_alpha"}
    _kind: ClassVar[str] = "gumbel"
    _alpha: ClassVar[None] = None

    key: int = field(repr=False)
    context_width: int = 4
    vocab_size: int | None = None
    prf: str = "philox"
    prf_version: str = "philox4x32-10-v1"

    def __post_init__(self) -> None:
        put = object.__setattr__
        key = whole("key", self.key, -(1 << 63), (1 << 64) - 1, secret=True)
        put(self, "key", key & ((1 << 64) - 1))
        put(self, "context_width", whole("context_width", self.context_width, 1, 1 << 10))
        if self.vocab_size is not None:
            put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        one_of("prf", self.prf, ("philox",))
        one_of("prf_version", self.prf_version, ("philox4x32-10-v1",))

    @property
    def window(self) -> tuple[int, int]:
        return self.context_width, self.context_width + 1

    def draws(self, documents: Documents) -> Draws:
        width = self.context_width
        contexts = ngram_hashes(documents.ids, documents.bounds, width, width, padded=True)
        states = mixed(contexts, documents.ids.astype(np.uint64))
        everywhere = np.ones(len(states), np.bool_)
        return Draws(states, contexts, everywhere, everywhere)


@dataclass(frozen=True, kw_only=True)
class GumbelVllm(ExponentialScores, _Philox):
    """``gumbel`` of vLLM 0.30 and later.

    Parameters
    ----------
    key : int
        64 bits.
    context_width : int, default 4
        Ids of a context; in front of the document they are filled up, so every id is scored.
    vocab_size : int, optional
        Ids are held against it; the draws do not depend on it.
    prf, prf_version : str
        Only Philox4x32-10 is known.

    Examples
    --------
    >>> GumbelVllm(key=42).context_width
    4
    """

    @property
    def null_hypothesis(self) -> str:
        return (
            "the uniform numbers of the distinct draws are independent, as for text written "
            "without the key: their sum of -log(1 - u) is Gamma with as many degrees"
        )

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        return _scores(documents, at, self.key, self.context_width), None


@dataclass(frozen=True, kw_only=True)
class GumbelVllmDual(_Philox):
    """``dual_key_gumbel`` of vLLM: two derived keys, one of them for a share of the tokens.

    Parameters
    ----------
    key, context_width, vocab_size, prf, prf_version
        As for `GumbelVllm`.
    alpha : float, default 0.1
        Weight of the second key's score.

    Examples
    --------
    >>> GumbelVllmDual(key=42, alpha=0.1).alpha
    0.1
    """

    STATED: ClassVar[dict[str, str]] = {"kind": "_kind", "key_a": "_key_a", "key_b": "_key_b"}
    _kind: ClassVar[str] = "dual"

    alpha: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        is_number = isinstance(self.alpha, int | float) and not isinstance(self.alpha, bool)
        if not is_number or not 0 <= self.alpha <= 1:
            raise InputError(f"alpha is {self.alpha!r}", expected="a number from 0 to 1")

    @property
    def _key_a(self) -> int:
        return _derived(b"key_a", self.key)

    @property
    def _key_b(self) -> int:
        return _derived(b"key_b", self.key)

    @property
    def null_hypothesis(self) -> str:
        return (
            f"as for text written without the key: {1 - self.alpha:g} and {self.alpha:g} times "
            "two independent Gamma sums, their exact law and not one of matched moments"
        )

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        first = _scores(documents, at, self._key_a, self.context_width)
        second = _scores(documents, at, self._key_b, self.context_width)
        return (1 - self.alpha) * first + self.alpha * second, None

    @property
    def law(self) -> ExponentialLaw:
        return ExponentialLaw((1 - self.alpha, self.alpha))

    def summary(self, total: float, n: int) -> float:
        return total

    def log_tail(self, total: float, n: int) -> float:
        return two_gamma_tail(total, n, (1 - self.alpha, self.alpha))


def _derived(label: bytes, key: int) -> int:
    return int.from_bytes(hashlib.sha256(label + key.to_bytes(8, "big")).digest()[:8], "big")
