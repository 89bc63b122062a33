"""Files of the data are found by their sources, and refused where they are not there."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.validation.bench.files import Collection, existing, rows_of, source_files


@pytest.fixture(name="data")
def data_folder(tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    for name in ("b", "a", "c", "a-2"):
        (tmp_path / "set" / f"{name}.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 2))
    (tmp_path / "set" / "notes.txt").write_text("no source", "utf-8")
    return tmp_path


def test_a_source_is_called_as_its_file_is(data: Path) -> None:
    # In the order of the files: a dash stands before a dot.
    assert [*source_files(data / "set")] == ["a-2", "a", "b", "c"]
    assert source_files(data / "set")["b"] == data / "set" / "b.jsonl.gz"


def test_a_collection_takes_every_so_manieth(data: Path) -> None:
    assert [*Collection("set").files(data)] == ["a-2", "a", "b", "c"]
    assert [*Collection("set", first=1, step=2).files(data)] == ["a", "c"]


def test_rows_stand_as_they_are(data: Path) -> None:
    assert rows_of(data / "set" / "a.jsonl.gz") == [{"text": "x"}] * 2


def test_what_is_not_there_is_refused(data: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        existing(data / "set" / "d.jsonl.gz")
    with pytest.raises(InputError, match=r"no \.jsonl\.gz"):
        source_files(data)
