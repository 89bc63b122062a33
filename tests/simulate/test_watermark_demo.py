"""The demonstration of watermarks: the key that marked is found, the other is not."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from provenance.cli.app import app
from provenance.simulate.watermark_demo import UNUSED, USED, WatermarkDemo, run_watermark_demo


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> WatermarkDemo:
    return run_watermark_demo(tmp_path_factory.mktemp("demo"))


def rows(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.slow
def test_the_key_that_marked_is_found_and_the_other_is_not(result: WatermarkDemo) -> None:
    used, unused = result.check.keys
    assert (used.name, used.verdict) == (USED, "found")
    assert used.self_test is not None and used.self_test.found
    assert used.random_keys is not None and used.random_keys.uniform
    assert (unused.name, unused.verdict) == (UNUSED, "not_found")
    assert unused.n_documents_listed == 0


@pytest.mark.slow
def test_what_is_listed_is_marked(result: WatermarkDemo) -> None:
    assert result.n_listed_marked >= 0.9 * result.n_marked
    assert result.n_listed_others <= 0.15 * result.n_marked
    assert result.check.keys[0].n_documents_listed == (
        result.n_listed_marked + result.n_listed_others
    )


@pytest.mark.slow
def test_everything_stands_in_the_folder(result: WatermarkDemo) -> None:
    names = {path.name for path in result.output.iterdir()}
    assert names == {"K.toml", "corpus.jsonl", "documents.parquet", "known-marked.jsonl"}
    corpus = rows(result.output / "corpus.jsonl")
    known = rows(result.output / "known-marked.jsonl")
    assert len(corpus) == result.n_marked + result.n_plain + result.n_manual
    assert not {row["text"] for row in corpus} & {row["text"] for row in known}
    assert len({row["id"] for row in corpus}) == len(corpus)


@pytest.mark.slow
def test_the_command_told_does_the_same(result: WatermarkDemo, tmp_path: Path) -> None:
    command = shlex.split(result.command)
    command[-1] = str(tmp_path)
    assert CliRunner().invoke(app, command[1:]).exit_code == 0
    found = orjson.loads((tmp_path / "watermark.json").read_bytes())
    assert [key["verdict"] for key in found["keys"]] == ["found", "not_found"]
    tables = [pq.read_table(folder / "documents.parquet") for folder in (tmp_path, result.output)]
    assert tables[0].equals(tables[1])
