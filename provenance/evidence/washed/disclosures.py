"""Where a text speaks as a model or holds what an interface left, and whether it may be counted."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.washed.phrases import due, needles

__all__ = ["Disclosed", "all_disclosed", "disclosed", "looked_at", "looked_at_bytes", "spelled"]

_Numbered = tuple[int, re.Pattern[str]]
"""A phrase's place in `PHRASES` and its pattern."""

_MOST_CHARACTERS: Final = 1 << 20
"""Of a text that are looked at; bounds time."""
_APOSTROPHES: Final = "’ʼ"
"""Read as plain ones."""
_KELVIN: Final = "\N{KELVIN SIGN}"
"""The one character whose small letter is of ASCII, and which is none itself."""
_KELVIN_BYTES: Final = _KELVIN.encode()
_MOST_MATCHES: Final = 64
"""Matches of one phrase in one text that are taken; bounds time."""

_ABOUT: Final = re.compile(
    r"\b(?:chatgpt|gpt-?[2345][\w.-]*|openai|anthropic|deepmind|llms?|(?:large )?language models?"
    r"|chat ?bots?|generative ai|gen-?ai|prompt engineering|artificial intelligence"
    r"|machine learning|neural networks?|a\.i\.|ai)\b|人工智能|大模型|语言模型|聊天机器人|인공지능"
)
_ABOUT_LIMIT: Final = 2
"""Mentions of models beside the phrases from which a text is held to be about them; a round figure:
one would drop answers that go on to speak of what they are."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One phrase of a text.

    Parameters
    ----------
    phrase : int
        Its place in `PHRASES`.
    start, end : int
        In characters of the text.
    """

    phrase: int
    start: int
    end: int


def disclosed(text: str) -> tuple[list[Disclosed], bool]:
    """Phrases that a text says itself, and whether it holds some that do not count.

    What stands in quotation marks, in a quoted line or in a text about models does not count: it
    tells what others said.

    Parameters
    ----------
    text : str

    Returns
    -------
    counted : list of Disclosed
        In order of position.
    is_about : bool
        Whether there are phrases, none of which counts.

    Examples
    --------
    >>> from provenance.evidence.washed.phrases import PHRASES
    >>> found, _ = disclosed("As an AI language model, I cannot taste soup.")
    >>> [(PHRASES[one.phrase].kind, one.start, one.end) for one in found]
    [('self_identification', 0, 26)]
    >>> disclosed('It wrote "As an AI language model, I cannot" to me.')
    ([], True)
    """
    # Here, as it loads a compiler.
    from provenance.evidence.washed.glance import glance

    found, _ = glance([looked_at(text)], spelled(needles()[0]), frozenset())
    return all_disclosed([text], found).get(0, ([], False))


@functools.cache
def spelled(needles: tuple[str, ...]) -> tuple[str, ...]:
    """Needles in every way that a text may write what reads as they do, for `glance`.

    Letters of ASCII are alike to it. So no text has to be brought to small letters to be looked at.

    Examples
    --------
    >>> spelled(("i'm/ü",))
    ("i'm/i’m/iʼm/ü/Ü",)
    """
    return tuple(
        "/".join(
            "".join(letters)
            for needle in group.split("/")
            for letters in itertools.product(*map(_spellings, needle))
        )
        for group in needles
    )


def _spellings(letter: str) -> str:
    if letter == "'":
        return f"'{_APOSTROPHES}"
    capital = letter.upper()
    return letter if letter.isascii() or capital.lower() != letter else letter + capital


def looked_at(text: str) -> str:
    """What of a text is read, such that `glance` finds in it what `spelled` needles hold."""
    return text[:_MOST_CHARACTERS].replace(_KELVIN, "k")


def looked_at_bytes(texts: Sequence[str], encoded: Sequence[bytes]) -> list[bytes]:
    """The same of some texts as UTF-8, which is what they are, but for hardly any.

    Examples
    --------
    >>> looked_at_bytes(["A b", "20 \u212a"], ["A b".encode(), "20 \u212a".encode()])
    [b'A b', b'20 k']
    """
    return [
        one
        if len(text) <= _MOST_CHARACTERS and (len(one) == len(text) or _KELVIN_BYTES not in one)
        else looked_at(text).encode("utf-8", "replace")
        for text, one in zip(texts, encoded, strict=True)
    ]


def all_disclosed(
    texts: Sequence[str], found: NDArray[np.uint64]
) -> dict[int, tuple[list[Disclosed], bool]]:
    """What `disclosed` finds in each of some texts, by its place; most hold nothing of it.

    Parameters
    ----------
    texts : sequence of str
    found : ndarray of uint64, shape (n_texts,)
        Which of `needles` stand in each in some spelling, as `glance` tells.

    Examples
    --------
    >>> texts = ["Soup is hot.", "As an AI language model, I cannot taste soup."]
    >>> list(all_disclosed(texts, np.array([0, 2**64 - 1], np.uint64)))
    [1]
    """
    read = {}
    for at in found.nonzero()[0].tolist():
        patterns = due(int(found[at]))
        if patterns:
            read[at] = _read(_folded(texts[at][:_MOST_CHARACTERS]), patterns)
    return {at: one for at, one in read.items() if one[0] or one[1]}


def _read(folded: str, patterns: Sequence[_Numbered]) -> tuple[list[Disclosed], bool]:
    every = _matches(folded, patterns)
    counted = [one for one in every if not _is_quoted(folded, _first_word(folded, one))]
    if counted and _mentions(folded, every) >= _ABOUT_LIMIT:
        counted = []
    return counted, bool(every) and not counted


def _folded(text: str) -> str:
    """Small letters and plain apostrophes, each character in its place."""
    if text.isascii():
        return text.lower()
    for mark in _APOSTROPHES:
        text = text.replace(mark, "'")
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _matches(folded: str, patterns: Sequence[_Numbered]) -> list[Disclosed]:
    every = []
    for number, pattern in patterns:
        matches = islice(pattern.finditer(folded), _MOST_MATCHES)
        every += [Disclosed(number, *match.span()) for match in matches]
    return sorted(every, key=lambda one: (one.start, one.phrase))


_OPENS: Final = "“„«「『"
_CLOSES: Final = "”»」』"


_WORD: Final = re.compile(r"\w")


def _first_word(folded: str, one: Disclosed) -> int:
    """Where its words begin: a phrase may take marks in, such as those that quote it."""
    found = _WORD.search(folded, one.start, one.end)
    return found.start() if found else one.start


def _is_quoted(folded: str, place: int) -> bool:
    """Whether a place stands in a quoted line, or in marks opened before it in its paragraph."""
    line = folded[max(folded.rfind("\n", 0, place) + 1, place - 2000) : place]
    if line.lstrip().startswith(">") or line.count('"') % 2 or line.count("`") % 2:
        return True
    opened = sum(line.count(mark) for mark in _OPENS)
    return opened > sum(line.count(mark) for mark in _CLOSES)


def _mentions(folded: str, every: list[Disclosed]) -> int:
    """How often a text speaks of models beside its phrases, as far as the limit asks."""
    count = 0
    for match in _ABOUT.finditer(folded):
        inside = any(one.start <= match.start() < one.end for one in every)
        count += not inside
        if count == _ABOUT_LIMIT:
            break
    return count
