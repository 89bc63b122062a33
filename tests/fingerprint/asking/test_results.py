"""Lines of answers in the shapes that the interfaces document, and hostile ones."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.corpus.document import BadRow
from provenance.fingerprint.asking.results import Result, result_of


def openai(
    body: Any = None, status: Any = 200, error: Any = None, **changes: Any
) -> dict[str, Any]:
    """A line of an output file of OpenAI's Batch API."""
    response = {"status_code": status, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": "p1", "response": response, "error": error} | changes


def completion(content: Any, reason: str = "stop", **message: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content} | message
    return {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def anthropic(content: Any, reason: str = "end_turn") -> dict[str, Any]:
    """A line of the results of Anthropic's Message Batches."""
    message = {"id": "m", "type": "message", "role": "assistant", "content": content}
    return result({"type": "succeeded", "message": message | {"stop_reason": reason}})


def result(value: Any) -> dict[str, Any]:
    return {"custom_id": "p1", "result": value}


def response(*items: Any, **beside: Any) -> dict[str, Any]:
    """A body of the Responses API."""
    return {"id": "resp", "object": "response", "output": list(items)} | beside


def said(*blocks: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(blocks)}


YES = Result("p1", "answered", "Yes?")
CUT = Result("p1", "answered", "Yes?", True)
REFUSED, FAILED = Result("p1", "refused"), Result("p1", "failed")
TEXT = {"type": "text", "text": "Yes?"}
THOUGHT = {"type": "thinking", "thinking": "Hm", "signature": "x"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param({"id": "p1", "answer": "Yes?"}, YES, id="plain"),
        pytest.param({"id": "p1", "answer": "Yes?", "prompt": "Hi"}, YES, id="plain, prompt"),
        pytest.param({"id": "p1", "answer": None}, FAILED, id="plain, null"),
        pytest.param({"id": "p1", "answer": " \n"}, FAILED, id="plain, blank"),
        pytest.param({"id": 1, "answer": "Yes?"}, Result("1", "answered", "Yes?"), id="number"),
        pytest.param(openai(completion("Yes?")), YES, id="openai"),
        pytest.param(openai(completion([TEXT])), YES, id="openai, blocks"),
        pytest.param(openai(completion("Yes?", "length")), CUT, id="openai, cut"),
        pytest.param(openai(completion(None, "content_filter")), REFUSED, id="openai, filter"),
        pytest.param(openai(completion("Ye", "content_filter")), REFUSED, id="openai, filter late"),
        pytest.param(openai(completion(None, refusal="No.")), REFUSED, id="openai, refusal"),
        pytest.param(openai(completion("")), FAILED, id="openai, empty"),
        pytest.param(openai(completion(None, tool_calls=[{}])), FAILED, id="openai, a call"),
        pytest.param(openai({"error": {"code": "x"}}, 500), FAILED, id="openai, 500"),
        pytest.param(
            openai({"error": {"code": "content_filter"}}, 400), REFUSED, id="azure, filter"
        ),
        pytest.param(
            openai(response=None, error={"code": "batch_expired", "message": "x"}),
            FAILED,
            id="openai, expired",
        ),
        pytest.param(openai(response=None), FAILED, id="openai, nothing"),
        pytest.param(
            openai(response({"type": "reasoning"}, said({"type": "output_text", "text": "Yes?"}))),
            YES,
            id="responses",
        ),
        pytest.param(
            openai(response(said({"type": "refusal", "refusal": "No."}))),
            REFUSED,
            id="responses, refusal",
        ),
        pytest.param(
            openai(
                response(
                    said({"type": "output_text", "text": "Yes?"}),
                    status="incomplete",
                    incomplete_details={"reason": "max_output_tokens"},
                )
            ),
            CUT,
            id="responses, cut",
        ),
        pytest.param(
            openai(
                response(
                    said({"type": "output_text", "text": "Ye"}),
                    status="incomplete",
                    incomplete_details={"reason": "content_filter"},
                )
            ),
            REFUSED,
            id="responses, filter",
        ),
        pytest.param(openai(response()), FAILED, id="responses, nothing"),
        pytest.param(anthropic([TEXT]), YES, id="anthropic"),
        pytest.param(anthropic([THOUGHT, TEXT]), YES, id="anthropic, thinking"),
        pytest.param(anthropic([TEXT], "max_tokens"), CUT, id="anthropic, cut"),
        pytest.param(anthropic([TEXT], "pause_turn"), CUT, id="anthropic, paused"),
        pytest.param(anthropic([TEXT], "model_context_window_exceeded"), CUT, id="anthropic, full"),
        pytest.param(anthropic([TEXT], "stop_sequence"), YES, id="anthropic, a word to stop at"),
        pytest.param(anthropic([], "pause_turn"), FAILED, id="anthropic, paused before words"),
        pytest.param(anthropic([], "refusal"), REFUSED, id="anthropic, refusal"),
        pytest.param(anthropic([TEXT], "refusal"), REFUSED, id="anthropic, refusal late"),
        pytest.param(anthropic([]), FAILED, id="anthropic, nothing"),
        pytest.param(result({"type": "errored", "error": {}}), FAILED, id="anthropic, errored"),
        pytest.param(result({"type": "canceled"}), FAILED, id="anthropic, canceled"),
        pytest.param(result({"type": "expired"}), FAILED, id="anthropic, expired"),
        pytest.param({"id": "p1", "text": "Yes?"}, None, id="a row of a corpus"),
        pytest.param({"answer": "Yes?"}, None, id="no id"),
        pytest.param({"custom_id": "p1", "text": "Yes?"}, None, id="no result"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_a_line_is_read(line: dict[str, Any], expected: Result | None) -> None:
    assert result_of(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        {"id": "p1", "answer": ["Yes?"]},
        result(None),
        result([]),
        result({"type": "perhaps"}),
        result({"type": ["succeeded"]}),
        result({"type": "succeeded"}),
        result({"type": "succeeded", "message": None}),
        anthropic({"a": 1}),
        anthropic(7),
        anthropic([{"type": "scroll", "text": "Yes?"}]),
        openai(response="x"),
        openai([1]),
        openai({}),
        openai(None),
        openai("<html><body>Bad gateway</body></html>"),
        openai('{"choices": [{"message": {"content": "Yes?"}}]}'),
        openai({"choices": []}),
        openai({"choices": [None]}),
        openai({"choices": [{}]}),
        openai({"choices": [{"message": "x"}]}),
        openai(completion(7)),
    ],
)
def test_an_odd_line_has_failed_and_says_why(line: dict[str, Any]) -> None:
    found = result_of(line)
    assert found is not None and (found.id, found.outcome, found.text) == ("p1", "failed", "")
    assert 10 < len(found.odd) < 100


def test_what_a_proxy_wrote_beside_an_error_is_nothing_odd() -> None:
    bodies: list[Any] = ["<html>", None, [], {"error": "busy"}]
    assert all(result_of(openai(body, 502)) == FAILED for body in bodies)


@pytest.mark.parametrize(
    "line",
    [
        {"id": ["p1"], "answer": "Yes?"},
        {"custom_id": None, "result": {"type": "expired"}},
        {"custom_id": True, "response": None},
    ],
)
def test_a_line_without_an_id_is_a_bad_row(line: dict[str, Any]) -> None:
    with pytest.raises(BadRow) as caught:
        result_of(line)
    assert len(caught.value.what) < 100
