"""The rows behind a report, from a folder and from memory."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pandas as pd
import pytest

from provenance.errors import InputError
from provenance.report.rows import DOCUMENTS, KeptRows, read_rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / DOCUMENTS
    pd.DataFrame({"id": ["1", "2"], "n_tokens": [3, 4]}).to_parquet(path)
    return path


def test_held_in_memory_they_outlive_the_file(file: Path) -> None:
    kept = KeptRows.held(file, whole_ids=True)
    file.unlink()
    frame = read_rows(kept, 2)
    assert frame["id"].tolist() == [1, 2]
    assert len(repr(kept)) < 300
    assert read_rows(pickle.loads(pickle.dumps(copy.deepcopy(kept))), 2).equals(frame)


def test_ids_that_were_text_stay_text(file: Path) -> None:
    assert read_rows(KeptRows(file), 2)["id"].tolist() == ["1", "2"]


@pytest.mark.parametrize("kept", [None, KeptRows(Path("no", DOCUMENTS))])
def test_rows_that_were_not_kept(kept: KeptRows | None) -> None:
    with pytest.raises(InputError, match="were not kept"):
        read_rows(kept, 2)


def test_rows_of_another_run_are_refused(file: Path) -> None:
    with pytest.raises(InputError, match="another run"):
        read_rows(KeptRows(file), 3)


def test_what_is_no_table_is_told(file: Path) -> None:
    file.write_bytes(b"no parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(KeptRows(file), 2)


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    assert KeptRows.held(tmp_path / "none", whole_ids=False) is None
