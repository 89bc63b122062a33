"""Corpora beside the library's models: what is drawn, and the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import fingerprint

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.validation.bench.library_panels import COLLECTIONS, MIXTURES, _row, readings

PROMPTS = np.arange(1, 121).astype(np.uint64)


def _asked(name: str) -> Fingerprint:
    """A source whose documents answer prompts."""
    made = fingerprint(name, 120)
    return replace(made, sample=replace(made.sample, prompt_hash=PROMPTS))


@pytest.mark.slow
def test_every_mixture_is_read_for_every_candidate() -> None:
    models = [_asked(name) for name in ("alpha", "beta", "gamma")]
    people, elsewhere = fingerprint("human", 700), fingerprint("elsewhere", 700)
    found = [*readings(models, [_asked("delta")], people, elsewhere, 50, 2, 0)]
    assert len(found) == 2 * len(MIXTURES)
    for mixture, one in found:
        assert one.low <= one.high
        assert (one.truth > 0) == (mixture[1] > 0)
    assert _row("few", MIXTURES[0], [one for _, one in found[:1]]).startswith("| `few` | as the")


def test_most_corpora_are_of_innocents() -> None:
    assert len({one.folder for one in COLLECTIONS}) == len(COLLECTIONS)
    assert [one[1] for one in MIXTURES].count(0.0) > len(MIXTURES) / 2
