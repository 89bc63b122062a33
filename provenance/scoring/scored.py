"""Scored documents: their passages under every source, and what is read off a passage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Passages", "Suspect", "against", "row_statistic", "token_shares", "weights_of_others"]


def token_shares(
    document: NDArray[np.int64], passage_tokens: NDArray[np.int64], n_documents: int
) -> NDArray[np.float64]:
    """Part of its document's tokens that each passage holds.

    Examples
    --------
    >>> token_shares(np.array([0, 0, 1]), np.array([10, 30, 5]), 2).tolist()
    [0.25, 0.75, 1.0]
    """
    tokens = passage_tokens.astype(np.float64)
    return tokens / np.bincount(document, tokens, minlength=n_documents)[document]


def document_means(
    values: NDArray[np.float32],
    document: NDArray[np.int64],
    passage_tokens: NDArray[np.int64],
    n_documents: int,
) -> NDArray[np.float32]:
    """Token-weighted mean over each document's passages, shape (n_documents, n_columns)."""
    weighted = values * token_shares(document, passage_tokens, n_documents)[:, None]
    columns = [np.bincount(document, column, minlength=n_documents) for column in weighted.T]
    return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Suspect:
    """The sample of the corpus that shares are estimated on.

    Parameters
    ----------
    cluster : ndarray of int64, shape (n_entries,)
        Unit of independence: equal words or the same group.
    weight : ndarray of float64, shape (n_entries,)
        Documents that an entry stands for.
    text_hash, cluster_hash : ndarray of uint64, shape (n_entries,)
    values : ndarray of int64, shape (n_entries, n_fields)
        Numbers of the values of the ``--by`` fields.
    entry : ndarray of int64, shape (n_passages,)
    passage_tokens : ndarray of int64, shape (n_passages,)
    log_posterior : dict of str to ndarray of float32, shape (n_passages, n_sources)
        By view.
    complete : bool
        Whether these are all documents of the corpus.
    """

    cluster: NDArray[np.int64]
    weight: NDArray[np.float64]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    values: NDArray[np.int64]
    entry: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    log_posterior: dict[str, NDArray[np.float32]]
    complete: bool

    def passages(
        self, view: str, unit: str = "documents", entries: NDArray[np.bool_] | None = None
    ) -> Passages:
        """Passages of all entries, or of some, weighted for shares of documents or of tokens."""
        weight = self.weight[self.entry]
        if unit == "tokens":
            weight = weight * self.passage_tokens
        else:
            weight = weight * token_shares(self.entry, self.passage_tokens, len(self.weight))
        used = slice(None) if entries is None else entries[self.entry]
        cluster = np.unique(self.cluster[self.entry][used], return_inverse=True)[1]
        return Passages(self.log_posterior[view][used], weight[used], cluster.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Passages:
    """Scored passages of the corpus or of the references.

    Parameters
    ----------
    log_posterior : ndarray of float32, shape (n_passages, n_sources)
        Log posteriors under equal priors.
    weight : ndarray of float64, shape (n_passages,)
        What a passage counts: the documents, or tokens, that it stands for.
    cluster : ndarray of int64, shape (n_passages,)
        Number of the unit of independence that it belongs to.
    source : ndarray of int64, shape (n_passages,), optional
        Where known, the source it is from.
    """

    log_posterior: NDArray[np.float32]
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]
    source: NDArray[np.int64] | None = None


def weights_of_others(shares: NDArray[np.float64], source: int) -> NDArray[np.float64]:
    """Weights of all other sources in their mixture, shape (n_sources,); none of them is 0.

    Examples
    --------
    >>> weights_of_others(np.array([0.5, 0.5, 0.0]), 0).round(3).tolist()
    [0.0, 0.995, 0.005]
    """
    others = np.where(np.arange(len(shares)) == source, 0, shares)
    uniform: NDArray[np.float64] = (np.arange(len(shares)) != source) / (len(shares) - 1)
    # A trace of every other source: none of them has a density of zero.
    if others.sum() <= 1e-6:
        return uniform
    result: NDArray[np.float64] = 0.99 * others / others.sum() + 0.01 * uniform
    return result


def against(
    log_posterior: NDArray[np.float32], source: int, others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log likelihood ratio of a source against a mixture of others, shape (n_passages,)."""
    with np.errstate(divide="ignore"):
        rest = log_posterior.astype(np.float64) + np.log(others)
    peak = rest.max(axis=1)
    mixture = peak + np.log(np.exp(rest - peak[:, None]).sum(axis=1))
    result: NDArray[np.float64] = log_posterior[:, source] - mixture
    return result


def row_statistic(log_posterior: NDArray[np.float32], candidate: int) -> NDArray[np.float32]:
    """Log likelihood ratio of the candidate against all others alike, shape (n_passages, 1)."""
    n_sources = log_posterior.shape[1]
    uniform = (np.arange(n_sources) != candidate) / (n_sources - 1)
    return against(log_posterior, candidate, uniform).astype(np.float32)[:, None]
