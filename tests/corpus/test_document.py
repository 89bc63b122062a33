"""Options of a corpus that contradict one another, and documents with another text."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from known_corpora import DAY

from provenance.corpus.document import CorpusOptions, Document
from provenance.errors import InputError


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limit": 1, "sample": 1}, "both a limit and a sample"),
        ({"limit": 0}, "limit is 0"),
        ({"sample": -1}, "sample is -1"),
        ({"before": DAY}, "--date-field"),
        ({"on_error": "ignore"}, "stop or skip"),
        ({"text_field": "a..b"}, "cannot be read"),
        ({"by": ("a[x]",)}, "cannot be read"),
    ],
)
def test_options_that_contradict(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        CorpusOptions(**changes)


def test_with_another_text_all_else_is_the_same() -> None:
    day = datetime.date(2024, 5, 1)
    one = Document("a", "b", "c", 1, "d", "e", "f", day, {"g": "h"}, day, None, "i", "j", "k")
    assert one.with_text("x") == replace(one, text="x")
