"""A near sibling that nobody gave, and the candidate itself, beside what it answers afresh."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from known_asked import OTHERS, fresh, rows, sibling_rows
from known_matches import CACHE

from provenance import Report, match, open_corpus
from provenance.evidence.regenerated.same_words import SameWords
from provenance.matching.checks import fresh_answers
from provenance.matching.checks.fresh_answers import _check, reads_as
from provenance.records import Diagnostic
from provenance.scoring.scored import Scored


@cache
def told(near: bool, **options: Any) -> Report:
    """A corpus that the candidate wrote, or all by a sibling of it."""
    written = sibling_rows("one", 1) if near else rows("one", 1)
    return match(
        open_corpus(iter(written), prompt_field="prompt"),
        candidates=[fresh("one")],
        panel=[fresh(name) for name in OTHERS[:5]],
        library=False,
        cache_dir=CACHE,
        **options,
    )


def check_of(report: Report) -> Diagnostic:
    [check] = [one for one in report.diagnostics if one.kind == "fresh_answers"]
    return check


@pytest.mark.slow
def test_a_sibling_is_seen_to_answer_in_other_words() -> None:
    report = told(near=True)
    (row,) = report.candidates("documents")
    check = check_of(report)
    assert row.share is not None and row.share > 0.9
    assert check.verdict == "warn" and "in other words" in check.sentence
    assert "one or a near sibling that was not given (95 % interval" in report.headline()


@pytest.mark.slow
def test_the_candidate_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    report = told(near=False)
    (row,) = report.candidates("documents")
    assert row.low > 0.5
    # Thirty prompts are too few to rule a sibling out.
    assert check_of(report).verdict == "warn"
    assert "one or a near sibling that was not given (95 % interval" in report.answer()
    assert "one or a near sibling that was not given (95 % interval" in report.headline()
    monkeypatch.setattr(fresh_answers, "_ENOUGH", 30)
    sure = told.__wrapped__(near=False)
    assert check_of(sure).verdict == "ok"
    assert "near sibling" not in sure.answer()
    assert sure.candidates("documents") == report.candidates("documents")


def test_without_fresh_answers_it_is_told_what_may_stand_behind() -> None:
    check = _check("one", SameWords(3, 0.0005), 0.01)
    assert check.verdict == "warn" and check.statistic is None
    assert "near sibling of one" in check.sentence and "provenance ask" in check.sentence


def test_what_reads_as_a_source_by_hand() -> None:
    """More than all others together: 0.6 of 1 does, 0.5 and 0.4 do not."""
    posterior = np.array([[0.6, 0.3, 0.1], [0.4, 0.3, 0.3], [0.5, 0.25, 0.25]], np.float32)
    one = np.arange(3)
    scored = Scored(np.log(posterior), one, np.full(3, 50), np.ones(3), one, one.astype(np.uint64))
    assert reads_as(scored, 0)[:2].tolist() == [True, False]
    assert not reads_as(scored, 1).any()
