"""Small files of people, each with the one right reading of it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.corpus import open_corpus

FILES = Path(__file__).resolve().parents[1] / "cases" / "whose_words"
Q = "Tell me how a tide works please."
LONG_Q = "Tell me how a tide works please, I live by the sea."
A = "Tides rise because the moon pulls the water."
Q2, A2 = "And twice a day?", "Yes, on both sides."
TWO: list[tuple[str, str | None]] = [(A, LONG_Q), (A2, Q2)]
OLDER = "An older text of the year 2019 with some words in it."
LONG_A = "Tides rise because the moon pulls the water around the whole planet each and every day."
SIX: list[tuple[str, str | None]] = [
    ("A1 gpt", "Q1"),
    ("A2 bing", "Q2"),
    ("A3 bard", "Q3"),
    ("A3b", "Q3b"),
    ("A4", "Q4"),
    ("A5", "Q5"),
]
DAY = {"before": datetime.date(2022, 1, 1)}

READINGS: list[tuple[str, dict[str, Any], list[tuple[str, str | None]]]] = [
    ("one_conv.jsonl", {}, [(A, LONG_Q)]),
    ("one_conv.jsonl", {"role": "user"}, [(LONG_Q, None)]),
    ("one_conv.jsonl", {"text_field": "conversation"}, [(A, LONG_Q)]),
    ("completions.jsonl", {}, [("A", None), ("B", None)]),
    ("flat.jsonl", {}, [(A, None)]),
    ("flat.jsonl", {"role": "prompter"}, [(LONG_Q, None)]),
    ("hh.jsonl", {"text_field": "chosen"}, TWO),
    ("hh.jsonl", {"text_field": "rejected"}, [("No idea.", LONG_Q)]),
    ("guanaco.jsonl", {}, [(A, Q)]),
    ("jsonstr.jsonl", {}, [(A, Q)]),
    ("pystr.csv", {}, [(A, Q)]),
    ("dol.jsonl", {}, [(A, Q)]),
    ("dol.jsonl", {"text_field": "conversations.value"}, [(A, Q)]),
    ("p_dol.parquet", {}, [("A.", "Q?")]),
    ("ultrachat.jsonl", {"text_field": "data"}, [(A, Q), (A2, Q2)]),
    ("ultrachat.jsonl", {"role": "user"}, [(Q, None), (Q2, Q)]),
    ("lc.jsonl", {}, [(LONG_A, "Tell me how tides work.")]),
    ("roles.jsonl", {}, SIX),
    ("roles.jsonl", {"role": "bing"}, SIX[1:2]),
    ("years.jsonl", {"date_field": "year", **DAY}, [(OLDER, None)]),
    ("years.jsonl", {"date_field": "d", **DAY}, [(OLDER, None)]),
]


@pytest.mark.parametrize(("name", "options", "expected"), READINGS)
def test_files(name: str, options: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    found = [(d.text, d.prompt) for d in open_corpus(FILES / name, **options)]
    assert found == expected


def test_the_columns_of_roles_are_read_of_a_table(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    table = pyarrow.table({"text": ["a b", "c d"], "role": ["user", "assistant"], "n": [1, 2]})
    parquet.write_table(table, tmp_path / "a.parquet")
    corpus = open_corpus(tmp_path)
    assert [document.text for document in corpus] == ["c d"]
    assert corpus.what_was_read() == [
        "1 turn of assistant in 2 rows that name a role",
        "1 turn of user left out",
    ]


def test_conversations_of_one_string_are_groups() -> None:
    text = f"Human: {Q}\n\nAssistant: {A}\n\nHuman: {Q2}\n\nAssistant: {A2}"
    found = list(open_corpus([{"text": text, "id": "talk"}, {"text": "plain"}]))
    assert [(d.id, d.group) for d in found] == [
        ("talk#1", "talk"), ("talk#2", "talk"), ("row:2", None)
    ]  # fmt: skip


def test_turns_of_rows_outside_the_dates_are_not_counted() -> None:
    chat = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
    rows = [{"messages": chat, "d": f"20{year}-01-01"} for year in (19, 24)]
    corpus = open_corpus(rows, date_field="d", **DAY)
    assert len(list(corpus)) == 1
    assert corpus.counts.turns.total() == 2
