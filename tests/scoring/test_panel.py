"""Scores of new documents: parts of documents, calibration, folds, stored weights."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, documents, fingerprint, panel, scored, texts
from numpy.typing import NDArray
from scipy import stats

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Document
from provenance.features.features import prepare
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.scored_batch import score_batch
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import N_FOLDS, Panel, drawn_folds
from provenance.scoring.views import views_of


@pytest.mark.parametrize("n_sources", [2, 3])
def test_a_document_of_a_sample_is_scored_by_the_model_that_has_not_seen_it(n_sources: int) -> None:
    fitted = panel(n_sources)
    batch = scored(documents(texts("alpha", 150, 0)), n_sources)
    known = {
        cluster: place for place, cluster in enumerate(fitted.references.cluster_hash.tolist())
    }
    first = {
        document: place for place, document in reversed([*enumerate(fitted.references.document)])
    }
    for name in views_of(n_sources):
        held_out = fitted.views[name].log_posterior
        for place, document in enumerate(batch.document.tolist()):
            if place and batch.document[place - 1] == document:
                continue
            expected = held_out[first[known[int(batch.cluster_hash[document])]]]
            assert batch.log_posterior[name][place] == pytest.approx(expected, abs=2e-4)


N_PROMPTS = 60


def on_topics(source: str, seed: int, first: int) -> list[str]:
    """Texts each of which says words of its own topic again and again."""
    found = []
    for topic, text in enumerate(texts(source, N_PROMPTS, seed), first):
        words = text.split()
        words[::4] = [f"topic{topic}"] * len(words[::4])
        found.append(" ".join(words))
    return found


@cache
def asked_panel() -> Panel:
    """``alpha`` was asked prompts on topics of their own; people wrote on others."""
    found = on_topics("alpha", 0, first=0)
    rows = [{"text": text, "prompt": f"Prompt {n}?"} for n, text in enumerate(found)]
    api = fit_fingerprint(open_corpus(rows), "alpha", SPEC)
    people = fit_fingerprint(iter(on_topics("human", 0, first=1000)), "human", SPEC)
    return fit_panel([api, people])


def hashes(*prompts: str | None) -> NDArray[np.uint64]:
    return label_hashes(prompts)


def test_no_row_is_scored_by_models_that_saw_an_answer_to_its_prompt() -> None:
    fitted = asked_panel()
    known = fitted.references
    asked = [f"Prompt {n}?" for n in range(N_PROMPTS)]
    words = np.arange(1, N_PROMPTS + 1, dtype=np.uint64)
    fold = fitted.folds(words, hashes(*asked))
    for prompt, given_fold in zip(hashes(*asked), fold.tolist(), strict=True):
        # A fold's models learned from the documents of all other folds.
        assert known.fold[known.prompt_hash == prompt].tolist() == [given_fold]
    drawn = fitted.folds(words)
    assert drawn.tolist() == drawn_folds(words, fitted.seed).tolist() != fold.tolist()
    for prompts in (hashes(*[None] * N_PROMPTS), hashes(*["Another?"] * N_PROMPTS)):
        assert fitted.folds(words, prompts).tolist() == drawn.tolist()


def test_a_twin_in_the_samples_comes_before_its_prompt() -> None:
    fitted = asked_panel()
    known = fitted.references
    prompt = hashes("Prompt 3?").repeat(len(known.cluster_hash))
    assert fitted.folds(known.cluster_hash, prompt).tolist() == known.fold.tolist()


def test_a_prompt_in_several_folds_says_nothing() -> None:
    rows = [{"text": text, "prompt": "Go on."} for text in texts("alpha", 60, 0)]
    api = fit_fingerprint(open_corpus(rows), "alpha", SPEC)
    fitted = fit_panel([api, fingerprint("human")])
    words = np.arange(1, 30, dtype=np.uint64)
    prompt = hashes("Go on.").repeat(len(words))
    assert fitted.folds(words, prompt).tolist() == fitted.folds(words).tolist()


def test_what_people_wrote_on_an_asked_prompt_is_not_taken_for_an_answer_to_it() -> None:
    """Its topic stands in the API's sample alone; what scores it must not have seen that."""
    plain = documents(on_topics("human", 9, first=0))
    asked = [replace(item, prompt=f"Prompt {n}?") for n, item in enumerate(plain)]
    lower = _log_odds_of_alpha(plain) - _log_odds_of_alpha(asked)
    # Lower for those that prompts moved to another fold, by more than chance makes (t of 0.1 %).
    moved = lower[lower != 0]
    assert len(moved) > N_PROMPTS / 2
    assert stats.ttest_1samp(moved, 0, alternative="greater").pvalue < 1e-3


def _log_odds_of_alpha(found: list[Document]) -> NDArray[np.float64]:
    prepared = prepare([item.text for item in found], SPEC)
    batch = score_batch(found, prepared, asked_panel(), (0,))
    ratios = batch.log_posterior["n-grams"].astype(np.float64)
    return ratios[:, 0] - ratios[:, 1]


@given(st.integers(0, 2**64 - 1), st.integers(0, 100))
def test_a_fold_depends_on_the_words_alone(value: int, seed: int) -> None:
    hashes = np.array([value, value, 1], np.uint64)
    found = drawn_folds(hashes, seed)
    assert found[0] == found[1] == drawn_folds(hashes[:1], seed)[0]
    assert 0 <= found.min() <= found.max() < N_FOLDS


def test_folds_of_strangers_are_even() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**63, 20_000).astype(np.uint64)
    for seed in (0, 1, 2**40):
        counts = np.bincount(drawn_folds(hashes, seed), minlength=N_FOLDS)
        assert abs(counts - 4000).max() < 4 * np.sqrt(4000 * 0.8)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_no_passage_has_no_scores(n_sources: int) -> None:
    """Documents that are all too short, or none at all."""
    for found in (documents([]), documents(["Too short."])):
        for ratio in scored(found, n_sources).log_posterior.values():
            assert ratio.shape == (0, n_sources)
