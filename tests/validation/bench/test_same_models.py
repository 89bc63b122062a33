"""How nothing to see is made, and the tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from known_text import SPEC, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus
from provenance.validation.bench import same_models
from provenance.validation.bench.same_models import dealt, halves, main, some_prompts


def answers(name: str, count: int, n_prompts: int) -> Fingerprint:
    rows = [
        {"text": text, "prompt": f"prompt {number % n_prompts}"}
        for number, text in enumerate(texts(name, count, 0))
    ]
    return fit_fingerprint(open_corpus(iter(rows)), name, SPEC)


def prompts_and_texts(one: Fingerprint) -> list[tuple[int, int]]:
    sample = one.sample
    return [*zip(sample.prompt_hash.tolist(), sample.text_hash.tolist(), strict=True)]


def test_answers_are_dealt_anew_within_prompts() -> None:
    first, second = answers("alpha", 40, 20), answers("beta", 20, 20)
    one, other = dealt(first, second, 0)
    for made, before in ((one, first), (other, second)):
        counts = [np.unique(f.sample.prompt_hash, return_counts=True)[1] for f in (made, before)]
        assert (counts[0] == counts[1]).all()
        assert (np.diff(made.sample.text_hash.astype(object)) > 0).all()
    pooled = sorted(prompts_and_texts(first) + prompts_and_texts(second))
    assert sorted(prompts_and_texts(one) + prompts_and_texts(other)) == pooled
    moved = {*prompts_and_texts(one)} - {*prompts_and_texts(first)}
    assert 5 <= len(moved) <= 19
    assert prompts_and_texts(dealt(first, second, 1)[0]) != prompts_and_texts(one)


def test_copies_are_not_dealt() -> None:
    first = answers("alpha", 30, 30)
    one, other = dealt(first, first, 0)
    assert len(one.sample) == len(other.sample) == 0


def test_halves_are_all_of_it() -> None:
    whole = answers("alpha", 31, 31)
    one, other = halves(whole, 0)
    assert (len(one.sample), len(other.sample)) == (16, 15)
    together = prompts_and_texts(one) + prompts_and_texts(other)
    assert sorted(together) == sorted(prompts_and_texts(whole))


def test_both_answer_the_prompts_that_are_drawn() -> None:
    one, other = some_prompts(answers("alpha", 40, 20), answers("beta", 25, 25), 10, 0)
    assert (len(one.sample), len(other.sample)) == (20, 10)
    assert {*one.sample.prompt_hash.tolist()} == {*other.sample.prompt_hash.tolist()}


@pytest.mark.slow
def test_the_tables_have_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "few").mkdir()
    for name in ("alpha", "beta"):
        rows = [
            {"id": n, "prompt": f"prompt {n}", "text": text}
            for n, text in enumerate(texts(name, 95, 0))
        ]
        lines = "\n".join(map(json.dumps, rows))
        (tmp_path / "few" / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pair = ("few/alpha", "few/beta")
    monkeypatch.setattr(same_models, "_ALIKE", pair)
    monkeypatch.setattr(same_models, "_SIBLINGS", (pair,))
    monkeypatch.setattr(same_models, "_COLLECTIONS", (("few", True),))
    main(tmp_path, runs=1, repeats=1, most=50)
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in told] == [
        "| nothing to see",
        "| two models' answers dealt anew, 50 prompts",
        "| halves of one model (unpaired)",
        "| two models' answers dealt anew, all prompts",
        "| source",
        "| alpha",
        "| alpha",
        "| data",
        "| `few` (chosen on)",
    ]
    assert [line.split(" | ")[2] for line in told[5:7]] == ["50", "95"]
    assert told[-1].split(" | ")[1:4] == ["2", "1 of 1", "alpha"]
