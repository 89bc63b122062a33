"""What a row's text answers, where nobody named the field of it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from provenance.corpus import open_corpus

ASKED = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Yes?"},
    {"role": "user", "content": "Why is it?"},
]


@pytest.mark.parametrize(
    ("row", "prompt"),
    [
        ({"prompt": "Why is it?"}, "Why is it?"),
        ({"prompt": ASKED}, "Why is it?"),
        ({"prompt": "\n\nHuman: Hi\n\nAssistant: Yes?\n\nHuman: Why is it?"}, "Why is it?"),
        ({"prompt": '[{"role": "user", "content": "Why is it?"}]'}, "Why is it?"),
        ({"prompt": "[{'from': 'human', 'value': 'Why is it?'}]"}, "Why is it?"),
        ({"prompt": "[1] Why is it?"}, "[1] Why is it?"),
        ({"prompt": "Human: an old word."}, "Human: an old word."),
        ({"instruction": "Sum up.", "input": "A text."}, "Sum up.\nA text."),
        ({"instruction": "Sum up.", "context": "A text."}, "Sum up.\nA text."),
        ({"instruction": "Sum up.", "input": "", "context": None}, "Sum up."),
        ({"question": "Why is it?", "context": "A text."}, "Why is it?"),
        ({"problem": "Why is it?"}, "Why is it?"),
        ({"input": "Why is it?"}, "Why is it?"),
        ({"input": ASKED}, "Why is it?"),
        ({"input": {"messages": ASKED}}, "Why is it?"),
        ({"messages": ASKED}, "Why is it?"),
        ({"context": ASKED}, "Why is it?"),
        ({"context": "A text."}, None),
        ({"messages": "none"}, None),
        ({"prompt": None, "input": "Why is it?"}, "Why is it?"),
        ({"prompt": "", "messages": ASKED}, "Why is it?"),
        ({"prompt": "", "input": None}, ""),
        ({"prompt": None, "input": ""}, ""),
        ({"title": "Why is it?"}, None),
    ],
)
def test_the_prompt_of_a_row(row: dict[str, Any], prompt: str | None) -> None:
    (document,) = open_corpus([{**row, "response": "So it is."}])
    assert (document.text, document.prompt) == ("So it is.", prompt)


def test_a_text_is_not_its_own_prompt() -> None:
    (document,) = open_corpus([{"prompt": "Why?", "input": "So?"}], text_field="prompt")
    assert (document.text, document.prompt) == ("Why?", None)
    (document,) = open_corpus([{"messages": ASKED}], text_field="messages[1].content")
    assert (document.text, document.prompt) == ("Yes?", None)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Why is it? It is so.", "It is so."),
        ("Why is it?\n\nIt is so.", "It is so."),
        ("Why is it?", "Why is it?"),
        ("Why? It is so.", "Why? It is so."),
    ],
)
def test_the_prompt_that_a_text_begins_with_is_none_of_it(text: str, read: str) -> None:
    corpus = open_corpus([{"prompt": "Why is it?", "text": text}])
    (document,) = corpus
    assert (document.text, document.prompt) == (read, "Why is it?")
    told = "the prompt that 1 text began with left out"
    assert (told in corpus.what_was_read()) == (text != read)


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_a_prompt_is_cut_off_whatever_other_rows_begin_with(order: tuple[int, ...]) -> None:
    rows = [
        {"prompt": "Why is it?", "text": "It is so."},
        {"prompt": "Why is it?", "text": "Why is it? It is."},
        {"prompt": "Is it so?", "text": "Is it so?"},
    ]
    read = ["It is so.", "It is.", "Is it so?"]
    corpus = open_corpus([rows[at] for at in order])
    assert [one.text for one in corpus] == [read[at] for at in order]
    assert "the prompt that 1 text began with left out" in corpus.what_was_read()


def test_words_that_an_assistant_repeats_are_its_own() -> None:
    chat = [
        {"role": "user", "content": "Why is it?"},
        {"role": "assistant", "content": "Why is it? So."},
    ]
    (document,) = open_corpus([{"prompt": "Why is it?", "messages": chat}])
    assert document.text == "Why is it? So."
