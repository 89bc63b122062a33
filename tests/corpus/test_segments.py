"""Parts of a text are told apart, whole, and by cases as data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import open_corpus
from provenance.corpus.segments import (
    FALSE_TEXTS,
    LINES_OF_CODE,
    PROMPT,
    RECOGNISERS,
    holds_segments,
    segments_of,
)

PROSE = "It is said that the moon pulls the water of the sea."
THOUGHT = "The user asks for the tides and I have to tell of the moon."
CODE = "def f(x):\n    return x + 1"

CASES = {
    "prose": (PROSE, {"prose:en": PROSE}),
    "tags": (
        f"<think>\n{THOUGHT}\n</think>\n\n{PROSE}",
        {"reasoning:en": THOUGHT, "prose:en": PROSE},
    ),
    "no opening tag": (
        f"{THOUGHT}</think>{PROSE}",
        {"reasoning:en": THOUGHT, "prose:en": PROSE},
    ),
    "not closed": (f"<thinking>{THOUGHT}", {"reasoning:en": THOUGHT}),
    "channels": (
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|>{PROSE}",
        {"reasoning:en": THOUGHT, "prose:en": PROSE},
    ),
    "a fence": (
        f"{PROSE}\n```python\n{CODE}\n```\n",
        {"code:python": CODE, "prose:en": PROSE},
    ),
    "a fence without a name": (
        f"{PROSE}\n```\n{CODE}\n```",
        {"code:python": CODE, "prose:en": PROSE},
    ),
    "an open fence": ("```js\nlet a = 1;", {"code:javascript": "let a = 1;"}),
    "a file": ("import os\n\nx = 1\nprint(x)\n", {"code": "import os\n\nx = 1\nprint(x)"}),
    "a call": (
        f'{PROSE}<tool_call>{{"name": "f"}}</tool_call>',
        {"tool": '{"name": "f"}', "prose:en": PROSE},
    ),
    "actions": (
        f"{PROSE}\nAction: search\nAction Input: tides\nObservation: moon",
        {"tool": "Action: search\nAction Input: tides\nObservation: moon", "prose:en": PROSE},
    ),
    "a grade": (f"{PROSE}\n**Score: 8/10**", {"label": "Score: 8/10**", "prose:en": PROSE}),
    "a label": ("[[A]]", {"label": "[[A]]"}),
    "a number": ("7", {"label": "7"}),
    "quoted": (f"> What is it?\n{PROSE}", {"quoted": "> What is it?", "prose:en": PROSE}),
    "chinese": ("潮汐是因为月亮吸引海水。", {"prose:zh": "潮汐是因为月亮吸引海水。"}),
    "tags of markup": (f"<b>{PROSE}</b>", {"prose:en": f"<b>{PROSE}</b>"}),
    "the word": ("I think: Action was needed, and the score was 8 to 7.", None),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    text, expected = CASES[name]
    found = segments_of(text)
    assert found == ({"prose:en": text} if expected is None else expected)


def test_the_prompt_is_quoted() -> None:
    prompt = "Tell me in your own words why there are tides, please."
    assert segments_of(f"{prompt}\n{PROSE}", prompt) == {"quoted": prompt, "prose:en": PROSE}


def test_every_recogniser_has_its_false_rate() -> None:
    names = [row.name for row in RECOGNISERS]
    assert len({*names}) == len(names)
    assert {*FALSE_TEXTS} == {*names, PROMPT, LINES_OF_CODE}


@given(st.text(alphabet="ab <>/think`\n:[]=.|", max_size=200))
def test_no_character_but_marks_is_lost_or_made(text: str) -> None:
    kept = "".join(segments_of(text).values())
    left = iter("".join(sorted(text)))
    for character in sorted(kept.replace("\n", "")):
        assert character in left


@pytest.mark.parametrize(
    "part",
    ["<think>", "```\n", "<tool_call a>", "> \n", "</think>", "[TOOL_RESULTS]", '"""', "x = "],
)
def test_long_hostile_text_is_looked_at_once(part: str) -> None:
    # Were it looked at anew from every mark, the suite would not end.
    text = part * (1_000_000 // len(part))
    assert len("".join(segments_of(text).values())) <= len(text) + 2 * text.count("\n")


def test_rows_keep_what_stands_beside_their_words() -> None:
    call = {"function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "Why are there tides?"},
        {"role": "assistant", "content": PROSE, "reasoning_content": THOUGHT, "tool_calls": [call]},
    ]
    found = [*open_corpus([{"id": "7", "messages": turns}], segments=True)]
    assert {one.segment: one.text for one in found} == {
        "reasoning:en": THOUGHT,
        "tool": '[{"function":{"name":"f","arguments":"{}"}}]',
        "prose:en": PROSE,
    }
    assert {one.group for one in found} == {"7"}
    assert [one.id for one in found] == [f"7/{one.segment}" for one in found]


def test_blocks_of_thought_and_tools() -> None:
    blocks = [
        {"type": "thinking", "thinking": THOUGHT},
        {"type": "text", "text": PROSE},
        {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
    ]
    rows = [{"messages": [{"role": "assistant", "content": blocks}]}]
    found = {one.segment: one.text for one in open_corpus(rows, segments=True)}
    assert found["reasoning:en"] == THOUGHT and found["prose:en"] == PROSE
    assert found["tool"] == '{"name":"f","input":{"a":1}}'


def test_whole_rows_are_read_as_ever_and_counted() -> None:
    rows = [
        {"text": f"<think>{THOUGHT}</think>{PROSE}"},
        {"text": PROSE, "reasoning": THOUGHT},
        {"text": PROSE},
    ]
    corpus = open_corpus(rows)
    assert [one.text for one in corpus] == [row["text"] for row in rows]
    assert corpus.counts.n_parted == 2
    assert holds_segments(rows[0]["text"]) and not holds_segments(PROSE)


MARKS = ["```", "`", "\n", "\n\n", " ", "\t", "python", "<think>", "</think>", "<", ">", "é", "İ"]


@given(st.lists(st.sampled_from(MARKS), max_size=20).map("".join))
def test_where_a_fence_is_looked_for_loses_none(text: str) -> None:
    rows = [row for row in RECOGNISERS if row.kind in ("reasoning", "tool", "code")]
    expected = any(row.pattern.search(text) for row in rows if row.hint in text.lower())
    assert holds_segments(text) == expected
