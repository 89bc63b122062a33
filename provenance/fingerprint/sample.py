"""A bounded sample of documents: the bottom-k of their text hashes, as feature rows.

Bottom-k makes a merge associative, commutative and independent of order and shards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import FeatureBatch
from provenance.features.rows import FeatureRows
from provenance.features.statistics import STATISTICS

__all__ = [
    "DEFAULT_LIMITS",
    "DOCUMENT_COLUMNS",
    "NO_DATE",
    "N_LENGTHS",
    "Limits",
    "SampledDocuments",
]

NO_DATE: Final = -(2**31)
"""Day of a document without a date: no date that Python knows comes near it."""

N_LENGTHS: Final = 32
"""Classes of documents by the binary logarithm of their tokens; no text has 2**31 or more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many documents and tokens of them a fingerprint keeps feature rows of.

    The last document kept is the one that reaches ``row_tokens``.

    Raises
    ------
    InputError
        Where one is no whole number from 1 to 2**62 - 1.
    """

    rows: int = 65_536
    row_tokens: int = 2_000_000

    def __post_init__(self) -> None:
        for name, value in (("rows", self.rows), ("row_tokens", self.row_tokens)):
            # A fingerprint's file holds no larger ones.
            if type(value) is not int or not 0 < value < 1 << 62:
                raise InputError(
                    f"the limit {name} is out of bounds",
                    expected="a whole number from 1 to 2**62 - 1",
                )

    def meet(self, other: Limits) -> Limits:
        """The smaller of both limits, which a merge has to keep."""
        return Limits(min(self.rows, other.rows), min(self.row_tokens, other.row_tokens))


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class SampledDocuments:
    """Feature rows of distinct documents, in ascending order of their text hash.

    Parameters
    ----------
    text_hash, cluster_hash, prompt_hash, group_hash, domain_hash, segment_hash : ndarray of uint64
        Each of shape (n_documents,); 0 where a document has no prompt, group or domain, or is no
        segment of a row.
    asked_hash : ndarray of uint64, shape (n_documents,)
        Of the prompts that were asked of a corpus, where it answers one of them; else 0.
    date : ndarray of int32, shape (n_documents,)
        Days since 1970-01-01; -2**31 where there is none.
    n_tokens, multiplicity : ndarray of int64, shape (n_documents,)
        Tokens of the whole document; how often its text occurred.
    document : ndarray of int64, shape (n_passages,)
        Which document a passage is of.
    passage_tokens : ndarray of int64, shape (n_passages,)
    statistics : ndarray of float32, shape (n_passages, len(STATISTICS))
    rows : FeatureRows
    """

    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    prompt_hash: NDArray[np.uint64]
    group_hash: NDArray[np.uint64]
    domain_hash: NDArray[np.uint64]
    segment_hash: NDArray[np.uint64]
    asked_hash: NDArray[np.uint64]
    date: NDArray[np.int32]
    n_tokens: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    document: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    statistics: NDArray[np.float32]
    rows: FeatureRows

    def __len__(self) -> int:
        return len(self.text_hash)

    @classmethod
    def empty(cls) -> SampledDocuments:
        """A sample of no documents."""
        whole = np.empty(0, np.int64)
        hashes = np.empty(0, np.uint64)
        return cls(
            text_hash=hashes,
            cluster_hash=hashes,
            prompt_hash=hashes,
            group_hash=hashes,
            domain_hash=hashes,
            segment_hash=hashes,
            asked_hash=hashes,
            date=np.empty(0, np.int32),
            n_tokens=whole,
            multiplicity=whole,
            document=whole,
            passage_tokens=whole,
            statistics=np.empty((0, len(STATISTICS)), np.float32),
            rows=FeatureRows(np.zeros(1, np.int64), np.empty(0, np.uint32), np.empty(0, np.uint8)),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[SampledDocuments]) -> SampledDocuments:
        """All documents of the parts, one part behind the other."""
        starts = np.cumsum([0, *(len(part) for part in parts)])
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in (*DOCUMENT_COLUMNS, "passage_tokens", "statistics")
        }
        columns["document"] = np.concatenate(
            [part.document + start for part, start in zip(parts, starts, strict=False)]
        )
        return cls(rows=FeatureRows.concatenate([part.rows for part in parts]), **columns)

    @classmethod
    def pooled(
        cls, samples: Sequence[SampledDocuments]
    ) -> tuple[SampledDocuments, NDArray[np.int64]]:
        """All documents of some samples, and the position of the sample that each is of."""
        source = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
        return cls.concatenate(samples), source

    def take(self, documents: NDArray[np.int64]) -> SampledDocuments:
        """The given documents, in the given order, with their passages."""
        n_passages = np.bincount(self.document, minlength=len(self))
        first = np.concatenate([[0], np.cumsum(n_passages)])
        lengths = n_passages[documents]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        passages = np.arange(offsets[-1]) + np.repeat(first[documents] - offsets[:-1], lengths)
        return SampledDocuments(
            **{name: getattr(self, name)[documents] for name in DOCUMENT_COLUMNS},
            document=np.repeat(np.arange(len(documents)), lengths),
            passage_tokens=self.passage_tokens[passages],
            statistics=self.statistics[passages],
            rows=self.rows.take(passages),
        )

    def as_batch(self) -> FeatureBatch:
        """The stored rows as if their documents had just been measured; texts are not stored."""
        return FeatureBatch(
            rows=self.rows,
            statistics=self.statistics,
            document=self.document,
            passage_tokens=self.passage_tokens,
            n_tokens=self.n_tokens,
            text_hash=self.text_hash,
            cluster_hash=self.cluster_hash,
            texts=(),
            repairs={},
            disguised=np.zeros(len(self), bool),
        )

    def bounded(self, limits: Limits) -> SampledDocuments:
        """One entry for each text, the smallest hashes first, up to the limits."""
        order = np.lexsort([getattr(self, name) for name in (*_LABELS, "text_hash")])
        hashes = self.text_hash[order]
        first = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])[: len(hashes)])
        held = np.bincount(self.document, self.passage_tokens, minlength=len(self))[order[first]]
        # The document that crosses the limit stays: a merge can then see where each part ends.
        within = (np.cumsum(held) - held < limits.row_tokens)[: limits.rows]
        kept = int(within.sum())
        distinct = self.take(order[first[:kept]])
        if len(first) == len(order):
            return distinct
        combined = self._combined(order, first)
        return replace(distinct, **{name: column[:kept] for name, column in combined.items()})

    def _combined(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> dict[str, Any]:
        """Columns of equal texts: the multiplicities add, of the others the smallest stays.

        An answer that stands in a log too was asked all the same.
        """
        smallest = {
            name: np.minimum.reduceat(getattr(self, name)[order], first)
            for name in (*_LABELS, "date")
        }
        asked = np.maximum.reduceat(self.asked_hash[order], first)
        multiplicity = np.add.reduceat(self.multiplicity[order], first)
        return {**smallest, "asked_hash": asked, "multiplicity": multiplicity}


_LABELS: Final = ("asked_hash", "segment_hash", "domain_hash", "group_hash", "prompt_hash")
"""Of equal texts the smallest stays, of what was asked the largest."""

DOCUMENT_COLUMNS: Final = (
    "text_hash",
    "cluster_hash",
    "prompt_hash",
    "group_hash",
    "domain_hash",
    "segment_hash",
    "asked_hash",
    "date",
    "n_tokens",
    "multiplicity",
)
