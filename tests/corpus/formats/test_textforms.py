"""Files of text that are rows, pages or several documents, and texts that only begin like them."""

from __future__ import annotations

import pytest

from provenance.corpus.formats.textforms import hidden_form

ROW = '{"text": "It is so."}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{ROW}\n{ROW}\n", "rows of JSON"),
        (f"[\n {ROW},\n {ROW}\n]\n", "rows of JSON"),
        ("<!doctype HTML>\n<p>It is so.", "page of HTML"),
        ('<?xml version="1.0"?>\n<html lang="en">It is.</html>', "page of HTML"),
        ("It is so.<|endoftext|>So it is.<|endoftext|>", "several documents"),
        ("id;prompt;response\n1;Why?;It is so.\n", "a table"),
        ("prompt\tresponse\nWhy?\tIt is so.\n", "a table"),
        ("prompt, response\nWhy?, It is so.\n", "a table"),
        (f"{ROW}\nbroken\n{ROW}\n", "rows of JSON"),
        (ROW, "rows of JSON"),
        ("It is so. <|endoftext|> So it is.", "several documents"),
        ("It is so\n<|endoftext|>\nSo it is", "several documents"),
        ("<html>\n<body>It is so.", "page of HTML"),
    ],
)
def test_what_is_no_text(text: str, told: str) -> None:
    found = hidden_form(text)
    assert found is not None and told in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{untitled}\nIt is so.",
        "[1] It is so.\n[2] So it is.",
        "In HTML a page begins with <html> and ends.",
        "It is so.<|endoftext|>\n",
        "<|user|>Why?<|endoftext|><|assistant|>It is so.<|endoftext|>",
        "Question, answer\nIt is so.",
        "Milk, eggs, text\nBread, butter, rice\n",
        "prompt",
        f"{ROW}\nIt is so.\n\nSo it is.",
        "<html> is where a page begins, and <body> follows.",
        "The mark <|endoftext|> ends a text.",
        "It is encode('<|endoftext|>') that ends a text, or `<|endoftext|>`.",
        "Text, question\nIt is so, and so it is, and so on.\n",
        "Question | Answer\n--- | ---\nWhy? | It is so.\n",
    ],
)
def test_texts_that_only_begin_like_it(text: str) -> None:
    assert hidden_form(text) is None
