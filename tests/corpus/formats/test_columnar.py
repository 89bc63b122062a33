"""Parquet and Arrow: other endings, and what says that a file is not whole."""

from __future__ import annotations

import io
from typing import Any

import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
from known_formats import ROWS, columnar, read

from provenance.corpus.document import BadRow
from provenance.corpus.formats import FORMATS, read_rows
from provenance.corpus.formats import columnar as module
from provenance.corpus.lost import LostFile


@pytest.mark.parametrize("suffix", [".feather", ".ipc", ".arrow"])
@pytest.mark.parametrize("compression", ["uncompressed", "zstd", "lz4"])
def test_feather_is_an_arrow_file(suffix: str, compression: str) -> None:
    sink = io.BytesIO()
    table = pyarrow.Table.from_pylist(ROWS)
    pyarrow.feather.write_feather(table, sink, compression=compression)
    assert read(suffix, sink.getvalue()) == [(1, ROWS[0]), (2, ROWS[1])]


def test_the_first_feather_is_refused() -> None:
    ((_, said),) = read(".feather", b"FEA1" + bytes(100) + b"FEA1")
    assert "version 1" in said


def test_a_page_that_does_not_fit_its_checksum_is_no_row() -> None:
    sink = io.BytesIO()
    table = pyarrow.Table.from_pylist(ROWS)
    pyarrow.parquet.write_table(
        table, sink, write_page_checksum=True, compression="none", use_dictionary=False
    )
    data = sink.getvalue()
    assert read(".parquet", data) == [(1, ROWS[0]), (2, ROWS[1])]
    damaged = data.replace("One, “two”.".encode(), "Two, “one”.".encode())
    assert damaged != data
    assert "damaged" in read(".parquet", damaged)[-1][1]


@pytest.mark.parametrize("kind", ["parquet", "file"])
def test_a_cut_table_is_a_lost_file(kind: str) -> None:
    suffix = ".parquet" if kind == "parquet" else ".arrow"
    data = columnar(ROWS * 500, kind)[:-9]
    ((_, bad),) = read_rows(io.BytesIO(data), FORMATS[suffix], lambda _: None)
    assert isinstance(bad, LostFile)
    assert isinstance(bad, BadRow)


def alike(kind: str) -> bytes:
    """A table of which two columns have one name."""
    columns = [pyarrow.array([text]) for text in ("one", "two", "three")]
    table = pyarrow.Table.from_arrays(columns, names=["text", "text", "other"])
    sink = io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, sink)
    else:
        opened = pyarrow.ipc.new_file if kind == "file" else pyarrow.ipc.new_stream
        with opened(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_columns_of_one_name_are_refused_where_they_are_needed(kind: str) -> None:
    suffix = ".parquet" if kind == "parquet" else ".arrow"
    for columns in (lambda _: None, lambda names: names[:2]):
        ((_, bad),) = read_rows(io.BytesIO(alike(kind)), FORMATS[suffix], columns)
        assert isinstance(bad, LostFile) and "more than one column is called text" in bad.what
    rows = [*read_rows(io.BytesIO(alike(kind)), FORMATS[suffix], lambda _: ["other"])]
    assert rows == [(1, {"other": "three"})]


@pytest.mark.parametrize("needed", [None, ["b"], ["c", "a"]])
@pytest.mark.parametrize("long_batch", [0, 1 << 30])
def test_long_batches_give_the_same_rows(
    needed: list[str] | None, long_batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONG_BATCH", long_batch)
    rows: list[dict[str, Any]] = [
        {"a": n, "b": f"text {n}", "c": [{"d": str(n)}]} for n in range(1300)
    ]
    names = list("abc") if needed is None else needed
    found = [*read_rows(io.BytesIO(columnar(rows, "file")), FORMATS[".arrow"], lambda _: needed)]
    assert found == [(n, {name: row[name] for name in names}) for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_row_that_is_too_long_is_a_bad_row(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(module, "ROW_LIMIT", 1 << 20)
    long, most = "x" * (1 << 20), "y" * ((1 << 20) - 100)
    rows = [{"text": text} for text in ("a", most, long, "b", most, "c")]
    found = read(".parquet" if kind == "parquet" else ".arrow", columnar(rows, kind))
    assert [record if number == 3 else record["text"] for number, record in found] == [
        "a",
        most,
        "the row is longer than 1 MiB",
        "b",
        most,
        "c",
    ]


def test_a_dictionary_makes_no_row_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_LIMIT", 1000)
    words = pyarrow.array([f"{number} {'x' * 900}" for number in range(9)])
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([3, 7]), words)
    table = pyarrow.table({"text": column})
    assert [row["text"][:2] for row in module.table_records(table)] == ["3 ", "7 "]


def varint(number: int) -> bytes:
    """A zigzag number of Thrift's compact protocol."""
    left, found = number << 1, b""
    while left > 127:
        found += bytes([left & 127 | 128])
        left >>= 7
    return found + bytes([left])


def with_page_of(length: int, compression: str, dictionary: bool) -> bytes:
    """A file whose first page says that it is so long."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pylist(ROWS), sink, compression=compression, use_dictionary=dictionary
    )
    data = sink.getvalue()
    # The header begins: kind, bytes of the page, bytes of it compressed; a 0x15 before each.
    starts, place = [], 4
    for _ in range(3):
        assert data[place] == 0x15
        starts.append(place + 1)
        place += 2
        while data[place - 1] & 128:
            place += 1
    return data[: starts[2]] + varint(length) + data[place:]


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_a_page_that_says_it_is_huge_takes_no_memory(compression: str, dictionary: bool) -> None:
    data = with_page_of(2_000_000_000, compression, dictionary)
    before = pyarrow.default_memory_pool().max_memory()
    assert "damaged" in read(".parquet", data)[-1][1]
    assert pyarrow.default_memory_pool().max_memory() - before < 64 << 20


@pytest.mark.parametrize("length", [1 << 10, (1 << 31) - 1, (1 << 32) - 1])
def test_a_footer_that_is_longer_than_its_file_is_told(length: int) -> None:
    data = columnar(ROWS, "parquet")
    damaged = data[:-8] + length.to_bytes(4, "little") + data[-4:]
    before = pyarrow.default_memory_pool().max_memory()
    assert "damaged" in read(".parquet", damaged)[-1][1]
    assert pyarrow.default_memory_pool().max_memory() - before < 64 << 20


def test_long_columns_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WHOLE_CHUNK", 0)
    assert read(".parquet", columnar(ROWS, "parquet")) == [(1, ROWS[0]), (2, ROWS[1])]
