"""Rows that are listed and columns that are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from known_log import (
    batch,
    corpus_of,
    tally,
    told,
)

from provenance.evidence.log.rows import MOST
from provenance.statistics.multiple_testing import benjamini_hochberg


def test_listed_rows_are_those_of_benjamini_and_hochberg(tmp_path: Path) -> None:
    matcher, found = corpus_of(np.random.default_rng(4), tmp_path, True)
    for fdr in (0.01, 0.05, 0.2, 0.5):
        one = tally(matcher, found, fdr=fdr)
        seen = batch(matcher, found).found
        rank = one.rank(seen)[(2 * seen.covered < seen.tokens) | (seen.covered == 0)]
        q = benjamini_hochberg(one.p(np.sort(rank)))
        np.testing.assert_allclose(one.q_by_rank()[np.sort(rank)], q)
        assert one.n_near == (q <= fdr).sum()
        assert one.n_matched >= one.n_near
        finding = told(one)[1]
        assert finding.n_documents == one.n_near
        assert (finding.q_value is None) == (one.n_near == 0)
        assert len(finding.where) == min(MOST, one.n_near)


def test_columns_of_documents(tmp_path: Path) -> None:
    import pyarrow as pa

    matcher, found = corpus_of(np.random.default_rng(5), tmp_path, True)
    one = tally(matcher, found)
    columns = one.told_columns(pa.table(one.columns(batch(matcher, found))))
    assert columns["overlap"].sum() == 3
    assert columns["near_duplicate"].sum() == one.n_near == 5
    assert 30 - columns["log_answer"].null_count == 8
    tested = columns["log_covered"] < 0.5
    assert (np.isnan(columns["log_p"]) == ~tested).all()
    assert (columns["log_p"] <= columns["log_q"])[tested].all()
