r"""Is what a convention reads a message, or would random bits have been read as such text?

Random bits now and then look like text, so that a reading counts only where the chance that random
bits give such a text, times the number of conventions tried, is at most `CHANCE`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["CHANCE", "Decoded", "Decoding", "best", "chance"]

CHANCE: Final = 1e-4
"""Largest chance that random bits would have been read as text like a decoded payload."""

_WIDTHS: Final = (7, 8, 16)  # bits of a character
_LOOKED_AT: Final = 8  # readings that may be repetitions
_FEWEST_DISTINCT: Final = 3  # "UUUUUUUU" is what an alternating pair of characters reads as

# What payloads may be made of, narrow alphabets first, then ASCII with one other script.
_ASCII: Final = (
    "abcdefghijklmnopqrstuvwxyz0123456789-_ ",
    "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ .:/@",
    "".join(map(chr, range(32, 127))) + "\t\n",
)
# Letters of a thousand of English, the frequent ones first.
_LETTERS: Final = dict(
    zip(
        "etaoinsrhldcumfpgwybvkxjqz",
        map(int, "95 71 64 59 56 55 49 48 47 31 31 22 22 19 18 15 15 15 14 11 8 6 2 1 1 1".split()),
        strict=True,
    )
)
_OTHER: Final = tuple(
    (size, re.compile(f"[{letters}]"))
    for size, letters in (
        (464, "\xa0-\u024f\u2010-\u201f\u2026\u20ac"),
        (144, "\u0370-\u03ff"),
        (304, "\u0400-\u052f"),
        (112, "\u0590-\u05ff"),
        (256, "\u0600-\u06ff"),
        (128, "\u0900-\u097f"),
        (128, "\u0e00-\u0e7f"),
        (21_550, "\u3000-\u30ff\u4e00-\u9fff\uff00-\uff5e"),
        (11_200, "\uac00-\ud7a3\u3131-\u314e"),
        (1_700, "\u200d\u2600-\u27bf\ufe0f\U0001f300-\U0001f8ff\U0001f900-\U0001faff"),
    )
)
_LEFT_OVER: Final = 0.5  # odds of what is dropped: zeros at the end, a character that is cut


@dataclass(frozen=True, slots=True)
class Decoding:
    """A stream that one scheme explains.

    Parameters
    ----------
    scheme : str
    payload : str or None
        None where the scheme is known by its form and its content is encrypted or not text.
    chance : float or None
        That random bits would have been read as such text by any of what was tried; None where
        no convention had to be guessed.
    """

    scheme: str
    payload: str | None
    chance: float | None = None


class Decoded(NamedTuple):
    """A text that one convention reads, and how many bits it took in all."""

    scheme: str
    text: str
    n_bits: float


def best(readings: Iterable[Decoded | None]) -> Decoding | None:
    """The reading that chance explains least, where that is little enough.

    Parameters
    ----------
    readings : iterable of Decoded or None
        None for what was tried and gave no text.

    Examples
    --------
    >>> found = best([Decoded("a", "user-4711", 72), None])
    >>> found.payload, found.chance < 1e-5
    ('user-4711', True)
    >>> best([Decoded("a", "user", 32), None]) is None
    True
    """
    tried = list(readings)
    found = [(chance(item), item) for item in tried if item is not None]
    for least, item in sorted(found, key=lambda pair: pair[0])[:_LOOKED_AT]:
        if least * len(tried) > CHANCE:
            return None
        # What stands there many times is the evidence of one.
        unit = item.text[: _period(item.text)]
        of_all = min(1.0, chance(_evidence(item)) * len(tried))
        if of_all <= CHANCE and len(set(unit)) >= _FEWEST_DISTINCT:
            return Decoding(item.scheme, unit, of_all)
    return None


def _period(sequence: str) -> int:
    """After how many characters it begins again, to its end; all of them where it does not.

    Examples
    --------
    >>> _period("abcabca"), _period("abcd")
    (3, 4)
    """
    borders = [0] * len(sequence)
    for at in range(1, len(sequence)):
        border = borders[at - 1]
        while border and sequence[at] != sequence[border]:
            border = borders[border - 1]
        borders[at] = border + (sequence[at] == sequence[border])
    period = len(sequence) - (borders[-1] if borders else 0)
    return period if 2 * period <= len(sequence) else len(sequence)


def _evidence(reading: Decoded) -> Decoded:
    """The part of a reading that does not repeat, to the bit where characters have whole bits."""
    width = reading.n_bits / len(reading.text)
    if width in _WIDTHS and ord(max(reading.text)) < 1 << int(width):
        bits = "".join(format(ord(letter), f"0{int(width)}b") for letter in reading.text)
        n_bits = _period(bits)
        return Decoded(reading.scheme, reading.text[: math.ceil(n_bits / width)], n_bits)
    n = _period(reading.text)
    return Decoded(reading.scheme, reading.text[:n], reading.n_bits * n / len(reading.text))


def chance(reading: Decoded) -> float:
    """Bound of the chance that so many random bits read as text at least as likely as this one.

    By Markov's inequality: a text that some model of text gives a chance 1/c times as large as
    random bits do comes from random bits with a chance of at most c. The model is a mixture of
    even draws from alphabets and of letters as frequent as in English.

    Parameters
    ----------
    reading : Decoded

    Examples
    --------
    >>> chance(Decoded("a", "ann", 24)) > 0.001, chance(Decoded("a", "ann, in words", 104)) < 1e-9
    (True, True)
    """
    text, log2 = reading.text, -math.inf
    if text.isascii():
        for alphabet in _ASCII:
            if set(text) <= set(alphabet):
                log2 = max(log2, -len(text) * math.log2(len(alphabet)))
        log2 = max(log2, sum(map(_LOG2_ENGLISH.__getitem__, text))) if log2 > -math.inf else log2
        log2 -= math.log2(2 * (len(_ASCII) + 1))
    else:
        ascii_only = [character for character in text if character <= "\x7f"]
        n_other = len(text) - len(ascii_only)
        for size, letters in _OTHER:
            if len(letters.findall(text)) == n_other and set(ascii_only) <= set(_ASCII[-1]):
                # Half of the characters are ASCII, as often as not.
                bits = n_other * (1 + math.log2(size)) - len(ascii_only)
                log2 = max(log2, sum(map(_LOG2_ENGLISH.__getitem__, ascii_only)) - bits)
        log2 -= math.log2(2 * len(_OTHER))
    return float(min(1.0, 2 ** min(0.0, -log2 - reading.n_bits) / _LEFT_OVER))


def _log2_english() -> dict[str, float]:
    """Logarithms of how frequent the characters of short messages are."""
    weights = dict.fromkeys(_ASCII[-1], 0.4) | dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2.0)
    weights |= dict.fromkeys("0123456789", 8.0) | dict.fromkeys(",.-_:/@", 6.0) | {" ": 130.0}
    weights |= {letter: float(weight) for letter, weight in _LETTERS.items()}
    total = sum(weights.values())
    return {character: math.log2(weight / total) for character, weight in weights.items()}


_LOG2_ENGLISH: Final = _log2_english()
