"""The compiled look at the beginnings of many texts: which are code, and which English prose.

A corpus is judged document by document, and most of it is English: to find its words with a
pattern took as long as to make its tokens, since each word was a string of its own. Here the bytes
of all beginnings are read once, and no word is made. What stands out, such as another language, is
left to the slow rules in `prose`, which are the twin of this loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN
from provenance.files.compiled import njit

__all__ = ["CODE", "ENGLISH", "UNTOLD", "character_kinds", "common_words", "judged"]

ENGLISH: Final = 0
CODE: Final = 1
UNTOLD: Final = 2
"""Neither, or with a character that only the slow rules know."""

_N_CHARACTERS: Final = 0x20000
_OTHER: Final = 0
_LETTER: Final = 1
_APOSTROPHE: Final = 2
_SIGN_OF_CODE: Final = 3
_UNKNOWN: Final = 4
_LONGEST_WORD: Final = 8
"""Letters that one number of 64 bits holds."""
_SLOTS: Final = 1024
_SLOT_SHIFT: Final = np.uint64(64 - 10)


def character_kinds(signs_of_code: str) -> NDArray[np.uint8]:
    """What each character below 2^17 is to `judged`, by its small letter.

    Examples
    --------
    >>> kinds = character_kinds("{")
    >>> [int(kinds[ord(one)]) for one in "Aé7_'{"]
    [1, 1, 0, 0, 2, 3]
    """
    kinds = np.fromiter(map(_kind, map(chr, range(_N_CHARACTERS))), np.uint8, _N_CHARACTERS)
    kinds[[ord(one) for one in "'’"]] = _APOSTROPHE
    kinds[[ord(one) for one in signs_of_code]] = _SIGN_OF_CODE
    return kinds


def _kind(character: str) -> int:
    if character.isascii():
        return _LETTER if character.isalpha() else _OTHER
    small = character.lower()
    if len(small) > 1 or small.isascii():
        return _UNKNOWN  # the dotted I, and the sign of kelvins
    return _LETTER if small.isalnum() and not small.isdecimal() else _OTHER


def common_words(words: Iterable[str]) -> NDArray[np.uint64]:
    """Words of small letters of ASCII as numbers, each in a slot that its hash tells or behind it.

    Examples
    --------
    >>> sorted(int(number) for number in common_words(["a", "of"]) if number)
    [97, 28518]
    """
    slots = np.zeros(_SLOTS, np.uint64)
    for word in sorted(words):
        letters = word.encode("ascii")
        if not 0 < len(letters) <= _LONGEST_WORD:
            raise ValueError(f"{word!r} does not fit a number")
        number = int.from_bytes(letters, "big")
        slot = (number * int(GOLDEN) & 0xFFFFFFFFFFFFFFFF) >> int(_SLOT_SHIFT)
        while slots[slot]:
            slot = (slot + 1) % _SLOTS
        slots[slot] = number
    return slots


@njit(cache=True, inline="always")
def _holds(slots: Any, number: Any) -> Any:
    slot = (number * GOLDEN) >> _SLOT_SHIFT
    while slots[slot] != 0 and slots[slot] != number:
        slot = (slot + np.uint64(1)) & np.uint64(_SLOTS - 1)
    return slots[slot] == number


@njit(cache=True, nogil=True)
def judged(
    data: Any,
    bounds: Any,
    kinds: Any,
    common: Any,
    most_characters: Any,
    most_code: Any,
    least_common: Any,
    most_letters: Any,
) -> Any:
    """Which texts are code, which English prose, and which neither can be told of here.

    Parameters
    ----------
    data : ndarray of uint8
        Sound UTF-8 of the beginnings of texts, one behind the other.
    bounds : ndarray of int64, shape (n_texts + 1,)
    kinds, common
        What `character_kinds` and `common_words` give.
    most_characters : int
        Characters of a beginning that words are looked for in.
    most_code : float
        Largest part of the characters that are signs of code.
    least_common : float
        Least part of the words that are common.
    most_letters : int
        Largest mean length of words.

    Returns
    -------
    ndarray of uint8, shape (n_texts,)
        `CODE`, `ENGLISH` or `UNTOLD`.
    """
    found = np.empty(len(bounds) - 1, np.uint8)
    for text in range(len(found)):
        own = data[bounds[text] : bounds[text + 1]]
        at, n_characters, n_code, n_words, n_letters, n_common, is_known = _words(
            own, kinds, common, most_characters
        )
        for byte in own[at:]:
            # A character begins where no byte of another goes on.
            n_characters += (byte & 0xC0) != 0x80
            n_code += (byte < 0x80) & (kinds[byte] == _SIGN_OF_CODE)
        is_english = (
            is_known
            and n_words > 0
            and n_letters <= most_letters * n_words
            and n_common >= least_common * n_words
        )
        if n_code > most_code * n_characters:
            found[text] = CODE
        elif is_english:
            found[text] = ENGLISH
        else:
            found[text] = UNTOLD
    return found


@njit(cache=True)
def _words(data: Any, kinds: Any, common: Any, most_characters: Any) -> Any:
    """Count the words of the first characters, and what stands among them.

    A word is a run of letters, and one more behind an apostrophe.

    Returns
    -------
    Where the next character begins; characters, signs of code, words, their characters, how many
    of them are common; whether each character is known
    """
    one, eight, end = np.uint64(1), np.uint64(8), np.uint64(len(data))
    at, number = np.uint64(0), np.uint64(0)
    n_characters = n_code = n_words = n_letters = n_common = length = 0
    # Parts of a word: 0 outside, 1 in its first run, 2 at the apostrophe, 3 in the second run.
    part = 0
    is_known = True
    while at < end and n_characters < most_characters:
        code = np.uint32(data[at])
        at += one
        if code >= 0xC0:
            more = 1 + (code >= 0xE0) + (code >= 0xF0)
            code &= np.uint32(0x3F >> more)
            for _ in range(more):
                code = np.uint32(code << np.uint32(6)) | np.uint32(data[at] & 0x3F)
                at += one
        n_characters += 1
        kind = kinds[code] if code < _N_CHARACTERS else np.uint8(_UNKNOWN)
        if kind == _LETTER:
            if part == 0:
                part, length, number = 1, 0, np.uint64(0)
                n_words += 1
            if part == 2:
                part = 3
                n_letters += 1
            n_letters += 1
            # A letter that is not of ASCII makes a word too long to be common.
            length += 1 if code < 0x80 else _LONGEST_WORD + 1
            number = (number << eight) | np.uint64(code | 0x20)
        elif kind == _APOSTROPHE and part == 1:
            part = 2
        else:
            if (part == 1 or part == 2) and length <= _LONGEST_WORD:
                n_common += _holds(common, number)
            part = 0
            n_code += kind == _SIGN_OF_CODE
            is_known &= kind != _UNKNOWN
    if (part == 1 or part == 2) and length <= _LONGEST_WORD:
        n_common += _holds(common, number)
    return at, n_characters, n_code, n_words, n_letters, n_common, is_known
