"""Intervals of rows drawn from a file cover its own share, also where their width ended the draws.

Scores are normal with exact likelihood ratios and stand in the file; references are drawn anew in
each run. In the file of lines those of the candidate are six times as long as the others, so that
a draw that favours long lines, or those after them, would be far off; in the table row groups are
alike (an intraclass correlation of 0.05), so that rows of a group taken for independent would be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow
import pyarrow.parquet as parquet
import pytest
from known_text import gaussian_references
from numpy.typing import NDArray
from scipy.stats import binom

from provenance.corpus import Corpus, open_corpus
from provenance.corpus.drawn import drawn, drawn_tables
from provenance.matching import precision
from provenance.matching.precision import to_precision
from provenance.matching.tally import stretch_hashes
from provenance.scoring.scored import Passages
from provenance.share.two_sources.densities import fit_mixture
from provenance.statistics.stretches import joined_by_likeness

pytestmark = pytest.mark.slow

RUNS = 120
DISTANCE = 2.0
N_ROWS = 60_000
WANTED = 0.05


class Row(NamedTuple):
    role: str
    low: float
    high: float


@dataclass(frozen=True)
class Told:
    """What `to_precision` reads of a report."""

    row: Row
    corpus: Any
    verdict: str = "estimated"
    reasons: tuple[str, ...] = ()

    def candidates(self) -> Sequence[Row]:
        return (self.row,)

    def unattributed(self) -> None:
        return None


def population(kind: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(7)
    shares = rng.beta(5.7, 13.3, N_ROWS // 100) if kind == "table" else np.full(N_ROWS // 100, 0.3)
    own = rng.random(N_ROWS) < np.repeat(shares, 100)
    return own, rng.normal(size=N_ROWS) + own * DISTANCE


def written(folder: Path, kind: str) -> float:
    """Write the population; its share."""
    own, score = population(kind)
    if kind == "table":
        table = pyarrow.table({"text": [f"{one:.5f}" for one in score]})
        parquet.write_table(table, folder / "a.parquet", row_group_size=100)
    else:
        rows = (
            json.dumps({"text": f"{one:.5f} {'x' * (600 if is_own else 100)}"}) + "\n"
            for one, is_own in zip(score, own, strict=True)
        )
        (folder / "a.jsonl").write_text("".join(rows))
    return float(own.mean())


def told(part: Corpus, references: Passages) -> Told:
    documents = [*part]
    score = np.array([float(one.text.split()[0]) for one in documents])
    both = np.stack([-0.5 * score**2, -0.5 * (score - DISTANCE) ** 2], axis=1)
    posterior = (both - np.logaddexp(*both.T)[:, None]).astype(np.float32)
    cluster = joined_by_likeness(
        np.arange(len(score)), stretch_hashes(documents), np.exp(posterior)
    )
    corpus = Passages(posterior, np.ones(len(score)), cluster, unread=part.counts.unread)
    found: Any = fit_mixture(corpus, references, [1], caution=1.0)
    return Told(Row("candidate", float(found.low[1]), float(found.high[1])), part.counts)


@pytest.mark.parametrize("kind", ["table", "lines"])
def test_intervals_of_what_was_drawn_cover(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn, "SMALL", 0)
    monkeypatch.setattr(drawn_tables, "_GROUPS", 60)
    monkeypatch.setattr(precision, "FIRST", 400)
    truth = written(tmp_path, kind)
    covered = reached = rows = 0
    for seed in range(RUNS):
        references = gaussian_references(np.random.default_rng([seed, 3]), 600, DISTANCE)
        corpus = open_corpus(tmp_path, seed=seed)

        def run(part: Corpus, references: Passages = references) -> Any:
            return told(part, references)

        found: Any = to_precision(run, corpus, WANTED)
        covered += found.row.low <= truth <= found.row.high
        reached += "within" in found.reasons[-1]
        rows += int(found.reasons[-1].split(" rows were")[0].split()[-1].replace(",", ""))
    assert covered >= binom.ppf(0.001, RUNS, 0.95), covered / RUNS
    assert reached >= 0.95 * RUNS, reached / RUNS
    assert rows / RUNS < N_ROWS / 4
