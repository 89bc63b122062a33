"""Canaries: word choices and strings, keyed by account, planted in answers.

What is planted keeps meaning and grammar, and nobody without the key can tell it from chance. Under
a key drawn at random it says nothing about any text that was written without it, so that
`provenance.evidence.canary_check` has p-values that hold whatever the text is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError, require_number, require_whole
from provenance.evidence.canary.keyed_bits import keyed_bits
from provenance.evidence.canary.nonce_strings import keyed_string, strings_in
from provenance.evidence.canary.word_choices import (
    CHOICES,
    Occurrence,
    in_case_of,
    lowered,
    occurrences,
)
from provenance.features.normalize import normalize
from provenance.files.keys import Secret

__all__ = [
    "MIN_KEY",
    "Canary",
    "Planted",
    "Style",
    "plant",
    "readable",
    "state_ids",
    "strings_key",
    "words_key",
]

Style = Literal["words", "strings"]

MIN_KEY: Final = 16
"""Shortest key in characters: a shorter one can be guessed, and with it what was planted."""

_MAX_STRINGS: Final = 1 << 16
_SENTENCE_ENDS: Final = (".", "!", "?")
_FENCE: Final = "```"
# Part of what is planted: another version would find nothing of this one.
_VERSION: Final = "canary-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is planted under one key.

    Parameters
    ----------
    key : Secret
        At least 16 characters, drawn at random.
    name : str
        What the key is called in results; never the key.
    accounts : tuple of str
        Accounts that are checked where none are named.
    styles : tuple of {"words", "strings"}
        ``words`` chooses between two wordings wherever either would do; ``strings`` ends some
        answers with a line such as ``(Ref. gomavi-tosilo-pakira-donabu)``.
    rate : float
        Share of the answers that get a string, of those that end with a sentence.
    strings : int
        How many different strings an account has.

    Raises
    ------
    InputError
        Where the key is short or a number is out of range.

    Examples
    --------
    >>> Canary(key=Secret("0123456789abcdef"), name="2025")
    Canary(key=Secret(***), name='2025', accounts=(), styles=('words',), rate=0.01, strings=1024)
    """

    key: Secret
    name: str = ""
    accounts: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ("words",)
    rate: float = 0.01
    strings: int = 1024

    def __post_init__(self) -> None:
        if len(self.key) < MIN_KEY:
            raise InputError(
                f"the key has {len(self.key)} characters",
                expected=f"at least {MIN_KEY}, drawn at random",
                remedy="Make one with `openssl rand -hex 32`",
            )
        if not self.styles or not {*self.styles} <= {"words", "strings"}:
            raise InputError("styles is empty or unknown", expected="words, strings or both")
        require_number("rate", self.rate)
        require_whole("strings", self.strings, 1, _MAX_STRINGS)


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with its canaries.

    Parameters
    ----------
    text : str
    n_choices : int
        Places at which the wording is as the key says.
    n_changed : int
        Places at which it was another before.
    string : str or None
        The string at the end, where one was put there.
    """

    text: str
    n_choices: int = 0
    n_changed: int = 0
    string: str | None = None


def words_key(canary: Canary, account: str) -> bytes:
    """Key of an account's word choices."""
    return canary.key.derive(_VERSION, "words", account)


def strings_key(canary: Canary, account: str) -> bytes:
    """Key of an account's strings."""
    return canary.key.derive(_VERSION, "strings", account)


def readable(text: str) -> str:
    """Repair a text and lower-case it: what is planted is told by nothing else."""
    return lowered(normalize(text).text)


def state_ids(found: Sequence[Occurrence]) -> NDArray[np.uint64]:
    """Number places, equal ones alike, by nothing but the text."""
    return np.array([_state_id(place) for place in found], np.uint64)


def _state_id(place: Occurrence) -> int:
    parts = (CHOICES[place.choice].wordings[0], *place.context)
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def plant(text: str, canary: Canary, account: str) -> Planted:
    """Plant an account's canaries in one answer; doing it twice is doing it once.

    Code, addresses, letter case and white space stay. A text in which the choices could not be
    read back, because invisible or look-alike characters stand among the words, is left as it is.

    Parameters
    ----------
    text : str
    canary : Canary
    account : str
        Any name but an empty one.

    Examples
    --------
    >>> canary = Canary(key=Secret("0123456789abcdef"))
    >>> plant("Pick a colour. For example, red.", canary, "dan").text
    'Pick a colour. For instance, red.'
    """
    if not account:
        raise InputError("an account has no name", expected="any text")
    planted = Planted(text)
    if "words" in canary.styles:
        planted = _with_words(text, words_key(canary, account))
    if "strings" in canary.styles:
        planted = _with_string(planted, canary, strings_key(canary, account))
    return planted


def _with_words(text: str, key: bytes) -> Planted:
    places = list(occurrences(lowered(text)))
    read = list(occurrences(readable(text)))
    if not read or [place.choice for place in places] != [place.choice for place in read]:
        return Planted(text)
    ids = state_ids(read)
    sides = keyed_bits(key, ids).astype(int).tolist()
    pieces, last = [], 0
    for place, side in zip(places, sides, strict=True):
        shown = text[place.start : place.end]
        if place.side != side:
            shown = in_case_of(CHOICES[place.choice].wordings[side], shown)
        pieces += [text[last : place.start], shown]
        last = place.end
    made = "".join([*pieces, text[last:]])
    again = list(occurrences(readable(made)))
    if [place.side for place in again] != sides or (state_ids(again) != ids).any():
        return Planted(text)
    n_changed = sum(place.side != side for place, side in zip(places, sides, strict=True))
    return Planted(made, len(sides), n_changed)


def _with_string(planted: Planted, canary: Canary, key: bytes) -> Planted:
    text = planted.text
    body = text.rstrip()
    # After a sentence a line in brackets does no harm; after code, a table or JSON it may.
    if not body.endswith(_SENTENCE_ENDS) or _FENCE in text or any(strings_in(readable(text))):
        return planted
    draw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key).digest()
    if int.from_bytes(draw[:8], "big") >= canary.rate * 2**64:
        return planted
    string = keyed_string(key, int.from_bytes(draw[8:16], "big") % canary.strings)
    blank = "\r\n\r\n" if "\r\n" in text else "\n\n"
    made = f"{body}{blank}(Ref. {string}){text[len(body) :]}"
    return Planted(made, planted.n_choices, planted.n_changed, string)
