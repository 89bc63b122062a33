"""What is shown of a fingerprint."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.showing import ngram_rates, render_fingerprint

pytestmark = pytest.mark.usefixtures("folder")


def test_ngrams_are_few_where_few_are_asked_for() -> None:
    made = Fingerprint.load("fps/api.fp")
    assert ngram_rates(made, count=0) == []
    assert ngram_rates(made, made) == []
    console = Console(file=io.StringIO())
    render_fingerprint(made, console)
    assert "enough documents" in console.file.getvalue()  # type: ignore[attr-defined]
