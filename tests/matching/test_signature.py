"""N-grams and words that tell a source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, documents, fingerprint, panel, scored, texts

from provenance import fit_fingerprint
from provenance.features.features import n_grams
from provenance.matching.partials.kept import Kept
from provenance.matching.signature import signature, telling_spans
from provenance.matching.tally import Tally
from provenance.scoring.panel import FAMILIES

VIEW = "n-grams"


HABIT = "it is worth noting"


def tallied(found: list[str]) -> Tally:
    result = Tally(SPEC, 2)
    result.add(scored(documents(found)))
    return result


def test_a_habit_leads_the_signature(tmp_path: Path) -> None:
    fond = fit_fingerprint(
        (
            f"{HABIT} {text}" if place % 2 else text
            for place, text in enumerate(texts("alpha", 80, 3))
        ),
        "fond",
        SPEC,
    )
    tally = tallied([*(f"{HABIT} {text}" for text in texts("alpha", 5, 7)), *texts("human", 15, 7)])
    told = Kept(tmp_path).telling(fond, [fingerprint("alpha"), fingerprint("human")])
    rows = signature(fond.name, told, tally)
    first = rows[0]
    assert set(first.ngram.split()) <= set(HABIT.split())
    assert first.rate_in_source == pytest.approx(0.5, abs=0.05)
    assert first.rate_in_reference is not None and first.rate_in_reference < first.rate_in_source
    assert first.rate_in_corpus == pytest.approx(0.25, abs=0.1)
    assert all(row.rate_in_source > (row.rate_in_reference or 0) for row in rows)
    assert len(rows) <= 30


def test_a_sealed_source_has_no_signature() -> None:
    sealed = fingerprint("alpha").seal()
    assert sealed.telling([fingerprint("human")]) == []


@pytest.mark.parametrize(("n_sources", "candidate"), [(2, 0), (2, 1), (3, 0), (3, 2)])
def test_telling_words_speak_for_the_candidate(n_sources: int, candidate: int) -> None:
    fitted = panel(n_sources)
    text = texts(fitted.names[candidate], 1, 7)[0]
    spans = telling_spans(text, fitted, candidate)
    assert 0 < len(spans) <= 12
    assert spans == sorted(set(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    own = texts(fitted.names[candidate], 150, 0)
    others = [
        t for name in fitted.names if name != fitted.names[candidate] for t in texts(name, 150, 0)
    ]
    rates = [
        np.mean([text[start:end].lower() in other.lower() for other in found])
        for found in (own, others)
        for start, end in spans
    ]
    assert np.mean(rates[: len(spans)]) > np.mean(rates[len(spans) :])


@pytest.mark.parametrize(("n_sources", "candidate"), [(2, 0), (2, 1), (3, 0), (3, 2)])
def test_the_words_shown_are_those_of_the_largest_lead(n_sources: int, candidate: int) -> None:
    """One n-gram at a time, from the weights of every model of the panel."""
    fitted = panel(n_sources)
    text = texts(fitted.names[candidate], 1, 8)[0]
    found = []
    for start, end, value in n_grams(text, SPEC.word_order):
        weights = fitted.weights[:, value >> (64 - SPEC.word_bits)] * fitted.units[:, 0]
        row = weights.astype(np.float64).mean(axis=0)
        if len(row) == 1:
            lead = row[0] if candidate == 0 else -row[0]
        else:
            lead = row[candidate] - np.mean([row[k] for k in range(len(row)) if k != candidate])
        if lead > 0:
            found.append((-lead, start, end))
    assert FAMILIES[0] == "words" and len(found) > 12
    strongest = sorted({(start, end) for _, start, end in sorted(found)[:12]})
    assert telling_spans(text, fitted, candidate) == strongest


@given(st.text(max_size=80))
def test_any_text_has_spans_inside_it(text: str) -> None:
    for start, end in telling_spans(text, panel(), 0):
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip()
