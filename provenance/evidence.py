"""What is shown beside the shares: the readable signature, telling words of rows, findings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.corpus.document import Document
from provenance.features import DISGUISES, n_grams
from provenance.fingerprint import Fingerprint
from provenance.records import Finding, Place, SignatureRow
from provenance.scoring import FAMILIES, Panel
from provenance.tally import Tally

__all__ = ["findings", "signature", "telling_spans"]

_SIGNATURE_ROWS = 30
_SPANS = 12
_NOT_CHECKED = {
    "near_duplicate": "no log of the API's answers was given",
    "watermark": "no watermark key was given",
    "disclosure": "not part of this version",
    "suppressed_signature": "not part of this version",
}


def signature(
    candidate: Fingerprint, others: Sequence[Fingerprint], tally: Tally
) -> list[SignatureRow]:
    """The readable n-grams that tell the candidate apart, the most telling first."""
    told = candidate.telling(others)[:_SIGNATURE_ROWS]
    corpus = Fingerprint(
        name="corpus", spec=tally.spec, n_passages=tally.n_passages, frequency=tally.frequency
    ).rates([ngram for ngram, _, _ in told])
    return [
        SignatureRow(
            source=candidate.name,
            ngram=ngram,
            rate_in_source=own,
            rate_in_reference=rest,
            rate_in_corpus=min(1.0, float(rate)),
        )
        for (ngram, own, rest), rate in zip(told, corpus, strict=True)
    ]


def telling_spans(text: str, panel: Panel, view: str, candidate: int) -> list[tuple[int, int]]:
    """Where the words stand that speak most for the candidate, in order of position."""
    units = panel.units[:, FAMILIES.index("words")]
    found = []
    for start, end, value in n_grams(text, panel.spec.word_order):
        row = (panel.weights[:, value >> (64 - panel.spec.word_bits)] * units).mean(axis=0)
        if len(row) == 1:
            lead = float(row[0] if candidate == 0 else -row[0])
        else:
            lead = float(row[candidate] - np.delete(row, candidate).mean())
        if lead > 0:
            found.append((lead, start, end))
    strongest = sorted(found, key=lambda item: (-item[0], item[1]))[:_SPANS]
    return sorted({(start, end) for _, start, end in strongest})


def findings(tally: Tally, names: Sequence[str]) -> list[Finding]:
    """Overlap with the samples, undone disguises, and what was not checked."""
    n_overlap = {
        name: int(count) for name, count in zip(names, tally.overlaps.tolist(), strict=True)
    }
    n_repairs = sum(tally.repairs[name] for name in DISGUISES)
    return [
        Finding(
            kind="overlap",
            verdict="found" if any(n_overlap.values()) else "not_found",
            statistic=float(tally.n_overlapping),
            null_hypothesis="no document of the corpus stands in a source's sample",
            n_documents=tally.n_overlapping,
            where=_places(tally.overlap_places),
            details={"by_source": {name: count for name, count in n_overlap.items() if count}},
        ),
        Finding(
            kind="text_repair",
            verdict="found" if tally.n_disguised else "not_found",
            statistic=float(n_repairs),
            null_hypothesis="no text was edited by what no keyboard types",
            n_documents=tally.n_disguised,
            where=_places(tally.disguise_places),
            details={"repairs": {name: tally.repairs[name] for name in DISGUISES}},
        ),
        *(
            Finding(kind=kind, verdict="not_checked", null_hypothesis=why)  # type: ignore[arg-type]
            for kind, why in _NOT_CHECKED.items()
        ),
    ]


def _places(documents: Sequence[Document]) -> tuple[Place, ...]:
    return tuple(Place(id=item.id, path=item.path, line=item.line) for item in documents)
