"""Candidates who are told by how their texts begin."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from known_matches import matched
from known_text import SPEC, fingerprint, texts

from provenance import Fingerprint, Report, fit_fingerprint
from provenance.matching.checks.openings import Openings

BEGINS = "Here is the very story which you have asked me for. "
LONG = (130, 150)
WHOLE = replace(SPEC, passage_tokens=512)


@cache
def opener() -> Fingerprint:
    """Writes as the people do, and begins every text alike."""
    found = [BEGINS + text for text in texts("human", 150, 21, LONG)]
    return fit_fingerprint(found, "opener", WHOLE)


@cache
def told(part_cut: float) -> Report:
    own = texts("human", 100, 22, LONG)
    cut = [text if at < part_cut * len(own) else BEGINS + text for at, text in enumerate(own)]
    rest = texts("human", 200, 23, LONG)
    people = fit_fingerprint(texts("human", 200, 24, LONG), "people", WHOLE)
    return matched(
        [{"text": text} for text in cut + rest], candidates=[opener()], references=[people]
    )


@pytest.mark.parametrize("part_cut", [0.0, 0.1])
def test_the_range_reaches_up_by_rows_that_read_as_those_without(part_cut: float) -> None:
    report = told(part_cut)
    [check] = [one for one in report.diagnostics if one.kind == "openings"]
    (row,) = report.candidates("documents")
    assert check.verdict == "warn" and check.sentence in report.reasons
    assert row.low <= 1 / 3 <= row.high


def test_who_writes_otherwise_throughout_is_told_without_them() -> None:
    written = texts("alpha", 100, 25, LONG) + texts("human", 200, 26, LONG)
    report = matched([{"text": text} for text in written])
    [check] = [one for one in report.diagnostics if one.kind == "openings"]
    assert check.verdict == "ok" and "range" not in check.sentence
    assert check.statistic is not None and check.statistic < 0.1


def test_the_limit_of_what_is_lost_by_hand() -> None:
    """Of 100 rows of which 60 are lost at least half are, at 95 %, as tables of it have."""
    assert Openings(100, 60, 0.0).lost_at_least == pytest.approx(0.497, abs=2e-3)
    assert Openings(20, 0, 0.0).lost_at_least == 0
    assert np.isclose(Openings(20, 20, 0.0).lost_at_least, 0.025 ** (1 / 20))


def test_nobody_is_told_by_an_opening_of_the_sources() -> None:
    report = matched(
        [{"text": text} for text in texts("human", 60, 27, LONG)], candidates=[fingerprint("alpha")]
    )
    assert not [one for one in report.diagnostics if one.kind == "openings"]
