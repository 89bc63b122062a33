"""Each format: what it cannot read is named with its row."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import numpy
import pytest
from known_formats import ROWS, columnar, read, set_limit

from provenance.corpus.formats import FORMATS, format_of


def test_a_text_file_is_one_document() -> None:
    assert read(".txt", b"One.\n\nTwo.\n") == [(1, "One.\n\nTwo.\n")]
    assert read(".txt", b"") == []


def test_a_csv_row_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, 1000)
    before = csv.field_size_limit()
    found = read(".csv", b"text\n" + b'"' + b"a\n" * 5000 + b'"\nb\n')
    assert len(found) == 1, "the lines inside the quotes are not rows"
    assert "the rest of the file is not read" in str(found[0][1])
    assert csv.field_size_limit() == before


def test_csv_fields_may_be_long() -> None:
    long = "a" * 200_000
    assert read(".csv", f"text\n{long}\n".encode()) == [(2, {"text": long})]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (b'id;text\n1;"a; b, c"\n', 2),
        (b'\xef\xbb\xbf"id";"text"\r\n1;"a; b, c"\r\n', 2),
        (b'sep=;\nid;text\n1;"a; b, c"\n', 3),
        (b"id\ttext\n1\ta; b, c\n", 2),
        (b"id|text\n1|a; b, c\n", 2),
        (b'id,text\n1,"a; b, c"\n', 2),
    ],
)
def test_the_header_of_a_csv_says_what_parts_its_rows(table: bytes, line: int) -> None:
    assert read(".csv", table) == [(line, {"id": "1", "text": "a; b, c"})]


def test_a_row_that_is_parted_otherwise_is_told() -> None:
    (row,) = read(".csv", b"id;text\n1,a\n")
    assert "has 1 fields" in str(row[1])
    # One column holds whatever stands in it.
    assert read(".csv", b"text\na; b\n") == [(2, {"text": "a; b"})]


BAD = {
    "not JSON": (".jsonl", b'{"text": "a"}\n{"text": \n', 2, "not JSON"),
    "not UTF-8": (".jsonl", b'{"text": "a"}\n{"text": "\xff"}\n', 2, "not UTF-8"),
    "almost a number": (".jsonl", b'{"text": "a", "x": NaNs}\n', 1, "not JSON"),
    "not an escape": (".jsonl", b'{"text": "\\ud80x"}\n', 1, "not JSON"),
    "deep": (".jsonl", b"[" * 100_000 + b"\n", 1, "not JSON"),
    "UTF-16": (".jsonl", '{"text": "a"}\n'.encode("utf-16"), 1, "UTF-16"),
    "zeros": (".jsonl", bytes(64), 1, "nothing but zeros"),
    "UTF-16 without a mark": (".txt", "Of soup.\n".encode("utf-16-le"), 1, "UTF-16"),
    "UTF-16 the other way round": (".csv", "text\na\n".encode("utf-16-be"), 1, "UTF-16"),
    "gzip of no date": (".jsonl", gzip.compress(b"{}\n", mtime=0), 1, "those of a gzip file"),
    "UTF-32 without a mark": (".txt", "Of soup.\n".encode("utf-32-le"), 1, "UTF-32"),
    "array not closed": (".json", b'[{"text": "a"}, {"text": "b"}', 3, "not closed"),
    "array cut": (".json", b'[{"text": "a"}, {"te', 2, "ends early"),
    "deep array": (".json", b"[" + b"[" * 100_000 + b"]" * 100_000 + b"]", 1, "not JSON"),
    "deep and cut": (".json", b"[" * 100_000, 1, "ends early"),
    "stray bracket": (".json", b'[{"text": "a"}]]', 2, "not JSON"),
    "not JSON at all": (".json", b"hello", 1, "not JSON"),
    "quote not closed": (".csv", b'text\na\n"b\nc\n', 3, "not CSV"),
    "text after quote": (".csv", b'text\n"a" b\nc\n', 2, "not CSV"),
    "too few fields": (".csv", b"id,text\n1\n2,b\n", 2, "has 1 fields"),
    "CSV not UTF-8": (".csv", b"text\na\nb\xff\n", 3, "not UTF-8"),
    "one name twice": (".csv", b"text,text\na,b\n", 1, "one name"),
    "text not UTF-8": (".txt", b"a\xff", 1, "not UTF-8"),
    "not gzip": (".jsonl.gz", b"hello", 1, "damaged"),
    "not zst": (".jsonl.zst", b"hello", 1, "damaged"),
    "not parquet": (".parquet", b"hello", 1, "damaged"),
    "nothing in parquet": (".parquet", b"", 1, "damaged"),
    "not Arrow": (".arrow", b"hello", 1, "damaged"),
    "nothing in Arrow": (".arrow", b"", 1, "damaged"),
}


@pytest.mark.parametrize(("suffix", "data", "line", "said"), BAD.values(), ids=BAD)
def test_bad_rows_are_named(suffix: str, data: bytes, line: int, said: str) -> None:
    bad = [(number, row) for number, row in read(suffix, data) if isinstance(row, str)]
    assert bad[0][0] == line
    assert said in bad[0][1]


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_truncated_table_is_named(kind: str) -> None:
    data = columnar(ROWS * 500, kind)
    found = read(".parquet" if kind == "parquet" else ".arrow", data[: len(data) // 2])
    assert "truncated" in str(found[-1][1])


def arrow_file(column: Any) -> bytes:
    import pyarrow

    table = pyarrow.table({"text": column})
    sink = io.BytesIO()
    with pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def test_a_column_that_is_not_utf8_costs_only_its_row() -> None:
    import pyarrow

    raw = pyarrow.array([b"good", b"\xff", b"fine"])
    text = pyarrow.Array.from_buffers(pyarrow.string(), 3, raw.buffers())
    first, second, third = read(".arrow", arrow_file(text))
    assert first == (1, {"text": "good"})
    assert "not UTF-8" in str(second[1])
    assert third == (3, {"text": "fine"})


def test_offsets_that_point_outside_are_named() -> None:
    import pyarrow

    offsets = pyarrow.py_buffer(numpy.array([0, 4, 10**9, 12], dtype=numpy.int32).tobytes())
    text = pyarrow.StringArray.from_buffers(3, offsets, pyarrow.py_buffer(b"goodhostiles"))
    found = read(".arrow", arrow_file(text))
    assert found[0] == (1, {"text": "good"})
    assert "out of bounds" in str(found[1][1])


def test_dates_beyond_the_calendar_are_named() -> None:
    import pyarrow

    found = read(".arrow", arrow_file(pyarrow.array([0, 2**62], pyarrow.timestamp("us"))))
    assert isinstance(found[0][1], dict)
    assert "out of bounds" in str(found[1][1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", ".jsonl"),
        ("A.JSON.GZ", ".json.gz"),
        ("a.b.csv.zst", ".csv.zst"),
        ("a.parquet.gz", None),
        ("a.gz", None),
        ("jsonl", None),
        ("a.jsonl.bak", None),
    ],
)
def test_format_by_name(name: str, expected: str | None) -> None:
    assert format_of(name) is (None if expected is None else FORMATS[expected])


@pytest.mark.usefixtures("small_limits")
def test_a_long_row_is_reported_and_the_next_is_read() -> None:
    long = b'{"text": "' + b"a" * 5000 + b'"}\n'
    found = read(".jsonl", long + b'{"text": "b"}\n')
    assert "longer than" in str(found[0][1])
    assert found[1:] == [(2, {"text": "b"})]
    found = read(".csv", b"text\n" + b"a" * 5000 + b"\nb\n")
    assert "longer than" in str(found[0][1])
    assert found[1:] == [(3, {"text": "b"})]
    assert "longer than" in str(read(".txt", b"a" * 65)[0][1])
    assert "longer than" in str(read(".json", b'[{"text": "' + b"a" * 5000 + b'"}]')[0][1])


@pytest.mark.usefixtures("small_limits")
def test_a_row_at_the_limit_is_read() -> None:
    line = b'"' + b"a" * 62 + b'"'
    assert read(".jsonl", line + b"\n" + line) == [(1, "a" * 62), (2, "a" * 62)]
