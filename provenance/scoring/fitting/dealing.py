"""The samples of all sources, dealt into folds that share no group, prompt or words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import text_hash
from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.panel import N_FOLDS, References, drawn_folds
from provenance.statistics.clusters import connected

__all__ = ["components", "references_of"]

# A prompt that so many of a source's documents share says nothing of their dependence.
_COMMON: Final = 0.05


def references_of(
    samples: Sequence[SampledDocuments], names: Sequence[str], seed: int
) -> References:
    """The samples of all sources, dealt into folds that share no group, prompt or words."""
    pooled, source = SampledDocuments.pooled(samples)
    component = components(pooled, source)
    smallest = np.full(component.max() + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, component, pooled.cluster_hash)
    return References(
        source=source,
        cluster_hash=pooled.cluster_hash,
        prompt_hash=pooled.prompt_hash,
        component=component,
        fold=_even_folds(smallest, seed)[component],
        multiplicity=pooled.multiplicity,
        domain=_domains(samples, names),
        document=pooled.document,
        passage_tokens=pooled.passage_tokens,
        statistics=pooled.statistics,
    )


def _domains(samples: Sequence[SampledDocuments], names: Sequence[str]) -> NDArray[np.int64]:
    """Number of each document's domain label, shape (n_documents,).

    A source without labels is a domain of its own, called as the source is: so do references come
    that are one for each domain.
    """
    labels = np.concatenate(
        [
            sample.domain_hash
            if sample.domain_hash.any()
            else np.full(len(sample), text_hash(name), np.uint64)
            for sample, name in zip(samples, names, strict=True)
        ]
    )
    number = np.unique(np.append(labels, np.uint64(0)), return_inverse=True)[1][:-1]
    return number.astype(np.int64) - 1


def _even_folds(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Folds of equal numbers of components, in an order that the seed draws."""
    order = np.lexsort((hashes, drawn_folds(hashes, seed)))
    shuffled = np.random.default_rng(seed).permutation(len(hashes))
    folds = np.empty(len(hashes), np.int64)
    folds[order[shuffled]] = np.arange(len(hashes)) % N_FOLDS
    return folds


def components(pooled: SampledDocuments, source: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the connected component of each document, shape (n_documents,)."""
    joins = []
    most = np.maximum(10, _COMMON * np.bincount(source)[source])
    for hashes in (pooled.cluster_hash, pooled.group_hash, pooled.prompt_hash):
        number = np.unique(hashes, return_inverse=True)[1]
        pairs = np.unique(number * (source.max() + 1) + source, return_inverse=True)[1]
        few = np.bincount(pairs)[pairs] <= most if hashes is pooled.prompt_hash else True
        joined = np.flatnonzero((hashes != 0) & few)
        joins.append((joined, hashes[joined]))
    return connected(len(pooled), joins)
