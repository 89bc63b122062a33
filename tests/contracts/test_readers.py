"""Readers: the same rows in every format read the same, whole or compressed."""

from __future__ import annotations

import gzip

import pytest
from known_formats import ROWS, TEXT_FILES, columnar, read, zst


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
