"""From a document of a corpus to the prompt that it answers, as an API can be asked it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import orjson

from provenance.corpus.chats.roles import UNTRAINED, role_of
from provenance.corpus.document import MORE_THAN_WORDS, Document, said_turns
from provenance.features.features import word_hashes

__all__ = [
    "BROKEN",
    "NOT_AN_OPENING",
    "NOT_WORDS_ALONE",
    "NO_PROMPT",
    "OTHER_TURNS",
    "TOO_LONG",
    "Prompt",
    "prompt_of",
]

NO_PROMPT: Final = "without a prompt"
TOO_LONG: Final = "too long to ask"
OTHER_TURNS: Final = "behind turns of a tool or of nobody known"
NOT_WORDS_ALONE: Final = "with images, sounds, files or calls of tools"
BROKEN: Final = "with characters that no file can hold"
NOT_AN_OPENING: Final = "further on in their conversation"

_MOST_TURNS: Final = 50
"""Turns of a conversation that is asked again; a round figure, not tuned."""
_MOST_CHARACTERS: Final = 60_000
"""Characters of all its turns, some 15,000 tokens; a round figure, not tuned."""
_SPEAKERS: Final = ("system", "user", "assistant")
_DIGEST: Final = 16
_CLOSED: Final = re.compile(r"^[ \t]*</think>[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked: the words that a document answers, and what was said before them.

    Parameters
    ----------
    id : str
        33 letters and digits, from a hash of the messages: the same in every run.
    prompt : str
        The user's words as the corpus holds them, which the hash of a prompt is taken of.
    messages : tuple of (str, str)
        Roles and words, of ``system``, ``user`` and ``assistant``; the last is the prompt.
    rank : int
        64 bits, drawn by the words of the prompt and a seed: prompts of equal words have one.
    stratum : tuple
        What the draw is balanced by: values of fields, and the class of its length.
    row : (str, int)
        Input and line that it stands in.
    group : str or None
        Conversation that it is of, or the value of the group field; None where it is of none.
    """

    id: str
    prompt: str
    messages: tuple[tuple[str, str], ...]
    rank: int
    stratum: tuple[str | int, ...]
    row: tuple[str, int]
    group: str | None = None

    @property
    def size(self) -> int:
        """Characters of all messages."""
        return sum(len(words) for _, words in self.messages)

    @property
    def is_opening(self) -> bool:
        """Whether no answer stands before it."""
        return all(role != "assistant" for role, _ in self.messages)


def prompt_of(document: Document, seed: int = 0, by: tuple[str, ...] = ()) -> Prompt | str:
    """The prompt that a document answers, or why it cannot be asked.

    Parameters
    ----------
    document : Document
        Read with ``with_said``.
    seed : int
    by : tuple of str
        Fields that the draw is balanced by.

    Examples
    --------
    >>> asked = prompt_of(Document("a", "Yes?", "x.jsonl", 1, prompt="Hi there"))
    >>> asked.id, asked.messages
    ('p59bc6d75e713cec5b80f8e292c5a4942', (('user', 'Hi there'),))
    >>> prompt_of(Document("a", "Yes?", "x.jsonl", 1))
    'without a prompt'
    """
    prompt = document.prompt
    if prompt is None or not prompt.strip():
        return NO_PROMPT
    if len(prompt) > _MOST_CHARACTERS:
        return TOO_LONG
    messages = _messages(document, prompt)
    if isinstance(messages, str):
        return messages
    if sum(len(words) for _, words in messages) > _MOST_CHARACTERS:
        return TOO_LONG
    try:
        written = orjson.dumps(messages)
    except orjson.JSONEncodeError:  # a lone surrogate
        return BROKEN
    digest = hashlib.blake2b(written, digest_size=_DIGEST)
    return Prompt(
        id=f"p{digest.hexdigest()}",
        prompt=prompt,
        messages=messages,
        rank=_rank(prompt, seed),
        stratum=(*(document.fields.get(name, "") for name in by), len(prompt).bit_length()),
        row=(document.path, document.line),
        group=document.group,
    )


def _messages(document: Document, prompt: str) -> tuple[tuple[str, str], ...] | str:
    """The conversation up to the prompt, from the first words of its user on."""
    if document.said is None:
        return (("user", prompt),)
    turns = said_turns(document.said, _MOST_TURNS)
    if turns is None:
        return TOO_LONG
    said = [(name if name == MORE_THAN_WORDS else _role(name), words) for name, words in turns]
    while said and said[-1] != ("user", prompt):
        role, words = said.pop()
        if role == MORE_THAN_WORDS:
            # Nobody is asked what an answer shows, but what others show is a part of the question.
            if role_of(words) != "assistant":
                return NOT_WORDS_ALONE
            continue
        # What a tool or the system said behind the prompt is a part of what was answered.
        if role not in ("thinking", "assistant") and ("user", prompt) in said:
            return OTHER_TURNS
    messages: list[tuple[str, str]] = []
    for role, words in said or [("user", prompt)]:
        if role == "thinking":
            continue
        if role == MORE_THAN_WORDS:
            return NOT_WORDS_ALONE
        if role not in _SPEAKERS:
            return OTHER_TURNS
        if role == "assistant":
            words = _without_thoughts(words)
            # What begins with an answer begins in the middle; no API takes it.
            if not words or all(speaker != "user" for speaker, _ in messages):
                continue
        messages.append((role, words))
    return tuple(messages)


def _role(name: str) -> str | None:
    """The role of a name; what no training learns from was said by the assistant all the same."""
    role = role_of(name)
    return "assistant" if role == UNTRAINED else role


def _without_thoughts(answer: str) -> str:
    """An answer without the thoughts before it, which chat APIs do not pass on either.

    Where a template writes the opening tag the corpus lacks it; then the closing one has a line.

    Examples
    --------
    >>> _without_thoughts("<think>Hm.</think>Yes?"), _without_thoughts("Hm.\\n</think>\\n\\nYes?")
    ('Yes?', 'Yes?')
    """
    if answer.lstrip().startswith("<think>"):
        return answer.partition("</think>")[2].strip()
    closed = _CLOSED.search(answer)
    return answer if closed is None else answer[closed.end() :].strip()


def _rank(prompt: str, seed: int) -> int:
    words = word_hashes(prompt).tobytes() or prompt.encode("utf-8", "replace")
    keyed = hashlib.blake2b(words, digest_size=8, key=b"%d" % seed)
    return int.from_bytes(keyed.digest(), "big")
