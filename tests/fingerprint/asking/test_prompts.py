"""What a document answers, and when it cannot be asked."""

from __future__ import annotations

import re
from typing import Any

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.document import Document
from provenance.fingerprint.asking.prompts import (
    BROKEN,
    NO_PROMPT,
    NOT_WORDS_ALONE,
    OTHER_TURNS,
    TOO_LONG,
    Prompt,
    prompt_of,
)

BRIEF = {"role": "system", "content": "Be brief."}
HI = {"role": "user", "content": "Hi"}
YES = {"role": "assistant", "content": "Yes?"}
TIDES = {"role": "user", "content": "How do tides work?"}
MOON = {"role": "assistant", "content": "By the moon."}
HM = {"role": "thinking", "content": "Hm."}


def asked(*rows: Any, seed: int = 0, **options: Any) -> list[Prompt | str]:
    corpus = open_corpus(iter(rows), with_said=True, **options)
    return [prompt_of(document, seed, corpus.options.by) for document in corpus]


def messages(found: Prompt | str) -> list[str] | str:
    return found if isinstance(found, str) else [f"{role}: {text}" for role, text in found.messages]


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def blocks(role: str, *shown: dict[str, Any], text: str = "Hi") -> dict[str, Any]:
    return {"role": role, "content": [*shown, {"type": "text", "text": text}]}


TREE = {
    "prompt": {
        "role": "prompter",
        "text": "Hi",
        "replies": [
            {
                "role": "assistant",
                "text": "Yes?",
                "replies": [
                    {"role": "prompter", "text": "A", "replies": [{"role": "gpt", "text": "1."}]},
                    {"role": "prompter", "text": "B", "replies": [{"role": "gpt", "text": "2."}]},
                ],
            }
        ],
    }
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"text": "Yes?"}, [NO_PROMPT], id="no prompt"),
        pytest.param({"text": "Yes?", "prompt": " \n"}, [NO_PROMPT], id="blank"),
        pytest.param({"text": "Yes?", "prompt": "Hi"}, [["user: Hi"]], id="prompt"),
        pytest.param(
            {"instruction": "Add.", "input": "1, 2", "output": "3"},
            [["user: Add.\n1, 2"]],
            id="alpaca",
        ),
        pytest.param({"text": "Yes?", "prompt": [BRIEF, HI]}, [["system: Be brief.", "user: Hi"]]),
        pytest.param(
            {"messages": [BRIEF, HI, YES, TIDES, MOON]},
            [
                ["system: Be brief.", "user: Hi"],
                ["system: Be brief.", "user: Hi", "assistant: Yes?", "user: How do tides work?"],
            ],
            id="a conversation",
        ),
        pytest.param(
            {"conversations": [{"from": "gpt", "value": "Hello."}, HI, YES]},
            [NO_PROMPT, ["user: Hi"]],
            id="begins with an answer",
        ),
        pytest.param({"messages": [HI, HM, YES]}, [["user: Hi"]], id="a thought"),
        pytest.param(
            {"messages": [HI, YES, MOON]}, [["user: Hi"], ["user: Hi"]], id="two answers in a row"
        ),
        pytest.param({"messages": [HI, TIDES, MOON]}, [["user: Hi", "user: How do tides work?"]]),
        pytest.param(
            {"messages": [HI, YES, {"role": "tool", "content": "7"}, TIDES, MOON]},
            [["user: Hi"], OTHER_TURNS],
            id="a tool",
        ),
        pytest.param(
            {"messages": [HI, {**YES, "weight": 0}, TIDES, MOON]},
            [["user: Hi", "assistant: Yes?", "user: How do tides work?"]],
            id="an answer of weight 0 was said all the same",
        ),
        pytest.param(
            {"messages": [HI, {"role": "narrator", "content": "Waves."}, TIDES, MOON]},
            [OTHER_TURNS],
            id="nobody known",
        ),
        pytest.param(
            TREE,
            [
                ["user: Hi"],
                ["user: Hi", "assistant: Yes?", "user: A"],
                ["user: Hi", "assistant: Yes?", "user: B"],
            ],
            id="branches",
        ),
        pytest.param({"messages": [blocks("user"), YES]}, [["user: Hi"]], id="a block of text"),
        pytest.param({"messages": [blocks("user", PICTURE), YES]}, [NOT_WORDS_ALONE], id="image"),
        pytest.param(
            {"messages": [HI, YES, blocks("user", PICTURE), YES]},
            [["user: Hi"], NOT_WORDS_ALONE],
            id="an image later on",
        ),
        pytest.param(
            {"messages": [blocks("user", {"type": "document", "source": {}}), YES, TIDES, MOON]},
            [NOT_WORDS_ALONE, NOT_WORDS_ALONE],
            id="a file before",
        ),
        pytest.param(
            {"messages": [HI, {"role": "user", "content": [PICTURE]}, YES]},
            [NOT_WORDS_ALONE],
            id="an image alone, behind words",
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": [PICTURE]}, YES]},
            [NO_PROMPT],
            id="an image alone",
        ),
        pytest.param(
            {"messages": [{**HI, "images": ["AA=="]}, YES, {**TIDES, "images": []}, MOON]},
            [NOT_WORDS_ALONE, NOT_WORDS_ALONE],
            id="images beside the words",
        ),
        pytest.param(
            {"messages": [{**HI, "images": []}, YES]}, [["user: Hi"]], id="no images beside"
        ),
        pytest.param(
            {"contents": [{"role": "user", "parts": [{"inlineData": {}}, {"text": "Hi"}]}, YES]},
            [NOT_WORDS_ALONE],
            id="data in a part",
        ),
        pytest.param(
            {"messages": [HI, blocks("assistant", PICTURE, text="Here."), TIDES, MOON]},
            [["user: Hi"], NOT_WORDS_ALONE],
            id="an image in an answer is asked by nobody",
        ),
        pytest.param(
            {"messages": [HI, blocks("assistant", {"type": "thinking", "thinking": "Hm"})]},
            [["user: Hi"]],
            id="a thought in a block",
        ),
        pytest.param(
            {
                "messages": [
                    HI,
                    {"role": "assistant", "content": [{"type": "tool_use", "input": {}}]},
                    {"role": "user", "content": [{"type": "tool_result", "content": "7"}]},
                    YES,
                ]
            },
            [NOT_WORDS_ALONE],
            id="a tool's result in a block",
        ),
        pytest.param(
            {"text": "Yes?", "prompt": [BRIEF, blocks("user", PICTURE)]},
            [NOT_WORDS_ALONE],
            id="an image in a field",
        ),
        pytest.param(
            {
                "mapping": {
                    "a": {"parent": None, "children": ["b"], "message": blocks("user", PICTURE)},
                    "b": {"parent": "a", "children": [], "message": YES},
                }
            },
            [NOT_WORDS_ALONE],
            id="an image in a tree",
        ),
        *(
            pytest.param(
                {"messages": [HI, {"role": "assistant", "content": written}, TIDES, MOON]},
                [["user: Hi"], ["user: Hi", *kept, "user: How do tides work?"]],
                id=f"thoughts written into an answer, {name}",
            )
            for name, written, kept in [
                ("tags", "<think>\nHm. </think>\n\nYes?\n", ["assistant: Yes?"]),
                ("no opening tag", "Hm.\nSo.\n</think>\n\nYes?", ["assistant: Yes?"]),
                ("not closed", "<think>Hm.", []),
                ("nothing behind", "<think>Hm.</think>", []),
                ("words about tags", "Write </think>.", ["assistant: Write </think>."]),
            ]
        ),
        pytest.param({"text": "Yes?", "prompt": "a" * 60_001}, [TOO_LONG], id="long"),
        pytest.param(
            {"messages": [{"role": "user", "content": "a" * 59_999}, YES, HI, YES]},
            [["user: " + "a" * 59_999], TOO_LONG],
            id="long together",
        ),
        pytest.param(
            {"text": "Human: Hi\n\nAssistant: Yes?\n\nHuman: So?\n\nAssistant: So."},
            [["user: Hi"], ["user: Hi", "assistant: Yes?", "user: So?"]],
            id="a transcript",
        ),
    ],
)
def test_what_is_asked(row: Any, expected: list[Any]) -> None:
    assert [messages(found) for found in asked(row)] == expected


def test_a_named_field_of_prompts_comes_before_the_turns() -> None:
    (found,) = asked({"messages": [HI, YES], "q": "Who?"}, prompt_field="q")
    assert messages(found) == ["user: Who?"]


def test_what_no_file_can_hold_is_not_asked() -> None:
    assert prompt_of(Document("a", "Yes?", "a.jsonl", 1, prompt="\ud800")) == BROKEN


def test_the_end_of_an_endless_conversation_is_not_asked() -> None:
    found = asked({"messages": [HI, YES] * 2_000})
    assert isinstance(found[0], Prompt) and found[0].is_opening
    assert isinstance(found[1], Prompt) and not found[1].is_opening
    assert {*found[25:]} == {TOO_LONG}


def test_an_id_is_of_the_messages_alone() -> None:
    rows = (
        {"id": 7, "messages": [HI, YES]},
        {"text": "Another.", "prompt": "Hi"},
        {"messages": [HI, MOON], "by": "x"},
        {"messages": [BRIEF, HI, YES]},
        {"text": "Yes?", "prompt": "hi"},
    )
    ids = [found.id for row in rows for found in asked(row, seed=3) if isinstance(found, Prompt)]
    assert ids[0] == ids[1] == ids[2] and len({*ids}) == 3
    assert ids[:1] == [found.id for found in asked(rows[0], seed=4) if isinstance(found, Prompt)]
    # What both batch interfaces take.
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in ids)


def test_prompts_of_equal_words_have_one_rank_that_the_seed_draws() -> None:
    rows = [{"text": "t", "prompt": prompt} for prompt in ("How so?", "how  SO?", "How not?")]
    first, second, third = (found.rank for found in asked(*rows) if isinstance(found, Prompt))
    assert first == second != third
    assert {found.rank for found in asked(*rows, seed=1) if isinstance(found, Prompt)}.isdisjoint(
        {first, third}
    )


def test_strata_are_of_fields_and_length() -> None:
    rows = [
        {"text": "t", "prompt": "abcd", "kind": "x"},
        {"text": "t", "prompt": "abcdefg"},
        {"text": "t", "prompt": "abcdefgh", "kind": "x"},
    ]
    found = [one.stratum for one in asked(*rows, by=("kind",)) if isinstance(one, Prompt)]
    assert found == [("x", 3), ("", 3), ("x", 4)]
