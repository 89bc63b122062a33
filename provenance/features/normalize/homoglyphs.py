"""Letters of another script that stand for Latin ones inside a Latin word.

The look-alikes are those of the Unicode confusables (UTS 39), read from `confusable_homoglyphs`
the first time a word mixes scripts. Words of one script are never touched, whatever they look like.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import regex

__all__ = ["FOREIGN", "look_alikes", "restore"]

_LATIN: Final = "A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff"
# Every script but Latin and those that stand beside it without a space (Han, kana, Hangul).
FOREIGN: Final = (
    "\u0370-\u10ff\u1200-\u1cff\u1f00-\u1fff\u2c00-\u2c5f\u2c80-\u2dff\ua4d0-\ua6ff\ua800-\ua8ff"
    "\uab70-\uabff\U00010280-\U0001057f\U000118a0-\U000118ff\U00016f00-\U00016f9f"
)
_IS_LATIN = re.compile(f"[{_LATIN}]")
_IS_FOREIGN = re.compile(f"[{FOREIGN}]")
_SEAM = re.compile(f"[{FOREIGN}](?=[{_LATIN}])|(?<=[{_LATIN}])[{FOREIGN}]")
# Small Greek letters that also serve as symbols: αx, νmax, ρgh, IFNγ are formulas. Such a letter
# is taken for a disguise only between two small Latin letters.
_SYMBOL: Final = "[αγικνρστυχϱϲϳ]"
_FORMULA = re.compile(f"(?<![a-z]){_SYMBOL}|{_SYMBOL}(?![a-z])")


@dataclass(frozen=True, slots=True)
class _LookAlikes:
    latin: Mapping[str, str]  # letter of another script -> the ASCII letter it looks like
    script: Mapping[str, str]
    imitable: Mapping[str, frozenset[str]]  # script -> the ASCII letters it has look-alikes of


def restore(text: str) -> tuple[str, int]:
    """Put Latin letters back where Latin words hold their look-alikes.

    Parameters
    ----------
    text : str
        Text in NFC.

    Returns
    -------
    text : str
        The text, of the same length.
    count : int
        How many letters were put back.

    Examples
    --------
    >>> restore("p\\u0430ypal, \\u043f\\u0430\\u043f\\u0430, \\u03b1-helix, \\u03bcm")
    ('paypal, папа, α-helix, μm', 1)
    """
    lines, count = text.split("\n"), 0
    for row, line in enumerate(lines):
        if not line.isascii() and _IS_LATIN.search(line) and _SEAM.search(line):
            lines[row] = _word().sub(lambda match: _latin_word(match[0]), line)
            count += sum(map(str.__ne__, line, lines[row]))
    return "\n".join(lines), count


def look_alikes() -> Mapping[str, str]:
    """Letters of other scripts, each with the ASCII letter that it looks like.

    Examples
    --------
    >>> look_alikes()["\\u0430"]
    'a'
    """
    return _look_alikes().latin


@functools.cache
def _word() -> regex.Pattern[str]:
    return regex.compile(r"[\p{L}\p{M}]++")


def _latin_word(word: str) -> str:
    if word.isascii() or _SEAM.search(word) is None or _FORMULA.search(word):
        return word
    table = _look_alikes()
    latin = set(_IS_LATIN.findall(word))
    disguised = set(word) & table.latin.keys()
    foreign = {letter for letter in word if letter.isalpha()} - latin - disguised
    return word if foreign or not _is_latin(word, latin, disguised) else _undisguised(word)


def _undisguised(word: str) -> str:
    return "".join(_look_alikes().latin.get(letter, letter) for letter in word)


def _is_latin(word: str, latin: set[str], disguised: set[str]) -> bool:
    """Whether a word of Latin letters and look-alikes is Latin in disguise.

    A Latin letter that the other script has nothing like shows it. Where every letter could be
    either (a slip of the keyboard in a Russian word), the greater part decides.
    """
    table = _look_alikes()
    imitable = {a for letter in disguised for a in table.imitable[table.script[letter]]}
    n_latin, n_disguised = (sum(map(word.count, letters)) for letters in (latin, disguised))
    return bool(disguised) and (not latin <= imitable or n_latin > n_disguised)


@functools.cache
def _look_alikes() -> _LookAlikes:
    from confusable_homoglyphs.categories import alias
    from confusable_homoglyphs.confusables import confusables_data

    latin, script, imitable = {}, {}, dict[str, set[str]]()
    for letter, entries in confusables_data.items():
        targets = [entry["c"] for entry in entries if re.fullmatch("[A-Za-z]", entry["c"])]
        if targets and len(letter) == 1 and letter.isalpha() and _IS_FOREIGN.match(letter):
            latin[letter] = _same_case(letter, targets)
            script[letter] = alias(letter)
            imitable.setdefault(script[letter], set()).update(targets, latin[letter])
    return _LookAlikes(latin, script, {name: frozenset(s) for name, s in imitable.items()})


def _same_case(letter: str, targets: list[str]) -> str:
    # The Unicode table writes I, l, | and 1 all as "l", and small palochka (U+04CF) as "i".
    if letter == "\u04cf":
        return "l"
    target = next((t for t in targets if t.isupper() == letter.isupper()), targets[0])
    return "I" if target == "l" and letter.isupper() else target
