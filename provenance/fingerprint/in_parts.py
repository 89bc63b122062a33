"""The features of a source batch by batch in a folder: what its partials hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Corpus
from provenance.corpus.batches.in_parts import Arrays, KeptParts, Numbered, opened_parts
from provenance.features.features import FeatureBatch, PreparedTexts, prepare, repaired
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS

__all__ = ["KeptFeatures", "Measured", "opened_features"]

Measured = tuple[FeatureBatch, NDArray[np.int64], NDArray[np.uint32]]
"""Features of a batch, and the slots of its word n-grams with their counts."""

_APART: Final = ("rows", "texts", "repairs")
_ARRAYS: Final = tuple(item.name for item in fields(FeatureBatch) if item.name not in _APART)
_ROWS: Final = tuple(item.name for item in fields(FeatureRows))


@dataclass(frozen=True, slots=True)
class KeptFeatures:
    """The partials of one fingerprint; workers read and write them.

    Parameters
    ----------
    kept : KeptParts
    spec : FeatureSpec
    """

    kept: KeptParts
    spec: FeatureSpec

    def prepared(self, batch: Numbered) -> PreparedTexts | None:
        """What is measured; None where that was done."""
        if self.kept.has(batch):
            return None
        return prepare([document.text for document in batch.documents], self.spec)

    def measured(
        self,
        batch: Numbered,
        prepared: PreparedTexts | None,
        measure: Callable[[PreparedTexts, FeatureSpec], Measured],
    ) -> Measured:
        """The features of a batch, from its partial or put there."""
        if prepared is not None:
            return self._saved(batch, measure(prepared, self.spec))
        features, slots, counts = self._load(batch)
        texts = [document.text for document in batch.documents]
        clean = repaired(texts, self.spec, features.text_hash, features.n_tokens).texts
        return replace(features, texts=clean), slots, counts

    def done(
        self,
        batch: Numbered,
        prepared: PreparedTexts | None,
        measure: Callable[[PreparedTexts, FeatureSpec], Measured],
    ) -> bool:
        """Make the partial of a batch; whether it was there."""
        if prepared is None:
            # It is read: what it was made of may have changed.
            self._load(batch)
            return True
        self._saved(batch, measure(prepared, self.spec))
        return False

    def _saved(self, batch: Numbered, found: Measured) -> Measured:
        features, slots, counts = found
        arrays = {name: getattr(features, name) for name in _ARRAYS}
        arrays |= {f"rows/{name}": getattr(features.rows, name) for name in _ROWS}
        arrays |= {"slots": slots, "slot_counts": counts}
        self.kept.save(batch, arrays, features.repairs)
        return found

    def _load(self, batch: Numbered) -> Measured:
        def read(arrays: Arrays, repairs: Mapping[str, int]) -> Measured:
            _check(arrays, len(batch.documents), self.spec)
            features: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
            rows: dict[str, Any] = {name: arrays[f"rows/{name}"] for name in _ROWS}
            counted = {str(name): int(count) for name, count in repairs.items()}
            found = FeatureBatch(FeatureRows(**rows), **features, texts=(), repairs=counted)
            return found, arrays["slots"], arrays["slot_counts"]

        return self.kept.load(batch, read)


def opened_features(
    folder: Path, spec: FeatureSpec, corpus: Corpus, command: Sequence[str] = ()
) -> KeptFeatures:
    """A folder of partials, made or found.

    Raises
    ------
    InputError
        Where they are of another run, or it cannot be written.
    """
    made_by = ["fingerprint", repr(spec), repr(corpus.options)]
    return KeptFeatures(opened_parts(folder, made_by, command), spec)


def _check(arrays: Mapping[str, Any], n_documents: int, spec: FeatureSpec) -> None:
    """Refuse arrays that no batch of so many documents has: no figure is made of them."""
    n_passages = len(arrays["document"])
    n_entries = len(arrays["rows/indices"])
    per_slot = arrays["slots"].shape[:1]
    expected = {
        **dict.fromkeys(("text_hash", "cluster_hash"), (np.uint64, (n_documents,))),
        "n_tokens": (np.int64, (n_documents,)),
        "disguised": (np.bool_, (n_documents,)),
        **dict.fromkeys(("document", "passage_tokens"), (np.int64, (n_passages,))),
        "statistics": (np.float32, (n_passages, len(STATISTICS))),
        "rows/indptr": (np.int64, (n_passages + 1,)),
        "rows/indices": (np.uint32, (n_entries,)),
        "rows/counts": (np.uint8, (n_entries,)),
        "slots": (np.int64, per_slot),
        "slot_counts": (np.uint32, per_slot),
    }
    for name, found in expected.items():
        if (arrays[name].dtype, arrays[name].shape) != found:
            raise ValueError(f"{name} is of another shape")
    indptr, document = arrays["rows/indptr"], arrays["document"]
    ascending = (np.diff(indptr) >= 0).all() and (np.diff(document) >= 0).all()
    if not ascending or (indptr[0], indptr[-1]) != (0, n_entries):
        raise ValueError("the rows are in no order")
    if not np.isfinite(arrays["statistics"]).all() or (arrays["n_tokens"] < 0).any():
        raise ValueError("a figure is out of range")
    ends = {"document": n_documents, "rows/indices": spec.n_features}
    for name, end in {**ends, "slots": 1 << spec.frequency_bits}.items():
        if arrays[name].size and not 0 <= arrays[name].min() <= arrays[name].max() < end:
            raise ValueError(f"{name} out of range")
