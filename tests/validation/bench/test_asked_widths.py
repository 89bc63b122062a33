"""Prompts are drawn for all sources alike, and each number of them has its rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from known_asked import OTHERS, rows, sampled

from provenance.validation.bench import asked_widths
from provenance.validation.bench.asked_widths import main, some_of
from provenance.validation.held_out import Pool


def test_all_answer_the_prompts_that_were_drawn() -> None:
    pool = Pool.of([sampled(name, rows(name)) for name in ("one", *OTHERS[:2])])
    learnt = np.arange(len(pool)) % 2 == 0
    found = some_of(pool, learnt, 5)
    assert len(np.unique(pool.sample.prompt_hash[found])) == 5
    assert (learnt | ~found).all() and set(pool.source[found].tolist()) <= {0, 1, 2}


@pytest.mark.slow
def test_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "alpaca_eval"
    folder.mkdir()
    for name in ("one", *OTHERS[:3]):
        made = "\n".join(map(json.dumps, rows(name, n_prompts=70)))
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(made.encode()))
    monkeypatch.setattr(asked_widths, "_MODELS", 1)
    monkeypatch.setattr(asked_widths, "_ASKED", (30,))
    monkeypatch.setattr(asked_widths, "_SIZE", 30)
    main(tmp_path)
    told = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:3] for line in told[2:]] == [
        ["| 30", share, "4"] for share in ("0 %", "10 %", "50 %")
    ]
