"""JSON lines are written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from provenance.files.lines import write_json_lines


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "one"}
        raise KeyError("x")

    with pytest.raises(KeyError):
        write_json_lines(tmp_path / "out.jsonl.gz", rows())
    assert not (tmp_path / "out.jsonl.gz").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_lone_surrogates_become_what_a_file_can_hold(tmp_path: Path) -> None:
    assert write_json_lines(tmp_path / "out.jsonl", [{"text": "a\ud800"}]) == 1
    assert orjson.loads((tmp_path / "out.jsonl").read_bytes()) == {"text": "a\ufffd"}
