"""So many rows as a share's interval needs, or why no number of rows would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest
from known_corpora import write
from known_matches import MIXED, matched

from provenance import open_corpus
from provenance.corpus.drawn import drawn, drawn_tables
from provenance.errors import InputError
from provenance.matching import precision
from provenance.matching.precision import Draw, half_width, next_size
from provenance.matching.tally import CLUSTERS


def drawn_until(limit: float, noise: float, staying: float = 0.0) -> list[int]:
    """Rows of each draw where half the width is the root of ``noise / n + staying``."""
    draws: list[Draw] = []
    size: int | str = precision.FIRST
    while isinstance(size, int):
        draws.append(Draw(size, (noise / size + staying) ** 0.5))
        size = next_size(draws, limit)
        assert len(draws) < 20
    return [one.n_rows for one in draws]


@pytest.mark.parametrize("noise", [0.1, 1.0, 4.0, 20.0])
def test_draws_end_soon_after_what_is_needed(noise: float) -> None:
    sizes = drawn_until(0.01, noise)
    needed = noise / 0.01**2
    assert sizes[-1] >= needed
    assert sizes[-1] <= max(precision.FIRST * 4, 1.2 * needed + 100)
    assert sum(sizes[:-1]) <= max(sizes[-1], 10_000)


def test_what_no_rows_can_give_ends_the_draws() -> None:
    sizes = drawn_until(0.01, 1.0, staying=0.02**2)
    assert sizes[-1] < 10**5
    last = next_size([Draw(8000, 0.023), Draw(32_000, 0.0208)], 0.01)
    assert "about 2.0 %" in str(last)
    assert "not the size of the corpus" in str(last)
    assert next_size([Draw(10_000, 0.04), Draw(CLUSTERS, 0.02)], 0.01) == "more rows are not used"


def test_a_share_that_is_withheld_is_tried_twice() -> None:
    assert next_size([Draw(2000, None)], 0.01) == 8000
    assert "no share is told" in str(next_size([Draw(2000, None), Draw(8000, None)], 0.01))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "a.jsonl", *(MIXED * 2))


def test_a_match_stops_where_it_is_precise_and_says_so(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "FIRST", 120)
    report = matched(open_corpus(corpus), precision=0.45)
    width = half_width(report)
    assert width is not None
    assert width <= 0.45
    assert report.corpus.n_drawn == 120
    assert (report.corpus.n_drawn_from, report.corpus.drawn_from_is_about) == (400, False)
    assert "within 45.0 % (--precision); 120 rows were drawn" in report.reasons[-1]
    assert any("The corpus was sampled: 120 of 400 rows" in reason for reason in report.reasons)


def test_where_all_is_read_the_interval_is_what_it_is(corpus: Path) -> None:
    report = matched(open_corpus(corpus), precision=0.001)
    assert report.corpus.n_drawn == 0
    assert "not 0.10 % (--precision)" in report.reasons[-1]
    assert "all 400 rows were read." in report.reasons[-1]


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a sample too": ({"sample": 10}, {}, "beside a number of rows"),
    "a limit too": ({"limit": 10}, {}, "beside a number of rows"),
    "alone": ({}, {"references": []}, "an upper bound, no interval"),
    "nothing": ({}, {"precision": 0.0}, "precision"),
}


@pytest.mark.parametrize(("reading", "changed", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn_for_is_refused(
    corpus: Path, reading: dict[str, Any], changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        matched(open_corpus(corpus, **reading), **{"precision": 0.1, **changed})


def test_a_bound_counts_rows_that_were_drawn_together_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two corpora of the same rows: one row group each, and twenty rows a group."""
    monkeypatch.setattr(drawn, "SMALL", 0)
    monkeypatch.setattr(drawn_tables, "_GROUPS", 10)
    monkeypatch.setattr(drawn_tables, "_ROWS_A_GROUP", 20)
    table = pyarrow.table({"text": [row["text"] for row in MIXED * 5]})
    highs = []
    for rows in (1000, 20):
        path = tmp_path / f"{rows}.parquet"
        parquet.write_table(table, path, row_group_size=rows)
        report = matched(open_corpus(path, sample=200), references=[])
        highs.append(report.candidates()[0].high)
        assert report.corpus.n_drawn == 200
    assert highs[1] > highs[0]
