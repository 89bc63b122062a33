"""Which field answers what stands beside it, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.corpus.rows.answers import answering_field, each_answer

SAID = "Because it is so."


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"model_output": SAID}, "model_output"),
        ({"answer": SAID}, None),  # nothing was asked
        ({"answer": SAID, "question": "Why is it?"}, "answer"),
        ({"answer": SAID, "question": ""}, None),
        ({"answer": SAID, "generation": "It is not so.", "question": "Why is it?"}, None),
        ({"resps": [[SAID]], "target": "It is not so.", "question": "Why is it?"}, "resps[*][*]"),
        ({"gpt4_response": SAID, "prompt": "Why is it?"}, "gpt4_response"),
        ({"id": 7}, None),
    ],
)
def test_the_field_that_answers(row: dict[str, Any], found: str | None) -> None:
    assert answering_field(row) == found


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        ([SAID, SAID], "[*]"),
        ([{"text": SAID}], "[*].text"),
        ([{"turns": [SAID, SAID]}], "[*].turns[*]"),
        ({"text": SAID}, ".text"),
        ({"text": SAID, "answer": "It is not so."}, ""),  # which of the two?
        ([], ""),
        (SAID, ""),
        (None, ""),
    ],
)
def test_how_a_list_goes_on_to_each_answer(value: object, steps: str) -> None:
    assert each_answer({"outputs": value}, "outputs") == steps


def test_what_a_question_offers_answers_nothing() -> None:
    offered = [{"label": "A", "text": "It is so."}]
    assert each_answer({"choices": offered}, "choices") == ""
    assert each_answer({"choices": [SAID, SAID]}, "choices") == ""
    assert each_answer({"choices": [{"text": SAID}]}, "choices") == "[*].text"
