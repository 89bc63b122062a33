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

from provenance.features.code_points import next_code
from provenance.features.number_sets import holds, number_set
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


def common_words(words: Iterable[str]) -> tuple[NDArray[np.uint64], np.uint64]:
    """The set of words of small letters of ASCII as numbers; see `number_set`.

    Examples
    --------
    >>> sorted(int(number) for number in common_words(["a", "of"])[0] if number)
    [97, 28518]
    """
    return number_set(map(_number, words))


def _number(word: str) -> int:
    letters = word.encode("ascii")
    if not 0 < len(letters) <= _LONGEST_WORD:
        raise ValueError(f"{word!r} does not fit a number")
    return int.from_bytes(letters, "big")


@njit(cache=True, nogil=True)
def judged(
    data: Any,
    bounds: Any,
    kinds: Any,
    common: Any,
    shift: Any,
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
    kinds, common, shift
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
            own, kinds, common, shift, most_characters
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
def _words(data: Any, kinds: Any, common: Any, shift: Any, most_characters: Any) -> Any:
    """Count the words of the first characters, and what stands among them.

    A word is a run of letters, and one more behind an apostrophe.

    Returns
    -------
    Where the next character begins; characters, signs of code, words, their characters, how many
    of them are common; whether each character is known
    """
    eight, end = np.uint64(8), np.uint64(len(data))
    at, number = np.uint64(0), np.uint64(0)
    n_characters = n_code = n_words = n_letters = n_common = length = 0
    # Parts of a word: 0 outside, 1 in its first run, 2 at the apostrophe, 3 in the second run.
    part = 0
    is_known = True
    while at < end and n_characters < most_characters:
        code, at = next_code(data, at)
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
                n_common += holds(common, shift, number)
            part = 0
            n_code += kind == _SIGN_OF_CODE
            is_known &= kind != _UNKNOWN
    if (part == 1 or part == 2) and length <= _LONGEST_WORD:
        n_common += holds(common, shift, number)
    return at, n_characters, n_code, n_words, n_letters, n_common, is_known
