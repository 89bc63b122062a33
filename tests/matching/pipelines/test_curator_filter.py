"""The two functions that NeMo Curator asks of a filter; the package needs Ray and is not tried."""

from __future__ import annotations

import pytest
from known_scorers import TEXTS, known_scorer, p_values

from provenance.errors import InputError
from provenance.matching.pipelines.curator_filter import PValueFilter


def test_a_score_is_a_p_value_and_low_ones_go() -> None:
    made = PValueFilter(known_scorer(), "alpha", 0.05)
    assert [made.score_document(text) for text in TEXTS[:5]] == p_values()[:5]
    assert made.score_document("short") == 1.0
    assert (made.keep_document(0.05), made.keep_document(0.051)) == (False, True)


def test_an_unknown_candidate_is_refused() -> None:
    with pytest.raises(InputError, match="no candidate"):
        PValueFilter(known_scorer(), "human")
