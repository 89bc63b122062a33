"""Telling words that are missing: by hand, under the null, and where a domain lacks others too."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from provenance.evidence.washed.suppressed import LEVEL, Words, missing_words


def words(
    candidate: np.ndarray, people: np.ndarray, corpus: np.ndarray, n_corpus: int = 500
) -> Words:
    names = tuple(f"w{n}" for n in range(len(people)))
    return Words(names, candidate, people, corpus, 500, 500, n_corpus)


def plain(n_telling: int, n_others: int) -> tuple[np.ndarray, np.ndarray]:
    tells = np.arange(n_telling + n_others) < n_telling
    return np.where(tells, 0.6, 0.2), np.full(len(tells), 0.2)


def test_by_hand() -> None:
    candidate, people = plain(10, 30)
    corpus = people.copy()
    corpus[[0, 1, 2, 20]] = 0
    found = missing_words(words(candidate, people, corpus))
    assert found is not None
    assert (found.n_telling, found.n_missing, found.n_others, found.n_others_missing) == (
        *(10, 3),
        *(30, 1),
    )
    assert found.expected == pytest.approx(1.0)
    assert found.words == ("w0", "w1", "w2")
    # Four of forty words are missing; at least three of them are among the ten that tell.
    tail = (comb(10, 3) * 30 + comb(10, 4)) / comb(40, 4)
    assert found.p_value == pytest.approx(tail)


def test_a_scrub_is_found_and_another_domain_is_not() -> None:
    candidate, people = plain(40, 200)
    scrubbed = np.where(np.arange(240) < 40, 0.0, people)
    found = missing_words(words(candidate, people, scrubbed))
    assert found is not None and found.p_value <= LEVEL
    rng = np.random.default_rng(0)
    other_domain = np.where(rng.random(240) < 0.5, 0.0, people)
    found = missing_words(words(candidate, people, other_domain))
    assert found is not None and found.p_value > 0.001


def test_words_too_rare_to_be_missed_are_not_looked_at() -> None:
    candidate, people = plain(40, 200)
    assert missing_words(words(candidate, people, people, n_corpus=30)) is None
    assert missing_words(words(*plain(0, 200), np.full(200, 0.2))) is None
    none = np.empty(0)
    assert missing_words(Words((), none, none, none, 0, 0, 0)) is None


@pytest.mark.slow
def test_p_values_under_the_null_are_no_smaller_than_they_say() -> None:
    rng = np.random.default_rng(1)
    candidate, people = plain(60, 300)
    p_values = []
    for _ in range(1_000):
        corpus = np.where(rng.random(360) < 0.3, 0.0, people)
        found = missing_words(words(candidate, people, corpus))
        assert found is not None
        p_values.append(found.p_value)
    for level in (0.01, 0.05, 0.2):
        rate = np.mean(np.array(p_values) <= level)
        assert rate <= level + 3 * (level * (1 - level) / 1_000) ** 0.5
