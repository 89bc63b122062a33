"""Which documents of two samples may be held against each other, and which labels exchanged.

What is kept and how it is joined depends on the documents of both samples together, never on who
wrote which: only then is every exchange as likely as what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.fitting.dealing import components
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.scoring.panel import N_FOLDS, References

__all__ = [
    "FEWEST",
    "PairedDocuments",
    "Units",
    "answers",
    "exchangeable",
    "kept_of",
    "n_independent",
]

FEWEST: Final = 40
"""Pairs of answers to one prompt, or documents that share nothing, of which two samples can be held
against each other: eight for each of five folds, whose 256 dealings leave p-values room; a round
figure, not tuned."""
_MOST: Final = 2_000
"""Documents of a sample that are held against the other's: time grows with the square of their
number, and so many see a pair told apart 52.6 % of the time; a round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class PairedDocuments:
    """The documents of two samples that are held against each other.

    Parameters
    ----------
    samples : tuple of SampledDocuments
        Of the first and of the second.
    paired : bool
        Whether the documents are answers to the same prompts.
    n_identical : int
        Texts that both samples hold, under the same prompt or none.
    left_out : tuple of int
        Documents of each sample that are not kept.
    """

    samples: tuple[SampledDocuments, SampledDocuments]
    paired: bool
    n_identical: int
    left_out: tuple[int, int]


def kept_of(first: SampledDocuments, second: SampledDocuments) -> PairedDocuments:
    """Answers to shared prompts where there are enough of these, else all documents.

    A text that occurs twice is left out: a sample keeps it once, under one of its prompts, and
    which one that is would change with an exchange.
    """
    identical, mine, theirs = np.intersect1d(
        first.text_hash, second.text_hash, assume_unique=True, return_indices=True
    )
    same = first.prompt_hash[mine] == second.prompt_hash[theirs]
    single = [
        one.take(np.flatnonzero((one.multiplicity == 1) & ~np.isin(one.text_hash, identical)))
        for one in (first, second)
    ]
    prompts = np.intersect1d(single[0].prompt_hash, single[1].prompt_hash)
    shared = [
        _spread(
            one.take(np.flatnonzero((one.prompt_hash != 0) & np.isin(one.prompt_hash, prompts)))
        )
        for one in single
    ]
    paired = _are_enough(shared)
    kept = shared if paired else [one.take(np.arange(min(len(one), _MOST))) for one in single]
    return PairedDocuments(
        (kept[0], kept[1]),
        paired,
        int(same.sum()),
        (len(first) - len(kept[0]), len(second) - len(kept[1])),
    )


def _spread(sample: SampledDocuments) -> SampledDocuments:
    """As many documents as are read: one answer to each prompt before the second of any."""
    if len(sample) <= _MOST:
        return sample
    order = np.argsort(sample.prompt_hash, kind="stable")
    ordered = sample.prompt_hash[order]
    rank = np.empty(len(sample), np.int64)
    rank[order] = np.arange(len(sample)) - np.searchsorted(ordered, ordered)
    return sample.take(np.sort(np.lexsort((sample.prompt_hash, rank))[:_MOST]))


def _are_enough(shared: Sequence[SampledDocuments]) -> bool:
    """Whether the answers to shared prompts are enough pairs, and these independent enough."""
    hashes = np.concatenate([one.prompt_hash for one in shared])
    source = np.repeat([0, 1], [len(one) for one in shared])
    number = np.unique(hashes, return_inverse=True)[1]
    n_prompts = int(number.max(initial=-1)) + 1
    counts = [np.bincount(number[source == one], minlength=n_prompts) for one in (0, 1)]
    n_pairs = int(np.minimum(*counts).sum())
    return n_pairs >= FEWEST and n_independent(shared) >= MINIMUM_DOCUMENTS


def n_independent(samples: Sequence[SampledDocuments]) -> int:
    """How many sets of documents of some samples share no prompt, group or words."""
    pooled, source = SampledDocuments.pooled(samples)
    return int(components(pooled, source).max()) + 1 if len(pooled) else 0


@dataclass(frozen=True, slots=True)
class Units:
    """Scores whose labels are compared, or exchanged, within a stratum.

    Parameters
    ----------
    score : ndarray of float64, shape (n_units,)
    first : ndarray of bool, shape (n_units,)
        Whether the first sample's.
    stratum, fold : ndarray of int64, shape (n_units,)
        All units of a stratum are of one fold.
    component : ndarray of int64, shape (n_units,)
        Units of different components are independent.
    """

    score: NDArray[np.float64]
    first: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    fold: NDArray[np.int64]
    component: NDArray[np.int64]

    def take(self, kept: NDArray[np.generic]) -> Units:
        """Some of them, by position or by a mask."""
        return Units(
            self.score[kept],
            self.first[kept],
            self.stratum[kept],
            self.fold[kept],
            self.component[kept],
        )

    def compared(self) -> Units:
        """Those that have a score, in strata that hold both labels."""
        scored = self.take(np.isfinite(self.score))
        both = np.intersect1d(scored.stratum[scored.first], scored.stratum[~scored.first])
        return scored.take(np.isin(scored.stratum, both))


def answers(references: References, score: NDArray[np.float64], paired: bool) -> Units:
    """Each document beside the others of its prompt; of unpaired ones beside those of its fold.

    Unpaired documents that belong together are one unit, their mean; what holds documents of both
    sources is left out.
    """
    if not paired:
        return _whole_components(references, score)
    prompt = np.unique(references.prompt_hash, return_inverse=True)[1]
    stratum = prompt * N_FOLDS + references.fold
    first = references.source == 0
    return Units(score, first, stratum, references.fold, references.component).compared()


def exchangeable(references: References, score: NDArray[np.float64], paired: bool) -> Units:
    """The same, as their labels may be exchanged.

    The labels of the answers to one prompt may be exchanged one by one. Where a group or equal
    words join several prompts, all of their answers change places at once: as many of each source,
    those of the smallest hashes, of every prompt that both have there. Their unit is the sum of
    each source's means, so that every prompt counts alike.
    """
    found = answers(references, score, paired)
    if not paired:
        return found
    pairs = np.unique(np.stack([found.component, found.stratum]), axis=1)
    joined = np.bincount(pairs[0], minlength=1)[found.component] > 1
    alone = found.take(~joined)
    # A prompt that is common stands in many components of its own, and in others beside.
    together = _changing_places(found.take(joined))
    alone = alone.compared()
    parts = zip(_columns(alone), _columns(together), strict=True)
    return Units(*(np.concatenate(pair) for pair in parts))


def _columns(units: Units) -> tuple[NDArray[np.generic], ...]:
    return units.score, units.first, units.stratum, units.fold, units.component


def _changing_places(units: Units) -> Units:
    """One unit of each source for each component, with strata below 0."""
    # Units of a source stand in the order of the hashes of their texts.
    order = np.lexsort((units.first, units.stratum, units.component))
    ordered = units.take(order)
    cell = np.unique(np.stack([ordered.component, ordered.stratum]), axis=1, return_inverse=True)[1]
    cell = cell.reshape(-1)
    n_cells = int(cell.max(initial=-1)) + 1
    counts = [
        np.bincount(cell[ordered.first == label], minlength=n_cells) for label in (True, False)
    ]
    fewer = np.minimum(*counts)
    key = cell * 2 + ordered.first
    rank = np.arange(len(key)) - np.searchsorted(key, key)
    kept = rank < fewer[cell]
    part = ordered.take(kept)
    value = part.score / fewer[cell[kept]]
    components_, lead, number = np.unique(part.component, return_index=True, return_inverse=True)
    n_components = len(components_)
    sums = [
        np.bincount(number[part.first == label], value[part.first == label], n_components)
        for label in (True, False)
    ]
    return Units(
        np.concatenate(sums),
        np.repeat([True, False], n_components),
        np.tile(-1 - np.arange(n_components), 2),
        np.tile(part.fold[lead], 2),
        np.tile(components_, 2),
    )


def _whole_components(references: References, score: NDArray[np.float64]) -> Units:
    component = references.component
    size = np.bincount(component)
    n_first = np.bincount(component, references.source == 0, len(size))
    mean = np.bincount(component, score, len(size)) / size
    fold = np.zeros(len(size), np.int64)
    fold[component] = references.fold
    of_one = np.flatnonzero((n_first == 0) | (n_first == size))
    return Units(mean[of_one], n_first[of_one] > 0, fold[of_one], fold[of_one], of_one).compared()
