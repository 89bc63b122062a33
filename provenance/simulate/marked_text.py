"""Text marked with a key, of any scheme: a small language model of token ids stands for an API.

The rule that chooses the next token is the generator's own; the keyed function is the detector's,
evaluated on every candidate, so that it is written once. The model is a bigram model cut to its
likeliest candidates. How well a mark is told depends on the entropy of what is written, which is
kept beside it; a real model's may be lower or higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.draws import Documents, Scheme
from provenance.evidence.watermark.schemes.exp import ExpMarkllm, ExpThreebricks
from provenance.evidence.watermark.schemes.gumbel_vllm import GumbelVllm, GumbelVllmDual
from provenance.evidence.watermark.schemes.synthid import SynthidGoogle, SynthidHf
from provenance.features.tokens import load_encoding
from provenance.simulate.token_model import ENCODING, TokenModel

__all__ = [
    "Mark",
    "Written",
    "replaced",
    "texts_of",
    "tokens_kept",
    "write_text",
]

VLLM_HISTORY: Final = 8192
"""Tokens back to which vLLM leaves a repeated context unmarked."""

Reals = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Written:
    """Documents of one length that a model wrote.

    Parameters
    ----------
    documents : Documents
    bits : ndarray of float64, shape (n,)
        Entropy of the model's own law at each id, in bits, without the mark.
    marked : ndarray of bool, shape (n,)
        Where the key chose.
    """

    documents: Documents
    bits: Reals
    marked: NDArray[np.bool_]


def write_text(
    model: TokenModel,
    rng: np.random.Generator,
    n_documents: int,
    n_tokens: int,
    mark: Mark | None = None,
    where: NDArray[np.bool_] | None = None,
) -> Written:
    """Write documents side by side, marked where it is asked for and the generator would.

    Parameters
    ----------
    model : TokenModel
    rng : numpy.random.Generator
    n_documents, n_tokens : int
        How many, and how many ids each.
    mark : Mark, optional
    where : ndarray of bool, shape (n_documents, n_tokens) or one that broadcasts to it
        Where the key is used: whole rows for a share of the documents, columns for a passage.
        Everywhere unless told.

    Returns
    -------
    Written

    Examples
    --------
    >>> model = TokenModel.fit(Documents(np.array([5, 6, 5, 6]), np.array([0, 4])))
    >>> write_text(model, np.random.default_rng(0), 2, 3).documents.bounds.tolist()
    [0, 3, 6]
    """
    shape = (n_documents, n_tokens)
    asked = np.broadcast_to(True if where is None else where, shape)
    ids, bits = np.zeros(shape, np.int64), np.zeros(shape)
    marked = np.zeros(shape, np.bool_)
    history = _History(shape)
    rows = np.zeros(n_documents, np.int64)
    for at in range(n_tokens):
        candidates, logits = model.tokens[rows], model.laws(rows, rng)
        bits[:, at] = -(np.exp(logits) * logits).sum(axis=1) / np.log(2)
        chosen = _drawn(logits, rng)
        on = np.flatnonzero(asked[:, at])
        if mark is not None and len(on):
            keyed = mark.keyed(ids[on, :at], candidates[on], rng)
            told = keyed.known & ~history.repeats(on, at, keyed.contexts, mark.history)
            chosen[on] = np.where(told, mark.choose(keyed, logits[on], rng), chosen[on])
            marked[on, at] = told
        ids[:, at] = np.take_along_axis(candidates, chosen[:, None], 1)[:, 0]
        rows = model.rows[ids[:, at]]
    bounds = np.arange(n_documents + 1) * n_tokens
    return Written(Documents(ids.ravel(), bounds), bits.ravel(), marked.ravel())


def _drawn(logits: Reals, rng: np.random.Generator) -> Ids:
    """One candidate of each row by chance, from unscaled logarithms."""
    result: Ids = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    return result


class _History:
    """Contexts that each document has had."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._contexts = np.zeros(shape, np.uint64)

    def repeats(
        self, on: Ids, at: int, contexts: NDArray[np.uint64], size: int
    ) -> NDArray[np.bool_]:
        """Whether each of some documents had its context among the last ``size``."""
        before = self._contexts[on, max(0, at - size) : at]
        self._contexts[on, at] = contexts
        result: NDArray[np.bool_] = (before == contexts[:, None]).any(axis=1)
        return result


@dataclass(frozen=True, slots=True)
class Keyed:
    """What the key says of each candidate.

    Parameters
    ----------
    values : ndarray of float64, shape (n_documents, n_candidates)
        Scores, as the detector gives them.
    layers : ndarray of uint64, shape (n_documents, n_candidates, n_words), or None
    contexts : ndarray of uint64, shape (n_documents,)
    known : ndarray of bool, shape (n_documents,)
        Whether there is a whole context.
    """

    values: Reals
    layers: NDArray[np.uint64] | None
    contexts: NDArray[np.uint64]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mark:
    """A key and how strongly it marks.

    Green lists add ``delta`` to the logits of green candidates. Gumbel and EXP take the candidate
    of the largest ``u ** (1 / p)``; of two keys the second chooses with probability ``alpha``.
    SynthID-Text runs its tournament between two leaves, layer after layer, as the law that its
    winner has. SynthID-Text and vLLM leave repeated contexts unmarked. The first ids of a document,
    whose context a prompt would fill up, are unmarked, too, where the scheme needs a whole one.

    Parameters
    ----------
    scheme : Scheme
        From `make_scheme`.
    delta : float, default 2.0
        Of green lists.
    payload : int, default 0
        Of ``exp_threebricks``: how far the vocabulary is turned.

    Examples
    --------
    >>> Mark(GumbelVllm(key=42)).history
    8192
    """

    scheme: Scheme
    delta: float = 2.0
    payload: int = 0

    @property
    def history(self) -> int:
        """How many contexts back a repeated one is left unmarked; 0 where all are marked."""
        if isinstance(self.scheme, SynthidGoogle | SynthidHf):
            return self.scheme.context_history_size
        return VLLM_HISTORY if isinstance(self.scheme, GumbelVllm | GumbelVllmDual) else 0

    def keyed(self, before: Ids, candidates: Ids, rng: np.random.Generator) -> Keyed:
        """Evaluate the key for candidates.

        Parameters
        ----------
        before : ndarray of int64, shape (n_documents, n)
            All ids so far.
        candidates : ndarray of int64, shape (n_documents, n_candidates)
        rng : numpy.random.Generator
            Which of two keys it is.

        Returns
        -------
        Keyed
        """
        if isinstance(self.scheme, GumbelVllmDual):
            first, second = (
                replace(self, scheme=replace(self.scheme, alpha=alpha))._of_one(before, candidates)
                for alpha in (0.0, 1.0)
            )
            is_second = rng.random(len(before)) < self.scheme.alpha
            return replace(first, values=np.where(is_second[:, None], second.values, first.values))
        return self._of_one(before, candidates)

    def _of_one(self, before: Ids, candidates: Ids) -> Keyed:
        shape = candidates.shape
        width = min(before.shape[1], self.scheme.window[0])
        rows = np.empty((*shape, width + 1), np.int64)
        rows[:, :, :width] = before[:, None, before.shape[1] - width :]
        rows[:, :, width] = candidates
        documents = Documents(rows.ravel(), np.arange(candidates.size + 1) * (width + 1))
        last = documents.bounds[1:] - 1
        draws = self.scheme.draws(documents)
        # One state is one draw, which the keyed functions take once.
        _, first, back = np.unique(draws.states[last], return_index=True, return_inverse=True)
        order = np.argsort(first)
        first, back = first[order], np.argsort(order)[back]
        extra = (self.payload,) if isinstance(self.scheme, ExpThreebricks) else ()
        values, layers = self.scheme.values(documents, draws, last[first], *extra)
        return Keyed(
            values[back].reshape(shape),
            None if layers is None else layers[back].reshape(*shape, -1),
            draws.contexts[last].reshape(shape)[:, 0],
            draws.known[last].reshape(shape)[:, 0],
        )

    def choose(self, keyed: Keyed, logits: Reals, rng: np.random.Generator) -> Ids:
        """The candidate of each row that the scheme's rule takes, shape (n_documents,)."""
        if keyed.layers is not None:
            return _drawn(_after_tournament(logits, keyed.layers, len(self._keys)), rng)
        if self._takes_largest:
            uniform = -np.expm1(-keyed.values)
            with np.errstate(divide="ignore"):  # a number of 0 is never the largest
                exponential = np.log(-np.log(uniform)) - logits
            result: Ids = np.argmin(exponential, axis=1)
            return result
        return _drawn(logits + self.delta * keyed.values, rng)

    @property
    def _keys(self) -> Sequence[int]:
        keys: Sequence[int] = getattr(self.scheme, "keys", ())
        return keys

    @property
    def _takes_largest(self) -> bool:
        if isinstance(self.scheme, ExpThreebricks):
            return self.scheme.statistic == "openai"
        return isinstance(self.scheme, ExpMarkllm | GumbelVllm | GumbelVllmDual)


def _after_tournament(logits: Reals, layers: NDArray[np.uint64], depth: int) -> Reals:
    """Logarithms of the law of the winner, where two leaves meet in each layer."""
    chances = np.exp(logits)
    for layer in range(depth):
        bits = (layers[:, :, layer >> 6] >> np.uint64(layer & 63)) & np.uint64(1)
        mean = (bits * chances).sum(axis=1, keepdims=True)
        chances *= np.maximum(0.0, 1 + bits - mean)
    with np.errstate(divide="ignore"):
        return np.log(chances)


def replaced(
    documents: Documents, share: float, others: Ids, rng: np.random.Generator
) -> Documents:
    """The documents with a share of their ids replaced at random.

    Parameters
    ----------
    documents : Documents
    share : float
    others : ndarray of int64, shape (n,)
        What they are replaced by, as often as they stand there: ids of unmarked text.
    rng : numpy.random.Generator

    Examples
    --------
    >>> text = Documents(np.array([5, 5, 5]), np.array([0, 3]))
    >>> replaced(text, 1.0, np.array([7]), np.random.default_rng(0)).ids.tolist()
    [7, 7, 7]
    """
    n = len(documents.ids)
    return replace(
        documents, ids=np.where(rng.random(n) < share, rng.choice(others, n), documents.ids)
    )


def texts_of(documents: Documents, encoding: str = ENCODING) -> list[str]:
    """What the ids of each document spell; bytes that are no text become U+FFFD.

    Examples
    --------
    >>> texts_of(Documents(np.array([606, 1403]), np.array([0, 2])))
    ['one two']
    """
    loaded = load_encoding(encoding)
    starts, ends = documents.bounds[:-1].tolist(), documents.bounds[1:].tolist()
    return [loaded.decode(documents.ids[a:b].tolist()) for a, b in zip(starts, ends, strict=True)]


def tokens_kept(documents: Documents, again: Documents, encoding: str = ENCODING) -> float:
    """Share of the ids that stand at the same bytes after their text was tokenized again.

    Examples
    --------
    >>> text = Documents(np.array([606, 1403]), np.array([0, 2]))
    >>> tokens_kept(text, text)
    1.0
    """
    parts = [_spans(each, encoding) for each in (documents, again)]
    return float(np.isin(parts[0], parts[1]).mean()) if len(documents.ids) else 1.0


def _spans(documents: Documents, encoding: str) -> NDArray[np.void]:
    """Document, id and first byte of each token."""
    loaded = load_encoding(encoding)
    ids, back = np.unique(documents.ids, return_inverse=True)
    sizes = np.array([len(loaded.decode_single_token_bytes(i)) for i in ids.tolist()])[back]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    begins = ends[:-1] - np.repeat(ends[documents.bounds[:-1]], np.diff(documents.bounds))
    return np.rec.fromarrays([documents.numbers, documents.ids, begins])
