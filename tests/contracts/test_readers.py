"""Readers: the same rows in every format read the same, whole or compressed."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_formats import ROWS, TEXT_FILES, columnar, delimited, json_lines, read, zst

from provenance.corpus.lost import Doubt, Noted


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


# Delimited files know no end of line but their own; an empty line of theirs is no row.
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


_ROWS = st.lists(st.fixed_dictionaries({"id": _TEXT.map("n".__add__), "text": _TEXT}), min_size=1)


@given(rows=_ROWS)
def test_any_rows_read_the_same_in_every_format(rows: list[dict[str, str]]) -> None:
    stored = {
        ".jsonl": json_lines(rows),
        ".ndjson": json_lines(rows),
        ".json": json.dumps(rows).encode(),
        ".csv": delimited(rows, ","),
        ".tsv": delimited(rows, "\t"),
        ".parquet": columnar(rows, "parquet"),
        ".arrow": columnar(rows, "file"),
    }
    for suffix, data in stored.items():
        found = [row for _, row in read(suffix, data)]
        if suffix == ".tsv" and any("\n" in row["text"] and "\t" in row["text"] for row in rows):
            # Pieces of such a field can look like rows: either reading may be right, and is told.
            assert found == rows or any(isinstance(row, Doubt | Noted) for row in found)
        else:
            assert found == rows, suffix


def test_a_field_whose_pieces_look_like_rows_is_told() -> None:
    found = read(".tsv", delimited([{"id": "n", "text": "\n\t"}], "\t"))
    assert any(isinstance(row, Doubt | Noted) for _, row in found)
