"""Whole matches at known shares on simulated sources, by the protocol that users run.

Settings, seeds and bounds were fixed before the first run. Corpora of one split share rows, so the
bounds leave more room than the binomial law of independent corpora would.
"""

from __future__ import annotations

from functools import cache

import pytest
from known_text import SPEC, texts

from provenance import fit_fingerprint, validate
from provenance.validation.readings import Reading, TableRow, table
from provenance.validation.result import Validation

pytestmark = pytest.mark.slow

NAMES = ("alpha", "beta", "gamma", "human")


@cache
def measured(tilt: float) -> Validation:
    """Four sources of 400 texts; the smaller the tilt, the harder they are to tell apart."""
    made = [fit_fingerprint(iter(texts(name, 400, 31, tilt=tilt)), name, SPEC) for name in NAMES]
    return validate(
        candidates=made[:3],
        references=made[3:],
        shares=(0.0, 0.05, 0.25, 0.5, 1.0),
        sizes=(100, 500),
        splits=4,
        seed=7,
        same_domain=True,
        scenarios=("closed", "unknown source"),
    )


def closed(tilt: float) -> tuple[TableRow, ...]:
    return table(item for item in measured(tilt).readings if item.scenario == "closed")


def strange(tilt: float) -> list[Reading]:
    return [item for item in measured(tilt).readings if item.scenario == "unknown source"]


@pytest.mark.parametrize("tilt", [0.2, 0.5])
def test_intervals_of_whole_matches_cover(tilt: float) -> None:
    rows = closed(tilt)
    told = sum(row.told for row in rows)
    assert sum(row.covered for row in rows) >= 0.93 * told
    # At a tilt of 0.5 the negative control of one candidate fails in one division of the samples,
    # which withholds all 17 of its corpora.
    most = 0.1 if tilt < 0.5 else 0.2
    assert sum(row.withheld for row in rows) <= most * sum(row.corpora for row in rows)


@pytest.mark.parametrize("tilt", [0.2, 0.5])
def test_nothing_is_seen_where_nothing_is(tilt: float) -> None:
    rows = [row for row in closed(tilt) if row.level == 0]
    assert sum(row.low_above_zero for row in rows) <= 0.05 * sum(row.corpora for row in rows)


def test_a_quarter_is_seen_in_sources_that_lie_apart() -> None:
    rows = [row for row in closed(0.5) if row.level >= 0.25 and row.asked == 500]
    assert rows
    # A corpus whose fit fails by chance gives up what an unknown source could explain.
    assert all(row.low_above_zero >= 0.8 * row.told for row in rows)
    assert all(row.error is not None and row.error < 0.05 for row in rows)


def test_an_unknown_source_is_no_accusation_of_the_candidate() -> None:
    """Sources of this simulation are unrelated; a relative would be taken for the candidate."""
    found = [item for item in strange(0.5) if item.level == 0]
    assert len(found) >= 12
    assert sum(item.low > 0 for item in found) <= 0.1 * len(found)
