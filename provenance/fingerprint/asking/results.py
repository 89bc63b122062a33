"""One line of a file of answers: what the API said, or why it said nothing.

Shapes: a line of an output or error file of OpenAI's Batch API, for chat completions and for
responses; a line of the results of Anthropic's Message Batches; and an id beside an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from provenance.corpus.chats.turns import joined
from provenance.corpus.document import BadRow

__all__ = ["Outcome", "Result", "result_of"]

Outcome = Literal["answered", "refused", "failed"]

_FILTERED: Final = "content_filter"
_REFUSED: Final = frozenset({_FILTERED, "refusal"})
_CUT: Final = frozenset(
    "length max_tokens max_output_tokens model_context_window_exceeded pause_turn".split()
)
"""Why an answer stopped that is not whole: a bound of its tokens or of the context, or a pause in
which it was to be asked to go on."""
_FAILED: Final = frozenset({"errored", "canceled", "expired"})
_FINE: Final = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one id.

    Parameters
    ----------
    id : str
    outcome : {"answered", "refused", "failed"}
        *Refused* is what the API itself says it refused; an answer that declines is an answer.
    text : str
        Empty unless answered.
    is_cut : bool
        Whether the answer ends at a bound of tokens or in a pause.
    odd : str
        Why a line with an id cannot be read as an answer to it, which makes it one that failed.
    others : tuple of Result
        What else came back for the same request, where several answers were asked for.
    """

    id: str
    outcome: Outcome
    text: str = ""
    is_cut: bool = False
    odd: str = ""
    others: tuple[Result, ...] = ()

    @property
    def every(self) -> tuple[Result, ...]:
        """All that came back for the request."""
        return (self, *self.others)


def result_of(record: Mapping[str, Any]) -> Result | None:
    """Read one line; None where it is of none of these shapes.

    One that is of them and cannot be read has failed: an API that stumbles once, and answers with
    a page or with nothing, does so in the middle of thousands of answers.

    Raises
    ------
    BadRow
        Where it is of one of them and its id is none.

    Examples
    --------
    >>> result_of({"id": "p1", "answer": "Yes?"}).text
    'Yes?'
    >>> result_of({"custom_id": "p1", "result": {"type": "expired"}}).outcome
    'failed'
    >>> result_of({"custom_id": "p1", "response": {"body": "<html>"}}).odd
    'the body of the answer is no object'
    >>> result_of({"text": "Yes?"})
    """
    if "custom_id" in record:
        if "result" in record:
            return _read(_anthropic, _id(record["custom_id"]), record)
        if "response" in record or "error" in record:
            return _read(_openai, _id(record["custom_id"]), record)
    if "answer" in record and record.get("id") is not None:
        return _read(_plain, _id(record["id"]), record)
    return None


def _read(reads: Callable[[str, Any], Result], key: str, record: object) -> Result:
    try:
        return reads(key, record)
    except BadRow as bad:
        return Result(key, "failed", odd=bad.what)


def _plain(key: str, record: Mapping[str, Any]) -> Result:
    answer = record["answer"]
    if answer is not None and not isinstance(answer, str):
        raise BadRow("the answer is no text", "a string, or null where there is none")
    return _told(key, answer)


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRow("the id of the answer is no text", "the id that was asked under")
    # As the corpus reader writes an id that is a number.
    return str(value)


def _told(
    key: str, text: str | None, stopped: str | None = None, *, refused: bool = False
) -> Result:
    """An answer by its words and why it stopped; one without words failed."""
    if stopped in _REFUSED:
        return Result(key, "refused")
    if text is None or not text.strip():
        return Result(key, "refused" if refused else "failed")
    return Result(key, "answered", text, stopped in _CUT)


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadRow(f"{what} of the answer is no object", "a line as the batch interface wrote it")
    return value


def _words(content: object) -> str | None:
    """The words of a message: a text, or blocks of which only text is taken."""
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list):
        return joined(content)
    raise BadRow("the content of the answer is neither text nor blocks", "a message")


def _anthropic(key: str, record: Mapping[str, Any]) -> Result:
    result = _mapping(record["result"], "the result")
    kind = result.get("type")
    if isinstance(kind, str) and kind in _FAILED:
        return Result(key, "failed")
    if kind != "succeeded":
        raise BadRow(f"the result is {str(kind)[:40]!r}", "succeeded, errored, canceled or expired")
    message = _mapping(result.get("message"), "the message")
    return _told(key, _words(message.get("content")), _stopped(message.get("stop_reason")))


def _stopped(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _openai(key: str, record: Mapping[str, Any]) -> Result:
    value, error = record.get("response"), record.get("error")
    if error is not None or value is None:
        return Result(key, "refused" if _is_filtered(error) else "failed")
    response = _mapping(value, "the response")
    body = response.get("body")
    if response.get("status_code", _FINE) != _FINE:
        # The body is then what a proxy wrote, as often as not.
        told = body.get("error") if isinstance(body, Mapping) else None
        return Result(key, "refused" if _is_filtered(told) else "failed")
    body = _mapping(body, "the body")
    if isinstance(body.get("choices"), list):
        return _of_completion(key, body["choices"])
    if isinstance(body.get("output"), list):
        return _of_response(key, body)
    raise BadRow("the body of the answer has neither choices nor output", "a completion")


def _is_filtered(error: object) -> bool:
    """Whether a filter refused the prompt, as Azure's tells by an error."""
    return isinstance(error, Mapping) and error.get("code") == _FILTERED


def _of_completion(key: str, choices: list[Any]) -> Result:
    first = _of_choice(key, choices[0] if choices else None)
    return replace(first, others=tuple(_read(_of_choice, key, one) for one in choices[1:]))


def _of_choice(key: str, value: object) -> Result:
    choice = _mapping(value, "the choice")
    message = _mapping(choice.get("message"), "the message")
    refused = bool(message.get("refusal"))
    stopped = _stopped(choice.get("finish_reason"))
    return _told(key, _words(message.get("content")), stopped, refused=refused)


def _of_response(key: str, body: Mapping[str, Any]) -> Result:
    items = [item for item in body["output"] if isinstance(item, Mapping)]
    blocks = [
        block
        for item in items
        if item.get("type") == "message" and isinstance(item.get("content"), list)
        for block in item["content"]
    ]
    refused = any(isinstance(block, Mapping) and block.get("type") == "refusal" for block in blocks)
    details = body.get("incomplete_details")
    why = details.get("reason") if isinstance(details, Mapping) else None
    return _told(key, joined(blocks), _stopped(why), refused=refused)
