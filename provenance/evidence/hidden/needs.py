"""Which hidden characters text needs, or is left with where it was copied, and which remain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from provenance.features.normalize import invisible

__all__ = ["TAG", "unneeded"]

_LOOKED_AT: Final = 1 << 20
TAG = re.compile("[\U000e0000-\U000e007f]")
_EMBEDDING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSES: Final = {**dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c")} | {
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069")
}


def unneeded(text: str, most: int) -> Iterator[int]:
    """Places of the hidden characters that nothing needs, in order.

    Parameters
    ----------
    text : str
    most : int
        No more of them are told, and no more than a million characters are looked at.

    Examples
    --------
    >>> list(unneeded("\\ufeffa\\xadb \\u2068Ann\\u2069 c\\u200bd", 9))
    [12]
    """
    paired = _paired(text)
    left, looked_at = most, 0
    for start, needed in invisible.stretches(text):
        flags = list(islice(needed, left))
        looked_at += len(flags)
        places = [
            place
            for place, kept in enumerate(flags, start)
            if not (kept or place in paired or _is_left_behind(text, place, len(flags)))
        ]
        # A message in Persian or on an emoji begins with a character that alone would be needed.
        if places and len(flags) > 2 and paired.isdisjoint(range(start, start + len(flags))):
            places = list(range(start, start + len(flags)))
        yield from places
        left -= len(places)
        if left <= 0 or looked_at > _LOOKED_AT:
            return


def _paired(text: str) -> frozenset[int]:
    """Directional embeddings that are opened and closed, as messengers put around names."""
    found: set[int] = set()
    opened: list[tuple[int, str]] = []
    for match in islice(_EMBEDDING.finditer(text), _LOOKED_AT):
        character = match[0]
        if character in _CLOSES:
            opened.append((match.start(), _CLOSES[character]))
        elif opened and opened[-1][1] == character:
            start = opened.pop()[0]
            if match.start() > start + 1:
                found.update((start, match.start()))
    return frozenset(found)


def _is_left_behind(text: str, place: int, length: int) -> bool:
    """A byte-order mark at the start of a line, a soft hyphen, an invisible operator, half a flag.

    Selectors of an emoji's own form are also what is left of an emoji.
    """
    character, before = text[place], text[place - 1 : place]
    if character == "\ufeff":
        return before in ("", "\n") and length == 1
    if character == "\xad" or "\u2061" <= character <= "\u2064":
        return length == 1
    return length <= 7 and TAG.match(character) is not None and _in_flag(text, place)


def _in_flag(text: str, place: int) -> bool:
    begin = text.rfind("\U0001f3f4", max(0, place - 7), place)
    return begin >= 0 and TAG.match(text, begin + 1) is not None
