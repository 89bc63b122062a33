"""Prompts written for an API and read again, in the shapes that the interfaces document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from provenance.errors import InputError
from provenance.fingerprint.asking.prompts import Prompt
from provenance.fingerprint.asking.requests import FORMATS, read_asked, request_lines

SAID = (("system", "Be brief."), ("user", "Hi"), ("assistant", "Yes?"), ("user", "So?"))
PROMPTS = (
    Prompt("p1", "So?", SAID, 0, (), ("a.jsonl", 1)),
    Prompt("p2", "Who?", (("user", "Who?"),), 1, (), ("a.jsonl", 2)),
)
MESSAGES = [{"role": role, "content": words} for role, words in SAID]


@pytest.mark.parametrize(
    ("form", "given", "expected"),
    [
        ("jsonl", {}, {"id": "p1", "prompt": "So?", "messages": MESSAGES}),
        # https://platform.openai.com/docs/guides/batch
        (
            "openai-batch",
            {"model": "m"},
            {
                "custom_id": "p1",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": "m", "messages": MESSAGES},
            },
        ),
        # https://docs.anthropic.com/en/api/creating-message-batches: system is no message.
        (
            "anthropic-batch",
            {"model": "m", "max_tokens": 9},
            {
                "custom_id": "p1",
                "params": {
                    "model": "m",
                    "max_tokens": 9,
                    "system": "Be brief.",
                    "messages": MESSAGES[1:],
                },
            },
        ),
    ],
)
def test_a_line_is_as_documented(form: str, given: dict[str, Any], expected: Any) -> None:
    assert next(request_lines(PROMPTS, form, **given)) == expected


def test_bounds_of_tokens() -> None:
    _, openai = request_lines(PROMPTS, "openai-batch", model="m", max_tokens=7)
    _, anthropic = request_lines(PROMPTS, "anthropic-batch", model="m")
    # Models that reason refuse the older name, max_tokens.
    assert openai["body"]["max_completion_tokens"] == 7 and "max_tokens" not in openai["body"]
    # Anthropic's interface refuses a request without one.
    assert anthropic["params"]["max_tokens"] == 4096 and "system" not in anthropic["params"]


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("csv", {}),
        ("openai-batch", {}),
        ("anthropic-batch", {"model": " "}),
        ("jsonl", {"model": "m"}),
        ("jsonl", {"max_tokens": 9}),
        ("openai-batch", {"model": "m", "max_tokens": 0}),
    ],
)
def test_what_cannot_be_written_is_refused(form: str, given: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        request_lines(PROMPTS, form, **given)


def write(folder: Path, *lines: Any) -> str:
    path = folder / "ask.jsonl"
    path.write_bytes(
        b"".join(
            (line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines
        )
    )
    return str(path)


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_written_is_read_again(tmp_path: Path, form: str) -> None:
    model = None if form == "jsonl" else "m"
    asked = read_asked(write(tmp_path, *request_lines(PROMPTS, form, model=model)))
    assert asked.prompts == {"p1": "So?", "p2": "Who?"}
    assert (asked.id_of("So?"), asked.id_of(" Who?\n"), asked.id_of("so?")) == ("p1", "p2", None)
    assert len(asked) == 2


def test_a_line_twice_is_one_and_of_two_ids_of_a_prompt_the_first_counts(tmp_path: Path) -> None:
    line = {"id": "p1", "prompt": "Hi"}
    asked = read_asked(write(tmp_path, line, line, {"id": "p2", "prompt": "Hi"}))
    assert (len(asked), asked.id_of("Hi")) == (2, "p1")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            [{"id": "p1", "prompt": "Hi"}, {"id": "p1", "prompt": "Ho"}], id="two prompts"
        ),
        pytest.param([{"id": 7, "prompt": "Hi"}], id="id"),
        pytest.param([{"id": "", "prompt": "Hi"}], id="empty id"),
        pytest.param([{"id": "p1"}], id="no prompt"),
        pytest.param([{"id": "p1", "prompt": ["Hi"]}], id="a list"),
        pytest.param([{"id": "p1", "messages": [{"role": "assistant", "content": "x"}]}]),
        pytest.param([{"id": "p1", "messages": {"a": {}}}], id="an object"),
        pytest.param([{"custom_id": "p1", "body": [1], "params": 7}], id="body"),
        pytest.param([["p1", "Hi"]], id="an array"),
        pytest.param([b"{"], id="broken"),
        pytest.param([b"[" * 100_000], id="deep"),
        pytest.param([b"\xff\xfe"], id="no text"),
        pytest.param([], id="empty"),
    ],
)
def test_a_hostile_file_is_refused_in_one_paragraph(tmp_path: Path, lines: list[Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_asked(write(tmp_path, *lines))
    assert "ask.jsonl" in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="no such file"):
        read_asked("nowhere.jsonl")
