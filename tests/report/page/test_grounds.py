"""What an answer rests on: every kind once, the strongest first, nothing claimed unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import report_examples as examples

from provenance.records import Diagnostic, Finding
from provenance.report.page.grounds import finding_name, first_sentence, grounds
from provenance.report.report import Report


def log(kind: str = "overlap", verdict: str = "found", **more: object) -> Finding:
    return Finding(kind=kind, verdict=verdict, details={"of": "log"}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", examples.REPORTS)
def test_every_kind_stands_there_once_and_what_was_found_first(
    make: Callable[[], Report],
) -> None:
    found = grounds(make())
    names = [one.name for one in found]
    assert len({*names}) == len(names)
    assert {"The API's own log", "Planted canaries", "Watermarks", "Style"} <= {*names}
    states = [one.state for one in found]
    order = ["found", "not_found", "cannot_tell", "not_checked"]
    assert states == sorted(states, key=order.index)


def test_the_log_comes_before_style_and_is_one_ground() -> None:
    check = Diagnostic(name="log", verdict="ok", statistic=0.2, limit=0.4, sentence="61 match.")
    found = grounds(
        replace(
            examples.estimated(),
            findings=(log(p_value=0.01), log("near_duplicate", "not_found", p_value=0.5)),
            diagnostics=(check,),
        )
    )
    assert [one.name for one in found[:2]] == ["The API's own log", "Style"]
    assert found[0].sentence == "61 match." and found[0].p_value == 0.01
    assert "Near copies" not in [one.name for one in found]


def test_style_is_found_only_above_zero() -> None:
    def style(report: Report) -> str:
        return next(one.state for one in grounds(report) if one.name == "Style")

    assert style(examples.estimated()) == "found"
    assert style(examples.nothing_found()) == "not_found"
    assert style(examples.withheld()) == "cannot_tell"
    assert style(examples.model_like()) == "found"
    nobody = grounds(replace(examples.estimated(), shares=()))
    assert "Style" not in [one.name for one in nobody]


@pytest.mark.parametrize(
    ("n_marked", "state", "said"),
    [
        (0, "not_found", "1 document holds characters that no keyboard types; none carries"),
        (3, "found", "3 carry a hidden mark."),
    ],
)
def test_odd_characters_alone_are_no_hidden_mark(n_marked: int, state: str, said: str) -> None:
    details = {"hidden_marks": {"n_marked": n_marked}}
    one = Finding(kind="text_repair", verdict="found", n_documents=1, details=details)
    found = {one.name: one for one in grounds(replace(examples.estimated(), findings=(one,)))}
    told = found["Odd characters and hidden marks"]
    assert told.state == state and said in told.sentence


@pytest.mark.parametrize(
    ("kind", "of", "name"),
    [
        ("text_repair", "repairs", "Odd characters and hidden marks"),
        ("disclosure", "phrases", "What the texts say of themselves"),
        ("suppressed_signature", "identity", "Claims to be an unknown model"),
        ("suppressed_signature", "lengths", "Texts cut at one length"),
        ("suppressed_signature", "typing", "Errors of typing in common words"),
        ("suppressed_signature", "gaps", "Odd gaps between words"),
        ("suppressed_signature", "joins", "Words that do not follow each other"),
        ("suppressed_signature", "telling words", "Missing telling words"),
    ],
)
def test_a_sign_of_washing_is_told_as_what_it_is(kind: Any, of: str, name: str) -> None:
    details = {"of": of, "hidden_marks": {"n_marked": 0}}
    one = Finding(kind=kind, verdict="found", p_value=1e-9, n_documents=40, details=details)
    check = Diagnostic(
        name=f"washed[{of}]", verdict="ok", statistic=1e-9, limit=1e-5, sentence="40 of 90 do."
    )
    report = replace(examples.estimated(), findings=(one,), diagnostics=(check,))
    (told,) = (ground for ground in grounds(report) if ground.name == name)
    assert (told.state, told.sentence, told.p_value) == ("found", "40 of 90 do.", 1e-9)
    assert finding_name(one) == name


def test_a_finding_may_bring_its_own_sentence() -> None:
    one = Finding(
        kind="disclosure",
        verdict="found",
        n_documents=2,
        p_value=0.001,
        details={"sentence": "Two texts say that they are a model's."},
    )
    found = {one.name: one for one in grounds(replace(examples.estimated(), findings=(one,)))}
    told = found["What the texts say of themselves"]
    assert (told.sentence, told.p_value) == ("Two texts say that they are a model's.", 0.001)


def test_hostile_details_are_no_sentence() -> None:
    one = Finding(kind="disclosure", verdict="found", details={"sentence": ["<b>"], "of": 7})
    bad = Finding(kind="text_repair", verdict="found", details={"hidden_marks": "x"})
    found = grounds(replace(examples.estimated(), findings=(one, bad)))
    assert [one.state for one in found[:1]] == ["found"]


def test_long_texts_end_with_a_sentence_or_a_sign() -> None:
    assert first_sentence("One two. Three four.", 3) == "One two."
    assert first_sentence("One two three four", 3) == "One two three…"
    assert first_sentence("One two", 3) == "One two"
