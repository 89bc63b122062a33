"""``library`` tells what a scan is read against."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from known_commands import done, run
from known_text import texts


def test_the_kinds_are_listed() -> None:
    told = json.loads(done("library", "list", "--json"))
    assert len(told["kinds"]) > 200 and len(told["sha256"]) == 64
    lines = done("library", "list").splitlines()
    assert len(lines) == len(told["kinds"]) + len(told["sources"]) + 5
    assert lines[2].startswith("people")


def test_one_kind_is_shown() -> None:
    assert "by people, reddit_qa, 999 documents" in done(
        "library", "show", "reddit_qa/human_reddit"
    )
    told = json.loads(done("library", "show", "reddit_qa/human_reddit", "--json"))
    assert told["reads_as_a_models"] < 0.2


def test_an_unknown_kind_is_told() -> None:
    result = run("library", "show", "no\x1bsuch")
    assert result.exit_code == 2
    assert "library list" in result.stderr and "\x1b" not in result.stderr


def test_sources_are_listed_and_shown() -> None:
    told = json.loads(done("library", "list", "--json"))
    assert {one["by"] for one in told["sources"]} == {"people", "model"}
    shown = done("library", "show", "gpt-4o")
    assert shown.startswith("alpaca_eval/gpt-4o-2024-05-13: by a model (OpenAI, GPT, 2024-05-13)")
    assert "licence: CC BY-NC 4.0" in shown


@pytest.mark.usefixtures("folder")
def test_a_source_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    told = done("library", "add", "fps/api.fp", "--name", "mine/a", "--vendor", "Acme")
    assert "mine/a: by a model (Acme)" in told and str(tmp_path / "own") in told
    assert run("library", "add", "fps/api.fp", "--name", "mine/a").exit_code == 2
    assert "mine/a (yours)" in done("library", "list")
    done("library", "export", "mine/a", "-o", "again.fp")
    assert json.loads(done("inspect", "again.fp", "--json"))["sealed"] is True
    assert done("library", "remove", "mine/a") == "removed mine/a\n"
    refused = run("library", "remove", "mine/a")
    assert refused.exit_code == 2 and "library list" in refused.stderr


def test_a_library_is_built_of_texts(tmp_path: Path) -> None:
    data = tmp_path / "data" / "alpaca_eval"
    data.mkdir(parents=True)
    for name in ("gpt-4-x", "claude-9"):
        rows = ({"text": text, "prompt": f"p{at}"} for at, text in enumerate(texts(name, 30, 0)))
        with gzip.open(data / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(f"{json.dumps(row)}\n" for row in rows)
    out = tmp_path / "out"
    told = done("library", "build", str(tmp_path / "data"), "-o", str(out))
    assert told.splitlines()[0] == "alpaca_eval/claude-9: 30 documents"
    assert "2 sources" in told
    again = run("library", "build", str(tmp_path / "data"), "-o", str(out))
    assert again.exit_code == 2 and "a library already" in again.stderr
