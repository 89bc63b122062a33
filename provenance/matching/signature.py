"""What tells a candidate apart, to be read: its telling n-grams, and telling words in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import n_grams
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.tally import Tally
from provenance.records import SignatureRow
from provenance.scoring.panel import FAMILIES, Panel

__all__ = ["signature", "telling_spans"]

_SPANS = 12


def signature(
    candidate: str, told: Sequence[tuple[str, float, float]], tally: Tally
) -> list[SignatureRow]:
    """The readable n-grams that tell a candidate apart, and how often the corpus has them.

    Parameters
    ----------
    candidate : str
        Its name.
    told : sequence of (str, float, float)
        As `Fingerprint.telling` gives them.
    tally : Tally
    """
    corpus = Fingerprint(
        name="corpus", spec=tally.spec, n_passages=tally.n_passages, frequency=tally.frequency
    ).rates([ngram for ngram, _, _ in told])
    return [
        SignatureRow(
            source=candidate,
            ngram=ngram,
            rate_in_source=own,
            rate_in_reference=rest,
            rate_in_corpus=min(1.0, float(rate)),
        )
        for (ngram, own, rest), rate in zip(told, corpus, strict=True)
    ]


def telling_spans(text: str, panel: Panel, candidate: int) -> list[tuple[int, int]]:
    """Where the words stand that speak most for the candidate, in order of position."""
    grams = n_grams(text, panel.spec.word_order)
    if not grams:
        return []
    starts, ends, values = zip(*grams, strict=True)
    leads = _leads(np.array(values, np.uint64), panel, candidate).tolist()
    found = [item for item in zip(leads, starts, ends, strict=True) if item[0] > 0]
    strongest = sorted(found, key=lambda item: (-item[0], item[1]))[:_SPANS]
    return sorted({(start, end) for _, start, end in strongest})


def _leads(values: NDArray[np.uint64], panel: Panel, candidate: int) -> NDArray[np.float32]:
    """How much each n-gram speaks for the candidate, on average of the models of the panel."""
    slots = values >> np.uint64(64 - panel.spec.word_bits)
    units = panel.units[:, FAMILIES.index("words")]
    # A model at a time: a long text has many n-grams.
    rows = panel.weights[0, slots] * units[0]
    for weights, unit in zip(panel.weights[1:], units[1:], strict=True):
        rows += weights[slots] * unit
    rows /= len(units)
    leads: NDArray[np.float32]
    if rows.shape[1] == 1:
        leads = rows[:, 0] if candidate == 0 else -rows[:, 0]
    else:
        leads = rows[:, candidate] - np.delete(rows, candidate, axis=1).mean(axis=1)
    return leads
