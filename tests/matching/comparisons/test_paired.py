"""Which documents are held against each other, and which labels change places, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from known_text import SPEC, texts
from numpy.typing import NDArray

from provenance import fit_fingerprint, open_corpus
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.comparisons import paired
from provenance.matching.comparisons.paired import answers, exchangeable, kept_of
from provenance.scoring.panel import References

Whole = NDArray[np.int64]


def sample(rows: Sequence[dict[str, str]]) -> SampledDocuments:
    return fit_fingerprint(open_corpus(iter(rows)), "a", SPEC).sample


def answered(found: Sequence[str], prompts: Sequence[str]) -> list[dict[str, str]]:
    return [{"text": t, "prompt": p} for t, p in zip(found, prompts, strict=True)]


PROMPTS = [f"prompt {number}" for number in range(60)]
ALPHA, BETA = texts("alpha", 70, 1), texts("beta", 70, 1)


def test_answers_to_shared_prompts_are_kept() -> None:
    first = sample(answered(ALPHA[:60], PROMPTS))
    second = sample(answered(BETA[:50], PROMPTS[:45] + [f"other {n}" for n in range(5)]))
    kept = kept_of(first, second)
    assert (kept.paired, kept.n_identical, kept.left_out) == (True, 0, (15, 5))
    prompts = [{*one.prompt_hash.tolist()} for one in kept.samples]
    assert prompts[0] == prompts[1] and len(prompts[0]) == 45


def test_copies_and_texts_that_occur_twice_are_left_out() -> None:
    first = sample(answered([*ALPHA[:60], ALPHA[3]], [*PROMPTS, "once more"]))
    second = sample(answered([*ALPHA[:2], *BETA[2:60]], PROMPTS))
    kept = kept_of(first, second)
    assert kept.n_identical == 2
    # Of the first: two copies and what it says twice; of the second: copies, and the lone answer.
    assert kept.left_out == (3, 3)
    held = {*np.concatenate([one.text_hash for one in kept.samples]).tolist()}
    assert len(held) == sum(map(len, kept.samples))


@pytest.mark.parametrize("n_shared", [39, 40])
def test_a_few_shared_prompts_are_not_enough(n_shared: int) -> None:
    other = PROMPTS[:n_shared] + [f"other {n}" for n in range(60 - n_shared)]
    kept = kept_of(sample(answered(ALPHA[:60], PROMPTS)), sample(answered(BETA[:60], other)))
    assert kept.paired == (n_shared == 40)
    assert [len(one) for one in kept.samples] == [40 if kept.paired else 60] * 2


def test_many_answers_to_few_prompts_are_no_independent_pairs() -> None:
    few = [PROMPTS[number % 10] for number in range(60)]
    assert not kept_of(sample(answered(ALPHA[:60], few)), sample(answered(BETA[:60], few))).paired


def test_of_too_many_each_prompt_keeps_its_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paired, "_MOST", 50)
    double = [PROMPTS[number % 45] for number in range(70)]
    kept = kept_of(sample(answered(ALPHA, double)), sample(answered(BETA[:45], PROMPTS[:45])))
    assert [len(one) for one in kept.samples] == [50, 45]
    assert len(np.unique(kept.samples[0].prompt_hash)) == 45


def references(source: Whole, prompt: Whole, component: Whole, fold: Whole) -> References:
    n = len(source)
    hashes = np.arange(1, n + 1).astype(np.uint64)
    return References(
        source=source,
        cluster_hash=hashes,
        prompt_hash=prompt.astype(np.uint64),
        component=component,
        fold=fold,
        multiplicity=np.ones(n, np.int64),
        domain=np.full(n, -1),
        document=np.arange(n),
        passage_tokens=np.full(n, 10),
        statistics=np.zeros((n, 1), np.float32),
    )


SCORE = np.array([3.0, 1.0, 5.0, 2.0, 4.0, 8.0])


def test_answers_to_one_prompt_are_exchanged_one_by_one() -> None:
    source, prompt = np.array([0, 1, 0, 1, 1, 0]), np.array([1, 1, 2, 2, 2, 3])
    found = exchangeable(references(source, prompt, prompt - 1, prompt - 1), SCORE, True)
    # The third prompt has no answer of the second source.
    assert found.score.tolist() == [3, 1, 5, 2, 4]
    assert found.first.tolist() == [True, False, True, False, False]
    assert len({*found.stratum[:2].tolist()}) == len({*found.stratum[2:].tolist()}) == 1
    assert found.fold.tolist() == [0, 0, 1, 1, 1]


def test_prompts_that_belong_together_change_places_together() -> None:
    source, prompt = np.array([0, 1, 0, 1, 1, 0]), np.array([1, 1, 2, 2, 2, 3])
    joined = np.zeros(6, np.int64)
    found = exchangeable(references(source, prompt, joined, joined + 2), SCORE, True)
    # Of three answers to the second prompt the second source's first stands for both of its own.
    assert found.score.tolist() == [3 + 5, 1 + 2]
    assert found.first.tolist() == [True, False]
    assert found.stratum.tolist() == [-1, -1] and found.fold.tolist() == [2, 2]


def test_unpaired_documents_that_belong_together_are_one() -> None:
    source, component = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 2, 3, 3])
    fold = np.array([0, 0, 0, 1, 1, 1])
    found = answers(references(source, np.zeros(6, np.int64), component, fold), SCORE, False)
    # The last component is of both sources, and so fold 1 holds one label alone.
    assert found.score.tolist() == [2, 5]
    assert found.first.tolist() == [True, False]


def test_documents_without_a_score_say_nothing() -> None:
    source, prompt = np.array([0, 1, 0, 1, 1, 0]), np.array([1, 1, 2, 2, 2, 3])
    score = np.where(prompt == 1, np.nan, SCORE)
    found = answers(references(source, prompt, prompt, prompt), score, True)
    assert found.score.tolist() == [5, 2, 4]
