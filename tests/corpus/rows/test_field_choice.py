"""One row is read alike as a line of JSON, with nulls, and in a table, wherever it stands."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus import open_corpus
from provenance.corpus.document import BadRow
from provenance.corpus.rows.field_choice import FieldChoice
from provenance.errors import InputError

CHAT = [{"role": "user", "content": "Why is it?"}, {"role": "assistant", "content": "It is so."}]
VALUES: dict[str, list[Any]] = {
    "text": ["A text it is.", ""],
    "content": ["Some content here.", "x"],
    "output": ["It is an output.", ""],
    "response": ["It is a response.", "out/1.txt"],
    "answer": ["It is an answer.", "B"],
    "prompt": ["Why is it?", "A text"],
    "input": ["Why is it?", ""],
    "question": ["Why is it?", ""],
    "messages": [CHAT, CHAT[:1]],
    "conversation": [CHAT],
    "body": ["A body it is."],
    "gpt_reply": ["It is a reply."],
    "chosen": ["It is chosen."],
    "rejected": ["It is not."],
    "generated_text": ["It was generated."],
    "outputs": [["One it is.", "Two it is."]],
    "summary_gpt4": ["It is short."],
}
UNKNOWN = {"body", "conversation", "gpt_reply"}
ROW = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({}, optional={k: st.sampled_from(VALUES[k]) for k in names})
)


def said(path: Path) -> list[tuple[int, str, str | None]] | None:
    """Lines, texts and prompts; None where it is asked."""
    try:
        return [(one.line, one.text, one.prompt) for one in open_corpus(str(path))]
    except InputError:
        return None


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


@settings(deadline=None, max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=3).filter(any))
def test_keys_that_are_left_out_are_empty_cells(rows: list[dict[str, Any]]) -> None:
    """Fields of no known name decide only where no column has one: there a table may ask."""
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    rows = [row for row in rows if row]
    names = dict.fromkeys(name for row in rows for name in row)
    full = [{name: row.get(name) for name in names} for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        parquet.write_table(pyarrow.Table.from_pylist(full), there / "a.parquet")
        read = said(lines(there / "a.jsonl", rows))
        with_nulls = said(lines(there / "b.jsonl", full))
        assert said(there / "a.parquet") == with_nulls
        assert with_nulls == read or (with_nulls is None and not UNKNOWN.isdisjoint(names))


ORDERED: dict[str, list[dict[str, Any]]] = {
    "answers in some rows": [{"text": "A text it is."}, {"text": "Why?", "answer": "It is so."}],
    "an empty answer": [
        {"text": "Why is it? It is so.", "response": "It is so."},
        {"text": "Why is it?", "response": ""},
        {"text": "It is."},
    ],
    "a text beside what decides elsewhere": [{"output": "a"}, {"text": "b", "output": "c"}],
    "one known name and one that is not": [
        {"text": "So it is."},
        {"question": "Why is it?", "answer": "It is so."},
    ],
    "rows of two kinds": [{"prompt": "Why?", "output": "It is."}, {"messages": CHAT}],
}


@pytest.mark.parametrize("rows", ORDERED.values(), ids=ORDERED)
def test_the_order_of_rows_changes_no_text(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    read = [
        said(lines(tmp_path / "a.jsonl", list(order))) for order in itertools.permutations(rows)
    ]
    texts = [None if found is None else sorted(text for _, text, _ in found) for found in read]
    assert all(found == texts[0] for found in texts)
    assert (texts[0] is None) == (rows != ORDERED["rows of two kinds"])


def test_pieces_of_a_stream_are_no_answers(tmp_path: Path) -> None:
    rows = [{"model": "m", "response": "Tides", "done": False}, {"response": " rise", "done": True}]
    with pytest.raises(InputError, match="pieces of answers"):
        list(open_corpus(lines(tmp_path / "a.jsonl", rows)))
    for whole in ({"model": "m", "done": True}, {"done": False}):
        (document,) = open_corpus([{"response": "Tides rise.", **whole}])
        assert document.text == "Tides rise."


def test_rows_that_are_turns_and_others_are_told_apart() -> None:
    rows = [{"human": "Why?", "assistant": "It is so."}, {"text": "It is."}]
    for order in (rows, rows[::-1]):
        with pytest.raises(InputError, match="under 'text' and some are turns themselves"):
            list(open_corpus(order))


def test_endless_names_are_not_kept() -> None:
    choice = FieldChoice("a")
    for number in range(3000):
        row = {"text": "It is so.", f"answer{number}": "B", "x" * 100_000: 1}
        assert choice.of(row) == "text"
        assert choice.of({"text": "It is so.", f"reply{number}": "B"}) == "text"
    assert len(choice._kinds) <= 1000
    assert len(choice._beside) <= 1001
    assert all(len(name) < 100 for keys in choice._kinds for name in keys)


def test_a_file_of_both_sides_is_asked_about(tmp_path: Path) -> None:
    rows = [{"direction": "inbound", "text": "Hi you"}, {"direction": "outbound", "text": "Yes?"}]
    for order in (rows, rows[::-1]):
        with pytest.raises(InputError, match="the rows are both"):
            list(open_corpus(lines(tmp_path / "a.jsonl", order)))
    named = open_corpus(tmp_path / "a.jsonl", text_field="text", by="direction")
    assert [one.fields["direction"] for one in named] == ["outbound", "inbound"]
    assert [one.text for one in open_corpus(rows[1:])] == ["Yes?"]


@pytest.mark.parametrize(
    ("n_texts", "n_links", "is_read"),
    [
        pytest.param(20, 1, True, id="one answer is a link"),
        pytest.param(19, 1, False, id="few texts before it"),
        pytest.param(20, 2, False, id="links are many"),
        pytest.param(40, 2, True, id="two among forty"),
    ],
)
def test_a_rare_link_is_a_text(n_texts: int, n_links: int, is_read: bool) -> None:
    choice = FieldChoice("a.jsonl")
    for _ in range(n_texts):
        assert choice.of({"prompt": "Why?", "output": "It is so."}) == "output"
    link = {"prompt": "Where?", "output": "https://example.org/a"}
    if is_read:
        assert [choice.of(link) for _ in range(n_links)] == ["output"] * n_links
    else:
        with pytest.raises(BadRow, match="where something is"):
            [choice.of(link) for _ in range(n_links)]
