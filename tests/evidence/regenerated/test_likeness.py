"""Likeness of texts to answers: what is shared at a prompt, and style taken away."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.regenerated.likeness import Answers, is_told, likeness
from provenance.features.rows import FeatureRows


def texts(words: list[list[int]], prompts: list[int]) -> Answers:
    indptr = np.cumsum([0, *(len(row) for row in words)])
    indices = np.array([word for row in words for word in row], np.uint32)
    rows = FeatureRows(indptr, indices, np.ones(len(indices), np.uint8))
    n = len(words)
    return Answers(np.array(prompts, np.uint64), np.arange(n).astype(np.uint64), np.arange(n), rows)


def cosine(one: list[int], other: list[int], words: list[list[int]]) -> float:
    rare = {
        word: np.log((1 + len(words)) / sum(word in row for row in words))
        for row in words
        for word in row
    }
    length = [np.sqrt(sum(rare[word] ** 2 for word in row)) for row in (one, other)]
    return float(sum(rare[word] ** 2 for word in {*one} & {*other}) / np.prod(length))


def test_by_hand() -> None:
    words = [[0, 1, 2], [0, 1, 3], [0, 4, 5], [2, 6, 7], [3, 6, 8], [0, 1, 2, 9]]
    source = np.array([0, 1, 0, 0, 1, -1])
    found = likeness(texts(words, [7, 7, 7, 8, 8, 7]), source, 2, 16)
    same = [cosine(words[5], words[at], words) for at in range(5)]
    assert found.same[5] == pytest.approx([(same[0] + same[2]) / 2, same[1]])
    assert found.beyond[5] == pytest.approx([found.same[5, 0] - same[3], same[1] - same[4]])
    # An answer is held against its source's others, never against itself.
    assert found.same[0, 0] == pytest.approx(cosine(words[0], words[2], words))
    assert found.same[0, 1] == pytest.approx(cosine(words[0], words[1], words))


def test_what_nobody_answered_is_not_known() -> None:
    words = [[0, 1], [2, 3], [0, 4]]
    found = likeness(texts(words, [7, 8, 7]), np.array([0, 1, -1]), 2, 16)
    assert np.isnan(found.same[2]).tolist() == [False, True]
    # No answer to another prompt tells the style.
    assert np.isnan(found.beyond).all()


def test_other_families_do_not_count() -> None:
    words = [[0, 1, 20], [2, 3, 21], [0, 4, 20], [5, 6, 22]]
    source = np.array([0, 0, -1, 0])
    bare = [[word for word in row if word < 16] for row in words]
    with_more = likeness(texts(words, [7, 8, 7, 9]), source, 1, 16)
    assert with_more.same[2] == pytest.approx(
        likeness(texts(bare, [7, 8, 7, 9]), source, 1, 16).same[2]
    )


def test_passages_of_a_text_are_one() -> None:
    rows = FeatureRows(
        np.array([0, 1, 3, 5, 6]), np.array([0, 1, 2, 0, 1, 9], np.uint32), np.ones(6, np.uint8)
    )
    prompt = np.array([7, 7, 8], np.uint64)
    found = Answers(prompt, np.arange(3).astype(np.uint64), np.array([0, 0, 1, 2]), rows)
    same = likeness(found, np.array([0, -1, 0]), 1, 16).same
    words = [[0, 1, 2], [0, 1], [9]]
    assert same[1, 0] == pytest.approx(cosine(words[0], words[1], words))
    taken = found.take(np.array([1, 0]))
    assert taken.document.tolist() == [0, 1, 1]
    assert taken.rows.indices.tolist() == [0, 1, 0, 1, 2]


def test_the_first_of_each_prompt() -> None:
    found = texts([[0], [1], [2], [3]], [7, 8, 7, 9]).first_of_each(np.array([7, 9], np.uint64), 1)
    assert found.text.tolist() == [0, 3]


def test_where_it_is_told_is_known_before() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        n = int(rng.integers(1, 9))
        words = [rng.choice(16, 3, replace=False).tolist() for _ in range(n)]
        found = texts(words, rng.integers(0, 3, n).tolist())
        source = rng.integers(-1, 3, n)
        told = is_told(found, source, 3)
        np.testing.assert_array_equal(told, np.isfinite(likeness(found, source, 3, 16).beyond))
