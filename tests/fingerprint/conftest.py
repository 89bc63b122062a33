"""Batches of a few documents."""

from __future__ import annotations

import pytest

from provenance.corpus.batches import batches as execution


@pytest.fixture
def tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_BATCH_CHARACTERS", 200)
