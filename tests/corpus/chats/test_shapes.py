"""Every shape that a text or a chat may have, as data; the manual's table is made of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.corpus import open_corpus
from provenance.corpus.chats.chat import holds_turns
from provenance.corpus.chats.roles import ROLES
from provenance.errors import InputError

CASES = Path(__file__).resolve().parents[2] / "cases" / "shapes.jsonl"
MANUAL = Path(__file__).resolve().parents[3] / "provenance" / "corpus" / "SHAPES.md"
SHAPES: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
READ = [case for case in SHAPES if "refused" not in case]
REFUSED = [case for case in SHAPES if "refused" in case]


def named(case: dict[str, Any]) -> str:
    return f"{case['kind']}: {case['shape']}"


def read(source: object, case: dict[str, Any]) -> tuple[list[list[str | None]], list[str]]:
    """Texts and prompts of a row, and what was told of it."""
    corpus = open_corpus(source, **case.get("options", {}))
    try:
        found = [[document.text, document.prompt] for document in corpus]
    except InputError as error:
        assert "the corpus holds no documents" in str(error)
        found = []
    return found, corpus.what_was_read()


@pytest.mark.parametrize("case", READ, ids=named)
def test_shapes(case: dict[str, Any]) -> None:
    found, told = read([case["row"]], case)
    assert found == case["documents"]
    if "told" in case:
        assert case["told"] in told


@pytest.mark.parametrize("case", REFUSED, ids=named)
@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_shapes_that_are_refused(case: dict[str, Any], on_error: str) -> None:
    with pytest.raises(InputError) as caught:
        list(open_corpus([case["row"]], on_error=on_error, **case.get("options", {})))
    assert on_error == "skip" or case["refused"] in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_row_reads_the_same_whatever_file_it_stands_in(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    for number, case in enumerate(READ):
        alone = json.dumps(case["row"], ensure_ascii=False) + "\n"
        (tmp_path / f"{number}.jsonl").write_text(alone, encoding="utf-8")
        assert read(tmp_path / f"{number}.jsonl", case)[0] == case["documents"], named(case)
        try:
            table = pyarrow.Table.from_pylist([case["row"]])
            parquet.write_table(table, tmp_path / f"{number}.parquet")
        except (pyarrow.ArrowException, TypeError, AttributeError):
            continue  # a column of several types, an empty object, or a row that is a list
        found = read(tmp_path / f"{number}.parquet", case)[0]
        assert found == case["documents"], named(case)


@given(st.randoms(use_true_random=False))
def test_no_word_of_another_role_is_taken(rng: random.Random) -> None:
    """Whatever the shape, a document holds no word that only users say, nor the reverse."""
    asked = " ".join(f"ask{rng.randrange(99)}" for _ in range(rng.randint(3, 9)))
    said = " ".join(f"say{rng.randrange(99)}" for _ in range(rng.randint(3, 9)))
    case = rng.choice([case for case in READ if "documents" in case and "told" not in case])
    words = {"How do tides work?": asked, "Tides rise because the moon pulls the water.": said}
    changed = json.dumps(case, ensure_ascii=False)
    for old, new in words.items():
        changed = changed.replace(old, new)
    row = json.loads(changed)
    wanted = "ask" if any("ask" in text for text, _ in row["documents"]) else "say"
    other = {"ask": "say", "say": "ask"}[wanted]
    for text, _ in read([row["row"]], row)[0]:
        assert other not in str(text)


# --- what a value alone tells


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"role": "user", "content": "Hi"}], True),
        ([{"role": "narrator", "content": "Hi"}, {"role": "user", "content": "Hi"}], True),
        ([{"index": 0, "message": {"role": "assistant", "content": "Hi"}}], True),
        ({"messages": [{"from": "human", "value": "Hi"}]}, True),
        ([{"human": "Hi", "assistant": "Yes?"}], True),
        ([{"instruction": "Hi", "output": "Yes?"}], False),
        ([{"question": "Hi", "answer": "Yes?"}], False),
        ([{"role": "user", "text": "Hi", "parent_id": None, "message_id": "1"}], False),
        ([{"role": "cook", "text": "Hi"}], False),
        ([{"author": "bob", "text": "Hi"}], False),
        ([{"text": "Hi"}], False),
        (["How are you?", "I am well."], False),
        ([], False),
        ({}, False),
        ("[{'role': 'user'}]", False),
        (None, False),
        (7, False),
    ],
)
def test_what_holds_turns(value: object, expected: bool) -> None:
    assert holds_turns(value) == expected


# --- hostile


def nested(depth: int) -> str:
    inner = '{"role": "assistant", "text": "So."}'
    head = '{"role": "user", "text": "Why?", "replies": ['
    return head * depth + inner + "]}" * depth


def test_a_deep_tree_costs_no_stack(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"thread": {nested(300)}}}\n')
    (document,) = open_corpus(tmp_path / "a.jsonl")
    assert (document.text, document.prompt) == ("So.", "Why?")
    (tmp_path / "a.jsonl").write_text(f'{{"thread": {nested(5000)}}}\n')
    with pytest.raises(InputError, match="not JSON"):
        list(open_corpus(tmp_path / "a.jsonl"))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[{'role': 'user', 'content': " + "(" * 10_000,
        "[{'role': 'user', 'content': " + "-" * 100_000 + "1}]",
        "[{'role': 'user', 'content': '" + "x" * 2**21 + "'}]",
        "[{'role': 'user', 'content': __import__('os').getcwd()}]",
        "{'role': 'user', 'content': '" + "\\" * 100_001,
        "{'role': 'user', 'content': '" + "\\'" * 100_001,
    ],
    ids=["brackets", "parentheses", "signs", "long", "a call", "backslashes", "quotes"],
)
def test_hostile_text_of_turns_is_refused_or_text(text: str) -> None:
    for value in (text, f" {text}"):
        try:
            found = [document.text for document in open_corpus([{"text": value}])]
        except InputError as error:
            assert "cannot be parsed" in str(error)
            assert len(str(error)) < 1000
        else:
            assert found == [value]


@pytest.mark.parametrize(
    "piece",
    ["\n\nHuman:", "<|im_start|>", "### Human:### Assistant:", "[INST]", "USER: ASSISTANT: ",
     "<|user|>\n", "Human: ", "[{'role':", "<", "[", "**", " \n", "A chat between ", "\n \n",
     "<|im_user|>", "[Round 1]\n问：", "user\n", "You said:\n", "GPT4 User: <|end_of_turn|>",
     "SYSTEM: ", "[Human]: <eoh>", "Background: ", "### Human\n", "Instruction: \n", "用户：\n"],
)  # fmt: skip
def test_long_strings_of_markers_cost_linear_time(piece: str) -> None:
    size = 2**17 // len(piece)
    corpus = open_corpus([{"text": "Human: a\n\nAssistant: b " + piece * size}], on_error="skip")
    assert len(list(corpus)) >= 1
    try:
        list(open_corpus([{"text": piece * size}]))
    except InputError as error:
        assert len(str(error)) < 1500


def test_a_million_empty_turns_give_no_document(tmp_path: Path) -> None:
    turns = ",".join(['{"role":"assistant","content":""}'] * 100_000)
    (tmp_path / "a.jsonl").write_text('{"messages": [' + turns + "]}\n")
    corpus = open_corpus(tmp_path / "a.jsonl")
    with pytest.raises(InputError, match="100,000 turns without words left out"):
        list(corpus)


def test_endless_names_are_counted_within_bounds() -> None:
    turns = [{"role": f"name\x1b{number}", "content": "So."} for number in range(5000)]
    corpus = open_corpus([{"messages": [*turns, {"role": "assistant", "content": "Yes."}]}])
    assert len(list(corpus)) == 1
    assert corpus.counts.turns.total() == 5001
    assert len(corpus.counts.turns) <= 202
    (told,) = (line for line in corpus.what_was_read() if "no known role" in line)
    assert "\x1b" not in told
    assert len(told) < 1000
    assert corpus.counts.n_doubtful == 5000


def test_values_that_nobody_asked_for_are_left_alone() -> None:
    rows = [{"text": "cut \N{REPLACEMENT CHARACTER} here", "score": float("nan"), "role": None}]
    assert [document.text for document in open_corpus(rows)] == [rows[0]["text"]]


# --- what is told


def test_what_was_read_is_told() -> None:
    chats = [
        [{"from": "human", "value": "Q"}, {"from": who, "value": "A"}]
        for who in ("gpt", "gpt", "bing", "narrator")
    ]
    corpus = open_corpus([{"conversations": chat} for chat in chats])
    assert len(list(corpus)) == 3
    assert corpus.what_was_read() == [
        "3 turns of assistant in 4 conversations",
        "2 of gpt taken as assistant",
        "1 of bing taken as assistant",
        "4 turns of user left out",
        "1 turn of 'narrator', no known role, left out",
    ]
    assert corpus.counts.turns[("bing", "assistant", True)] == 1
    assert corpus.counts.n_outside == 1


def test_where_nothing_is_left_the_roles_are_named() -> None:
    chat = [{"speaker": name, "text": "Hello."} for name in ("Ann", "Bob")]
    with pytest.raises(InputError, match="2 turns of 'Ann', 'Bob', no known role, left out"):
        list(open_corpus([{"dialog": chat}], text_field="dialog"))
    assert len(list(open_corpus([{"dialog": chat}], text_field="dialog", role="Bob"))) == 1


# --- the manual


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def table() -> list[str]:
    """One row for each shape that says how it is read."""
    rows = ["| Kind | Shape | Row | Read as |", "|---|---|---|---|"]
    for case in SHAPES:
        if "how" in case:
            row = json.dumps(case["row"], ensure_ascii=False)
            options = "".join(
                f" `--{name.replace('_', '-')} {value}`"
                for name, value in case.get("options", {}).items()
            )
            told = f"`` {cell(row)} ``{cell(options)}"
            rows.append(f"| {case['kind']} | {cell(case['shape'])} | {told} | {case['how']} |")
    return rows


def roles() -> list[str]:
    rows = ["| Role | Names |", "|---|---|"]
    for role in dict.fromkeys(ROLES.values()):
        names = ", ".join(f"`{name}`" for name in ROLES if ROLES[name] == role)
        rows.append(f"| {role} | {names} |")
    return rows


@pytest.mark.parametrize("rows", [table, roles], ids=["shapes", "roles"])
def test_the_manual_holds_the_tables(rows: Any) -> None:
    assert "\n".join(rows()) in MANUAL.read_text("utf-8")
