"""A row for each sample, on two halves that share no prompt."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from known_text import texts

from provenance.validation.bench import asked_arena
from provenance.validation.bench.asked_arena import halves, main


def test_halves_share_nothing_and_are_all() -> None:
    rows = [{"id": str(n)} for n in range(9)]
    for seed in (0, 1):
        one, other = halves(rows, seed)
        assert sorted(row["id"] for row in one + other) == [str(n) for n in range(9)]
    assert halves(rows, 0) != halves(rows, 1)


@pytest.mark.slow
def test_the_table_has_a_row_for_each_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def write(path: str, name: str, **more: str) -> None:
        rows = [
            {
                "id": f"{path}{n}",
                "text": text,
                **{key: f"{value} {n}" for key, value in more.items()},
            }
            for n, text in enumerate(texts(name, 80, 3))
        ]
        found = tmp_path / f"{path}.jsonl.gz"
        found.parent.mkdir(exist_ok=True)
        found.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))

    monkeypatch.setattr(asked_arena, "_OTHERS", 1)
    write("alpaca_eval/gpt4_0613", "beta", prompt="what is")
    for name in ("alpha", "gamma"):
        write(f"alpaca_eval/{name}", name, prompt="what is")
    write("arena_hard/gpt-4-0613", "beta")
    main(tmp_path, 1)
    told = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in told[2:]] == ["| other prompts", "| asked", "| both"]
