"""Options of a corpus that contradict one another."""

from __future__ import annotations

from typing import Any

import pytest
from known_corpora import DAY

from provenance.corpus.document import CorpusOptions
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
