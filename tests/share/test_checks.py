"""Scores that no mixture has do not fit."""

from __future__ import annotations

import pytest
from known_text import panel, tallied, texts

from provenance.share.checks import fit_checks
from provenance.share.densities import fit_mixture

VIEW = "n-grams"


MIXED = [*texts("alpha", 60, 5), *texts("human", 140, 5)]


@pytest.mark.parametrize(("found", "failed"), [(MIXED, False), (None, True)])
def test_scores_that_no_mixture_has_do_not_fit(found: list[str] | None, failed: bool) -> None:
    """Half of each text is by one source and half by the other."""
    halves = zip(texts("alpha", 200, 6), texts("human", 200, 6), strict=True)
    found = found or [f"{one[:90]} {other[:90]}" for one, other in halves]
    corpus = tallied(found).sampled(VIEW).scored
    mixture = fit_mixture(corpus.passages(), panel().samples(VIEW).scored.passages(), [0])
    [check] = fit_checks(mixture, [0], panel().names)
    assert (check.verdict == "fail") == failed
    assert ("provenance ask CORPUS -o ask.jsonl" in check.sentence) == failed
    assert "alpha" in check.sentence
