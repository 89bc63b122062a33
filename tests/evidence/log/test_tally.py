"""A corpus beside a log: decoys taken off, p-values that hold, sums of batches."""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import (
    SEEDS,
    answer,
    answers,
    batch,
    corpus_of,
    documents,
    index,
    tally,
    told,
    words,
)
from scipy.stats import binom

from provenance.evidence.log.matcher import LIMIT, LogMatcher
from provenance.evidence.log.tally import LogTally
from provenance.simulate.words import NGramModel, library_texts
from provenance.statistics.intervals import clopper_pearson

# p-values


@cache
def model() -> NGramModel:
    return NGramModel.fit(library_texts()[:400])


def p_values(folder: Path, runs: int, n_log: int, n_decoys: int, seed: int) -> Any:
    """Of a text by the author of log and decoys in each run."""
    found = []
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        written = [model().sample(rng, 60) for _ in range(n_log + n_decoys + 1)]
        log = index(folder / "log.idx", answers(written[:n_log]))
        decoys = index(folder / "decoys.idx", answers(written[n_log : n_log + n_decoys]))
        matcher = LogMatcher.fit(log, decoys)
        one = LogTally(matcher, 0.05)
        found.append(one.p(one.rank(matcher.match(written[-1:])))[0])
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runs", "n_log"), [(8, 12), pytest.param(600, 60, marks=pytest.mark.slow)]
)
def test_texts_that_are_like_the_decoys_have_no_small_p_values(
    runs: int, n_log: int, tmp_path: Path
) -> None:
    found = p_values(tmp_path, runs, n_log, 19, 7)
    for level in (0.05, 0.1, 0.2, 0.5):
        assert (found <= level).sum() <= binom.ppf(0.999, runs, level)


@pytest.mark.parametrize("n_log", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_pairs_that_many_decoys_hold_make_no_p_value_small(n_log: int, tmp_path: Path) -> None:
    """With many decoys their common pairs are not known of each: texts have to lack them too."""
    rng = np.random.default_rng([8, n_log])
    rate = 1 / np.arange(1, 301)
    written = [
        " ".join(f"w{rank}" for rank in rng.choice(300, 60, p=rate / rate.sum()))
        for _ in range(n_log + 4000)
    ]
    log = index(tmp_path / "log.idx", answers(written[:n_log]))
    decoys = index(tmp_path / "decoys.idx", answers(written[n_log : n_log + 2000]))
    matcher = LogMatcher.fit(log, decoys)
    assert len(matcher.ignored) > 20
    one = LogTally(matcher, 0.05)
    found = one.p(one.rank(matcher.match(written[n_log + 2000 :])))
    for level in (0.01, 0.05, 0.1):
        # Decoys and texts are drawn: both vary.
        spread = math.sqrt(2 * level * (1 - level) / 2000)
        assert (found <= level).mean() <= level + 4 * spread


@settings(deadline=None, max_examples=2)
@given(
    rng=SEEDS,
    cuts=st.lists(st.integers(0, 30), max_size=5).map(sorted),
    with_decoys=st.booleans(),
)
def test_batches_do_not_matter(
    rng: np.random.Generator,
    cuts: list[int],
    with_decoys: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    matcher, found = corpus_of(rng, tmp_path_factory.mktemp("log"), with_decoys)
    bounds = [0, *cuts, len(found)]
    parts = [found[a:b] for a, b in itertools.pairwise(bounds)]
    one, two = tally(matcher, found), tally(matcher, *parts)
    first, second = (
        [dataclasses.replace(item, details={**item.details, "picture": None}) for item in told(t)]
        for t in (one, two)
    )
    assert first == second
    assert one.lowest_share(0.95) == two.lowest_share(0.95)
    np.testing.assert_array_equal(one.matched_texts(), two.matched_texts())


def test_what_is_found_is_told(tmp_path: Path) -> None:
    matcher, found = corpus_of(np.random.default_rng(3), tmp_path, True)
    one = tally(matcher, found)
    overlap, near = told(one)
    assert (overlap.kind, overlap.verdict, overlap.n_documents) == ("overlap", "found", 3)
    assert (near.kind, near.verdict, near.n_documents) == ("near_duplicate", "found", 5)
    assert overlap.share == pytest.approx(8 / 30)
    most = clopper_pearson(matcher.n_decoys_with_run, 120, 0.95)[1]
    assert overlap.low == one.lowest_share(0.95)
    assert 0 <= float(overlap.low or 0) <= 8 / 30 - most + 1e-12 or overlap.low == 0
    assert overlap.details["n_half_covered"] == 3
    assert overlap.details["n_older_than_the_answer"] == 8
    assert overlap.details["n_matched_answers"] == 8
    assert overlap.details["false_matches_measured_on"] == "decoys"
    assert {row["value"] for row in overlap.details["accounts"]} == {"k0", "k1", "k2"}
    assert overlap.details["days"] == [["2024-05-01", 12, 8]]
    assert len(overlap.where) == len(overlap.details["pairs"]) == 3
    assert len(near.where) == len(near.details["pairs"]) == 5
    for pair in overlap.details["pairs"]:
        for text, spans in (("text", "spans"), ("answer_text", "answer_spans")):
            runs = [pair[text][start:end] for start, end in pair[spans]]
            assert all(run in pair["text"] and run in pair["answer_text"] for run in runs)
            assert sum(map(len, runs)) > 100
    hidden = told(one, keep_text=False)[0].details["pairs"]
    assert [{*pair} for pair in hidden] == [{"id", "path", "line", "answers"}] * 3


def test_without_decoys_nothing_is_tested(tmp_path: Path) -> None:
    matcher, found = corpus_of(np.random.default_rng(6), tmp_path, False)
    one = tally(matcher, found)
    assert one.lowest_share(0.95) is None
    overlap, near = told(one)
    assert overlap.low is None and near.q_value is None and near.p_value is None
    assert near.details["smallest_p_value"] is None
    assert overlap.details["false_matches_measured_on"] is None
    seen = batch(matcher, found).found
    similarity = seen.similarity
    assert one.n_near == ((similarity >= LIMIT) & (2 * seen.covered < seen.tokens)).sum()
    trusted = tally(matcher, found[:0], [answer(1, "an altogether other text of several words")])
    # One trusted row allows for nearly every document to match by chance.
    assert clopper_pearson(0, 1, 0.975)[1] > 0.98
    assert one.lowest_share(0.95, trusted) == 0
    assert one.lowest_share(0.95, tally(matcher)) is None
    assert told(one, trusted=trusted)[0].details["false_matches_measured_on"] == "trusted rows"


def test_a_short_text_is_not_listed_without_decoys(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = [words(rng, 40) for _ in range(30)]
    log = index(tmp_path / "a.idx", texts, window=39)
    short = [" ".join(text.split()[:38]) for text in texts]
    long = [*texts[0].split()[:38], *words(rng, 4).split()]
    near = told(tally(LogMatcher.fit(log), documents([*short, " ".join(long)])))[1]
    assert near.n_documents == 1
    assert [place.id for place in near.where] == ["d0031"]


def test_no_documents(tmp_path: Path) -> None:
    matcher, found = corpus_of(np.random.default_rng(7), tmp_path, True)
    for one in (tally(matcher), tally(matcher, found[:0])):
        assert [finding.verdict for finding in told(one)] == ["not_found", "not_found"]
        assert one.lowest_share(0.95) == 0
