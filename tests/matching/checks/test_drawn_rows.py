"""Rows that are drawn and kept with their text."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import fingerprint, texts

from provenance.corpus.document import Document
from provenance.features.features import prepare
from provenance.matching.checks import drawn_rows
from provenance.matching.checks.drawn_rows import DrawnRows
from provenance.matching.scored_batch import ScoredBatch, score_batch
from provenance.scoring.fitting.fitting import fit_panel


def batches(order: list[int], size: int) -> list[ScoredBatch]:
    panel = fit_panel([fingerprint("alpha"), fingerprint("human")], 0)
    written = [*texts("alpha", 40, 3, (130, 150)), *texts("human", 20, 3, (4, 9))]
    documents = [Document(f"{at:02}", text, "", 1) for at, text in enumerate(written)]
    documents += [Document("zz", written[0], "", 1)]  # a copy
    found = []
    for start in range(0, len(order), size):
        part = [documents[at] for at in order[start : start + size]]
        found.append(score_batch(part, prepare([one.text for one in part], panel.spec), panel, [0]))
    return found


@pytest.mark.parametrize("most", [7, 100])
def test_what_is_drawn_hangs_on_no_order_and_no_batches(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_rows, "MOST_ROWS", most)
    told = []
    for seed, size in ((0, 61), (1, 4), (2, 9)):
        held = DrawnRows()
        for batch in batches(np.random.default_rng(seed).permutation(61).tolist(), size):
            held.add(batch)
        told.append([(one.document.id, one.document.text) for one in held.rows()])
        assert len(told[-1]) == min(most, 40)  # the short ones and the copy are not drawn
        assert all(all(map(len, one.log_posterior.values())) for one in held.rows())
    assert told[0] == told[1] == told[2]
    assert "zz" not in dict(told[0])
