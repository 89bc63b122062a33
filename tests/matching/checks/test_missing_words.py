"""Telling words that a corpus lacks, beside people's text, sealed samples and none."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import documents, fingerprint, scored, texts

from provenance.evidence.washed import suppressed
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.checks.missing_words import (
    missing_word_checks,
    missing_word_findings,
    words_of,
)
from provenance.matching.tally import Tally
from provenance.records import Finding
from provenance.share.sources import Sources
from provenance.validation.laundering.edits import scrub

ALPHA, BETA, HUMAN = (fingerprint(name) for name in ("alpha", "beta", "human"))


def tallied(found: list[str]) -> Tally:
    result = Tally(HUMAN.spec, 2)
    result.add(scored(documents(found)))
    return result


def told(tally: Tally, *sources: tuple[Fingerprint, str]) -> Finding:
    prints, roles = zip(*sources, strict=True)
    (found,) = missing_word_findings(Sources(prints, roles), tally)
    return found


def test_a_scrubbed_corpus_lacks_telling_words(monkeypatch: pytest.MonkeyPatch) -> None:
    # The text of the tests has few words.
    monkeypatch.setattr(suppressed, "FEWEST_TELLING", 3)
    monkeypatch.setattr(suppressed, "LEVEL", 1e-3)
    telling = [word for word, _, _ in ALPHA.telling([HUMAN]) if " " not in word][:40]
    rng = np.random.default_rng(0)
    own = texts("alpha", 200, 5)
    washed = [scrub(telling)(text, 1.0, rng) for text in own]
    sources = ((ALPHA, "candidate"), (HUMAN, "reference"))
    before, after = (told(tallied(rows), *sources) for rows in (own, washed))
    assert before.verdict == "not_found" and before.p_value is not None
    assert after.details["n_missing"] > before.details["n_missing"]
    assert after.p_value is not None and after.p_value < before.p_value
    assert {*after.details["words"]} <= {*telling} | {*before.details["words"]}


def test_what_was_found_is_said() -> None:
    details = {"n_telling": 40, "n_missing": 30, "expected": 2.5}
    found = Finding(
        kind="suppressed_signature",
        verdict="found",
        p_value=1e-9,
        source="alpha",
        details=details,
    )
    (check,) = missing_word_checks(
        [found, Finding(kind="suppressed_signature", verdict="not_found")]
    )
    assert check.kind == "washed" and "30 are all but missing" in check.sentence


def test_what_cannot_be_checked_says_why() -> None:
    tally = tallied(texts("alpha", 30, 5))
    alone = told(tally, (ALPHA, "candidate"), (BETA, "panel"))
    sealed = told(tally, (ALPHA.seal(), "candidate"), (HUMAN, "reference"))
    for found, word in ((alone, "reference"), (sealed, "sealed")):
        assert found.verdict == "not_checked" and word in found.null_hypothesis
        assert found.source == "alpha"


def test_rates_leave_out_what_shares_a_slot() -> None:
    tally = tallied(texts("human", 50, 3))
    words = words_of(ALPHA, HUMAN, tally.frequency, tally.n_passages)
    assert len(words.words) == len(words.corpus) and words.words == tuple(sorted(words.words))
    more = words_of(ALPHA, HUMAN, tally.frequency + 4, tally.n_passages)
    assert np.allclose(words.corpus[words.corpus < 0.5], more.corpus[words.corpus < 0.5], atol=0.09)
