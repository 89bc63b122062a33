"""SynthID-Text (Dathathri et al. 2024), as google-deepmind published it and as transformers has it.

Both fold an n-gram of ids into one word and read a bit for each key; mean and weighted mean add the
bits up, the Bayesian score multiplies likelihood ratios. Neither variant is a product's own hash.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents, Draws
from provenance.evidence.watermark.schemes.laws import LatticeLaw, LikelihoodLaw, ScoreLaw
from provenance.evidence.watermark.schemes.layers import (
    google_layers,
    hashes,
    likelihood_ratios,
    table_layers,
    unpacked_layers,
    weighted_sums,
)
from provenance.evidence.watermark.schemes.parameters import (
    LARGEST_ID,
    LARGEST_VOCABULARY,
    fraction,
    no_cuda,
    one_of,
    real_array,
    whole,
    whole_array,
)
from provenance.evidence.watermark.schemes.sampling_table import (
    layers_of_states,
    patterns,
    sampling_table,
    table_sums,
)
from provenance.evidence.watermark.schemes.seen import within_history
from provenance.statistics.lattice import lattice_tail, lattice_tails
from provenance.statistics.tails import binomial_tail

__all__ = ["SynthidGoogle", "SynthidHf"]

STATISTICS: Final = ("mean", "weighted_mean", "bayesian")
_LARGEST_TABLE = 1 << 20
_DEEPEST = 1024


@dataclass(frozen=True, kw_only=True)
class _Layered:
    """What both variants share: n-grams, masks, statistics."""

    keys: Any = field(repr=False)
    ngram_len: int = 5
    context_history_size: int = 1024
    eos_token_id: int | None = None
    vocab_size: int | None = None
    statistic: str = "weighted_mean"
    beta: Any = field(default=None, repr=False)
    delta: Any = field(default=None, repr=False)
    prior: float = 0.5
    device: str = "cpu"

    def __post_init__(self) -> None:
        no_cuda(self.device)
        put = object.__setattr__
        put(self, "keys", tuple(whole_array("keys", self.keys).tolist()))
        depth = whole("the number of keys", len(self.keys), 1, _DEEPEST)
        put(self, "ngram_len", whole("ngram_len", self.ngram_len, 1, 64))
        size = whole("context_history_size", self.context_history_size, 1, 1 << 40)
        put(self, "context_history_size", size)
        if self.eos_token_id is not None:
            put(self, "eos_token_id", whole("eos_token_id", self.eos_token_id, 0, LARGEST_ID))
        if self.vocab_size is not None:
            put(self, "vocab_size", whole("vocab_size", self.vocab_size, 2, LARGEST_VOCABULARY))
        one_of("statistic", self.statistic, STATISTICS)
        put(self, "prior", fraction("prior", self.prior))
        if self.statistic == "bayesian":
            if self.beta is None or self.delta is None:
                raise InputError(
                    "statistic bayesian lacks beta or delta",
                    expected="those that a detector was trained to for these keys",
                    remedy='Without them, "mean" and "weighted_mean" need no training',
                )
            put(self, "beta", real_array("beta", self.beta, (depth,)))
            put(self, "delta", real_array("delta", self.delta, (depth, depth)))

    @property
    def depth(self) -> int:
        return len(self.keys)

    @property
    def window(self) -> tuple[int, int]:
        return self.ngram_len - 1, self.ngram_len

    @property
    def _hash_start(self) -> int:
        raise NotImplementedError

    @property
    def weights(self) -> NDArray[np.int64]:
        """Weight of each layer as a whole number; the mean divides by their sum."""
        if self.statistic == "weighted_mean" and self.depth > 1:
            # 10 down to 1 in equal steps, times depth - 1
            return 10 * (self.depth - 1) - 9 * np.arange(self.depth)
        return np.ones(self.depth, np.int64)

    def draws(self, documents: Documents) -> Draws:
        start = np.int64(self._hash_start)
        before = self.ngram_len - 1
        states = hashes(documents.ids, documents.bounds, before, before + 1, start)
        contexts = hashes(documents.ids, documents.bounds, before, before, start).view(np.uint64)
        known = documents.offsets >= before
        size = self.context_history_size
        repeated = within_history(contexts, known, documents.bounds, size)
        eligible = known & ~repeated & ~self._ended(documents)
        return Draws(states.view(np.uint64), contexts, known, eligible)

    def g_values(self, documents: Documents) -> NDArray[np.uint8]:
        """Bits of the n-gram that ends at each position, whether it would be scored or not.

        Returns
        -------
        ndarray of uint8, shape (n, depth)
            0 where a document has no whole n-gram yet.

        Examples
        --------
        >>> SynthidHf(keys=[1, 2]).g_values(Documents(np.arange(6), np.array([0, 6])))[3:].tolist()
        [[0, 0], [1, 1], [0, 1]]
        """
        start = np.int64(self._hash_start)
        before = self.ngram_len - 1
        states = hashes(documents.ids, documents.bounds, before, before + 1, start)
        bits: NDArray[np.uint8] = unpacked_layers(self._layers(states), self.depth)
        bits[documents.offsets < before] = 0
        return bits

    def _layers(self, states: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Packed layers of hashed n-grams, shape (n, n_words)."""
        raise NotImplementedError

    def _ended(self, documents: Documents) -> NDArray[np.bool_]:
        """From the first end of sequence of its document on."""
        if self.eos_token_id is None:
            return np.zeros(len(documents.ids), np.bool_)
        ends = np.concatenate([[0], np.cumsum(documents.ids == self.eos_token_id)])
        before = np.repeat(ends[documents.bounds[:-1]], np.diff(documents.bounds))
        result: NDArray[np.bool_] = ends[1:] > before
        return result

    def _of_layers(self, layers: NDArray[np.uint64]) -> NDArray[np.float64]:
        if self.statistic == "bayesian":
            found: NDArray[np.float64] = likelihood_ratios(layers, self.beta, self.delta)
            return found
        return weighted_sums(layers, self.weights) / float(self.weights.sum())

    def summary(self, total: float, n: int) -> float:
        """Mean of the bits, weighted where so asked; log posterior odds of the Bayesian score."""
        if self.statistic == "bayesian":
            prior = min(max(self.prior, 1e-5), 1 - 1e-5)
            return total + math.log(prior) - math.log1p(-prior)
        return total / n if n else math.nan

    @property
    def _expected_ratio(self) -> float:
        """Logarithm of the mean likelihood ratio of one position under the null."""
        return 0.0

    def _lattice(self) -> NDArray[np.float64]:
        """Probability of each weighted sum of one position's bits under the null."""
        return _fair_sums(tuple(self.weights.tolist()))

    @property
    def law(self) -> ScoreLaw:
        if self.statistic == "bayesian":
            return LikelihoodLaw(self._expected_ratio)
        return LatticeLaw(self._lattice(), 1 / float(self.weights.sum()))

    def log_tail(self, total: float, n: int) -> float:
        if self.statistic == "bayesian":
            return min(0.0, n * self._expected_ratio - total)
        return lattice_tail(round(total * int(self.weights.sum())), n, self._lattice())

    def log_tails(self, totals: NDArray[np.float64], ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """`log_tail` of many documents at once."""
        if self.statistic == "bayesian":
            return np.minimum(0.0, ns * self._expected_ratio - totals)
        sums = np.rint(totals * float(self.weights.sum())).astype(np.int64)
        return lattice_tails(sums, ns, self._lattice())

    _FAIR: ClassVar[str] = "each bit of the distinct n-grams is a fair coin"

    @property
    def null_hypothesis(self) -> str:
        coin = f"{self._FAIR}, as for text written without the keys"
        if self.statistic == "bayesian":
            return f"{coin}; the p-value is the bound 1 / likelihood ratio, which holds for any law"
        return coin


@lru_cache(maxsize=16)
def _fair_sums(weights: tuple[int, ...]) -> NDArray[np.float64]:
    """Law of the sum of the weights of independent fair bits."""
    law = np.zeros(sum(weights) + 1)
    law[0] = 1
    for weight in weights:
        shifted = np.concatenate([np.zeros(weight), law[: len(law) - weight]])
        law = (law + shifted) / 2
    return law


@dataclass(frozen=True, kw_only=True)
class SynthidGoogle(_Layered):
    """SynthID-Text of google-deepmind/synthid-text.

    Parameters
    ----------
    keys : sequence of int
        One a layer, 64 bits each.
    ngram_len : int, default 5
        The target and the ids before it.
    context_history_size : int, default 1024
        A context among so many before it was not marked, and is not scored.
    eos_token_id : int, optional
        Nothing is scored from the first on.
    vocab_size : int, optional
        Ids are held against it; the bits do not depend on it.
    statistic : {"weighted_mean", "mean", "bayesian"}
    beta, delta : array_like, shapes (depth,) and (depth, depth)
        Of a trained Bayesian detector; row l of delta is read left of column l.
    prior : float, default 0.5
        Of the Bayesian score.
    device : str, default "cpu"

    Examples
    --------
    >>> SynthidGoogle(keys=[654, 400]).depth
    2
    """

    STATED: ClassVar[dict[str, str]] = {"hash_iv": "_hash_start", "impl": "_impl"}
    _impl: ClassVar[str] = "google"

    @property
    def _hash_start(self) -> int:
        digest = hashlib.sha256(np.array(self.keys, "<i8").tobytes()).digest()
        return int.from_bytes(digest, "big") % ((1 << 63) - 1)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        layers = self._layers(draws.states[at].view(np.int64))
        return self._of_layers(layers), layers

    def _layers(self, states: NDArray[np.int64]) -> NDArray[np.uint64]:
        layers: NDArray[np.uint64] = google_layers(states, np.array(self.keys, np.int64))
        return layers

    def log_tail(self, total: float, n: int) -> float:
        if self.statistic == "mean":
            return binomial_tail(round(total * self.depth), n * self.depth, 0.5)
        return super().log_tail(total, n)


@dataclass(frozen=True, kw_only=True)
class SynthidHf(_Layered):
    """SynthID-Text of transformers: bits are read from one table of random bits.

    All bits of an n-gram are shifted reads of that table, whose share of ones is not a half: with
    2**16 entries they follow from 16 bits of a hash. The null is enumerated from the table.

    Parameters
    ----------
    keys, ngram_len, context_history_size, eos_token_id, vocab_size : as for `SynthidGoogle`
    statistic, beta, delta, prior, device : as for `SynthidGoogle`
    sampling_table_size : int, default 65536
    sampling_table_seed : int, default 0

    Examples
    --------
    >>> SynthidHf(keys=[654, 400]).table_ones
    32743
    """

    STATED: ClassVar[dict[str, str]] = {
        "impl": "_impl",
        "table_first64": "_table_start",
        "table_ones": "table_ones",
    }
    _impl: ClassVar[str] = "hf"

    sampling_table_size: int = 65536
    sampling_table_seed: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        put = object.__setattr__
        size = whole("sampling_table_size", self.sampling_table_size, 1, _LARGEST_TABLE)
        put(self, "sampling_table_size", size)
        seed = self.sampling_table_seed
        seed = whole("sampling_table_seed", seed, -(1 << 63), (1 << 64) - 1, secret=True)
        put(self, "sampling_table_seed", seed)

    @property
    def table(self) -> NDArray[np.uint8]:
        """The bits, shape (sampling_table_size,)."""
        return sampling_table(self.sampling_table_size, self.sampling_table_seed)

    @property
    def table_ones(self) -> int:
        return int(self.table.sum())

    @property
    def _table_start(self) -> str:
        return "".join(map(str, self.table[:64].tolist()))

    @property
    def _hash_start(self) -> int:
        return 1

    @property
    def _is_whole(self) -> bool:
        return self.sampling_table_size & (self.sampling_table_size - 1) == 0

    @property
    def _states(self) -> NDArray[np.uint64]:
        return layers_of_states(self.keys, self.sampling_table_size, self.sampling_table_seed)

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        states = draws.states[at].view(np.int64)
        if self._is_whole and len(states) > self.sampling_table_size:
            state, held = states & (self.sampling_table_size - 1), self._states
            return self._of_layers(held)[state], held[state]
        layers = self._layers(states)
        return self._of_layers(layers), layers

    def _layers(self, states: NDArray[np.int64]) -> NDArray[np.uint64]:
        if self._is_whole:
            held: NDArray[np.uint64] = self._states[states & (self.sampling_table_size - 1)]
            return held
        layers: NDArray[np.uint64] = table_layers(states, np.array(self.keys, np.int64), self.table)
        return layers

    def _patterns(self) -> Iterator[tuple[float, NDArray[np.uint64]]]:
        return patterns(self.keys, self.sampling_table_size, self.sampling_table_seed)

    def _lattice(self) -> NDArray[np.float64]:
        place = (self.keys, self.sampling_table_size, self.sampling_table_seed)
        return table_sums(*place, tuple(self.weights.tolist()))

    @cached_property
    def _expected_ratio(self) -> float:
        mean = 0.0
        for chance, layers in self._patterns():
            ratios = likelihood_ratios(layers, self.beta, self.delta)
            mean += chance * float(np.exp(ratios).mean())
        return math.log(mean)

    _FAIR: ClassVar[str] = (
        "each distinct n-gram hashes uniformly into the sampling table, whose bits are enumerated"
    )
