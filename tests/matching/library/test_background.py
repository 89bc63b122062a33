"""Models of the library are the panel only where the candidate answers what they answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_matches import MIXED, matched
from known_text import SPEC, fingerprint, folder, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus
from provenance.errors import InputError
from provenance.matching.library.background import FEWEST_SHARED, background, set_asked
from provenance.matching.library.shelf import Entry, Shelf, added

MODELS = tuple(f"model{number}" for number in range(9))
ENTRY = Entry("", "model", "set", 0, 0, "en", "", "", "")


@cache
def answers(name: str, count: int, first: int = 0) -> Fingerprint:
    """A source's answers to the prompts of these numbers."""
    found = texts(name, first + count, 0)[first:]
    rows = ({"text": text, "prompt": f"prompt {first + at}"} for at, text in enumerate(found))
    return fit_fingerprint(open_corpus(rows), name, SPEC)


@cache
def shelf() -> Shelf:
    made = Shelf.load(folder() / "shelf")
    for name in MODELS:
        made = added(made, replace(ENTRY, name=f"set/{name}"), answers(name, FEWEST_SHARED + 10))
    return made


def told(*candidates: Fingerprint, asked: str | None = None) -> Any:
    return background(candidates, [fingerprint("human")], asked, [shelf()])


def test_a_set_whose_prompts_are_answered_is_the_panel() -> None:
    found = told(answers("alpha", 200))
    assert found.prompts == "set" and len(found.panel) == len(MODELS)
    (kept,) = found.candidates
    assert len(kept.sample) == FEWEST_SHARED + 10
    every = np.concatenate([one.sample.prompt_hash for one in found.panel])
    assert {*every.tolist()} == {*kept.sample.prompt_hash.tolist()}
    assert found.sentence.startswith("9 models of the library that answer the prompts of set")
    assert "Of the 200 answers in the candidate's sample the 70 to" in found.sentence


def test_both_sides_answer_the_same_prompts() -> None:
    found = told(answers("alpha", 100, 5))
    prompts = {*found.candidates[0].sample.prompt_hash.tolist()}
    assert len(prompts) == FEWEST_SHARED + 5
    assert all({*one.sample.prompt_hash.tolist()} <= prompts for one in found.panel)


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (lambda: fingerprint("alpha"), "tells no prompts"),
        (lambda: answers("alpha", 100, 1000), "answers other prompts"),
        (lambda: answers("alpha", FEWEST_SHARED - 1), f"it answers {FEWEST_SHARED - 1}"),
        (lambda: _of_another_spec(), "holds 0 models measured as"),
    ],
)
def test_else_no_model_stands_behind_it_and_why_is_told(candidate: Any, why: str) -> None:
    found = told(candidate())
    assert not found.panel and found.candidates == (candidate(),)
    assert why in found.sentence
    with pytest.raises(InputError, match="no fair panel"):
        told(candidate(), asked="")


def test_each_candidate_has_to_answer_them() -> None:
    assert not told(answers("alpha", 100), answers("beta", 100, 1000)).panel


def test_the_candidate_is_not_its_own_background() -> None:
    for candidate in (answers("model3", 100), replace(answers("model3", 100), name="reseller")):
        names = [one.name for one in told(candidate).panel]
        assert len(names) == len(MODELS) - 1 and "set/model3" not in names


def test_a_candidate_of_another_kind_gets_no_panel() -> None:
    rows = [
        {
            "text": f"Here is what I found for you, as you asked me to. {text}",
            "prompt": f"prompt {n}",
        }
        for n, text in enumerate(texts("alpha", FEWEST_SHARED + 10, 0))
    ]
    wrapped = fit_fingerprint(open_corpus(rows), "alpha", SPEC)
    found = told(wrapped)
    assert not found.panel and found.candidates == (wrapped,)
    assert "less like any model's" in found.sentence


def test_prompts_that_few_models_answer_serve_nobody(tmp_path: Path) -> None:
    """One model's own prompts do not become those of the set it was added to."""
    more = replace(ENTRY, name="set/more")
    held = added(Shelf.load(tmp_path), more, answers("gamma", 200))
    found = background([answers("alpha", 200)], [fingerprint("human")], held=[held, shelf()])
    assert len(found.panel) == len(MODELS) + 1
    assert len(found.candidates[0].sample) == FEWEST_SHARED + 10
    assert {len(one.sample) for one in found.panel} == {FEWEST_SHARED + 10}


def test_a_set_is_asked_for_by_its_name() -> None:
    assert told(answers("alpha", 100), asked="set").panel
    with pytest.raises(InputError, match="no set of prompts called 'other'"):
        told(answers("alpha", 100), asked="other")
    with pytest.raises(InputError, match="beside others"):
        set_asked(["library", "x.fp"])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    held = replace(shelf(), entries=shelf().entries[:2])
    monkeypatch.setattr("provenance.matching.library.background.shelves", lambda: [held])
    monkeypatch.setattr("provenance.matching.library.background._FEWEST_MODELS", 2)
    # Of two models neither tells how far apart models are.
    monkeypatch.setattr("provenance.matching.library.background.of_another_kind", lambda *_: "")


@pytest.mark.usefixtures("few")
def test_a_match_is_given_it_and_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = matched(MIXED, library=False, only=False)
    roles: list[str] = []

    def estimated(work: Any, *_: object) -> Any:
        roles.extend(work.sources.roles)
        return ready

    monkeypatch.setattr("provenance.matching.matching.estimate", estimated)
    report = matched(MIXED, candidates=[answers("alpha", FEWEST_SHARED + 10)], only=False)
    assert sorted(roles) == ["candidate", "panel", "panel", "reference"]
    assert report.diagnostics[-1].name == "library" and report.diagnostics[-1].statistic == 2
    told, size = report.diagnostics[-1].sentence, ready.reasons[0]
    assert "All 70 answers" in told and size.startswith("The smallest candidate sample")
    assert report.reasons == (told, *ready.reasons)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_a_match_takes_it_and_tells_it() -> None:
    report = matched(MIXED, candidates=[answers("alpha", FEWEST_SHARED + 10)], only=False)
    assert {row.role for row in report.shares} >= {"candidate", "panel", "reference"}
    [check] = [one for one in report.diagnostics if one.name == "library"]
    assert check.verdict == "ok" and check.statistic == 2
    assert check.sentence in report.reasons


def test_a_match_that_cannot_take_it_says_why() -> None:
    report = matched(MIXED, only=False)
    assert "tells no prompts" in report.reasons[-1]
    assert "panel" not in {row.role for row in report.shares}


@pytest.mark.parametrize("options", [{"library": False, "only": False}, {"only": True}])
def test_a_match_does_not_ask_it(options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr("provenance.matching.sources.background", refused)
    report = matched(MIXED, **options)
    assert not [one for one in report.diagnostics if one.name == "library"]


def _of_another_spec() -> Fingerprint:
    made = answers("alpha", 100)
    return replace(made, spec=replace(made.spec, min_tokens=9))


def test_the_shelf_is_where_it_was_put() -> None:
    assert shelf().folder == Path(folder() / "shelf")
