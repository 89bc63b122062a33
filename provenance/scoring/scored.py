"""Scored documents: their passages under every source, and what is read off a passage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.clusters import connected, effective_number

__all__ = [
    "Likelihoods",
    "Passages",
    "Scored",
    "ScoredSamples",
    "against",
    "document_means",
    "independent",
    "relative_likelihoods",
    "row_statistic",
    "token_shares",
    "weights_of_others",
]


_ROWS_AT_ONCE: Final = 2048
"""Rows of a table of likelihoods: 800 kB of 48 sources. A round figure."""

_FAINTEST: Final = 1e-250
"""Density over that of the likeliest source below which sums are taken of logarithms: below 1e-308
numbers lose their digits."""


def token_shares(
    document: NDArray[np.int64], passage_tokens: NDArray[np.int64], n_documents: int
) -> NDArray[np.float64]:
    """Part of its document's tokens that each passage holds, shape (n_passages,).

    Parameters
    ----------
    document, passage_tokens : ndarray of int64, shape (n_passages,)
        Number of each passage's document, and its tokens.
    n_documents : int

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


@dataclass(frozen=True)
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
    unread : float
        Part of the documents spoken of that was not read: 0 for a corpus read whole, 1 for a few
        documents that stand for endlessly many.
    asked : ndarray of bool, shape (n_passages,), optional
        Of the references, which answer the corpus's own prompts; see `scoring.asked`.
    """

    log_posterior: NDArray[np.float32]
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]
    source: NDArray[np.int64] | None = None
    unread: float = 0.0
    asked: NDArray[np.bool_] | None = None

    @cached_property
    def likelihoods(self) -> Likelihoods:
        """Kept for references, which are held against many mixtures."""
        return Likelihoods.of(self.log_posterior)


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """Likelihoods of passages, for any number of mixtures of the sources.

    Parameters
    ----------
    log_posterior : ndarray of float32, shape (n_passages, n_sources)
    peak : ndarray of float64, shape (n_passages,)
        The largest of each passage.
    relative : ndarray of float64, shape (n_passages, n_sources)
        Likelihoods over that of the peak.
    """

    log_posterior: NDArray[np.float32]
    peak: NDArray[np.float64]
    relative: NDArray[np.float64]

    @classmethod
    def of(cls, log_posterior: NDArray[np.float32]) -> Likelihoods:
        """The same of the passages of a table, or of a part of one."""
        relative = log_posterior.astype(np.float64)
        peak = np.empty(len(relative))
        # So many rows as a cache holds: every step would fetch a large table anew.
        for first in range(0, len(relative), _ROWS_AT_ONCE):
            part = relative[first : first + _ROWS_AT_ONCE]
            # Along the rows it would take as long as all the rest.
            peak[first : first + len(part)] = np.ascontiguousarray(part.T).max(axis=0)
            part -= peak[first : first + len(part), None]
            np.exp(part, out=part)
        return cls(log_posterior, peak, relative)

    def against(self, source: int, others: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `against`."""
        from provenance.scoring.row_kernels import row_products

        density = row_products(self.relative, others)
        lost = np.flatnonzero(density < _FAINTEST)
        density[lost] = 1.0
        mixture = self.peak + np.log(density)
        if len(lost):
            from scipy.special import logsumexp

            far = self.log_posterior[lost].astype(np.float64)
            mixture[lost] = logsumexp(far, axis=1, b=others)
        return np.asarray(self.log_posterior[:, source] - mixture)


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents under every source, in one view: those of a corpus, or of the samples.

    Parameters
    ----------
    log_posterior : ndarray of float32, shape (n_passages, n_sources)
        Log posteriors under equal priors.
    document : ndarray of int64, shape (n_passages,)
        Which document a passage is of.
    passage_tokens : ndarray of int64, shape (n_passages,)
    weight : ndarray of float64, shape (n_documents,)
        How many documents each stands for: its copies.
    cluster : ndarray of int64, shape (n_documents,)
        Number of the unit of independence: equal words or one group, of samples also one prompt.
    cluster_hash : ndarray of uint64, shape (n_documents,)
        Hash of the document's words.
    source : ndarray of int64, shape (n_documents,), optional
        Where known, as of the samples, the source that it is from.
    unread : float
        As in `Passages`.
    asked : ndarray of bool, shape (n_documents,), optional
        As in `Passages`.
    """

    log_posterior: NDArray[np.float32]
    document: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]
    cluster_hash: NDArray[np.uint64]
    source: NDArray[np.int64] | None = None
    unread: float = 0.0
    asked: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def n_effective(self) -> float:
        """Number of independent documents that these are worth."""
        return effective_number(self.weight, self.cluster)

    def total(self, unit: str = "documents") -> float:
        """All documents, or their tokens, copies counted."""
        if unit == "documents":
            return float(self.weight.sum())
        return float(self.weight[self.document] @ self.passage_tokens)

    def part(self, documents: NDArray[np.bool_]) -> Scored:
        """Some of the documents of a corpus, shape (n_documents,), numbered anew."""
        used = documents[self.document]
        return replace(
            self,
            log_posterior=self.log_posterior[used],
            document=(np.cumsum(documents) - 1)[self.document[used]],
            passage_tokens=self.passage_tokens[used],
            weight=self.weight[documents],
            cluster=np.unique(self.cluster[documents], return_inverse=True)[1].astype(np.int64),
            cluster_hash=self.cluster_hash[documents],
        )

    def passages(self, unit: str = "documents") -> Passages:
        """Passages of all documents, weighted for shares of documents or of tokens.

        Where the sources are known, the weights of each source's passages sum to 1.
        """
        weight = self.weight[self.document]
        if unit == "tokens":
            weight = weight * self.passage_tokens
        else:
            weight = weight * token_shares(self.document, self.passage_tokens, len(self))
        cluster = self.cluster[self.document]
        if self.source is not None:
            source = self.source[self.document]
            weight = weight / np.bincount(source, weight)[source]
            asked = None if self.asked is None else self.asked[self.document]
            return Passages(self.log_posterior, weight, cluster, source, asked=asked)
        return Passages(self.log_posterior, weight, cluster, unread=self.unread)

    def row_statistic(self, candidate: int) -> NDArray[np.float32]:
        """`row_statistic` of each document, shape (n_documents,)."""
        passages = row_statistic(self.log_posterior, candidate)
        return document_means(passages, self.document, self.passage_tokens, len(self))[:, 0]


@dataclass(frozen=True, slots=True)
class ScoredSamples:
    """The samples of all sources in one view, each passage by models that have not seen it.

    Parameters
    ----------
    names : tuple of str
        Of the sources.
    scored : Scored
    unknown : ndarray of float32, shape (n_passages, n_sources)
        By models that have not seen the passage's source at all; NaN where there are none.
    other_domains : ndarray of float32, shape (n_passages, n_sources)
        By models that have not seen the passage's domain; NaN where there are none.
    taken_for : ndarray of float32, shape (n_sources, n_sources)
        Share of each source (column) that a left-out source's text (row) reads as.
    fold : ndarray of int64, shape (n_documents,)
        Which model has not seen the document.
    domain : ndarray of int64, shape (n_documents,)
        Number of the document's domain label; -1 where there is none.
    """

    names: tuple[str, ...]
    scored: Scored
    unknown: NDArray[np.float32]
    other_domains: NDArray[np.float32]
    taken_for: NDArray[np.float32]
    fold: NDArray[np.int64]
    domain: NDArray[np.int64]

    @property
    def source(self) -> NDArray[np.int64]:
        """The source that each document is from, shape (n_documents,)."""
        assert self.scored.source is not None
        return self.scored.source


def independent(
    cluster_hash: NDArray[np.uint64], group_hash: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Number of each document's unit of independence: equal words, or one group.

    Parameters
    ----------
    cluster_hash, group_hash : ndarray of uint64, shape (n_documents,)
        Of its words; of its group, 0 where it has none.

    Examples
    --------
    >>> words, group = np.array([7, 8, 7, 9], np.uint64), np.array([0, 1, 0, 1], np.uint64)
    >>> independent(words, group).tolist()
    [0, 1, 0, 1]
    """
    grouped = np.flatnonzero(group_hash)
    rows = np.arange(len(cluster_hash))
    return connected(len(rows), [(rows, cluster_hash), (grouped, group_hash[grouped])])


def relative_likelihoods(log_posterior: NDArray[np.float32]) -> NDArray[np.float64]:
    """Likelihoods of each passage but for a factor: the largest is 1.

    Parameters
    ----------
    log_posterior : ndarray of float32, shape (n_passages, n_sources)

    Returns
    -------
    ndarray of float64, shape (n_passages, n_sources)
    """
    found = np.empty(log_posterior.shape)
    for first in range(0, len(found), _ROWS_AT_ONCE):
        part = log_posterior[first : first + _ROWS_AT_ONCE]
        # Along the rows it would take as long as all the rest.
        peak = np.ascontiguousarray(part.T).max(axis=0)
        found[first : first + len(part)] = np.exp(part - peak[:, None])
    return found


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
    result = np.empty(len(log_posterior))
    # Of a corpus the table may be large.
    for first in range(0, len(result), _ROWS_AT_ONCE):
        part = Likelihoods.of(log_posterior[first : first + _ROWS_AT_ONCE])
        result[first : first + len(part.peak)] = part.against(source, others)
    return result


def row_statistic(log_posterior: NDArray[np.float32], candidate: int) -> NDArray[np.float32]:
    """Log likelihood ratio of the candidate against all others alike, shape (n_passages, 1)."""
    n_sources = log_posterior.shape[1]
    uniform = (np.arange(n_sources) != candidate) / (n_sources - 1)
    return against(log_posterior, candidate, uniform).astype(np.float32)[:, None]
