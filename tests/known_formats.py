"""The same rows in every format, and what is read of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from provenance.corpus.document import BadRow
from provenance.corpus.formats import (
    FORMATS,
    by_name,
    commas,
    jsonsplit,
    parse_json,
    read_rows,
    tabs,
    textlines,
    warc,
)

ROWS = [{"id": "1", "text": "One, “two”."}, {"id": "2", "text": 'A "b"\nand {c]'}]


def set_limit(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Make rows longer than ``limit`` bytes too long."""
    for module in (by_name, commas, jsonsplit, tabs, textlines, warc):
        monkeypatch.setattr(module, "ROW_LIMIT", limit)


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


def columnar(rows: Sequence[Mapping[str, Any]], kind: str) -> bytes:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([*rows])
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
