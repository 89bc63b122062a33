"""Compressed files that end early."""

from __future__ import annotations

import gzip
from hashlib import sha256

import pytest
from known_formats import json_lines, read, zst


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
