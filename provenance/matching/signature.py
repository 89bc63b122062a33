"""What tells a candidate apart, to be read: its telling n-grams, and telling words in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.features.features import n_grams
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.tally import Tally
from provenance.records import SignatureRow
from provenance.scoring.panel import FAMILIES, Panel

__all__ = ["signature", "telling_spans"]

_SIGNATURE_ROWS = 30
_SPANS = 12


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
