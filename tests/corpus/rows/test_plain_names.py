"""Known names of fields are read in any spelling, and never two fields as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.rows.plain_names import PlainNames, plain_names
from provenance.errors import InputError

ROW = {"ID": 1, "Prompt": "Why is it?", "Response": "It is so."}


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Generated Text", "generated_text"),
        (" Response ", "response"),
        ("ASSISTANT", "assistant"),
        ("userPrompt", "user_prompt"),
        ("model-output", "model_output"),
        ("User.Input", "user_input"),
    ],
)
def test_a_name_in_another_spelling(written: str, known: str) -> None:
    assert plain_names([written]) == {written: known}


@pytest.mark.parametrize(
    "names",
    [
        ["Response", "response"],  # the known one is there
        ["Text", "TEXT"],  # either may be meant
        ["isUser", "text", "modelInput"],  # known as they are
        ["Remark", "", "x" * 61],
    ],
)
def test_what_keeps_its_name(names: list[str]) -> None:
    assert plain_names(names) == {}


def test_a_name_that_is_asked_for_keeps_it() -> None:
    assert PlainNames(["Response"]).of(("Prompt", "Response")) == {"Prompt": "prompt"}


@pytest.mark.parametrize("options", [{}, {"text_field": "Response"}, {"text_field": "response"}])
def test_a_row_is_read_by_either_name(options: dict[str, Any]) -> None:
    corpus = open_corpus([ROW], **options)
    assert [(one.text, one.prompt) for one in corpus] == [("It is so.", "Why is it?")]


def test_a_field_of_parts_is_found_as_it_is_written() -> None:
    rows = [{**ROW, "Source": "web"}]
    (document,) = open_corpus(rows, by=("Source",), group_field="Prompt")
    assert (dict(document.fields), document.group) == ({"Source": "web"}, "Why is it?")


def test_two_spellings_of_one_field_are_asked_about() -> None:
    with pytest.raises(InputError, match="--text-field"):
        list(open_corpus([{"Text": "It is so.", "TEXT": "It is not."}]))


def test_columns_of_a_table_are_found_in_any_spelling(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([{**ROW, "n": [1]}]), tmp_path / "a.parquet")
    (document,) = open_corpus(tmp_path / "a.parquet")
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")
