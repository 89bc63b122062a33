"""Strings that nobody writes by chance and anybody can read aloud: ``gomavi-tosilo-pakira-donabu``.

A string is four words of three syllables, each a consonant and a vowel out of 16 and 4: 12
syllables of 6 bits, so 72 bits, all taken from the key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

__all__ = ["BITS", "keyed_string", "keyed_strings", "nonce_string", "strings_in"]

_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"
_SYLLABLES: Final = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_WORDS: Final = 4
_SYLLABLES_A_WORD: Final = 3
_BITS_A_SYLLABLE: Final = len(_SYLLABLES).bit_length() - 1

BITS: Final = _WORDS * _SYLLABLES_A_WORD * _BITS_A_SYLLABLE
"""Bits of entropy of a string: every number of so many bits is one string."""

_WORD: Final = rf"(?:[{_CONSONANTS}][{_VOWELS}]){{{_SYLLABLES_A_WORD}}}"
_HYPHEN: Final = "[-‐‑‒–—]"
_FORM: Final = re.compile(rf"\b{_WORD}(?:{_HYPHEN}{_WORD}){{{_WORDS - 1}}}\b")
_HYPHENS: Final = re.compile(_HYPHEN)


def nonce_string(number: int) -> str:
    """Write a number of `BITS` bits as a string.

    Examples
    --------
    >>> nonce_string(0), nonce_string(2**BITS - 1)
    ('bababa-bababa-bababa-bababa', 'zuzuzu-zuzuzu-zuzuzu-zuzuzu')
    """
    mask = (1 << _BITS_A_SYLLABLE) - 1
    places = range(BITS - _BITS_A_SYLLABLE, -1, -_BITS_A_SYLLABLE)
    syllables = [_SYLLABLES[number >> place & mask] for place in places]
    starts = range(0, len(syllables), _SYLLABLES_A_WORD)
    return "-".join("".join(syllables[start : start + _SYLLABLES_A_WORD]) for start in starts)


def keyed_strings(key: bytes, count: int) -> Iterator[str]:
    """Make the strings of the serial numbers 0 to ``count - 1`` under a key of 32 bytes."""
    for serial in range(count):
        yield keyed_string(key, serial)


def keyed_string(key: bytes, serial: int) -> str:
    """Make the string of one serial number under a key of 32 bytes."""
    digest = hashlib.blake2b(serial.to_bytes(8, "big"), key=key, digest_size=BITS // 8).digest()
    return nonce_string(int.from_bytes(digest, "big"))


def strings_in(text: str) -> Iterator[str]:
    """Find the strings of the form in a text in lower case, whatever its hyphens.

    Examples
    --------
    >>> list(strings_in("(ref. gomavi‑tosilo-pakira-donabu)"))
    ['gomavi-tosilo-pakira-donabu']
    """
    for match in _FORM.finditer(text):
        yield _HYPHENS.sub("-", match[0])
