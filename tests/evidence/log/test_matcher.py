"""A corpus beside a log: worked by hand, decoys taken off, p-values that hold, sums of batches."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import RUN, WINDOW, answer, answers, index, words
from scipy.stats import binom

from provenance.corpus import Document
from provenance.errors import InputError
from provenance.evidence.log.findings import log_findings
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.matcher import LIMIT, LogMatcher, loaded_matcher
from provenance.evidence.log.rows import MOST, log_rows
from provenance.evidence.log.tally import LogBatch, LogTally, log_files
from provenance.evidence.protocol import Asked
from provenance.records import Finding
from provenance.simulate.words import NGramModel, library_texts
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import benjamini_hochberg

SEEDS = st.integers(0, 1 << 32).map(np.random.default_rng)


def edited(rng: np.random.Generator, text: str, every: int = 6) -> str:
    """The text with every sixth word another, so that no window is left."""
    found = text.split()
    for place in range(int(rng.integers(every)), len(found), every):
        found[place] = words(rng, 1)
    return " ".join(found)


def documents(texts: Sequence[str], **known: Any) -> list[Document]:
    return [answer(place, text, id=f"d{place:04}", **known) for place, text in enumerate(texts, 1)]


def batch(matcher: LogMatcher, found: Sequence[Document]) -> LogBatch:
    texts = [item.text for item in found]
    matches = matcher.match(texts, normalized=True)
    return LogBatch(matches, log_rows(matcher, found, texts, matches))


def tally(matcher: LogMatcher, *batches: Sequence[Document], fdr: float = 0.05) -> LogTally:
    result = LogTally(matcher, fdr)
    for found in batches:
        result.add(found, batch(matcher, found))
    return result


def told(one: LogTally, keep_text: bool = True, trusted: LogTally | None = None) -> list[Finding]:
    return list(log_findings(one, Asked(0.95, keep_text, seed=0), trusted))


# By hand


def test_a_log_worked_by_hand(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one, two = words(rng, 40), words(rng, 40)
    log = index(tmp_path / "a.idx", [one, two], keep_text=True)
    number = {log.kept_text(place): place for place in range(2)}
    half = " ".join(one.split()[:20])
    texts = [one, f"{half} {words(rng, 20)}", edited(rng, two), words(rng, 40), "", "ha ha"]
    found = LogMatcher.fit(log).match(texts)
    assert found.tokens.tolist() == [40, 40, 40, 40, 0, 2]
    assert found.covered[0] >= 40 - 6 and found.covered[1] >= 20 - 6
    assert found.covered[2:].tolist() == found.discounted[2:].tolist() == [0] * 4
    assert found.similarity[[0, 3, 4, 5]] == pytest.approx([1, 0, 0, 0])
    assert 0.2 < found.similarity[1] < 0.8 and 0.4 < found.similarity[2] < 0.9
    expected = [number[one], number[one], number[two], -1, -1, -1]
    assert found.nearest.tolist() == expected
    pairs = [*zip(found.answer_text.tolist(), found.answer.tolist(), strict=True)]
    assert pairs == [(0, number[one]), (1, number[one])]
    for text, start, end in zip(found.span_text, found.span_start, found.span_end, strict=True):
        assert texts[text][start:end] in one


def test_the_part_that_a_log_of_one_answer_shares(tmp_path: Path) -> None:
    """With one text in the log a pair that it holds weighs ln 2, as one that it lacks."""
    rng = np.random.default_rng(1)
    text = words(rng, 60)
    log = index(tmp_path / "a.idx", [text])
    other = " ".join([*text.split()[:30], *words(rng, 40).split()])
    from provenance.evidence.log.index import hash_texts

    found = hash_texts([text, other])
    own, asked = (set(found.shingles[a:b].tolist()) for a, b in _pairs(found.shingle_bounds))
    assert 0 < len(own & asked) < len(own)
    (similarity,) = LogMatcher.fit(log).match([other]).similarity
    assert similarity == pytest.approx(len(own & asked) / len(asked), rel=1e-5)
    # A text of few pairs is held to have nine.
    short = " ".join(text.split()[:8])
    n_own = len(hash_texts([short]).shingles)
    (similarity,) = LogMatcher.fit(log).match([short]).similarity
    assert similarity == pytest.approx(n_own / max(9, n_own), rel=1e-5)


def _pairs(bounds: Any) -> list[tuple[int, int]]:
    return [*zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]


# Decoys


@settings(deadline=None, max_examples=10)
@given(rng=SEEDS, length=st.integers(RUN, 30))
def test_what_a_decoy_holds_too_is_no_evidence(
    rng: np.random.Generator, length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("log")
    shared, own = words(rng, length), words(rng, 40)
    log = index(folder / "a.idx", [f"{words(rng, 9)} {shared} {own}"])
    decoys = index(folder / "b.idx", [f"{words(rng, 5)} {shared} {words(rng, 5)}"])
    texts = [f"{words(rng, 9)} {shared} {words(rng, 9)}", f"{shared} {own}"]
    alone, beside = LogMatcher.fit(log).match(texts), LogMatcher.fit(log, decoys).match(texts)
    assert (alone.covered > 0).all()
    assert beside.covered[0] == 0 and beside.discounted[0] >= WINDOW
    # A window that stands half in what is shared is evidence.
    assert 40 - 12 <= beside.covered[1] < 40 + WINDOW
    assert (beside.covered + beside.discounted <= beside.tokens).all()


@settings(deadline=None, max_examples=4)
@given(rng=SEEDS)
def test_each_decoy_is_compared_as_if_it_were_none(
    rng: np.random.Generator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log_texts = [words(rng, 40, 300) for _ in range(4)]
    decoys = [edited(rng, log_texts[n % 2], 3) for n in range(4)] + [words(rng, 40)]
    log = index(folder / "log.idx", log_texts)
    fitted = LogMatcher.fit(log, index(folder / "decoys.idx", decoys))
    expected = []
    for left_out in range(5):
        others = index(folder / "others.idx", [*decoys[:left_out], *decoys[left_out + 1 :]])
        expected += LogMatcher.fit(log, others).match([decoys[left_out]]).similarity.tolist()
    assert fitted.null.tolist() == pytest.approx(sorted(expected), abs=1e-6)
    usual = [log.similar(*_shingles(text), 4, 9.0) for text in decoys]
    most = np.zeros(4)
    for best, shared in usual:
        np.maximum.at(most, best[best >= 0], shared[best >= 0])
    assert fitted.usual == pytest.approx(most)
    (similarity,) = fitted.match([log_texts[3]]).similarity
    assert similarity == pytest.approx(1 - most[_number(log, log_texts[3])], abs=1e-5)


def _shingles(text: str) -> tuple[Any, Any]:
    from provenance.evidence.log.index import hash_texts

    found = hash_texts([text])
    return found.shingle_bounds, found.shingles


def _number(log: LogIndex, text: str) -> int:
    from provenance.features.hashes import text_hash

    return int(np.searchsorted(log.arrays["text_hashes"], np.uint64(text_hash(text))))


@pytest.mark.parametrize("decoy", ["Yes.", "nothing of this stands in the log at all, nothing"])
def test_decoys_that_share_nothing(decoy: str, tmp_path: Path) -> None:
    text = words(np.random.default_rng(0), 50)
    log, decoys = index(tmp_path / "a.idx", [text]), index(tmp_path / "b.idx", [decoy])
    fitted = LogMatcher.fit(log, decoys)
    assert (fitted.usual.tolist(), fitted.null.tolist()) == ([0], [0])
    assert fitted.n_decoys_with_run == 0
    assert fitted.match([text]).similarity == pytest.approx([1])


def test_a_matcher_comes_back_from_its_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    log_texts = [words(rng, 40, 100) for _ in range(9)]
    log = index(tmp_path / "a.idx", log_texts)
    decoys = index(tmp_path / "b.idx", [words(rng, 40, 4) for _ in range(150)])
    found = log_files([log], [decoys], tmp_path)
    assert found is not None
    one, two = LogMatcher.fit(log, decoys), loaded_matcher(found.log, found.decoys, found.fitted)
    assert len(one.ignored) > 0
    for name in ("usual", "null", "ignored"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.n_decoys_with_run == two.n_decoys_with_run
    texts = [*log_texts, words(rng, 40, 100)]
    for field in dataclasses.fields(one.match(texts)):
        left, right = (getattr(matcher.match(texts), field.name) for matcher in (one, two))
        np.testing.assert_array_equal(left, right)


def test_decoys_need_a_log_with_the_same_window(tmp_path: Path) -> None:
    text = words(np.random.default_rng(0), 50)
    log, other = index(tmp_path / "a.idx", [text]), index(tmp_path / "b.idx", [text], window=9)
    with pytest.raises(InputError, match="without a log"):
        log_files([], [other], tmp_path)
    with pytest.raises(InputError, match="windows of the decoys are of 9 tokens"):
        log_files([log], [other], tmp_path)
    assert log_files([], [], tmp_path) is None


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


@pytest.mark.parametrize(
    ("runs", "n_log"), [(40, 20), pytest.param(1500, 60, marks=pytest.mark.slow)]
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


# Sums of batches


def corpus_of(rng: np.random.Generator, folder: Path, with_decoys: bool) -> Any:
    log_texts = [words(rng, 60, 4000) for _ in range(12)]
    log = index(
        folder / "log.idx",
        [
            answer(n, text, f"p{n}", account=f"k{n % 3}", endpoint="chat", day="2024-05-01")
            for n, text in enumerate(log_texts)
        ],
        keep_text=True,
    )
    decoys = index(folder / "decoys.idx", [words(rng, 60, 4000) for _ in range(120)])
    texts = [*log_texts[:3], *(edited(rng, text) for text in log_texts[3:8])]
    texts += [words(rng, 60, 4000) for _ in range(20)] + ["", "short"]
    order = rng.permutation(len(texts))
    found = documents([texts[place] for place in order], day="2023-01-01")
    return LogMatcher.fit(log, decoys if with_decoys else None), found


@settings(deadline=None, max_examples=6)
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


def test_listed_rows_are_those_of_benjamini_and_hochberg(tmp_path: Path) -> None:
    matcher, found = corpus_of(np.random.default_rng(4), tmp_path, True)
    for fdr in (0.01, 0.05, 0.2, 0.5):
        one = tally(matcher, found, fdr=fdr)
        seen = batch(matcher, found).found
        rank = one.rank(seen)[(2 * seen.covered < seen.tokens) | (seen.covered == 0)]
        q = benjamini_hochberg(one.p(np.sort(rank)))
        np.testing.assert_allclose(one.q_by_rank()[np.sort(rank)], q)
        assert one.n_near == (q <= fdr).sum()
        assert one.n_matched >= one.n_near
        finding = told(one)[1]
        assert finding.n_documents == one.n_near
        assert (finding.q_value is None) == (one.n_near == 0)
        assert len(finding.where) == min(MOST, one.n_near)


def test_columns_of_documents(tmp_path: Path) -> None:
    import pyarrow as pa

    matcher, found = corpus_of(np.random.default_rng(5), tmp_path, True)
    one = tally(matcher, found)
    columns = one.told_columns(pa.table(one.columns(batch(matcher, found))))
    assert columns["overlap"].sum() == 3
    assert columns["near_duplicate"].sum() == one.n_near == 5
    assert 30 - columns["log_answer"].null_count == 8
    tested = columns["log_covered"] < 0.5
    assert (np.isnan(columns["log_p"]) == ~tested).all()
    assert (columns["log_p"] <= columns["log_q"])[tested].all()


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
