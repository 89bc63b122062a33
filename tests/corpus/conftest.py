"""Folders, URLs and datasets to read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from known_corpora import write
from known_formats import set_limit

import provenance.corpus.formats.jsonsplit as jsonsplit
from provenance.corpus.batches import batches

# --- where rows come from


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "b.jsonl", {"text": "b1"}, {"text": "b2"})
    write(tmp_path / "a" / "c.ndjson", {"text": "c"})
    write(tmp_path / "a" / ".hidden.jsonl", {"text": "hidden"})
    write(tmp_path / ".cache" / "d.jsonl", {"text": "hidden"})
    (tmp_path / "notes.md").write_text("not a corpus")
    (tmp_path / "e.txt").write_text("one\n\ntext\n")
    (tmp_path / "f.json.gz").write_bytes(gzip.compress(b'[{"text": "f"}]'))
    return tmp_path


@pytest.fixture
def remote() -> Iterator[str]:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus-test/b.jsonl", b'{"text": "b"}\n')
    memory.pipe("/corpus-test/deep/a.jsonl.gz", gzip.compress(b'{"text": "a"}\n'))
    memory.pipe("/corpus-test/deep/.a.jsonl", b'{"text": "hidden"}\n')
    memory.pipe("/corpus-test/notes.md", b"not a corpus")
    yield "memory://corpus-test"
    memory.rm("/corpus-test", recursive=True)


# --- datasets


@pytest.fixture(scope="session")
def dataset() -> Any:
    datasets = pytest.importorskip("datasets")
    return datasets.Dataset.from_dict({"text": ["a", "b"], "score": [1, 2]})


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, 64)
    monkeypatch.setattr(jsonsplit, "BUFFER", 16)


@pytest.fixture
def tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a few documents."""
    monkeypatch.setattr(batches, "_BATCH_CHARACTERS", 200)
