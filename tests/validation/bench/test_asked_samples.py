"""Samples on the corpus's own prompts: what is read, and what it says on real text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from known_text import texts

from provenance.validation.bench import asked_samples
from provenance.validation.bench.asked_samples import SAMPLES, Questions, main, readings

DATA = Path(os.environ.get("PROVENANCE_DATA", ""))


def questions(seed: int, count: int = 200) -> Questions:
    asked = [f"{text} Number {at}?" for at, text in enumerate(texts("beta", count, seed))]
    sides = (dict(zip(asked, texts(name, count, seed), strict=True)) for name in ("alpha", "human"))
    return Questions(*sides)


@pytest.mark.slow
def test_no_text_stands_on_both_sides_and_the_truth_is_as_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("_REFERENCE", 60), ("_CORPUS", 80)):
        monkeypatch.setattr(asked_samples, name, value)
    found = [*readings(questions(1), questions(2), 0, levels=(0.0, 0.25), n_asked=70)]
    assert [(one.level, one.sample) for one in found] == [
        (level, sample) for level in (0.0, 0.25) for sample in SAMPLES
    ]
    assert {(one.level, one.truth) for one in found} == {(0.0, 0.0), (0.25, 0.25)}
    # Of 70 prompts of 80 at least 50 are not among the 20 that the model answered.
    assert all(one.n_answers == 70 if one.level == 0 else one.n_answers >= 50 for one in found)
    assert all(one.n_answers <= 60 for one in found if one.level)


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("PROVENANCE_DATA") or not (DATA / "more" / "reddit_qa").is_dir(),
    reason="PROVENANCE_DATA names no folder of real text",
)
def test_a_sample_that_was_asked_of_the_corpus_covers_on_real_text() -> None:
    own, other = (asked_samples._loaded(DATA, place) for place in ("reddit_qa", "stackoverflow"))
    for one in readings(own, other, 0, levels=(0.0, 0.3), samples=("asked",)):
        assert one.low <= one.truth <= one.high
        assert one.share is None or (one.low > 0) == (one.truth > 0)


def test_the_table_has_a_row_for_each_share_and_sample(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(
        own: Questions, other: Questions, seed: int, **options: Any
    ) -> list[asked_samples.AskedReading]:
        return [
            asked_samples.AskedReading(sample, level, level, 9, share, low, 0.5)
            for level in (0.0, 0.1, 0.3)
            for sample, share, low in (("asked", 0.2, 0.1), ("another place", None, 0.0))
        ]

    monkeypatch.setattr(asked_samples, "SAMPLES", ("asked", "another place"))
    monkeypatch.setattr(asked_samples, "_loaded", lambda data, place: Questions({}, {}))
    monkeypatch.setattr(asked_samples, "readings", read)
    main(Path("anywhere"), 2)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 + 2 * 3 * 2
    assert told[2] == "| `reddit_qa` | 0 % | asked | 9 | 20.0 | 0/2 | 2 | 40.0 | 0 |"
    assert told[3] == "| `reddit_qa` | 0 % | another place | 9 |  | 2/2 | 0 | 50.0 | 2 |"
