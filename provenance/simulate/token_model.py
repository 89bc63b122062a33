"""A small language model of token ids, which stands for an API: bigrams, cut to the likeliest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents
from provenance.evidence.watermark.tokens import tokenize_texts
from provenance.simulate.words import library_texts

__all__ = ["ENCODING", "TokenModel", "library_model"]

ENCODING: Final = "cl100k_base"
WIDTH: Final = 50
"""Candidates for the next token, as many as transformers takes where nothing is said (top_k)."""

Reals = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TokenModel:
    """What may follow each token, as under top-k sampling.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_ids,)
        Row of each id; row 0 also begins a text.
    tokens : ndarray of int64, shape (n_rows, width)
        Candidates.
    logits : ndarray of float64, shape (n_rows, width)
        Logarithms of their probabilities, which add up to 1 in each row.
    noise : float, default 0.0
        Standard deviation of what moves each logit at each place, as a longer memory would:
        without it text under a Gumbel key runs in circles, and all documents into the same.

    Examples
    --------
    >>> model = TokenModel.fit(Documents(np.array([5, 6, 5, 6]), np.array([0, 4])))
    >>> model.tokens[model.rows[5]].tolist()
    [6, 5]
    """

    rows: Ids
    tokens: Ids
    logits: Reals
    noise: float = 0.0

    @classmethod
    def fit(
        cls,
        documents: Documents,
        width: int = WIDTH,
        *,
        temperature: float = 1.0,
        noise: float = 0.0,
    ) -> TokenModel:
        """Count which id follows which, smoothed by how many do (Witten and Bell 1991).

        Parameters
        ----------
        documents : Documents
        width : int
            Candidates that are kept of each row; fewer where there are fewer ids.
        temperature : float
            Below 1 the likely ids become likelier; above 1 the unlikely ones.
        noise : float

        Raises
        ------
        InputError
            Where there is no id, or the temperature is not above 0.
        """
        if not len(documents.ids):
            raise InputError("the texts hold no token", expected="at least one")
        if not temperature > 0:
            raise InputError(f"the temperature is {temperature}", expected="above 0")
        ids, numbers, counts = np.unique(documents.ids, return_inverse=True, return_counts=True)
        rows = np.zeros(int(ids[-1]) + 1, np.int64)
        rows[ids] = np.arange(1, len(ids) + 1)
        places, chances = _likeliest(numbers, documents.bounds, counts, min(width, len(ids)))
        return cls(rows, ids[places], normalized(np.log(chances) / temperature), noise)

    def laws(self, rows: Ids, rng: np.random.Generator) -> Reals:
        """Logarithms of the chances of each row's candidates, shape (n, width)."""
        logits = self.logits[rows]
        if self.noise:
            logits = normalized(logits + self.noise * rng.standard_normal(logits.shape))
        return logits


def normalized(logits: Reals) -> Reals:
    """Logarithms of probabilities that add up to 1 in each row."""
    result: Reals = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return result


def _likeliest(numbers: Ids, bounds: Ids, counts: Ids, width: int) -> tuple[Ids, Reals]:
    """The likeliest successors of a beginning and of each id, by number, and their chances."""
    n = len(counts)
    shares = counts / counts.sum()
    inside = np.ones(len(numbers), np.bool_)
    inside[bounds[1:][bounds[1:] > 0] - 1] = False  # the last of a document has no successor
    before = np.flatnonzero(inside)
    pairs, seen = np.unique(numbers[before] * n + numbers[before + 1], return_counts=True)
    followed = np.bincount(pairs // n, seen, n)
    kinds = np.bincount(pairs // n, minlength=n)
    common = np.argsort(-shares, kind="stable")[:width]
    # Every pair that was seen, and the commonest ids behind every id; the former come first.
    every = np.concatenate([pairs, (np.arange(n)[:, None] * n + common).ravel()])
    every, first = np.unique(every, return_index=True)
    counted = np.concatenate([seen, np.zeros(n * width)])[first]
    row, word = every // n, every % n
    alone = followed == 0
    total = np.where(alone, 1, followed + kinds)
    chances = (counted + np.where(alone, 1, kinds)[row] * shares[word]) / total[row]
    order = np.lexsort((-chances, row))
    starts = np.searchsorted(row[order], np.arange(n))
    kept = order[starts[:, None] + np.arange(width)]
    return (
        np.concatenate([common[None], word[kept]]),
        np.concatenate([shares[common][None], chances[kept]]),
    )


@lru_cache(maxsize=2)
def library_model(temperature: float = 1.0, noise: float = 1.0) -> TokenModel:
    """A model of the text that every Python carries, in ids of `ENCODING`.

    Examples
    --------
    >>> library_model().tokens.shape[1]
    50
    """
    texts = [" ".join(text.split()) for text in library_texts()]
    return TokenModel.fit(tokenize_texts(texts, ENCODING), temperature=temperature, noise=noise)
