"""A small corpus, linked a few times, is sampled and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.corpus.drawn import drawn
from provenance.matching import precision
from provenance.validation.bench import sampling


def test_both_folders_are_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "SMALL", 0)
    monkeypatch.setattr(precision, "FIRST", 100)
    monkeypatch.setattr(sampling, "_SAMPLES", 60)
    monkeypatch.setattr(sampling, "_GROUP", 50)
    truth, made = sampling.written(tmp_path, 150_000, 4)
    assert 0 < truth < 1
    for kind in ("jsonl", "parquet"):
        found = sampling.sampled(tmp_path / kind, made, truth, 0.49)
        assert found.n_rows == 100
        assert found.bytes_read > 0
        assert found.n_bytes == 4 * (tmp_path / f"base.{kind}").stat().st_size
