"""Prompts as the lines of a file: plain, or as the batch interfaces of two APIs take them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from provenance.corpus import Corpus, open_corpus
from provenance.corpus.chats.chat import last_turn
from provenance.corpus.document import BadRow, Document
from provenance.corpus.places.inputs import shown
from provenance.corpus.rows.rows import RowReader
from provenance.errors import InputError, require_whole
from provenance.features.hashes import text_hash
from provenance.fingerprint.asking.prompts import Prompt

__all__ = ["FORMATS", "MOST_TOKENS", "Asked", "read_asked", "request_lines"]

MOST_TOKENS: Final = 4096
"""Tokens of an answer where an interface wants a bound and none was given; a round figure."""
_MOST_ASKED: Final = 100_000
"""Prompts of a file that is read: the largest batch that either interface takes."""

Line = dict[str, Any]


def request_lines(
    prompts: Iterable[Prompt],
    form: str = "jsonl",
    *,
    model: str | None = None,
    max_tokens: int | None = None,
) -> Iterator[Line]:
    """One line for each prompt.

    Parameters
    ----------
    prompts : iterable of Prompt
    form : str
        One of `FORMATS`.
    model : str, optional
        What the API calls the model; both batch formats need it.
    max_tokens : int, optional
        Tokens of an answer at most.

    Raises
    ------
    InputError
        Where the format is not known, or a model is missing or not asked for.

    Examples
    --------
    >>> asked = Prompt("p1", "Hi", (("user", "Hi"),), 0, (), ("a", 1))
    >>> next(request_lines([asked], "anthropic-batch", model="m"))["params"]["max_tokens"]
    4096
    """
    write = FORMATS.get(form)
    if write is None:
        raise InputError(
            f"there is no format {form[:60]!r}", expected=f"one of {', '.join(FORMATS)}"
        )
    is_plain = form == "jsonl"
    if is_plain and (model, max_tokens) != (None, None):
        raise InputError(
            "a model or a bound of tokens was given, which plain prompts have no place for",
            remedy="Pass --format openai-batch or anthropic-batch, or leave them out",
        )
    if not is_plain and not (model and model.strip()):
        raise InputError(f"{form} was asked for without a model", remedy="Pass --model NAME")
    if max_tokens is not None:
        require_whole("max_tokens", max_tokens, 1)
    return (write(prompt, model or "", max_tokens) for prompt in prompts)


def _plain(prompt: Prompt, model: str, max_tokens: int | None) -> Line:
    return {"id": prompt.id, "prompt": prompt.prompt, "messages": _messages(prompt.messages)}


def _openai(prompt: Prompt, model: str, max_tokens: int | None) -> Line:
    """A line of an input file of OpenAI's Batch API.

    All its chat models take ``max_completion_tokens``; ``max_tokens`` is deprecated, and those that
    reason refuse it (reference of the API, chat completions).
    """
    bound = {} if max_tokens is None else {"max_completion_tokens": max_tokens}
    return {
        "custom_id": prompt.id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": model, "messages": _messages(prompt.messages), **bound},
    }


def _anthropic(prompt: Prompt, model: str, max_tokens: int | None) -> Line:
    """A request of Anthropic's Message Batches; what the system says stands beside the messages."""
    system = "\n\n".join(words for role, words in prompt.messages if role == "system")
    said = [turn for turn in prompt.messages if turn[0] != "system"]
    return {
        "custom_id": prompt.id,
        "params": {
            "model": model,
            "max_tokens": MOST_TOKENS if max_tokens is None else max_tokens,
            **({"system": system} if system else {}),
            "messages": _messages(said),
        },
    }


def _messages(turns: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": words} for role, words in turns]


FORMATS: Final[Mapping[str, Callable[[Prompt, str, int | None], Line]]] = {
    "jsonl": _plain,
    "openai-batch": _openai,
    "anthropic-batch": _anthropic,
}
"""What a format is called to what writes a line of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompts that an API was asked.

    Parameters
    ----------
    path : str
        Where they were read, as shown to people.
    prompts : dict of str to str
        Id to prompt.
    """

    path: str
    prompts: dict[str, str]
    _ids: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        ids = {text_hash(prompt.strip()): key for key, prompt in reversed(self.prompts.items())}
        object.__setattr__(self, "_ids", ids)

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def digest(self) -> str:
        """Hash of the prompts, in any order and under any ids, in hexadecimal."""
        return f"{text_hash(' '.join(map(str, sorted(self._ids)))):016x}"

    def id_of(self, prompt: str) -> str | None:
        """The id under which a prompt was asked, whatever space is around it, or None."""
        return self._ids.get(text_hash(prompt.strip()))


class _AskedFile(Corpus):
    """Lines of prompts in any of the `FORMATS`, read as documents."""

    def documents_of(
        self, reader: RowReader, path: str, line: int, record: object
    ) -> list[Document]:
        found = _prompt_in(record) if isinstance(record, Mapping) else None
        if found is None:
            raise InputError(
                record.what if isinstance(record, BadRow) else "this is no prompt that was asked",
                where=f"{shown(path)}:{line}",
                expected="a prompt as provenance ask writes it: an id, and messages that a user"
                " ends",
                remedy="Name the file that was asked with --asked",
            )
        key, prompt = found
        return [Document(key, prompt, path, line)]


def _prompt_in(record: Mapping[str, Any]) -> tuple[str, str] | None:
    key = record.get("id", record.get("custom_id"))
    within = record.get("body") or record.get("params") or record
    messages = within.get("messages") if isinstance(within, Mapping) else None
    prompt = record.get("prompt")
    prompt = last_turn(messages) if prompt is None and isinstance(messages, list) else prompt
    if not isinstance(key, str) or not isinstance(prompt, str) or not key or not prompt:
        return None
    return key, prompt


def read_asked(path: str) -> Asked:
    """Read the prompts that `request_lines` wrote, whichever format it was.

    Raises
    ------
    InputError
        Where the file is missing or damaged, holds anything else, or gives one id to two prompts.
    """
    prompts: dict[str, str] = {}
    for document in _AskedFile.over(open_corpus(path)):
        where = f"{document.path}:{document.line}"
        if prompts.setdefault(document.id, document.text) != document.text:
            raise InputError(
                f"the id {document.id[:60]!r} stands for two prompts",
                where=where,
                expected="one prompt for each id",
                remedy="Write the prompts again with provenance ask",
            )
        if len(prompts) > _MOST_ASKED:
            raise InputError("it holds too many prompts", where=where, expected=f"{_MOST_ASKED:,}")
    return Asked(path, prompts)
