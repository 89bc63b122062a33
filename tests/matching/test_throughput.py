"""What a corpus takes here: rows and bytes as they are, whatever the format."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
import pytest
from known_corpora import write
from known_text import texts

from provenance import open_corpus
from provenance.matching import throughput as timed
from provenance.matching.throughput import forecast, throughput


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(timed, "_CHARACTERS", 4000)
    monkeypatch.setattr(timed, "_ROUNDS", 1)
    return write(tmp_path / "a.jsonl", *({"text": text} for text in texts("alpha", 60, 1)))


def test_each_step_is_timed_on_the_same_documents(path: Path) -> None:
    found = throughput(open_corpus(path))
    assert [step.name for step in found.steps] == ["reading", "tiktoken", "measuring", "scoring"]
    assert all(step.seconds > 0 for step in found.steps)
    assert 0 < found.n_documents < 60
    assert 4000 <= found.n_bytes < 8000
    for step, documents, megabytes in found.rates():
        assert documents == pytest.approx(found.n_documents / step.seconds)
        assert megabytes == pytest.approx(found.n_bytes / 1e6 / step.seconds)


@pytest.mark.parametrize("kind", ["lines", "table", "compressed"])
def test_rows_are_about_as_many_as_there_are(path: Path, kind: str) -> None:
    size = path.stat().st_size
    if kind == "table":
        other = path.with_suffix(".parquet")
        table = pyarrow.table({"text": [one.text for one in open_corpus(path)]})
        parquet.write_table(table, other)
        path = other
    elif kind == "compressed":
        other = path.with_name("a.jsonl.gz")
        other.write_bytes(gzip.compress(path.read_bytes()))
        path = other
    found = forecast(open_corpus(path), 2)
    # What is compressed is read ahead: here all of it, for a few rows.
    assert found.n_rows is not None
    assert kind == "compressed" or found.n_rows == pytest.approx(60, rel=0.2)
    assert (found.n_files, found.n_drawn) == (1, None)
    assert found.n_bytes == found.bytes_read == path.stat().st_size
    assert found.seconds is not None
    assert found.memory > size


def test_what_would_be_drawn_is_told(path: Path) -> None:
    found = forecast(open_corpus(path, sample=10), 2)
    assert (found.n_drawn, found.is_most) == (10, False)
    assert found.bytes_read is not None
    assert found.bytes_read < path.stat().st_size
    assert forecast(open_corpus(path, sample=1000), 2).n_drawn is None
    assert forecast(open_corpus(path), 2, precision=0.01).n_drawn is None
    assert (
        forecast(open_corpus([{"text": text} for text in texts("alpha", 5, 1)]), 2).n_rows is None
    )
