"""Checks of the samples pass where they should and fire where they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import SPEC, fingerprint, panel, rows, tallied, texts, under

from provenance import fit_fingerprint, open_corpus
from provenance.fingerprint.sample import SampledDocuments
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.share.checks.checks_of_samples import (
    contamination_check,
    length_check,
    negative_control,
    prompt_check,
)

VIEW = "n-grams"


MIXED = [*texts("alpha", 60, 5), *texts("human", 140, 5)]


def test_lengths_of_the_samples_are_read_well() -> None:
    check = length_check(
        panel().samples(VIEW), tallied(MIXED).sampled(VIEW).scored, [0, 1], np.array([0.3, 0.7])
    )
    assert check.verdict == "ok"
    assert check.statistic is not None and check.statistic < 0.05


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("short", ["alpha", "human"])
def test_lengths_that_a_sample_does_not_have_cannot_be_read(short: str) -> None:
    """One source's sample is of short texts, the corpus of long ones."""
    sources = [
        fit_fingerprint(
            open_corpus(rows(texts(name, 80, 3, words=(9, 12) if name == short else (40, 44)))),
            name,
            SPEC,
        )
        for name in ("alpha", "human")
    ]
    fitted = fit_panel(sources)
    long = under(fitted, texts("human", 60, 5, words=(40, 44))).sampled(VIEW).scored
    check = length_check(fitted.samples(VIEW), long, [0], np.array([0.3, 0.7]))
    assert (check.verdict, check.statistic) == ("fail", 1.0)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_held_back_samples_show_no_share(n_sources: int) -> None:
    check = negative_control(panel(n_sources).samples(VIEW), [0])
    assert check.verdict == "ok"


@pytest.mark.parametrize(
    ("words", "withheld"), [((9, 12), True), ((40, 44), False)], ids=["short", "long"]
)
def test_of_many_the_others_must_have_written_at_the_lengths(
    words: tuple[int, int], withheld: bool
) -> None:
    """The candidate's sample was cut short: beta's texts that were cut too would read as its."""
    lengths = {"alpha": (9, 12), "beta": (40, 44), "human": (40, 44)}
    fitted = fit_panel(
        [
            fit_fingerprint(iter(texts(name, 80, 3, words=each)), name, SPEC)
            for name, each in lengths.items()
        ]
    )
    corpus = under(fitted, texts("beta", 60, 5, words=words)).sampled("words").scored
    shares = np.array([0.0, 1.0, 0.0])
    check = length_check(fitted.samples("words"), corpus, [0], shares, many=True)
    assert (check.verdict == "fail") == withheld
    assert ("worth 1 that share nothing" in check.sentence) == withheld


def test_a_corpus_cut_to_one_length_is_read_by_texts_near_it() -> None:
    """No sampled text need be of just that length."""
    fitted = fit_panel(
        [
            fit_fingerprint(iter(texts(name, 80, 3, words=(12, 44))), name, SPEC)
            for name in ("alpha", "beta", "human")
        ]
    )
    corpus = under(fitted, texts("beta", 60, 5, words=(20, 21))).sampled("words").scored
    shares = np.array([0.0, 1.0, 0.0])
    check = length_check(fitted.samples("words"), corpus, [0], shares, many=True)
    assert "share nothing" not in check.sentence


def test_the_negative_control_fires_on_a_wrong_label() -> None:
    """A fifth of the human sample is the candidate's own text: every fifth of it reads so."""
    mixed = [*texts("human", 120, 0), *texts("alpha", 30, 8)]
    rng = np.random.default_rng(0)
    alpha = fingerprint("alpha")
    human = fit_fingerprint(iter([mixed[place] for place in rng.permutation(150)]), "human", SPEC)
    fitted = fit_panel([alpha, human])
    ratio = fitted.views[VIEW].log_posterior.copy()
    references = fitted.references
    # The first fold's rows of the other source look like the candidate's.
    turned = (references.fold == 0)[references.document] & (
        references.source[references.document] == 1
    )
    ratio[turned] = ratio[turned][:, ::-1]
    views = {**fitted.views, VIEW: replace(fitted.views[VIEW], log_posterior=ratio)}
    check = negative_control(replace(fitted, views=views).samples(VIEW), [0])
    assert check.verdict in ("warn", "fail")
    assert check.statistic is not None and check.statistic > 0.1


def test_passages_of_each_source_weigh_the_same() -> None:
    passages = panel(3).samples(VIEW).scored.passages()
    assert passages.source is not None
    assert np.bincount(passages.source, passages.weight) == pytest.approx([1, 1, 1])


def prompted(*prompts: int) -> SampledDocuments:
    return replace(SampledDocuments.empty(), prompt_hash=np.array(prompts, np.uint64))


@pytest.mark.parametrize(
    ("prompts", "verdict", "statistic"),
    [
        ({"a": (1, 2, 3, 4), "b": (1, 2, 3, 4)}, "ok", 0.0),
        ({"a": (1, 2, 3, 9), "b": (1, 2, 3)}, "warn", 0.25),
        ({"a": (1, 1, 1, 9), "b": (1, 0)}, "warn", 0.25),
        ({"a": (5, 6), "b": (1, 2), "c": (1, 2)}, "fail", 1.0),
    ],
)
def test_models_that_answered_other_prompts_are_told(
    prompts: dict[str, tuple[int, ...]], verdict: str, statistic: float
) -> None:
    (found,) = prompt_check({name: prompted(*given) for name, given in prompts.items()})
    assert (found.verdict, found.statistic) == (verdict, statistic)


def test_prompts_that_nobody_gave_leave_a_doubt() -> None:
    """A candidate's topics are not the others', and nobody can see it: all text on them is its."""
    assert prompt_check({"a": prompted(0, 0)}) == []
    (found,) = prompt_check({"a": prompted(1, 2), "b": prompted(0, 0)})
    assert (found.verdict, found.statistic) == ("warn", None)
    assert "prompts b answered is not known" in found.sentence
    (found,) = prompt_check({name: prompted(0) for name in "abc"})
    assert "a and 2 more" in found.sentence
    (found,) = prompt_check({"a": prompted(1, 2), "b": prompted(1, 2), "c": prompted(0, 0)})
    assert (found.verdict, found.statistic) == ("warn", 0.0)


def test_a_sample_without_prompts_hides_no_failure_of_the_others() -> None:
    (found,) = prompt_check({"a": prompted(5, 6), "b": prompted(1, 2), "c": prompted(0, 0)})
    assert (found.verdict, found.statistic) == ("fail", 1.0)
    assert "prompts c answered is not known" in found.sentence


MET = np.array([1, 2, 3, 4, 5, 6], np.uint64)


@pytest.mark.parametrize(
    ("samples", "asked"),
    [
        ({"api": (1, 2, 3, 4)}, ["api was asked: 100 %"]),
        ({"api": (1, 2, 3, 9)}, ["api was asked: 75.0 %"]),
        ({"api": (1, 2, 8, 9)}, ["api was asked: 50.0 %"]),
        ({"api": (1, 7, 8, 9)}, []),
        ({"api": (0, 0, 0, 1)}, []),
        ({"api": (1, 2), "other": (1, 2)}, ["api was asked: 100 %", "other was asked: 100 %"]),
    ],
)
def test_a_sample_that_was_asked_of_the_corpus_is_told(
    samples: dict[str, tuple[int, ...]], asked: list[str]
) -> None:
    found = prompt_check({name: prompted(*given) for name, given in samples.items()}, MET)
    told = " ".join(check.sentence for check in found)
    assert [part for part in asked if part in told] == asked
    assert told.count("was asked") == len(asked)
    assert {check.verdict for check in found} <= {"ok"}


def test_a_panel_that_was_not_asked_fails_all_the_same_and_the_remedy_is_told() -> None:
    samples = {"api": prompted(1, 2, 3), "other": prompted(7, 8, 9)}
    (found,) = prompt_check(samples, MET)
    assert found.verdict == "fail" and "api was asked" in found.sentence
    assert "provenance ask CORPUS" in found.sentence and "--asked" in found.sentence


def contaminated(n_of_candidate: int) -> Panel:
    """A reference of 300 texts by people, some more by the candidate."""
    human = [*texts("human", 300, 3), *texts("alpha", n_of_candidate, 4)]
    made = {"alpha": texts("alpha", 200, 1), "human": human}
    return fit_panel([fit_fingerprint(iter(found), name, SPEC) for name, found in made.items()])


@pytest.mark.slow
def test_a_reference_that_holds_the_candidates_text_is_told() -> None:
    [clean] = contamination_check(contaminated(0).samples(VIEW), [0], [1])
    assert (clean.name, clean.verdict) == ("contamination[human]", "ok")
    [mixed] = contamination_check(contaminated(30).samples(VIEW), [0], [1])
    assert mixed.verdict == "warn"
    assert mixed.statistic == pytest.approx(30 / 330, abs=0.03)


def test_answers_that_taught_nothing_are_told_and_do_not_fail() -> None:
    samples = {"api": prompted(1, 2, 3, 7, 8, 9), "other": prompted(7, 8, 9)}
    learnt = {"api": np.array([0, 0, 0, 1, 1, 1], bool), "other": np.ones(3, bool)}
    (found,) = prompt_check(samples, MET, learnt)
    assert (found.verdict, found.statistic) == ("warn", 0.0)
    assert (
        found.sentence.startswith("50.0 % of the sampled texts of api answer")
        and "nothing was learnt" in found.sentence
    )
    assert "Ask every model of the panel the same file" in found.sentence
    learnt["api"][3:] = [False, True, True]
    (found,) = prompt_check({**samples, "other": prompted(8, 8, 8)}, MET, learnt)
    assert "50.0 % of the texts that were learnt from of api answer" in found.sentence
    learnt["api"][:] = True
    (found,) = prompt_check(samples, MET, learnt)
    assert found.verdict == "warn" and "nothing was learnt" not in found.sentence
