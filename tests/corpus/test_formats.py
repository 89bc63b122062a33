"""Every format gives the same rows, whole or compressed, and names what it cannot read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from hashlib import sha256
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance.corpus.commas as commas
import provenance.corpus.formats as formats
import provenance.corpus.jsonsplit as jsonsplit
import provenance.corpus.tabs as tabs
import provenance.corpus.textlines as textlines
import provenance.corpus.warc as warc
from provenance.corpus.document import BadRow
from provenance.corpus.formats import FORMATS, format_of, parse_json, read_rows

ROWS = [{"id": "1", "text": "One, “two”."}, {"id": "2", "text": 'A "b"\nand {c]'}]


def zst(data: bytes) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


def json_lines(rows: list[dict[str, str]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def delimited(rows: list[dict[str, str]], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def columnar(rows: list[dict[str, str]], kind: str) -> bytes:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist(rows)
    sink = io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, sink)
        return sink.getvalue()
    write = pyarrow.ipc.new_file if kind == "file" else pyarrow.ipc.new_stream
    with write(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read(suffix: str, data: bytes, names: list[str] | None = None) -> list[tuple[int, Any]]:
    """Rows of ``data``, JSON parsed and bad rows as their message."""
    found = read_rows(io.BytesIO(data), FORMATS[suffix], lambda _: names)
    return [(line, plain(record)) for line, record in found]


def plain(record: object) -> object:
    try:
        if isinstance(record, bytes):
            return parse_json(record)
    except BadRow as bad:
        return bad.what
    return record.what if isinstance(record, BadRow) else record


TEXT_FILES = {
    ".jsonl": (json_lines(ROWS), [1, 2]),
    ".ndjson": (b"\n" + json_lines(ROWS), [2, 3]),
    ".json": (json.dumps(ROWS).encode(), [1, 2]),
    ".csv": (delimited(ROWS, ","), [2, 3]),
    ".tsv": (delimited(ROWS, "\t"), [2, 3]),
}


@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("suffix", TEXT_FILES)
def test_text_formats_give_the_rows(suffix: str, mark: bytes, compression: str) -> None:
    data, lines = TEXT_FILES[suffix]
    stored = {"": mark + data, ".gz": gzip.compress(mark + data), ".zst": zst(mark + data)}
    found = read(suffix + compression, stored[compression])
    assert found == list(zip(lines, ROWS, strict=True))


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_columnar_formats_give_the_rows(kind: str) -> None:
    suffix = ".parquet" if kind == "parquet" else ".arrow"
    data = columnar(ROWS, kind)
    assert read(suffix, data) == [(1, ROWS[0]), (2, ROWS[1])]
    assert read(suffix, data, ["id"]) == [(1, {"id": "1"}), (2, {"id": "2"})]


def test_a_text_file_is_one_document() -> None:
    assert read(".txt", b"One.\n\nTwo.\n") == [(1, "One.\n\nTwo.\n")]
    assert read(".txt", b"") == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"data": ROWS}, ROWS),
        ({"version": 1, "data": ROWS}, [{"version": 1, "data": ROWS}]),
        ({"a": ROWS, "b": ROWS}, [{"a": ROWS, "b": ROWS}]),
        ({"text": "a", "parts": ROWS}, [{"text": "a", "parts": ROWS}]),
        ({"messages": [{"role": "user"}]}, [{"messages": [{"role": "user"}]}]),
        ([], []),
        (["a", 1, None, [2]], ["a", 1, None, [2]]),
    ],
    ids=["list", "list among others", "two lists", "text", "chat", "empty", "scalars"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_shapes(data: object, expected: list[object], indent: int | None) -> None:
    assert [row for _, row in read(".json", json.dumps(data, indent=indent).encode())] == expected


def test_json_lines_called_json() -> None:
    assert read(".json", json_lines(ROWS)) == [(1, ROWS[0]), (2, ROWS[1])]
    pretty = "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()
    assert read(".json", pretty) == [(1, ROWS[0]), (2, ROWS[1])]


def set_limit(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    for module in (commas, formats, jsonsplit, tabs, textlines, warc):
        monkeypatch.setattr(module, "ROW_LIMIT", limit)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, 64)
    monkeypatch.setattr(jsonsplit, "BUFFER", 16)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.lists(JSON_VALUES, max_size=8), st.sampled_from([None, 1]), st.integers(1, 40))
def test_json_arrays_are_cut_as_a_parser_would(
    values: list[object], indent: int | None, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonsplit, "BUFFER", chunk)
        found = read(".json", json.dumps(values, indent=indent, ensure_ascii=False).encode())
    assert found == list(enumerate(values, 1))


@pytest.mark.usefixtures("small_limits")
def test_an_object_longer_than_the_limit_is_streamed() -> None:
    rows = [{"text": f"number {number}"} for number in range(50)]
    assert [row for _, row in read(".json", json.dumps({"data": rows}).encode())] == rows
    *streamed, last = read(".json", json.dumps({"data": rows, "end": [2]}).encode())
    assert [row for _, row in streamed] == rows
    assert "more than its list of rows" in str(last[1])
    found = read(".json", json.dumps({"version": 1, "data": rows}).encode())
    assert "longer than" in str(found[0][1])
    assert "longer than" in str(read(".json", json.dumps({"text": "a" * 999}).encode())[0][1])


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


BAD = {
    "not JSON": (".jsonl", b'{"text": "a"}\n{"text": \n', 2, "not JSON"),
    "not UTF-8": (".jsonl", b'{"text": "a"}\n{"text": "\xff"}\n', 2, "not UTF-8"),
    "almost a number": (".jsonl", b'{"text": "a", "x": NaNs}\n', 1, "not JSON"),
    "not an escape": (".jsonl", b'{"text": "\\ud80x"}\n', 1, "not JSON"),
    "deep": (".jsonl", b"[" * 100_000 + b"\n", 1, "not JSON"),
    "UTF-16": (".jsonl", '{"text": "a"}\n'.encode("utf-16"), 1, "UTF-16"),
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


@pytest.mark.parametrize("compression", [".gz", ".zst"])
@pytest.mark.parametrize("cut", [1, 4, 0.5])
def test_a_truncated_file_keeps_what_came_before(compression: str, cut: float) -> None:
    rows = [{"text": sha256(b"%d" % number).hexdigest()} for number in range(20_000)]
    data = json_lines(rows)
    stored = gzip.compress(data) if compression == ".gz" else zst(data)
    kept = len(stored) - cut if cut >= 1 else len(stored) * cut
    *read_rows, (line, last) = read(f".jsonl{compression}", stored[: int(kept)])
    assert read_rows == list(enumerate(rows, 1))[: len(read_rows)]
    assert len(read_rows) >= 0.3 * len(rows)
    assert line == len(read_rows) + 1
    assert "truncated" in str(last)


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
