"""A flipped bit in a file of any format: an error or the same words, as far as the format knows.

Never anything but rows and `InputError`: no other exception, and no end of the process.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from known_formats import columnar, delimited, json_lines

from provenance.corpus import open_corpus
from provenance.errors import InputError

WORDS = 'tide moon water “salt” stone, river; "winter" summer \n'.split(" ")
_random = random.Random(1)
ROWS = [
    {"id": str(number), "text": " ".join(_random.choice(WORDS) for _ in range(12))}
    for number in range(40)
]
LINES = json_lines(ROWS)


def parquet(**options: Any) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), sink, **options)
    return sink.getvalue()


def arrow(compression: str) -> bytes:
    sink = io.BytesIO()
    table = pyarrow.Table.from_pylist(ROWS)
    options = pyarrow.ipc.IpcWriteOptions(compression=compression)
    with pyarrow.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def wet() -> bytes:
    records = b""
    for row in ROWS:
        text = row["text"].encode()
        digest = base64.b32encode(hashlib.sha1(text).digest()).decode()
        head = (
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:{row['id']}>\r\n"
            f"WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        records += head.encode() + text + b"\r\n\r\n"
    return records


def checked(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


KNOWS: dict[str, Callable[[], bytes]] = {
    "a.jsonl.gz": lambda: gzip.compress(LINES),
    "b.jsonl.gz": lambda: gzip.compress(LINES[:999]) + gzip.compress(LINES[999:]),
    "a.jsonl.bz2": lambda: bz2.compress(LINES),
    "a.jsonl.xz": lambda: lzma.compress(LINES),
    "a.csv.zst": lambda: checked(delimited(ROWS, ",")),
    "a.parquet": lambda: parquet(write_page_checksum=True),
    "b.parquet": lambda: parquet(write_page_checksum=True, compression="zstd"),
    "a.wet.gz": lambda: gzip.compress(wet()),
}
"""Formats that carry checksums."""
CANNOT_KNOW: dict[str, Callable[[], bytes]] = {
    "a.jsonl": lambda: LINES,
    "a.json": lambda: json.dumps(ROWS).encode(),
    "b.json": lambda: json.dumps({"data": ROWS}).encode(),
    "c.json": lambda: json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}).encode(),
    "a.csv": lambda: delimited(ROWS, ","),
    "a.tsv": lambda: delimited(ROWS, "\t"),
    "a.txt": lambda: LINES.replace(b"{", b"("),
    "a.jsonl.zst": lambda: zstandard.compress(LINES),
    "c.parquet": parquet,
    "a.arrow": lambda: columnar(ROWS, "file"),
    "b.arrow": lambda: columnar(ROWS, "stream"),
    "a.feather": lambda: arrow("zstd"),
    "a.ipc": lambda: arrow("lz4"),
    "a.wet": wet,
}
"""Formats without: another letter is another text."""


def flipped(path: Path, data: bytes, count: int, seed: int) -> tuple[int, int]:
    """How many flips were told, and how many gave other words in silence."""
    path.write_bytes(data)
    words = [document.text for document in open_corpus(path)]
    rng = random.Random(seed)
    n_told = n_silent = 0
    for _ in range(count):
        place, bit = rng.randrange(len(data)), 1 << rng.randrange(8)
        path.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
        corpus = open_corpus(path, on_error="skip")
        try:
            found = [document.text for document in corpus]
            corpus.inputs()
        except InputError:
            n_told += 1
            continue
        is_told = corpus.counts.n_skipped > 0 or corpus.counts.n_unknown > 0
        n_told += is_told
        n_silent += not is_told and found != words
    return n_told, n_silent


@pytest.mark.parametrize("count", [30, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", KNOWS)
def test_a_format_with_checksums_tells_or_gives_the_same_words(
    tmp_path: Path, name: str, count: int
) -> None:
    n_told, n_silent = flipped(tmp_path / name, KNOWS[name](), count, seed=1)
    assert n_silent == 0
    assert n_told > 0


@pytest.mark.parametrize("count", [30, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", CANNOT_KNOW)
def test_a_format_without_checksums_reads_on_or_tells(
    tmp_path: Path, name: str, count: int
) -> None:
    n_told, n_silent = flipped(tmp_path / name, CANNOT_KNOW[name](), count, seed=1)
    assert n_told + n_silent > 0
