"""How fresh answers and rows are pooled and drawn, and the tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from known_asked import N_PROMPTS, OTHERS, fresh, rows, sampled

from provenance.validation.bench import asked_again
from provenance.validation.bench.asked_again import drawn, main, pooled


def test_the_first_answers_are_fresh_and_the_others_rows() -> None:
    pool = pooled([sampled("one", rows("one") + rows("one", 1)), fresh("other0")], 1)
    assert np.bincount(pool.source + 1).tolist() == [N_PROMPTS, N_PROMPTS, N_PROMPTS]
    assert (pool.author[pool.source < 0] == 0).all()


def test_who_was_never_asked_has_rows_alone() -> None:
    pool = pooled([fresh("other0")], 0, [fresh("one")])
    assert np.bincount(pool.source + 1).tolist() == [2 * N_PROMPTS, N_PROMPTS]
    assert pool.names == ("other0", "one")


def test_rows_are_by_whom_was_chosen() -> None:
    models = [sampled(name, rows(name) + rows(name, 1)) for name in ("one", *OTHERS[:4])]
    pool = pooled(models, 1)
    prompts = np.arange(24)
    told = [
        drawn(pool, 0, [1, 2, 3], np.full(len(prompts), writer), prompts, 0) for writer in (0, 4)
    ]
    assert told[0] is not None and told[1] is not None
    assert (told[0].n_rows, told[0].n_prompts) == (24, 24)
    assert told[0].p_value < 0.02 < told[1].p_value
    assert drawn(pool, 0, [1, 2], np.full(5, 4), prompts[:5], 0) is None


@pytest.mark.slow
def test_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(folder: str, name: str, times: int) -> None:
        path = tmp_path / folder / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        found = [row for time in range(times) for row in rows(name, time)]
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, found)).encode()))

    for name in ("one", "text_davinci_003", *OTHERS):
        write("more/eqbench_cw", name, 3)
        write("alpaca_eval", name, 1)
    write("more/selfinstruct_human", "people", 1)
    monkeypatch.setattr(asked_again, "SIBLINGS", (("other0", "other1"),))
    monkeypatch.setattr(asked_again, "_ROWS_ELSEWHERE", ("people",))
    monkeypatch.setattr(asked_again, "_TWINS", (("alpaca_eval", "other0", "other1"),))
    main(tmp_path, runs=2)
    told = capsys.readouterr().out
    assert told.count("\n\n") == 5
    assert "| `alpaca_eval` | other0 | other1 | 20 | 1 |" in told
    assert "| other0 | other1 | 30 |" in told
    assert "| people | 30 | " in told
