"""Tables in memory: the same rows as from a list, whatever the table says of empty cells."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pytest
from known_corpora import refusal, texts

from provenance.corpus import open_corpus

ROWS: list[dict[str, Any]] = [
    {"text": "a first answer", "at": datetime.date(2024, 1, 31), "n": 1},
    {"text": "a second one", "at": None, "n": None},
]
CHATS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "user", "content": "say it"},
            {"role": "assistant", "content": f"answer {number}"},
        ]
    }
    for number in range(700)
]


class Stream:
    """Any library's table, of which the Arrow interface alone is known."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._table = pyarrow.Table.from_pylist(rows)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("made", [pd.DataFrame, pyarrow.Table.from_pylist, Stream])
def test_a_table_reads_as_its_rows(made: Any) -> None:
    for rows, options in ((ROWS, {"date_field": "at"}), (CHATS, {})):
        corpus, listed = open_corpus(made(rows), **options), open_corpus(rows, **options)
        found = [(document.text, document.date) for document in corpus]
        assert found == [(document.text, document.date) for document in listed]
        assert len(found) == len(rows)
        # A table may be read as often as need be.
        assert [document.text for document in corpus] == [text for text, _ in found]


def test_empty_cells_are_none_however_they_are_said() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c", "d"], "at": ["2024-01-31"] + [None] * 3})
    frame["at"] = pd.to_datetime(frame["at"])
    dates = [document.date for document in open_corpus(frame, date_field="at")]
    assert dates[0] is not None and dates[1:] == [None] * 3
    frame["text"] = pd.Series(["a", pd.NA, float("nan"), None], dtype=object)
    corpus = open_corpus(frame, on_error="skip")
    assert [document.text for document in corpus] == ["a"]


def test_a_table_that_is_no_corpus() -> None:
    twins = pd.DataFrame([["a", "b"]], columns=["text", "text"])
    assert "two columns are called 'text'" in refusal(twins)
    assert "holds no documents" in refusal(pd.DataFrame({"text": []}))


def test_a_column_of_texts_is_a_list_of_texts() -> None:
    assert texts(pd.Series(["a", "b"])) == ["a", "b"]


def test_chats_that_pandas_read_from_parquet_are_chats() -> None:
    """It makes arrays of objects of them."""
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
    cell = np.empty(2, dtype=object)
    cell[:] = chat
    frame = pd.DataFrame({"messages": [cell, cell]})
    assert texts(frame) == ["Yes?", "Yes?"]
