"""Corpora of known share whose prompts a candidate was asked."""

from __future__ import annotations

import pytest
from known_asked import OTHERS, fresh

from provenance.validation.bench.near_siblings import Read, _corpus_rows, read_corpora


@pytest.mark.slow
def test_corpora_of_every_kind_are_read() -> None:
    names = ("one", *OTHERS[:5])
    found = list(
        read_corpora(
            [fresh(name) for name in names],
            [fresh(name, 1) for name in names],
            [fresh(name) for name in OTHERS[7:]],
            {"one": [OTHERS[8]]},
        )
    )
    kinds = [one.kind for one in found]
    assert kinds.count("100 %") == len(names) and kinds.count("10.0 %") == len(names)
    assert kinds.count("50.0 %, the rest by hidden models") == len(names)
    assert kinds.count("0 %, a sibling that is not given") == 1
    assert all(one.low > 0 for one in found if one.differs is not None)


def test_a_row_by_hand() -> None:
    read = [Read("all", 1.0, False, 0.5, True), Read("all", 1.0, True, 0.0, None)]
    assert list(_corpus_rows("data", read)) == ["| data | all | 2 | 1 | 1 | 25.0 | 1 | 1 |"]
