"""Sentences of papers with a known share by a model (Liang et al. 2024), matched as users would.

The data is not part of the project: it is read from the folder that ``PROVENANCE_DATA`` names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from provenance import Fingerprint, fit_fingerprint, match, open_corpus

pytestmark = pytest.mark.slow

FIELDS = ("CS", "Phys")
POINTS = 0.15
"""Largest mean absolute error of a field, in points, with all sentences counted."""
COVERED = 20
"""Of 22 corpora; their rows are drawn with replacement, and copies count as one cluster."""


def data() -> Path | None:
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    named = os.environ.get("PROVENANCE_DATA")
    return Path(named) if named else beside if beside.is_dir() else None


@dataclass(frozen=True, slots=True)
class Reading:
    truth: float
    share: float | None
    low: float
    high: float


def sample(folder: Path, name: str) -> Fingerprint:
    corpus = open_corpus(folder / f"{name}_data.parquet", text_field=f"{name}_sentence")
    return fit_fingerprint(corpus, name)


@cache
def readings(field: str, cache: Path) -> tuple[Reading, ...]:
    place = data()
    if place is None:
        pytest.skip("PROVENANCE_DATA names no folder with arxiv_mixtures")
    folder = place / "arxiv_mixtures" / field
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    sources = {name: sample(folder, name) for name in ("ai", "human")}
    found = []
    for path in sorted(folder.glob("ground_truth_alpha_*.parquet")):
        [row] = match(
            open_corpus(path, text_field="inference_sentence"),
            candidates=[sources["ai"]],
            references=[sources["human"]],
            same_domain=True,
            only=True,
            cache_dir=cache,
        ).candidates()
        truth = float(path.stem.rpartition("_")[2])
        found.append(Reading(truth, row.share, row.low, row.high))
    return tuple(found)


@pytest.fixture(scope="module")
def panels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("panels")


@pytest.mark.parametrize("field", FIELDS)
def test_shares_are_read_as_they_are(field: str, panels: Path) -> None:
    found = readings(field, panels)
    assert len(found) == 11
    assert all(one.share is not None for one in found)
    error = sum(abs((one.share or 0) - one.truth) for one in found) / len(found)
    assert 100 * error <= POINTS


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_is_read_where_nothing_is(field: str, panels: Path) -> None:
    assert [one.low for one in readings(field, panels) if one.truth == 0] == [0.0]


def test_nearly_all_intervals_cover(panels: Path) -> None:
    found = [one for field in FIELDS for one in readings(field, panels)]
    covered = [one.low <= one.truth <= one.high for one in found]
    assert len(covered) == 22
    assert sum(covered) >= COVERED, [one for one in found if not one.low <= one.truth <= one.high]
