"""What every scheme shares: documents end to end, draws of the key, and which of them count.

One draw of a key is one coin: a repeated one is counted once, in a document and in a corpus. What
makes a draw is the state that the key's function really sees, with its target, and not the n-gram:
a minimum over a window ignores most of the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.laws import ScoreLaw
from provenance.evidence.watermark.schemes.seen import first_seen, mixed, ngram_hashes, spread

__all__ = [
    "DEDUPLICATION",
    "Documents",
    "Draws",
    "Scheme",
    "ScoredDraws",
    "log_tails_of",
    "packed",
    "score",
    "score_draws",
    "unpacked",
]

DEDUPLICATION = ("state", "context", "ngram", "none")


@dataclass(frozen=True, slots=True)
class Documents:
    """Token ids of documents, one behind the other.

    Parameters
    ----------
    ids : ndarray of int64, shape (n,)
    bounds : ndarray of int64, shape (n_documents + 1,)
        Where each document begins and ends.

    Examples
    --------
    >>> Documents(np.array([5, 6, 7]), np.array([0, 1, 3])).offsets.tolist()
    [0, 0, 1]
    """

    ids: NDArray[np.int64]
    bounds: NDArray[np.int64]

    @property
    def offsets(self) -> NDArray[np.int64]:
        """How many ids of its own document stand before each, shape (n,)."""
        return np.arange(len(self.ids)) - np.repeat(self.bounds[:-1], np.diff(self.bounds))

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Which document each id belongs to, shape (n,)."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))


@dataclass(frozen=True, slots=True)
class Draws:
    """What the key's function sees at each position.

    Parameters
    ----------
    states : ndarray of uint64, shape (n,)
        Equal where two positions are one draw of the key.
    contexts : ndarray of uint64, shape (n,)
        Equal where only the target may differ.
    known : ndarray of bool, shape (n,)
        Where the document has a whole context.
    eligible : ndarray of bool, shape (n,)
        Where the scheme's detector scores a token, before any de-duplication.
    """

    states: NDArray[np.uint64]
    contexts: NDArray[np.uint64]
    known: NDArray[np.bool_]
    eligible: NDArray[np.bool_]


class Scheme(Protocol):
    """A keyed function, a statistic and an exact null; one file a family."""

    @property
    def vocab_size(self) -> int | None:
        """Ids are below it; None where the scheme does not depend on it."""

    @property
    def window(self) -> tuple[int, int]:
        """How many ids before the target its n-gram begins, and how many ids it has."""

    @property
    def null_hypothesis(self) -> str:
        """What the p-value assumes, in words."""

    @property
    def law(self) -> ScoreLaw:
        """The law of one score under the null."""

    def draws(self, documents: Documents) -> Draws:
        """What the key's function sees at each position."""

    def values(
        self, documents: Documents, draws: Draws, at: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64] | None]:
        """Score of each of some ascending positions, and its layers in packed bits if any."""

    def summary(self, total: float, n: int) -> float:
        """The statistic in the literature's units, from the sum of n scores."""

    def log_tail(self, total: float, n: int) -> float:
        """Logarithm of the probability of as large a sum of n scores under the null."""


@runtime_checkable
class _ManyTails(Protocol):
    """A scheme whose tails cost less together."""

    def log_tails(self, totals: NDArray[np.float64], ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Logarithms of the p-values of sums of so many scores."""


def log_tails_of(
    scheme: Scheme, totals: NDArray[np.float64], ns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Logarithms of the p-values of many sums, at once where the scheme can, shape (n,).

    Parameters
    ----------
    scheme : Scheme
    totals : ndarray of float64, shape (n,)
        Sums of scores.
    ns : ndarray of int64, shape (n,)
        Of how many; 0 gives a p-value of 1.
    """
    if isinstance(scheme, _ManyTails):
        return scheme.log_tails(totals, ns)
    pairs = zip(totals.tolist(), ns.tolist(), strict=True)
    return np.array([scheme.log_tail(total, n) if n else 0.0 for total, n in pairs])


@dataclass(frozen=True, slots=True)
class ScoredDraws:
    """Scores of all positions; every later test is a sum over some of them.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Score of each eligible position, counted or not; NaN elsewhere.
    layers : ndarray of uint64, shape (n, n_words), or None
        Bit d of a row is layer d's, 64 to a word.
    first : ndarray of int64, shape (n,)
        Position of the first eligible equal draw; -1 where not eligible. The draws themselves
        would tell the key.
    in_corpus : ndarray of bool, shape (n,)
        First of its state in the corpus: what a pooled test adds up.
    in_document : ndarray of bool, shape (n,)
        First of its state in its document: what a document's own test adds up.
    """

    values: NDArray[np.float64]
    layers: NDArray[np.uint64] | None
    first: NDArray[np.int64]
    in_corpus: NDArray[np.bool_]
    in_document: NDArray[np.bool_]


def packed(seeds: NDArray[np.uint32], targets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """One word for a 32-bit seed and its target, shape (n,).

    Examples
    --------
    >>> packed(np.ones(1, np.uint32), np.array([2]))[0] - 2 == 1 << 32
    np.True_
    """
    result: NDArray[np.uint64] = seeds.astype(np.uint64) << np.uint64(32)
    return result | targets.astype(np.uint64)


def unpacked(states: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Seeds and targets that `packed` put together.

    Examples
    --------
    >>> [part.tolist() for part in unpacked(packed(np.ones(1, np.uint32), np.array([2])))]
    [[1], [2]]
    """
    seeds = (states >> np.uint64(32)).astype(np.uint32)
    return seeds, (states & np.uint64(0xFFFFFFFF)).astype(np.int64)


def score(
    documents: Documents,
    scheme: Scheme,
    *,
    deduplicate: str = "state",
    prompts: Documents | None = None,
) -> ScoredDraws:
    """Score every position once; tell which count in the corpus and in their document.

    Parameters
    ----------
    documents : Documents
    scheme : Scheme
    deduplicate : {"state", "context", "ngram", "none"}
        What is counted once. Only ``state`` and ``context`` leave independent draws.
    prompts : Documents, optional
        One for each document: positions whose context stands in it are not counted.

    Returns
    -------
    ScoredDraws
    """
    return score_draws(documents, scheme.draws(documents), scheme, deduplicate, prompts)


def score_draws(
    documents: Documents,
    draws: Draws,
    scheme: Scheme,
    deduplicate: str = "state",
    prompts: Documents | None = None,
) -> ScoredDraws:
    """`score` where the draws of the documents are at hand."""
    counted = draws.eligible
    if prompts is not None:
        counted = counted & ~_in_prompts(documents, draws, prompts, scheme)
    first, new_in_document = first_seen(draws.states, draws.eligible, documents.bounds)
    at = np.flatnonzero(first == np.arange(len(first)))
    found, found_layers = scheme.values(documents, draws, at)
    values = spread(found[:, None], first, np.nan)[:, 0]
    layers = None if found_layers is None else spread(found_layers, first, 0)
    if deduplicate == "none":
        return ScoredDraws(values, layers, first, counted, counted)
    if deduplicate == "state" and prompts is None:
        return ScoredDraws(values, layers, first, first == np.arange(len(first)), new_in_document)
    keys = draws.contexts if deduplicate == "context" else draws.states
    if deduplicate == "ngram":
        keys = ngram_hashes(documents.ids, documents.bounds, *scheme.window, padded=True)
    kept, new_in_document = first_seen(keys, counted, documents.bounds)
    return ScoredDraws(values, layers, first, kept == np.arange(len(kept)), new_in_document)


def _in_prompts(
    documents: Documents, draws: Draws, prompts: Documents, scheme: Scheme
) -> NDArray[np.bool_]:
    """Whether the context of each position stands in the prompt of its document.

    A context that the beginning of the document cuts short may go on in the prompt.
    """
    asked = scheme.draws(prompts)
    theirs = mixed(asked.contexts, prompts.numbers.astype(np.uint64))[asked.known]
    ours = mixed(draws.contexts, documents.numbers.astype(np.uint64))
    return np.isin(ours, theirs) | (documents.offsets < scheme.window[0])
