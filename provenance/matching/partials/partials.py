"""The scores of a match batch by batch in a folder: what its partials hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.in_parts import KeptParts, Numbered, opened_parts
from provenance.errors import InputError
from provenance.features.features import PreparedTexts, repaired
from provenance.features.normalize import normalize
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.scored_batch import ScoredBatch, with_strongest
from provenance.scoring.cached.file import panel_key
from provenance.scoring.panel import Panel
from provenance.share.sources import Sources

__all__ = ["Partials", "opened_partials", "refuse_partials"]

_NESTED: Final = ("log_posterior", "by_family")
_APART: Final = ("documents", "repairs", "strongest", "drawn", *_NESTED)
_ARRAYS: Final = tuple(item.name for item in fields(ScoredBatch) if item.name not in _APART)


@dataclass(frozen=True, slots=True)
class Partials:
    """The partials of one match; workers read and write them.

    Parameters
    ----------
    kept : KeptParts
    spec : FeatureSpec
    candidates : tuple of int
    """

    kept: KeptParts
    spec: FeatureSpec
    candidates: tuple[int, ...]

    def prepared(self, batch: Numbered) -> PreparedTexts | None:
        """What is scored; None where that was done."""
        return None if self.kept.has(batch) else prepare_documents(batch.documents, self.spec)

    def scored(
        self,
        batch: Numbered,
        prepared: PreparedTexts | None,
        score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    ) -> tuple[ScoredBatch, PreparedTexts]:
        """The scores of a batch, from its partial or put there, and its texts after repairs."""
        if prepared is None:
            found = self._load(batch)
            texts = [one.text for one in batch.documents]
            return found, repaired(texts, self.spec, found.text_hash, found.n_tokens)
        found = score(batch.documents, prepared)
        self._save(batch, found)
        return found, prepared

    def _save(self, batch: Numbered, found: ScoredBatch) -> None:
        arrays = {name: getattr(found, name) for name in _ARRAYS}
        for name in _NESTED:
            for key, values in getattr(found, name).items():
                arrays[f"{name}/{key}"] = values
        self.kept.save(batch, arrays, found.repairs)

    def _load(self, batch: Numbered) -> ScoredBatch:
        found = self.kept.load(batch, lambda arrays, told: self._found(batch, arrays, told))
        return with_strongest(found, self.candidates, lambda place: self._text(batch, place))

    def _found(
        self, batch: Numbered, arrays: dict[str, Any], repairs: Mapping[str, int]
    ) -> ScoredBatch:
        nested: dict[str, dict[str, Any]] = {name: {} for name in _NESTED}
        for name in [name for name in arrays if "/" in name]:
            kind, _, key = name.partition("/")
            nested[kind][key] = arrays.pop(name)
        _check_shapes(nested, arrays, len(batch.documents), 1 << self.spec.frequency_bits)
        known: dict[str, Any] = {**nested, **arrays}
        return ScoredBatch(
            documents=list(batch.documents),
            repairs={str(name): int(count) for name, count in repairs.items()},
            strongest={},
            **known,
        )

    def _text(self, batch: Numbered, place: int) -> str:
        text = batch.documents[place].text
        return normalize(text, strip_markdown=self.spec.strip_markdown).text


def _check_shapes(
    nested: Mapping[str, Mapping[str, Any]],
    arrays: Mapping[str, Any],
    n_documents: int,
    n_slots: int,
) -> None:
    """Refuse arrays that no batch of so many documents has: no figure is made of them."""
    n_passages = len(arrays["document"])
    scores = [values for one in nested.values() for values in one.values()]
    width = arrays["overlap"].shape[1]
    expected = {
        **dict.fromkeys(("n_tokens",), ("i", (n_documents,))),
        **dict.fromkeys(("text_hash", "cluster_hash"), ("u", (n_documents,))),
        **dict.fromkeys(("too_short", "disguised"), ("b", (n_documents,))),
        "overlap": ("b", (n_documents, width)),
        **dict.fromkeys(("document", "passage_tokens"), ("i", (n_passages,))),
        "statistics": ("f", (n_passages, len(STATISTICS))),
        "slots": ("i", arrays["slots"].shape[:1]),
        "slot_counts": ("u", arrays["slots"].shape[:1]),
        "prompts": ("u", arrays["prompts"].shape[:1]),
    }
    fits = all(
        (arrays[name].dtype.kind, arrays[name].shape) == found for name, found in expected.items()
    ) and all((one.dtype.kind, one.shape) == ("f", (n_passages, width)) for one in scores)
    if not fits or not all(np.isfinite(one).all() for one in (arrays["statistics"], *scores)):
        raise ValueError("of another shape")
    for name, end in (("document", n_documents), ("slots", n_slots)):
        if arrays[name].size and not 0 <= arrays[name].min() <= arrays[name].max() < end:
            raise ValueError(f"{name} out of range")


def refuse_partials(
    alone: bool, logs: object, decoy_logs: object, keys: object, precision: float | None
) -> None:
    """Refuse what is not kept batch by batch.

    Raises
    ------
    InputError
    """
    refused = {
        "a candidate without a reference or a panel": alone,
        "--log": logs,
        "--decoy-log": decoy_logs,
        "--watermark-keys": keys,
        "--precision": precision is not None,
    }
    for name, is_given in refused.items():
        if is_given:
            raise InputError(
                f"{name} cannot be matched in parts",
                expected="--shard, --partials and --resume where rows are scored alone",
                remedy="Leave these out, or match in one piece",
            )


def opened_partials(
    folder: Path, panel: Panel, sources: Sources, corpus: Corpus, command: Sequence[str] = ()
) -> Partials:
    """A folder of partials, made or found.

    Parameters
    ----------
    folder : Path
    panel : Panel
    sources : Sources
    corpus : Corpus
    command : sequence of str
        What the user typed, for `run_of`.

    Raises
    ------
    InputError
        Where they are of another run, or it cannot be written.
    """
    candidates = tuple(sources.candidates)
    key = panel_key(sources.fingerprints, panel.seed)
    made_by = ["match", key, list(candidates), repr(corpus.options)]
    return Partials(opened_parts(folder, made_by, command), panel.spec, candidates)
