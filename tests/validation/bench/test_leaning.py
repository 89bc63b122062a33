"""Draws on the same prompts, dealings between which no difference is, and the tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from known_asked import OTHERS, rows, sampled

from provenance.validation.bench import leaning
from provenance.validation.bench.leaning import main, nulls, on_prompts


def test_all_are_on_the_prompts_of_the_first_two() -> None:
    one, other, third = (sampled(name, rows(name)) for name in ("one", *OTHERS[:2]))
    found = on_prompts([one, other, third], 12, 0)
    prompts = [np.unique(part.sample.prompt_hash).tolist() for part in found]
    assert len(prompts[0]) == 12 and prompts[0] == prompts[1] == prompts[2]


@pytest.mark.slow
def test_what_was_dealt_anew_has_no_difference_but_by_chance() -> None:
    names = ("one", *OTHERS[:4])
    one, other, api, *others = (sampled(name, rows(name, n_prompts=60)) for name in names)
    for found in nulls(one, other, api, others, 2):
        assert found.more_low <= 0 <= found.more_high
        assert found.verdict == "no lean seen"


@pytest.mark.slow
def test_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(folder: str, name: str) -> None:
        path = tmp_path / folder / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        found = rows(name, n_prompts=45)
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, found)).encode()))

    for name in ("one", *OTHERS):
        write("alpaca_eval", name)
        write("more/zeroeval_mathl5", name)
    monkeypatch.setattr(leaning, "_DEALT", OTHERS[:2])
    monkeypatch.setattr(leaning, "_APIS", ("one",))
    monkeypatch.setattr(leaning, "_PROMPTS_LEARNT", 45)
    monkeypatch.setattr(leaning, "_OTHERS", OTHERS[4:6])
    monkeypatch.setattr(leaning, "_LEARNT", ((OTHERS[0], OTHERS[2], OTHERS[3]),))
    monkeypatch.setattr(leaning, "_HOSTS", ((OTHERS[7], OTHERS[8]),))
    monkeypatch.setattr(leaning, "_HOSTS_STEP", 8)
    monkeypatch.setattr(leaning, "_PROMPTS", (45,))
    monkeypatch.setattr(leaning, "_PROMPTS_DEALT", 45)
    main(tmp_path, runs=1, repeats=1)
    told = capsys.readouterr().out
    assert told.count("\n\n") == 2
    assert f"| {OTHERS[0]} | {OTHERS[2]} | one |  | 45 |" in told
    assert f"| {OTHERS[0]} | {OTHERS[2]} | {OTHERS[3]} | yes | 45 |" in told
