"""Scores that no mixture has do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import fingerprint, panel, tallied, texts

from provenance.share.checks.checks import few_models_checks, fit_checks
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.share.two_sources.densities import fit_mixture

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


SOURCES = Sources(
    tuple(fingerprint(name) for name in ("alpha", "beta", "human")),
    ("candidate", "panel", "reference"),
)


@pytest.mark.parametrize(
    ("low", "withheld", "verdict", "statistic", "told"),
    [
        (0.2, False, "warn", 0.2, "At least 20.0 % of the scored documents are its"),
        (0.2, True, "warn", None, "no row is shown to be its. Bring 5 other models"),
        (0.0, False, "ok", 0.0, "no low end of alpha would stand; it is 0 without that too"),
    ],
)
def test_few_models_are_told(
    low: float, withheld: bool, verdict: str, statistic: float | None, told: str
) -> None:
    """How much would be the candidate's is told only where nothing else is in doubt."""
    values = np.array([low, 0.0, 0.0])
    mixture = Mixture(values, values, values, {}, values, {}).unattributed([0], [0, 1])
    [check] = few_models_checks(mixture, SOURCES, withheld=withheld)
    assert (check.name, check.verdict, check.statistic) == ("few_models[alpha]", verdict, statistic)
    assert told in check.sentence
