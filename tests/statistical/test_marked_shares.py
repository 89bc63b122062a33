"""Intervals of marked shares cover on simulated text of each kind of scheme."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from provenance.simulate.token_model import library_model
from provenance.validation.bench.marked_shares import told_shares
from provenance.validation.bench.watermark_curves import drawn_mark


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["unigram", "exp_threebricks", "gumbel_vllm"])
def test_marked_shares_cover(scheme: str) -> None:
    rng = np.random.default_rng(21)
    model = library_model()
    told = [
        told_shares(drawn_mark(scheme, rng), model, rng, share, n_documents=100, n_known=40)
        for share in (0.0, 0.05, 0.3, 0.8)
        for _ in range(8)
    ]
    assert all(item.found.identified for item in told)
    missed = sum(not item.covers for item in told)
    assert missed <= stats.binom.isf(0.001, len(told), 0.05)


@pytest.mark.slow
def test_edited_text_reads_lower_not_higher() -> None:
    rng = np.random.default_rng(22)
    model = library_model()
    for _ in range(6):
        mark = drawn_mark("gumbel_vllm", rng)
        item = told_shares(mark, model, rng, 0.4, n_documents=100, n_known=40, edited=0.3)
        assert item.found.low is not None and item.found.share is not None
        assert item.found.share < item.truth and not item.is_above


def test_one_corpus_is_told() -> None:
    """The way of the script, once."""
    rng = np.random.default_rng(23)
    mark = drawn_mark("gumbel_vllm", rng)
    item = told_shares(mark, library_model(), rng, 0.5, n_documents=20, n_known=20)
    assert item.found.identified and 0.2 < item.truth < 0.8
    assert item.found.low is not None and item.found.low > 0.1
