"""Documents beside a log, worked by hand and against decoys."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import RUN, SEEDS, WINDOW, edited, index, words

from provenance.errors import InputError
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.matcher import LogMatcher, loaded_matcher
from provenance.evidence.log.tally import log_files

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
    from provenance.evidence.log.windows import hash_texts

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


@settings(deadline=None, max_examples=5)
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


@settings(deadline=None, max_examples=2)
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
    from provenance.evidence.log.windows import hash_texts

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
