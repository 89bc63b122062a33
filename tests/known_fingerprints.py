"""Small fingerprints and what can be compared of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from provenance.corpus import open_corpus
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import (
    Fingerprint,
)
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import Limits

Row = dict[str, Any]


SMALL = FeatureSpec(
    word_bits=8, shape_bits=6, token_bits=6, frequency_bits=6, passage_tokens=12, min_tokens=4
)


ROOMY = Limits()


LIMITS = st.builds(Limits, rows=st.integers(1, 12), row_tokens=st.integers(1, 200))


def fit(
    rows: Sequence[Row],
    name: str = "a",
    spec: FeatureSpec = SMALL,
    limits: Limits = ROOMY,
    **options: Any,
) -> Fingerprint:
    if not rows:
        return Fingerprint.empty(name, spec, limits)
    known = {key for row in rows for key in row}
    named = {f"{key}_field": key for key in ("group", "domain", "date") if key in known}
    return fit_fingerprint(open_corpus(iter(rows), **named), name, spec, limits, **options)


def content(fingerprint: Fingerprint) -> tuple[object, ...]:
    """Everything but name, origin and readable n-grams."""
    counts = ("n_documents", "n_too_short", "n_passages", "n_tokens")
    return (
        fingerprint.spec,
        fingerprint.limits,
        fingerprint.sealed,
        *(getattr(fingerprint, name) for name in counts),
        {**fingerprint.repairs},
        fingerprint.domains,
        fingerprint.sha256,
    )


def whole(fingerprint: Fingerprint) -> tuple[object, ...]:
    return (
        *content(fingerprint),
        *(fingerprint.name, fingerprint.origin, fingerprint.inputs_sha256, fingerprint.readable),
    )


def many(n_rows: int = 60) -> list[Row]:
    rng = np.random.default_rng(1)
    words = np.array(["red", "green", "blue", "sky", "sun", "moon", "star", "Snow"])
    return [
        {
            "text": " ".join(rng.choice(words, rng.integers(3, 40))),
            "prompt": f"prompt {number % 20}",
            "domain": ["news", "law"][number % 2],
        }
        for number in range(n_rows)
    ]


# The sample


def text_of(number: int, n_words: int = 10) -> str:
    return " ".join(f"word{number} w{place}" for place in range(n_words))


def features(rows: FeatureRows, row: int) -> list[int]:
    found: list[int] = rows.indices[rows.indptr[row] : rows.indptr[row + 1]].tolist()
    return found
