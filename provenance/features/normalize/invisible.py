"""Characters that cannot be seen: which a script or an emoji needs, and which only hide something.

A character is kept where Unicode gives it work to do among its neighbours, and dropped elsewhere:
a joiner in Persian but not in English, a tag character in the flag of Wales but not after a full
stop. It is never replaced by a space, which would cut a word in two.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

import regex

__all__ = ["INVISIBLE", "drop", "stretches"]

INVISIBLE: Final = (
    "\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_STRETCH = re.compile(f"[{INVISIBLE}]+")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_JOINING: Final = (  # scripts whose letters join or stack, so that a joiner changes their shape
    r"[\p{Arabic}\p{Syriac}\p{Mandaic}\p{Nko}\p{Adlam}\p{Mongolian}\p{Phags_Pa}"
    r"\p{Hanifi_Rohingya}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Tibetan}\p{Myanmar}\p{Khmer}\p{Balinese}"
    r"\p{Javanese}\p{Tai_Tham}\p{Grantha}\p{Chakma}\p{Meetei_Mayek}]"
)
_UNSPACED: Final = (  # scripts written without spaces, where ZERO WIDTH SPACE parts words
    r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}"
    r"\p{Tai_Viet}\p{Balinese}\p{Javanese}]"
)
_JAMO: Final = "[\u1100-\u115e\u1161-\u11ff\u3131-\u3163\uac00-\ud7a3]"
_FILLER: Final = "[\u115f\u1160\u3164\uffa0]"
_FLAG: Final = "[\U000e0030-\U000e0039\U000e0061-\U000e007a]"
_NEEDED: Final = (
    # tag characters: the flag of a region is a black flag, three to six of them and an end
    rf"(?<=\U0001f3f4{_FLAG}{{0,5}}){_FLAG}(?={_FLAG}{{0,5}}\U000e007f)",
    rf"(?<=\U0001f3f4{_FLAG}{{3,6}})\U000e007f",
    # emoji: joined people, chosen presentation, keycaps
    r"(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})",
    r"(?<=(?![0-9#*])\p{Emoji})[\ufe0e\ufe0f]",
    r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
    # variants of Han characters (names in Japanese), CJK punctuation, operators and letters
    r"(?<=\p{Han})[\ufe00-\ufe0f\U000e0100-\U000e01ef]",
    r"(?<=[\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f])[\ufe00\ufe01]",
    r"(?<=[\p{Sm}\p{Myanmar}\p{Phags_Pa}])\ufe00",
    r"(?<=\p{Mongolian})[\u180b-\u180f]",
    # joiners after a letter that joins (and its marks), or before one at the start of a word
    rf"(?<={_JOINING}\p{{M}}{{0,4}})[\u200c\u200d]",
    rf"\u200d(?={_JOINING})",
    rf"(?<={_UNSPACED})\u200b|\u200b(?={_UNSPACED})",
    rf"(?<={_JAMO}){_FILLER}|{_FILLER}(?={_JAMO})",
    r"(?<=(?!\u034f)\p{M})\u034f(?=(?!\u034f)\p{M})",
)
# A direction mark acts on a whole line, so a line with a right-to-left letter keeps it, save
# between two Latin letters, where it can only part a word.
_NEEDED_IN_RIGHT_TO_LEFT: Final = (
    rf"(?<!\p{{Latin}}){_DIRECTION.pattern}",
    rf"{_DIRECTION.pattern}(?!\p{{Latin}})",
)


def drop(text: str) -> tuple[str, int]:
    """Drop the invisible characters that nothing needs.

    Parameters
    ----------
    text : str
        Text with LF line ends.

    Returns
    -------
    text : str
        The text without them.
    count : int
        How many were dropped.

    Examples
    --------
    >>> drop("in\\u200bvisible \\u0645\\u06cc\\u200c\\u062e\\u0648\\u0627\\u0647\\u0645")
    ('invisible می\\u200cخواهم', 1)
    """
    if _DIRECTION.search(text) is None:
        kept = _drop(text, right_to_left=False)
    else:
        kept = "\n".join(_drop(line, _is_right_to_left(line)) for line in text.split("\n"))
    return kept, len(text) - len(kept)


def stretches(text: str) -> Iterator[tuple[int, Iterator[bool]]]:
    """Stretches of invisible characters, each with whether something needs its characters.

    Parameters
    ----------
    text : str

    Yields
    ------
    start : int
        Where the stretch begins, in characters.
    needed : iterator of bool
        One for each of its characters, as asked for.

    Examples
    --------
    >>> [(start, *needed) for start, needed in stretches("a\\u200b\\ufeffb \u0645\u06cc\\u200c")]
    [(1, False, False), (7, True)]
    """
    line_end, right_to_left = -1, False
    for found in _STRETCH.finditer(text):
        start, end = found.span()
        if start > line_end:
            line_end = text.find("\n", start) % (len(text) + 1)
            line = text[text.rfind("\n", 0, start) + 1 : line_end]
            right_to_left = _DIRECTION.search(line) is not None and _is_right_to_left(line)
        match = _needed(right_to_left).match
        yield start, (match(text, place) is not None for place in range(start, end))


def _drop(text: str, right_to_left: bool) -> str:
    needed = _needed(right_to_left)
    return _INVISIBLE.sub(lambda m: m[0] if needed.match(m.string, m.start()) else "", text)


@functools.cache
def _needed(right_to_left: bool) -> regex.Pattern[str]:
    return regex.compile("|".join(_NEEDED + _NEEDED_IN_RIGHT_TO_LEFT * right_to_left))


def _is_right_to_left(line: str) -> bool:
    letter = regex.compile(r"(?=\p{L})[\p{Bidi_Class=R}\p{Bidi_Class=AL}]", cache_pattern=True)
    return letter.search(line) is not None
