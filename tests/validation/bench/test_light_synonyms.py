"""The bench of light synonyms: how its table is put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from provenance.validation.bench import light_synonyms
from provenance.validation.bench.laundered_shares import Mix, Washed


def read(mix: Mix, launderer: str, strengths: Sequence[float]) -> Iterator[Washed]:
    """The share falls by each word that is swapped, and at last it is withheld."""
    for one in strengths:
        share = float("nan") if one > 0.2 else 0.3 - one
        seen = ("fit",) if one > 0.2 else ()
        yield Washed(launderer, f"{one:g}", 0.3, share, share - 0.05, share + 0.05, seen, {})


def test_a_row_tells_each_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(data: Path, **of: str) -> Mix:
        return Mix(of["candidate"], "panel", {}, {})

    monkeypatch.setattr(light_synonyms, "lightly", read)
    monkeypatch.setattr(light_synonyms, "people", nothing)
    monkeypatch.setattr(light_synonyms, "models", nothing)
    head, first, *rest = light_synonyms.table(Path("any"))
    assert len(rest) == 8
    assert dict(zip(head, first, strict=True)) == {
        "data": "detectrl",
        "candidate": "Claude-instant",
        "swapped": "0, 5, 10, 20, 30",
        "share": "30.0, 25.0, 20.0, 10.0, –",
        "low": "25.0, 20.0, 15.0, 5.0, –",
        "high": "35.0, 30.0, 25.0, 15.0, –",
        "held": "2 of 4",
        "seen": "fit at 0.3",
    }
