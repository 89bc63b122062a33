"""Rows in two passes: any batches, in their order, nothing left of the first pass."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.files.spill import Spill, storable

BATCHES = st.lists(st.lists(st.integers(-(2**40), 2**40)), min_size=1)


@given(BATCHES)
def test_the_rows_are_those_of_all_batches(batches: list[list[int]]) -> None:
    n_before = 0

    def numbered(table: pa.Table) -> pa.Table:
        nonlocal n_before
        numbers = range(n_before, n_before + table.num_rows)
        n_before += table.num_rows
        return table.append_column("number", pa.array(numbers, pa.int64()))

    with tempfile.TemporaryDirectory() as folder:
        spill = Spill(Path(folder, "spill"))
        for batch in batches:
            spill.add({"value": pa.array(batch, pa.int64())})
        spill.finish(Path(folder, "rows.parquet"), numbered)
        rows = pq.read_table(Path(folder, "rows.parquet")).to_pylist()
        spill.discard()
        assert [path.name for path in Path(folder).iterdir()] == ["rows.parquet"]
    values = [value for batch in batches for value in batch]
    assert rows == [{"value": value, "number": number} for number, value in enumerate(values)]


def test_an_error_in_the_second_pass_leaves_the_old_file(tmp_path: Path) -> None:
    place = tmp_path / "rows.parquet"
    place.write_bytes(b"old")
    spill = Spill(tmp_path / "spill")
    spill.add({"n": [1]})

    def broken(table: pa.Table) -> pa.Table:
        raise KeyError("n")

    with pytest.raises(KeyError):
        spill.finish(place, broken)
    spill.discard()
    assert place.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [place]


def test_what_was_never_begun_is_discarded(tmp_path: Path) -> None:
    Spill(tmp_path / "spill").discard()
    assert [*tmp_path.iterdir()] == []


@given(st.text())
def test_any_text_can_be_stored(text: str) -> None:
    assert storable(text) == text
    assert storable(text + "\ud800") == text + "?"
