"""The answer in words, for each verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import report_examples as examples

from provenance.records import Diagnostic
from provenance.report.headline import told_once
from provenance.report.page.grounds import MOST_WORDS

SENTENCES = {
    "estimated": (
        (0.1234, 0.1012, 0.1458),
        "estimated",
        "12.3 % of the documents are consistent with gpt-4 (95 % interval 10.1 to 14.6 %).",
    ),
    "nothing": (
        (0.004, 0.0, 0.0121),
        "estimated",
        "No evidence for gpt-4: at most 1.2 % of the documents are consistent with it "
        "(upper end of the 95 % interval).",
    ),
    "seen, but not from 0": (
        (0.2, 0.0, 0.3),
        "estimated",
        "20.0 % of the documents read as gpt-4's, but other sources may explain all of it (95 % "
        "interval 0 to 30.0 %).",
    ),
    "bounded": (
        (None, 0.05, 0.3),
        "bounded",
        "Between 5.0 and 30.0 % of the documents are consistent with gpt-4 (95 % interval).",
    ),
    "bounded from 0": (
        (None, 0.0, 0.3),
        "bounded",
        "At most 30.0 % of the documents look like the sample of gpt-4 (95 % upper bound; a share "
        "cannot be told, and text on other prompts than the sample's can hide more).",
    ),
    "withheld": (
        (None, 0.0, 1.0),
        "withheld",
        "Cannot tell for gpt-4: its share is withheld; no share is ruled out.",
    ),
}


@pytest.mark.parametrize(("at", "verdict", "told"), SENTENCES.values(), ids=SENTENCES)
def test_summary(at: tuple[float, float, float], verdict: str, told: str) -> None:
    row = examples.share("gpt-4", "candidate", "documents", *at, verdict=verdict)
    report = replace(examples.estimated(), shares=(row,), reasons=(), families=())
    assert report.answer() == told


def test_a_family_that_cannot_be_the_candidates_is_not_told_first() -> None:
    """Of the candidate at most 12 %, of it and its siblings at least 19 %: 7 % are theirs."""
    family = replace(
        examples.estimated().families[0], share=0.31, low=0.19, high=0.4, candidate_low=0.0
    )
    for high, is_told in ((0.12, False), (0.19, True)):
        row = examples.share("gpt-4", "candidate", "documents", 0.02, 0.0, high)
        report = replace(examples.estimated(), shares=(row,), families=(family,), reasons=())
        assert ("sibling" in report.answer()) == is_told
        assert ("sibling" in report.headline()) == is_told
        others = [examples.share(name, "candidate", "documents", 0.0, 0.0, 0.05) for name in "ab"]
        report = replace(report, shares=(row, *others))
        assert ("sibling" in report.headline()) == is_told


def test_siblings_come_first_in_the_summary() -> None:
    family = examples.estimated().families[0]
    assert (
        examples.estimated()
        .answer()
        .startswith(
            "15.1 % of the documents are consistent with gpt-4 or its siblings (gpt-4-turbo; 95 %"
            " interval 12.8 to 17.6 %). Alone: 12.3 % of the documents are consistent with gpt-4"
            " (95 % interval 10.1 to 14.6 %)."
        )
    )
    many = replace(family, members=("gpt-4", "a", "b", "c", "d", "e"))
    report = replace(examples.estimated(), families=(many,))
    assert "its siblings (a, b, c, 2 more; 95 % interval" in report.answer()
    nothing = replace(family, low=0.0, candidate_low=0.0)
    assert "siblings" not in replace(examples.estimated(), families=(nothing,)).answer()
    assert "siblings" not in replace(report, verdict="withheld", reasons=("why",)).answer()


def test_siblings_that_are_both_candidates_are_told_once() -> None:
    family = examples.estimated().families[0]
    other = replace(family, source="gpt-4-turbo", members=family.members[::-1], low=family.low / 2)
    rows = [
        examples.share(name, "candidate", "documents", 0.1, 0.05, 0.15) for name in family.members
    ]
    report = replace(examples.estimated(), shares=tuple(rows), families=(family, other))
    told = report.answer()
    assert told.count("or its siblings") == 1
    assert told.startswith("15.1 % of the documents are consistent with gpt-4 or its siblings")
    # The wider end of both.
    assert "95 % interval 6.4 to 17.6 %). Alone:" in told
    tokens = replace(family, unit="tokens")
    assert told_once((family, tokens, other))[1:] == [tokens]
    apart = replace(other, members=("gpt-4-turbo", "gpt-4", "b"))
    assert told_once((family, apart)) == [family, apart]


MODEL_LIKE = [
    (
        (0.1234, 0.1012, 0.1458),
        "Text like a language model's makes up 12.3 % of the documents (95 % interval 10.1 to"
        " 14.6 %); whether it is that of gpt-4, other models' samples must tell: bring them with"
        " --panel, or declare with --only that no other model may stand behind the corpus.",
    ),
    (
        (0.01, 0.0, 0.02),
        "No evidence for text like a language model's, that of gpt-4 included: at most 2.0 % of"
        " the documents are consistent with it (upper end of the 95 % interval).",
    ),
    (
        (None, 0.1, 0.42),
        "Cannot tell for gpt-4, nor for text like a language model's: no; of the latter what can"
        " be defended is between 10.0 and 42.0 %.",
    ),
]


@pytest.mark.parametrize(("at", "told"), MODEL_LIKE)
def test_summary_beside_people_alone(at: tuple[float | None, float, float], told: str) -> None:
    own, _, machine, *_ = examples.model_like().shares
    machine = examples.share(None, "machine", "documents", *at)
    own = replace(own, high=machine.high)
    report = replace(examples.model_like(), shares=(own, machine), reasons=("no.",))
    assert report.answer() == told
    assert report.model_like() == machine and report.model_like("tokens") is None


@pytest.mark.parametrize("at", [(0.2, 0.18, 0.22), (None, 0.18, 0.22)])
def test_a_candidate_has_no_more_for_sure_than_all_models(at: Any) -> None:
    found = examples.model_like()
    with pytest.raises(ValueError, match="low end above that of the row of the role machine"):
        replace(found, shares=(examples.share("a", "candidate", "tokens", *at), *found.shares))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (
            (0.3, 0.2, 0.4),
            " Of all models together, these and others that answer alike: 30.0 % of the documents"
            " (95 % interval 20.0 to 40.0 %).",
        ),
        (
            (0.3, 0.2, 1.0),
            " Of all models together, these and others: at least 20.0 % of the documents; 30.0 %"
            " read as these models' answers do, and models that answer otherwise may read as people"
            " (95 % interval 20.0 to 100 %).",
        ),
        (
            (0.3, 0.0, 0.4),
            " Of all models together no share can be shown: 30.0 % of the documents read as a"
            " language model's, but people's text may explain them (95 % interval 0 to 40.0 %).",
        ),
    ],
)
def test_beside_other_models_all_of_them_are_told_last(at: Any, told: str) -> None:
    own = examples.share("a", "candidate", "documents", 0.1, 0.0, 0.2)
    panel = examples.share("b", "panel", "documents", 0.1, 0.0, 0.2)
    machine = examples.share(None, "machine", "documents", *at)
    found = replace(examples.model_like(), shares=(own, machine, panel), parts_listed=None)
    assert found.model_like() == machine and found.unattributed() is None
    assert found.answer().startswith("10.0 % of the documents") or "for a" in found.answer()
    assert found.answer().endswith(told)
    assert "models" not in found.headline()


def test_a_withheld_summary_gives_the_first_reason() -> None:
    assert examples.withheld().answer() == (
        "Cannot tell for gpt-4: the fitted mixture does not reproduce the corpus's scores "
        "(fit 61.0, limit 26.3); what can be defended is between 0 and 42.0 %."
    )


def test_summary_of_several_and_of_no_candidates() -> None:
    told = examples.crowded().answer()
    assert " Alone: 12.3 % of" in told and " No evidence for gpt-3.5-turbo: at most 1.1 %" in told
    nobody = replace(examples.estimated(), shares=())
    assert nobody.answer() == "Not checked: no candidate source was given."


@pytest.mark.parametrize("verdict", ["estimated", "withheld"])
@pytest.mark.parametrize("of_row", ["estimated", "bounded", "withheld"])
@pytest.mark.parametrize("n_candidates", [0, 1, 2, 9])
@pytest.mark.parametrize("ends", [(0.0, 0.0), (0.0, 0.4), (0.1, 0.4), (0.0, 1.0)])
@pytest.mark.parametrize("has_machine", [False, True])
def test_a_headline_is_short_in_every_verdict(
    verdict: Any, of_row: Any, n_candidates: int, ends: tuple[float, float], has_machine: bool
) -> None:
    share = ends[1] / 2 if of_row == "estimated" else None
    low = 0.0 if has_machine else ends[0]
    rows = [
        examples.share(
            f"a name of {'many ' * 12}words {number}",
            "candidate",
            "documents",
            None if share is None else max(share, low),
            low,
            ends[1],
            verdict=of_row,
        )
        for number in range(n_candidates)
    ]
    if has_machine:
        at = (None if share is None else max(share, ends[0]), *ends)
        rows.append(examples.share(None, "machine", "documents", *at, verdict=of_row))
    report = replace(
        examples.estimated(),
        verdict=verdict,
        shares=tuple(rows),
        shares_all=(),
        shares_scored=(),
        families=(),
        reasons=("why " * 100,),
    )
    told = report.headline()
    assert told and len(told.split()) <= MOST_WORDS


def test_a_near_sibling_that_nothing_rules_out_is_named_beside_the_candidate() -> None:
    row = examples.share("gpt-4", "candidate", "documents", 0.5, 0.4, 0.6)
    check = Diagnostic(
        name="fresh_answers[gpt-4]", verdict="warn", statistic=None, limit=None, sentence="why"
    )
    report = replace(
        examples.estimated(), shares=(row,), families=(), reasons=(), diagnostics=(check,)
    )
    told = (
        "50.0 % of the documents are consistent with gpt-4 or a near sibling that was not given"
        " (95 % interval 40.0 to 60.0 %)."
    )
    assert report.answer() == report.headline() == told
    other = replace(row, source="b")
    both = replace(report, shares=(row, other))
    assert both.headline().endswith("Near siblings that were not given read alike.")
    assert both.answer().count("near sibling") == 1
    sure = replace(report, diagnostics=(replace(check, verdict="ok"),))
    assert "sibling" not in sure.answer() + sure.headline()
    # A low end of 0 names nobody.
    none = replace(report, shares=(replace(row, low=0.0),))
    assert "sibling" not in none.headline()
