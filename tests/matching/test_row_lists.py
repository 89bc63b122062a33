"""Lists of rows that may be cut anywhere, from end to end, on rows of known origin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from known_matches import ALPHA, BETA, HUMAN, MIXED, matched, told
from known_text import SPEC, documents, rows, scored, texts

from provenance.matching.documents import DocumentRows
from provenance.matching.judging import Told
from provenance.matching.row_lists import conformal_of
from provenance.matching.tally import Tally
from provenance.scoring.p_values import Conformal


@pytest.mark.parametrize("n_sources", [2, 5])
def test_no_cut_holds_more_false_rows_than_told(n_sources: int) -> None:
    report, found = told(n_sources)
    ranked = sorted(found, key=lambda row: row["p[alpha]"])
    false = np.cumsum([row["id"].startswith("human") for row in ranked])
    at_most = np.array([row["false_at_most[alpha]"] for row in ranked])
    assert (false <= at_most).all()
    assert (np.diff(at_most) >= 0).all()
    # Rows of one p-value are told as one.
    p_values = np.array([row["p[alpha]"] for row in ranked])
    up_to = np.searchsorted(p_values, p_values, "right")
    assert [row["rows_up_to[alpha]"] for row in ranked] == up_to.tolist()
    (listed,) = report.row_lists
    assert (listed.source, listed.n_documents) == ("alpha", 200)
    assert listed.true_at_least == 200 - at_most[-1] == max(up_to - at_most)
    assert listed.listed_at_least == listed.true_at_least / 200
    told_of = dict(zip(up_to.tolist(), at_most.tolist(), strict=True))
    assert all(told_of[cut.n_rows] == cut.false_at_most for cut in listed.cuts)


def test_a_list_of_two_sources_shows_rows() -> None:
    (listed,) = told(2)[0].row_lists
    assert 0.05 < listed.listed_at_least <= 0.3
    assert listed.cuts[0].false_at_most < listed.cuts[0].n_rows


def test_rows_by_people_alone_are_not_listed_as_true(tmp_path: Path) -> None:
    report = matched(rows(texts("human", 200, 71)), tmp_path / "out", same_domain=True)
    (listed,) = report.row_lists
    assert (listed.true_at_least, listed.cuts) == (0, ())


def test_rows_beside_people_alone_are_of_no_named_source() -> None:
    report = matched(MIXED, same_domain=True, only=False)
    (listed,) = report.row_lists
    assert listed.source is None
    assert listed.true_at_least == told(2)[0].row_lists[0].true_at_least


@pytest.mark.slow
def test_two_candidates_share_the_level() -> None:
    alpha = matched(MIXED, panel=[BETA], same_domain=True)
    pair: dict[str, Any] = {"candidates": [ALPHA, BETA], "references": [HUMAN]}
    both = matched(MIXED, same_domain=True, **pair)
    assert [one.source for one in both.row_lists] == ["alpha", "beta"]
    assert both.row_lists[0].true_at_least <= alpha.row_lists[0].true_at_least
    assert both.row_lists[1].true_at_least == 0


def test_a_corpus_that_is_not_explained_has_no_lists(tmp_path: Path) -> None:
    odd = [" ".join(f"{word}{number}" for word in ("qu", "zx", "vy") * 12) for number in range(90)]
    report = matched(rows(odd), tmp_path / "out")
    assert report.row_lists == ()
    table = pq.read_table(tmp_path / "out" / "documents.parquet")
    assert table["false_at_most[alpha]"].null_count == table.num_rows == 90
    assert table.schema.field("false_at_most[alpha]").type == "int64"


def test_copies_are_rows_of_their_own(tmp_path: Path) -> None:
    report = matched([*MIXED, *MIXED[:3]], tmp_path / "out", same_domain=True)
    assert report.row_lists[0].n_documents == 203
    found = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    assert max(row["rows_up_to[alpha]"] for row in found) == 203


def test_a_corpus_of_which_a_sample_was_kept_is_counted_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the first pass left on disk is counted: the same list as of a corpus kept whole."""
    whole = matched(MIXED, tmp_path / "whole", same_domain=True).row_lists
    sampled = Tally.sampled

    def never_complete(self: Any, *given: Any) -> Any:
        return replace(sampled(self, *given), complete=False)

    monkeypatch.setattr(Tally, "sampled", never_complete)
    assert matched(MIXED, tmp_path / "sampled", same_domain=True).row_lists == whole
    columns = ["rows_up_to[alpha]", "false_at_most[alpha]"]
    one, other = (
        pq.read_table(tmp_path / name / "documents.parquet", columns=columns)
        for name in ("whole", "sampled")
    )
    assert one.equals(other)


def test_what_the_first_pass_kept_can_be_read_more_than_once(tmp_path: Path) -> None:
    kept = DocumentRows(tmp_path / "scores.parquet")
    for start in (0, 2):
        kept.add(scored(documents(texts("alpha", 4, 3))[start : start + 2]))
    kept.close()
    for _ in range(2):
        assert [one.n_documents for one in kept.scores("n-grams", 2)] == [2, 2]


@dataclass
class Known:
    """Of what was judged, all that p-values hang on."""

    lists_rows: bool
    low: float

    def told_of_scored(self, number: int) -> Told:
        return Told(None, self.low, 1.0)


@pytest.mark.parametrize(
    ("lists_rows", "low", "floor"),
    [
        pytest.param(True, 0.1, 2 / 101, id="there"),
        pytest.param(True, 0.0, 1 / 21, id="perhaps not there"),
        pytest.param(False, 0.1, 1 / 21, id="no list"),
    ],
)
def test_only_a_candidate_that_is_there_is_listed_beyond_ranks(
    lists_rows: bool, low: float, floor: float
) -> None:
    nulls = tuple(np.arange(20, dtype=np.float32) + source for source in range(5))
    ranks = Conformal(0, nulls, np.empty(0), np.empty(0))
    corpus = Tally(SPEC, 5)
    corpus.add(scored(documents(texts("alpha", 4, 3)), 5))
    judged: Any = Known(lists_rows, low)
    assert conformal_of(ranks, corpus.sampled("n-grams").scored, judged, 0).floor == floor


def test_posteriors_are_no_larger_than_held_out_rows_support() -> None:
    """The fewest held-out documents of another source are the 150 of its sample."""
    report, found = told(2)
    share = report.candidates()[0].share
    assert share is not None
    most = 151 * share / (151 * share + 1 - share)
    largest = max(row["posterior[alpha]"] for row in found)
    assert largest == pytest.approx(most, abs=1e-6)
