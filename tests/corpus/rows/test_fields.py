"""Rows in the shapes of corpora that people have: which field is the text, or that it is asked.

Each row of ``tests/cases/corpora.jsonl`` is written by hand in the shape of the corpus whose name
it bears; words in capitals tell whose each field is: ``ANS`` the model's, ``ASK`` the user's,
``SYS``, ``TOOL`` and ``THK`` the system's, a tool's, thoughts, ``HUM`` and ``REF`` other people's
and what it was to say, ``META`` what is no text.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.rows.fields import found_text_field, telling_fields
from provenance.errors import InputError

CASES = Path(__file__).resolve().parents[2] / "cases" / "corpora.jsonl"
CORPORA: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
READ = [case for case in CORPORA if "documents" in case]
ASKED = [case for case in CORPORA if "asks" in case]
_WORDS = re.compile("(?:ANS|ASK|HUM|SYS|TOOL|META|THK|REF)[0-9]")


def named(case: dict[str, Any]) -> str:
    return str(case["corpus"])


def told(text: str | None) -> str:
    return "+".join(dict.fromkeys(_WORDS.findall(text or "")))


def read(source: object, case: dict[str, Any]) -> list[list[str]]:
    """Whose words the documents and prompts of a row are."""
    corpus = open_corpus(source, **case.get("options", {}))
    try:
        found = [[told(document.text), told(document.prompt)] for document in corpus]
    except InputError as error:
        assert "the corpus holds no documents" in str(error)
        return []
    assert (corpus.counts.n_maybe_transcripts > 0) == case.get("doubtful", False)
    return found


@pytest.mark.parametrize("case", READ, ids=named)
def test_corpora_that_are_read(case: dict[str, Any]) -> None:
    assert read([case["row"]], case) == case["documents"]


@pytest.mark.parametrize("case", ASKED, ids=named)
def test_corpora_whose_text_is_asked_for(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        list(open_corpus([case["row"]], **case.get("options", {})))
    assert case["asks"] in str(caught.value)
    assert len(str(caught.value)) < 1200


def test_tables_are_read_as_lines_are(tmp_path: Path) -> None:
    """The columns that are left out of a table decide nothing."""
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    for case in CORPORA:
        try:
            parquet.write_table(pyarrow.Table.from_pylist([case["row"]]), tmp_path / "a.parquet")
        except (pyarrow.ArrowException, TypeError, AttributeError):
            continue  # a column of several types, an empty object, or a row that is a list
        if "asks" in case:
            with pytest.raises(InputError):
                list(open_corpus(tmp_path / "a.parquet", **case.get("options", {})))
        else:
            assert read(tmp_path / "a.parquet", case) == case["documents"], named(case)


# --- what is asked names what may be meant

CHAT = [{"role": "user", "content": "Why is it?"}, {"role": "assistant", "content": "It is so."}]


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ({"remark": "It is so."}, "for example --text-field remark"),
        (
            {"output": "out/1.txt", "remark": "It is."},
            "Name the field of the text, for example --text-field",
        ),
        ({"text": "https://example.org/a"}, "or pass --text-field text to read these all the same"),
        ({"a": [{"b": "It is so.", "n": 1}]}, "for example --text-field 'a[*].b'"),
        ({"q": "Why is it?", "reply": "So."}, "for example --text-field q"),
        ({"a": "Why is it?", "gpt_reply": "It is so."}, "for example --text-field gpt_reply"),
        ({"prompt": "Why is it?", "a": "It is."}, "--text-field a or --text-field prompt"),
        ({"x": {"y.z": "It is so."}}, "for example --text-field x.y.z"),
        ({"x": "one", "n": 1}, "Name the field with --text-field."),
        (
            {"conversation_a": CHAT, "conversation_b": CHAT},
            "for example --text-field conversation_a",
        ),
        ({"context": CHAT[:1], "first": "It is so."}, "Name it with --text-field, for example"),
    ],
)
def test_advice(row: dict[str, Any], advice: str) -> None:
    with pytest.raises(InputError, match=re.escape(advice)):
        list(open_corpus([row]))


def test_a_name_that_is_advised_leads_to_the_text() -> None:
    row = {"x": {"y.z": [{"a.b": "It is so."}]}}
    with pytest.raises(InputError, match=re.escape("'x.y.z[*].a.b'")):
        list(open_corpus([row]))
    (document,) = open_corpus([row], text_field="x.y.z[*].a.b")
    assert document.text == "It is so."


# --- several fields


def test_both_sides_of_a_pair_are_told_apart() -> None:
    rows = [
        {"id": 7, "prompt": "Why?", "chosen": CHAT, "rejected": "It is not."},
        {"prompt": "Why?", "chosen": "It is.", "rejected": None},
    ]
    corpus = open_corpus(rows, text_field="chosen, rejected", by="text_field")
    found = [(one.id, one.text, one.group, one.fields["text_field"]) for one in corpus]
    assert found == [
        ("7:chosen", "It is so.", "7", "chosen"),
        ("7:rejected", "It is not.", "7", "rejected"),
        ("row:2:chosen", "It is.", "<rows>:2", "chosen"),
    ]


def test_a_row_without_any_of_several_fields_is_bad() -> None:
    with pytest.raises(InputError, match="none of the fields a,b; the keys are 'text'"):
        list(open_corpus([{"text": "It is."}], text_field="a,b"))


def test_a_field_of_several_that_no_row_has_is_told() -> None:
    with pytest.raises(InputError, match=r"no row has the field 'rejcted'.*'rejected' is meant"):
        list(open_corpus([{"chosen": "It is.", "rejected": "No."}], text_field="chosen,rejcted"))


def test_a_name_with_a_comma_is_one_field() -> None:
    (document,) = open_corpus([{"why, so": "It is."}], text_field="why, so")
    assert document.text == "It is."


def test_which_field_it_was_is_known_of_one_as_well() -> None:
    (document,) = open_corpus([{"prompt": "Why?", "output": "It is."}], by="text_field")
    assert document.fields == {"text_field": "output"}


# --- the first row


def test_what_the_first_row_leaves_empty_is_not_its_text() -> None:
    nothing: list[Any] = ["", " ", None, [], {"a": 1}]
    for empty in nothing:
        assert found_text_field({"text": empty, "content": "It is so."}, "a") == "content"
    assert found_text_field({"text": "", "id": 1}, "a") == "text"


def test_of_a_table_of_texts_only_the_text_is_needed() -> None:
    assert telling_fields(["url", "text", "meta", "date"]) == ["text"]
    assert telling_fields(["chosen", "rejected"]) == ["chosen", "rejected"]
    assert telling_fields(["output", "chosen", "answer"]) == ["output", "chosen", "answer"]


def test_deep_and_wide_rows_cost_little() -> None:
    deep: Any = "It is so."
    for _ in range(200):
        deep = {"a": [deep]}
    wide = {f"k{number}": "It is so." for number in range(5000)}
    for row in (deep, wide):
        with pytest.raises(InputError) as caught:
            list(open_corpus([row]))
        assert len(str(caught.value)) < 3000


def test_a_row_that_leaves_a_field_empty_does_not_decide_for_the_rest() -> None:
    rows = [
        {"text": "Why is it?", "response": None},
        {"text": "Why is it?", "response": "It is so."},
    ]
    with pytest.raises(InputError, match="'text' and 'response'"):
        list(open_corpus(rows))
    union = [
        {"output": None, "messages": CHAT},
        {"output": "It is.", "messages": None},
        {"output": "", "messages": CHAT},
    ]
    corpus = open_corpus(union)
    assert [document.text for document in corpus] == ["It is so.", "It is.", "It is so."]


@pytest.mark.parametrize(
    "rows",
    [
        # What was asked stands under a rarer name, beside what it is about.
        [{"problem": "Why is it?", "input": "A text.", "output": "It is so."}],
        [{"problem": "Why is it?", "context": "A text.", "completion": "It is so."}],
        # Nothing but preferences says something in the first row.
        [{"output": "", "chosen": "It is so.", "rejected": "It is not."}],
        [{"response": [], "rejected": "It is not.", "chosen": None}],
        # A chat that only asks, and its answer under another name.
        [{"output": [], "messages": [{"role": "user", "content": "Why?"}], "answer": "It is so."}],
        # What leaves a row in doubt is a column that is read.
        [
            {"response": "So.", "answer": None, "messages": "A"},
            {"response": "It is.", "answer": "B"},
        ],
    ],
)
def test_a_table_is_read_as_the_same_rows_are(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pa.Table.from_pylist(rows).to_pylist()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    (tmp_path / "a.jsonl").write_text(lines, "utf-8")
    assert _said(tmp_path / "a.parquet") == _said(tmp_path / "a.jsonl")


def _said(path: Path) -> list[tuple[str, str | None]] | str:
    try:
        return [(one.text, one.prompt) for one in open_corpus(str(path))]
    except InputError as error:
        return error.what


# --- whole inputs

INPUTS: list[dict[str, Any]] = [
    json.loads(line) for line in CASES.with_name("inputs.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case["input"],
            marks=[pytest.mark.xfail(strict=True)] if "known" in case else [],
        )
        for case in INPUTS
    ],
)
def test_inputs(case: dict[str, Any], tmp_path: Path) -> None:
    """Files in the shapes of corpora, exports and logs; those ``known`` to be wrong say so."""
    path = tmp_path / case.get("file", "rows.jsonl")
    if path.suffix == ".jsonl" or "text" in case:
        lines = "".join(f"{json.dumps(row)}\n" for row in case.get("rows", ()))
        path.write_bytes(case.get("text", lines).encode(case.get("encoding", "utf-8")))
    else:
        _write_table(path, case["rows"])
    if "asks" in case:
        with pytest.raises(InputError) as caught:
            list(open_corpus(path))
        assert case["asks"] in str(caught.value)
        assert len(str(caught.value)) < 1200
    else:
        assert [[one.text, one.prompt] for one in open_corpus(path)] == case["documents"]


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
        return
    with pa.ipc.new_stream(path, table.schema) as out:
        out.write_table(table)
