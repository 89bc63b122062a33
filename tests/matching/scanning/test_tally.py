"""What is kept of documents that are read against the library."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from provenance.corpus import Document
from provenance.matching.library.library import VIEWS
from provenance.matching.scanning import tally as module
from provenance.matching.scanning.tally import Batch, ScanTally


def batch(paths: str, why: tuple[int, ...] = ()) -> Batch:
    n = len(paths)
    documents = [
        Document(id=f"{at}", text=f"text {at}", path=path, line=at) for at, path in enumerate(paths)
    ]
    return Batch(
        documents=documents,
        n_tokens=np.full(n, 10),
        why=np.array(why or (0,) * n, np.uint8),
        languages=Counter(),
        text_hash=np.arange(n, dtype=np.uint64),
        cluster_hash=np.arange(n, dtype=np.uint64),
        scores=np.zeros((n, len(VIEWS)), np.float32),
        disguised=np.zeros(n, bool),
        repairs={},
    )


def test_reasons_are_counted_and_only_judged_documents_are_kept() -> None:
    tally = ScanTally(())
    tally.add(batch("aaab", (0, 1, 3, 0)))
    assert (tally.n_documents, tally.n_too_short, tally.n_long_enough) == (4, 1, 3)
    assert tally.left_out["code"] == 1 and tally.n_tokens_judged == 20
    assert len(tally.judged()) == 2
    assert batch("ab", (2, 0)).left_out == ["language", None]


def test_files_are_numbered_where_no_field_is_named() -> None:
    tally = ScanTally(())
    tally.add(batch("aba"))
    tally.add(batch("cb"))
    assert tally.judged().values[:, 0].tolist() == [0, 1, 0, 2, 1]
    assert tally.numbers == [{"a": 0, "b": 1, "c": 2}]


def test_files_beyond_the_bound_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_FILES", 2)
    tally = ScanTally(())
    tally.add(batch("abcda"))
    assert tally.judged().values[:, 0].tolist() == [0, 1, -1, -1, 0]
