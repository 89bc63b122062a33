"""Green lists of a hashed context: Kirchenbauer et al. 2023 (A watermark for large language models)
and 2024 (On the reliability of watermarks), with every seeding scheme of their repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents, Draws, packed, unpacked
from provenance.evidence.watermark.schemes.laws import CoinLaw
from provenance.evidence.watermark.schemes.mersenne import green_tokens, permutation
from provenance.evidence.watermark.schemes.parameters import (
    LARGEST_VOCABULARY,
    fraction,
    no_cuda,
    one_of,
    whole,
)
from provenance.files.compiled import njit
from provenance.statistics.tails import binomial_tail

__all__ = ["GreenLists", "Kgw", "draws_of_windows", "green_values", "prf_values"]

TABLE_SIZE: Final = 1_000_003
_TABLE_SEED: Final = 2971215073
_MODULUS: Final = (1 << 64) - 1

PRFS: Final = (
    "additive",
    "multiplicative",
    "minfunc",
    "simple_skip",
    "skipgram",
    "anchored_skipgram",
    "minhash",
    "anchored_minhash",
    "minskipgram",
    "noncomm",
    "position",
    "simple",
)
"""`simple` is the first repository's product, which is not reduced."""
_UNHASHED: Final = ("additive", "multiplicative", "minfunc", "position", "simple")
_NAMED: Final = {
    "simple_1": ("simple", 1, False),
    "kgw_simple_1": ("simple", 1, False),
    "lefthash": ("additive", 1, False),
    "algorithm-3": ("anchored_minhash", 4, True),
    "selfhash": ("anchored_minhash", 4, True),
    "minhash": ("minhash", 4, False),
    "skipgram": ("skipgram", 5, False),
}


@lru_cache(maxsize=4)
def hash_table(seed: int) -> NDArray[np.int64]:
    """The 1,000,003 hashes of their ``hashint``: a permutation, from 1 upwards."""
    return permutation(TABLE_SIZE, seed) + 1


@njit(cache=True, inline="always")
def _hashed(table: Any, value: Any) -> Any:
    return table[value % TABLE_SIZE]


@njit(cache=True, inline="always")
def _reduced(value: Any) -> Any:
    """A signed word modulo 2**64 - 1, as Python's ``%`` gives it."""
    return np.uint64(value) if value >= 0 else np.uint64(value) - np.uint64(1)


@njit(cache=True)
def _product_modulo(left: Any, right: Any) -> Any:
    """The product of two words modulo 2**64 - 1: 2**64 is 1, so both halves are added."""
    mask = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    a, b, c, d = left >> half, left & mask, right >> half, right & mask
    low, middle = b * d, a * d + ((b * d) >> half)
    second = b * c + (middle & mask)
    high = a * c + (middle >> half) + (second >> half)
    low = (second << half) | (low & mask)
    total = low + high
    if total < low:
        total += np.uint64(1)
    return np.uint64(0) if total == ~np.uint64(0) else total


@njit(cache=True)
def _prf(code: Any, window: Any, key: Any, reduced_key: Any, table: Any) -> Any:
    h = len(window)
    if code == 0 or code == 2:
        value = window[0]
        for i in range(1, h):
            value = value + window[i] if code == 0 else min(value, window[i])
        return _product_modulo(reduced_key, np.uint64(value))
    if code == 1:
        value = np.int64(1)
        for i in range(h):
            value *= window[i]
        return _product_modulo(reduced_key, _reduced(value))
    if code == 11:
        return np.uint64(key * window[h - 1])
    if code == 3:
        value = np.int64(1)
        for i in range(0, h, 2):
            value *= _hashed(table, key * window[i])
    elif code == 4:
        value = _hashed(table, key * window[0])
    elif code == 5:
        value = _hashed(table, key * window[0]) * _hashed(table, key * window[h - 1])
    elif code == 6:
        value = _hashed(table, key * window[0])
        for i in range(1, h):
            value = min(value, _hashed(table, key * window[i]))
    elif code == 7:
        anchor = key * _hashed(table, window[h - 1])
        value = anchor * _hashed(table, window[0])
        for i in range(1, h):
            value = min(value, anchor * _hashed(table, window[i]))
    elif code == 8:
        value = np.int64(0x7FFFFFFFFFFFFFFF)
        for i in range(h):
            left = _hashed(table, key * window[i])
            for j in range(i + 1, h):
                value = min(value, left * _hashed(table, key * window[j]))
    elif code == 9:
        value = key
        for i in range(h):
            value = (value * _hashed(table, value * window[i])) & np.int64(0xFFFFFFFF)
    else:
        value = np.int64(0)
        for i in range(h):
            value += key * window[i] * np.int64(i + 1)
    return _reduced(value)


@njit(cache=True, nogil=True)
def _prf_values(
    code: Any, ids: Any, bounds: Any, before: Any, width: Any, key: Any, reduced: Any, table: Any
) -> Any:
    out = np.zeros(len(ids), np.uint64)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document] + before, bounds[document + 1]):
            start = position - before
            out[position] = _prf(code, ids[start : start + width], key, reduced, table)
    return out


def prf_values(
    documents: Documents, prf: str, hash_key: int, before: int, width: int, table_seed: int
) -> NDArray[np.uint64]:
    """The seed that each window gives, modulo 2**64 - 1.

    Parameters
    ----------
    documents : Documents
    prf : str
        One of `PRFS`.
    hash_key : int
    before, width : int
        How many ids before its target a window begins, and how many it has.
    table_seed : int
        Of the table of hashes.

    Returns
    -------
    ndarray of uint64, shape (n,)
        0 where there is no whole window.

    Examples
    --------
    >>> two = Documents(np.array([2, 3]), np.array([0, 2]))
    >>> prf_values(two, "additive", 10, 1, 1, 0).tolist()
    [0, 20]
    """
    key = np.uint64(hash_key & _MODULUS).astype(np.int64)
    table = np.empty(0, np.int64) if prf in _UNHASHED else hash_table(table_seed)
    result: NDArray[np.uint64] = _prf_values(
        PRFS.index(prf),
        documents.ids,
        documents.bounds,
        before,
        width,
        key,
        np.uint64(hash_key % _MODULUS),
        table,
    )
    return result


def draws_of_windows(
    documents: Documents, seeds: NDArray[np.uint64], before: int, first: int
) -> Draws:
    """Draws of a scheme that seeds a generator with each window and looks at its target."""
    words = (seeds & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    offsets = documents.offsets
    return Draws(
        states=packed(words, documents.ids),
        contexts=words.astype(np.uint64),
        known=offsets >= before,
        eligible=offsets >= first,
    )


def green_values(
    states: NDArray[np.uint64], vocab_size: int, size: int, *, select_green: bool = True
) -> NDArray[np.float64]:
    """1 where the target of a packed state is on its seed's green list, else 0, shape (n,).

    ``select_green=False`` takes the last ``size`` of the permutation, not the first.
    """
    order = np.argsort(states)
    seeds, targets = unpacked(states[order])
    steps = size if select_green else vocab_size - size
    found = np.empty(len(states))
    found[order] = green_tokens(seeds, targets, vocab_size, steps) == select_green
    return found


@dataclass(frozen=True, kw_only=True)
class GreenLists:
    """The statistic and the null that all green-list schemes share: a count of green tokens."""

    vocab_size: int

    @property
    def greenlist_size(self) -> int:
        raise NotImplementedError

    @property
    def null_hypothesis(self) -> str:
        return (
            f"each of the distinct draws is green with probability {self.greenlist_size} of "
            f"{self.vocab_size}, as for text written without the key; draws of one seed are "
            "without replacement, for which the binomial tail is conservative"
        )

    @property
    def law(self) -> CoinLaw:
        return CoinLaw(self.greenlist_size, self.vocab_size)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        return green_values(draws.states[at], self.vocab_size, self.greenlist_size), None

    def summary(self, total: float, n: int) -> float:
        return total

    def log_tail(self, total: float, n: int) -> float:
        return binomial_tail(round(total), n, self.greenlist_size / self.vocab_size)


def list_size(vocab_size: int, gamma: float, name: str = "gamma") -> int:
    """Length of a green list, truncated as all references do it."""
    size = int(vocab_size * gamma)
    if size < 1:
        raise InputError(
            f"{name} of {gamma:g} leaves no token of {vocab_size:,} on a green list",
            expected="a green list of at least one token",
        )
    return size


@dataclass(frozen=True, kw_only=True)
class Kgw(GreenLists):
    """KGW as in the authors' repository.

    Parameters
    ----------
    vocab_size : int
        Of the generator, which is often more than the tokenizer's.
    gamma : float
        Share of the vocabulary on a green list.
    hash_key : int, optional
        Needed unless ``seeding_scheme`` holds it.
    seeding_scheme : str, optional
        ``simple_1`` (the default: the first repository's ``lefthash``), ``lefthash``, ``selfhash``,
        ``algorithm-3``, ``minhash``, ``skipgram`` or ``ff-PRF-WIDTH-SALT[-KEY]``.
    prf, context_width, self_salt : str, int, bool, optional
        Instead of ``seeding_scheme``, or in agreement with it.
    select_green_tokens : bool, default True
        False where the green list is the end of the permutation.
    device : str, default "cpu"
        Whose generator drew the lists.

    Examples
    --------
    >>> Kgw(vocab_size=50272, gamma=0.25, hash_key=15485863).greenlist_size
    12568
    """

    STATED: ClassVar[dict[str, str]] = {"greenlist_size": "greenlist_size"}

    gamma: float
    hash_key: int | None = field(default=None, repr=False)
    seeding_scheme: str | None = field(default=None, repr=False)
    prf: str | None = None
    context_width: int | None = None
    self_salt: bool | None = None
    select_green_tokens: bool = True
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        put(self, "gamma", fraction("gamma", self.gamma))
        list_size(self.vocab_size, self.gamma)
        prf, width, salt, key = self._named()
        for name, value in (("prf", prf), ("context_width", width), ("self_salt", salt)):
            put(self, name, value)
        key = whole("hash_key", key, -(1 << 63), _MODULUS, secret=True)
        put(self, "hash_key", key)
        if not isinstance(self.select_green_tokens, bool):
            raise InputError("select_green_tokens is neither true nor false")
        if prf == "minskipgram" and width < 2:
            raise InputError(
                "prf minskipgram has no pair in a context_width of 1", expected="2 or more"
            )

    def _named(self) -> tuple[str, int, bool, Any]:
        """What the name of a seeding scheme says, held against what was said beside it."""
        name = self.seeding_scheme
        given = (self.prf, self.context_width, self.self_salt)
        if name is None and all(part is not None for part in given):
            prf, width, salt, key = *given, None
        else:
            prf, width, salt, key = _parsed("simple_1" if name is None else name)
        if prf == "simple" and self.prf is not None:
            prf = "additive"  # the later repository's lefthash under the earlier name
        wanted = str(self.prf or prf).removesuffix("_prf")
        prf = one_of("prf", str(prf).removesuffix("_prf"), PRFS)
        width = whole("context_width", width, 1, 64)
        if not isinstance(salt, bool):
            raise InputError("self_salt is neither true nor false")
        agree = wanted == prf and given[1] in (None, width) and given[2] in (None, salt)
        if not agree or (key is not None and self.hash_key not in (None, key, str(key))):
            raise InputError(
                "seeding_scheme says otherwise than prf, context_width, self_salt or hash_key",
                expected="one of the two, or both alike",
            )
        key = self.hash_key if key is None else key
        if key is None:
            raise InputError("kgw lacks hash_key", expected="the key that the generator used")
        return prf, width, salt, key

    @property
    def greenlist_size(self) -> int:
        return list_size(self.vocab_size, self.gamma)

    @property
    def window(self) -> tuple[int, int]:
        width = self.context_width or 1
        return (width - 1, width) if self.self_salt else (width, width + 1)

    def seeds(self, documents: Documents) -> NDArray[np.uint64]:
        """Seed of each window modulo 2**64 - 1, shape (n,)."""
        before, width = self.window[0], self.context_width or 1
        key = self.hash_key or 0
        return prf_values(documents, str(self.prf), key, before, width, _TABLE_SEED)

    def draws(self, documents: Documents) -> Draws:
        before = self.window[0]
        return draws_of_windows(documents, self.seeds(documents), before, before)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], None]:
        selected = self.select_green_tokens
        size = self.greenlist_size
        return green_values(draws.states[at], self.vocab_size, size, select_green=selected), None


def _parsed(name: Any) -> tuple[Any, Any, Any, int | None]:
    if isinstance(name, str) and name in _NAMED:
        return (*_NAMED[name], None)
    parts = name.split("-") if isinstance(name, str) else []
    salts = {"True": True, "False": False}
    if parts[:1] != ["ff"] or len(parts) not in (4, 5) or parts[3] not in salts:
        raise InputError(
            "seeding_scheme is not known",  # its tail may be a key
            expected=f"one of {', '.join(_NAMED)}, or ff-PRF-WIDTH-True|False[-KEY]",
        )
    key = whole("hash_key", parts[4], 0, _MODULUS, secret=True) if len(parts) == 5 else None
    return parts[1], parts[2], salts[parts[3]], key
