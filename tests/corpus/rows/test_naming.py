"""What names of fields tell, and which fields of a row hold words."""

from __future__ import annotations

import pytest

from provenance.corpus.rows.naming import for_example, is_words, may_answer, worded


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("response_a", True),
        ("chatgpt_answers", True),
        ("Model_Output", True),
        ("rejected", True),
        ("generated_solution", True),
        ("reference_answer", False),
        ("correct_answers", False),
        ("response_model", False),
        ("generator", False),
        ("user_prompt", False),
        ("summary", False),
    ],
)
def test_names_that_may_be_of_answers(name: str, expected: bool) -> None:
    assert may_answer(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("two words", True),
        ("x" * 41, True),
        ("因为月亮吸引海水", True),
        ("เพราะดวงจันทร์", True),
        ("positive", False),
        (" 42 ", False),
        ("肯定", False),
        ("café", False),
        ("", False),
        (None, False),
    ],
)
def test_what_is_several_words(value: object, expected: bool) -> None:
    assert is_words(value) == expected


def test_words_of_both_sides_are_not_advised() -> None:
    turns = [{"who": "User", "what": "Why is it?"}, {"who": "Assistant", "what": "It is so."}]
    lists = {"who": ["user", "assistant"], "what": ["Why is it?", "It is so."]}
    assert [*worded({"a": turns, "b": lists, "c": "It is so."})] == ["c"]


def test_only_so_deep_is_looked() -> None:
    deep: object = "It is so."
    for _ in range(4):
        deep = [deep]
    assert [*worded({"a": deep})] == ["a[*][*][*][*]"]
    assert [*worded({"a": [deep]})] == []


def test_what_is_advised_is_escaped_and_short() -> None:
    row = {"a\x1b[2J": "It is.", "b\u202e c": "It is.", "d" * 500: "It is.", "e": "It is."}
    advice = for_example(row)
    assert "\x1b" not in advice and "\u202e" not in advice
    assert len(advice) < 300
    assert advice.count("--text-field") == 3
