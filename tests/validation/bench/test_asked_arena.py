"""A row for each sample, on two halves that share no prompt."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from known_asked import N_PROMPTS, OTHERS, rows, sampled
from known_text import texts

from provenance.validation.bench import asked_arena
from provenance.validation.bench.asked_arena import _beside, halves, main
from provenance.validation.bench.data import sources_of
from provenance.validation.held_out import Pool, hold_out


def test_halves_share_nothing_and_are_all() -> None:
    given = [{"id": str(n)} for n in range(9)]
    for seed in (0, 1):
        one, other = halves(given, seed)
        assert sorted(row["id"] for row in one + other) == [str(n) for n in range(9)]
    assert halves(given, 0) != halves(given, 1)


@pytest.mark.slow
def test_the_table_has_a_row_for_each_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def write(path: str, name: str, **more: str) -> None:
        written = [
            {
                "id": f"{path}{n}",
                "text": text,
                **{key: f"{value} {n}" for key, value in more.items()},
                "dataset": f"set{n % 2}",
            }
            for n, text in enumerate(texts(name, 80, 3))
        ]
        found = tmp_path / f"{path}.jsonl.gz"
        found.parent.mkdir(exist_ok=True)
        found.write_bytes(gzip.compress("\n".join(map(json.dumps, written)).encode()))

    monkeypatch.setattr(asked_arena, "_OTHERS", 1)
    write("alpaca_eval/gpt4_0613", "beta", prompt="what is")
    for name in ("alpha", "gamma"):
        write(f"alpaca_eval/{name}", name, prompt="what is")
    write("arena_hard/gpt-4-0613", "beta")
    main(tmp_path, 1)
    arena, sets = capsys.readouterr().out.split("\n\n")
    told = [line.split(" | ")[0] for line in arena.splitlines()[2:]]
    assert told == ["| other prompts", "| asked", "| both"]
    kinds = [line.split(" | ")[:3] for line in sets.splitlines()[2:]]
    assert [kind[1] for kind in kinds] == ["other prompts", "asked besides"] * 4
    assert {kind[2] for kind in kinds} == {"6"}


@pytest.mark.slow
def test_answers_that_taught_nothing_stand_beside_the_samples() -> None:
    names = ("one", *OTHERS[:3])
    every = sources_of([sampled(name, rows(name)) for name in names], [], "panel")
    pool = Pool.of(every.fingerprints)
    prompts = pool.sample.prompt_hash
    own = np.isin(prompts, np.unique(prompts)[: N_PROMPTS - 22])
    held = hold_out(every.fingerprints, pool, ~pool.touched(own), own, 0)
    samples = held.panel.samples("n-grams")
    fresh = held.pool.rows_of("one")
    found = _beside(samples, held.panel.names.index("one"), held, fresh, "n-grams")
    assert len(found.scored) == len(samples.scored) + len(fresh)
    added = found.scored.source[len(samples.scored) :]  # type: ignore[index]
    assert set(added.tolist()) == {held.panel.names.index("one")}
    assert np.isfinite(found.scored.log_posterior).all()
    assert len(found.unknown) == len(found.scored.log_posterior) == len(found.other_domains)
    assert len(found.fold) == len(found.domain) == len(found.scored)
