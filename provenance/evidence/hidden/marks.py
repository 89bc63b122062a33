"""Hidden characters that carry something: found, decoded where a scheme is known, with positions.

A script, an emoji, a formula or typography needs many of the characters that a mark is made of, and
a few of them are left behind wherever text is copied. A mark is what nothing needs and what has
room for a message, more than is left behind as a rule.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from provenance.evidence.hidden.chance import Decoded, Decoding, best
from provenance.evidence.hidden.needs import TAG, unneeded
from provenance.evidence.hidden.schemes import read_bits, read_spaces, read_stream
from provenance.features.normalize import homoglyphs, invisible

__all__ = ["KINDS", "HiddenMark", "find_hidden_marks"]

KINDS: Final = (
    "zero_width",
    "variation_selector",
    "tag_characters",
    "homoglyph",
    "odd_space",
    "trailing_space",
)
"""What a mark is made of."""

MOST_CHARACTERS: Final = 1 << 16
"""Hidden characters of a text that are looked at; of more, a mark says that it goes on."""
MOST_MARKS: Final = 16
"""Marks told of each kind in one text."""
MOST_PAYLOAD: Final = 1000
"""Characters of a payload that are kept."""

_MOST_READ: Final = 1 << 13  # characters of a stream that are read for a payload
_MOST_SHOWN: Final = 32  # code points kept as they stand

_RUN: Final = 16  # hidden characters in a row that may be a payload of their own
_ROOM: Final = 24.0  # bits that the order of zero-width characters must have room for
_FEWEST: Final = {"variation_selector": 3, "tag_characters": 3, "homoglyph": 8, "odd_space": 8}
_FEWEST_IN_GAPS: Final = 16  # of one character between words, where only its places can tell
_SNOW_ROOM: Final = 24.0
_SNOW_LENGTHS: Final = 6  # of eight; tabs and spaces left on the lines of a program have fewer

_HIDDEN = re.compile(f"[{invisible.INVISIBLE}]")
_FOREIGN = re.compile(f"[{homoglyphs.FOREIGN}]")
_ODD: Final = "\u2000-\u2001\u2004-\u2008\u200a\u205f"  # that no typography sets between letters
_SPACE: Final = "\xa0\u2000-\u200a\u202f\u205f"
_ODD_SPACE = re.compile(f"[{_SPACE}]")
_GAP = re.compile(rf"(?<=\S)[ {_SPACE}](?=\S)")
_ODD_GAP = re.compile(rf"(?<=[^\W\d_])[{_ODD}](?=[^\W\d_])")
_PRINTABLE: Final = bytes([9, 10, *range(32, 127)])
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_TRAILING = re.compile(r"\n(?:(?<=[ \t]\n)|(?<=[ \t]\r\n))")
# Letters that schemes swap, as a rule; each is read as a bit of its own set.
_SWAPPED: Final = ("aceopxy", "aceijopsxy", "aceopxyABCEHKMOPTX", "aceijopsxyABCEHIJKMOPSTXY")


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenMark:
    """One mark: hidden characters that nothing needs and that have room for a message.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    start, end : int
        Characters of the text that it spans, the end exclusive.
    count : int
        Hidden characters in it.
    code_points : tuple of int
        The first of them, up to 32.
    n_bits : int
        At most so many bits are in it.
    scheme : str or None
        The known scheme that explains it.
    payload : str or None
        What it says, up to 1,000 characters; None where no scheme reads it as text.
    chance : float or None
        That random bits would have read as such text by any of the conventions tried.
    complete : bool
        False where more hidden characters follow than are looked at.
    """

    kind: str
    start: int
    end: int
    count: int
    code_points: tuple[int, ...]
    n_bits: int
    scheme: str | None = None
    payload: str | None = None
    chance: float | None = None
    complete: bool = True

    @property
    def sentence(self) -> str:
        """What is told of it; the payload is not in it."""
        name = self.kind.replace("_", " ")
        if self.payload is not None:
            return f"{name}: consistent with {self.scheme}, decoded"
        known = f"consistent with {self.scheme}, " if self.scheme else ""
        return (
            f"{name}: {known}not decoded: {self.count:,}{'' if self.complete else ' or more'}"
            f" characters of this kind, {self.n_bits:,} bits at most"
        )


def find_hidden_marks(text: str) -> tuple[HiddenMark, ...]:
    r"""Find the marks in a text, in the order in which they begin.

    Takes time linear in the text. Characters that a script, an emoji or typography needs are no
    mark, nor are the few that copying leaves behind.

    Parameters
    ----------
    text : str
        As it was read, not repaired.

    Returns
    -------
    tuple of HiddenMark

    Examples
    --------
    >>> bits = format(int.from_bytes(b"for ann only"), "096b")
    >>> hidden = bits.replace("0", "\u200b").replace("1", "\u200c")
    >>> (mark,) = find_hidden_marks(f"An answer.{hidden} And more.")
    >>> mark.kind, mark.start, mark.end, mark.payload
    ('zero_width', 10, 106, 'for ann only')
    >>> find_hidden_marks("می\u200cخواهم 👩\u200d🔬 1\ufe0f\u20e3 un mot\u202f!")
    ()
    """
    found: list[HiddenMark] = []
    if "\t" in text:
        found += _trailing(text)
    if not text.isascii():
        rest = _not_ascii(text)
        if _HIDDEN.search(rest):
            found += _invisible(text)
        if _ODD_SPACE.search(rest):
            found += _odd_spaces(text)
        if _FOREIGN.search(rest):
            found += _homoglyphs(text)
    return tuple(sorted(found, key=lambda mark: (mark.start, mark.end, mark.kind)))


def _not_ascii(text: str) -> str:
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PRINTABLE)
    return rest.decode("utf-8", "surrogatepass")


def _mark(
    kind: str,
    text: str,
    places: Sequence[int],
    n_bits: float,
    decoded: Decoding | None,
    complete: bool = True,
) -> HiddenMark:
    payload = None if decoded is None else decoded.payload
    return HiddenMark(
        kind=kind,
        start=places[0],
        end=places[-1] + 1,
        count=len(places),
        code_points=tuple(ord(text[place]) for place in places[:_MOST_SHOWN]),
        n_bits=math.floor(n_bits),
        scheme=None if decoded is None else decoded.scheme,
        payload=None if payload is None else payload[:MOST_PAYLOAD],
        chance=None if decoded is None else decoded.chance,
        complete=complete,
    )


# --- characters without width --------------------------------------------------------------------


def _invisible(text: str) -> Iterator[HiddenMark]:
    by_kind: dict[str, list[int]] = {}
    n = 0
    for place in unneeded(text, MOST_CHARACTERS):
        by_kind.setdefault(_kind(text[place]), []).append(place)
        n += 1
    for kind, places in by_kind.items():
        yield from _marks(kind, text, places, complete=n < MOST_CHARACTERS)


def _kind(character: str) -> str:
    if _SELECTOR.match(character):
        return "variation_selector"
    return "tag_characters" if TAG.match(character) else "zero_width"


def _marks(kind: str, text: str, places: Sequence[int], *, complete: bool) -> Iterator[HiddenMark]:
    """Long runs that decode alone, then all the rest as one mark."""
    rest: Sequence[int] = places
    runs = [run for run in _runs(places) if len(run) >= _RUN] if len(places) > _RUN else []
    taken: set[int] = set()
    for run in runs[:MOST_MARKS]:
        decoded = _decoded(kind, text, run)
        if decoded is not None:
            yield _mark(kind, text, run, _n_bits(kind, text, run), decoded)
            taken.update(run)
    if taken:
        rest = [place for place in places if place not in taken]
    decoded = _decoded(kind, text, rest) if rest else None
    if decoded is not None or (rest and _has_room(kind, text, rest)):
        yield _mark(kind, text, rest, _n_bits(kind, text, rest), decoded, complete)


def _decoded(kind: str, text: str, places: Sequence[int]) -> Decoding | None:
    stream = "".join(text[place] for place in places[:_MOST_READ])
    return read_stream(kind, stream, cut=len(places) > _MOST_READ)


def _runs(places: Sequence[int]) -> Iterator[Sequence[int]]:
    begin = 0
    for number, (before, after) in enumerate(pairwise(places), 1):
        if after != before + 1:
            yield places[begin:number]
            begin = number
    yield places[begin:]


def _n_bits(kind: str, text: str, places: Sequence[int]) -> float:
    if kind == "tag_characters":
        return 7.0 * len(places)
    if kind == "variation_selector":
        return 8.0 * len(places)
    n_kinds = len({text[place] for place in places})
    if n_kinds > 1:
        return len(places) * math.log2(n_kinds)
    return float(text.count(" ", places[0], places[-1]) + 1)


def _has_room(kind: str, text: str, places: Sequence[int]) -> bool:
    characters = Counter(text[place] for place in places)
    if kind == "tag_characters":
        return len(places) >= _FEWEST[kind]
    if kind == "variation_selector":
        own_form = characters["\ufe0e"] + characters["\ufe0f"]
        if len(places) - own_form >= _FEWEST[kind]:
            return True
    if len(characters) > 1:
        return _room(list(characters.values())) >= _ROOM
    return sum(_in_gap(text, place) for place in places) >= _FEWEST_IN_GAPS


def _room(counts: Sequence[int]) -> float:
    """Logarithm to base 2 of the orders that so many characters of each sort can stand in."""
    ways = math.lgamma(sum(counts) + 1) - sum(math.lgamma(count + 1) for count in counts)
    return ways / math.log(2)


def _in_gap(text: str, place: int) -> bool:
    """Between a word and the space beside it."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return (before == " " and after.isalpha()) or (before.isalpha() and after == " ")


# --- spaces --------------------------------------------------------------------------------------


def _odd_spaces(text: str) -> Iterator[HiddenMark]:
    gaps = [match.start() for match in islice(_GAP.finditer(text), MOST_CHARACTERS)]
    odd = [place for place in gaps if text[place] != " "]
    if len(odd) < _FEWEST["odd_space"]:
        return
    decoded = best(_space_readings(text, gaps, odd))
    strange = [match.start() for match in islice(_ODD_GAP.finditer(text), MOST_CHARACTERS)]
    places = odd if decoded else strange
    if not decoded and len(strange) < _FEWEST["odd_space"]:
        return
    if not decoded and len(odd) == len(gaps) and {text[p] for p in odd} == {"\u2004"}:
        decoded = Decoding("whitemark", None)
    n_gaps = sum(places[0] <= place <= places[-1] for place in gaps)
    n_bits = n_gaps * math.log2(1 + len({text[place] for place in places}))
    yield _mark("odd_space", text, places, n_bits, decoded, len(gaps) < MOST_CHARACTERS)


def _space_readings(text: str, gaps: Sequence[int], odd: Sequence[int]) -> Iterator[Decoded | None]:
    yield from read_spaces("".join(text[place] for place in odd[:_MOST_READ]))
    spaces = "".join(text[place] for place in gaps[:_MOST_READ])
    for character, _ in Counter(spaces.replace(" ", "")).most_common(4):
        bits = "".join("01"[space == character] for space in spaces if space in (" ", character))
        yield from read_bits(bits, f"spaces, U+{ord(character):04X} is 1")


def _trailing(text: str) -> Iterator[HiddenMark]:
    """SNOW: after a first tab at a line's end, runs of 0 to 7 spaces, each three bits."""
    found = (match.start() for match in islice(_TRAILING.finditer(text), 1 << 20))
    ends = [end - (text[end - 1] == "\r") for end in found]
    if text[-1:] in (" ", "\t"):
        ends.append(len(text))
    places: list[int] = []
    lengths: list[int] = []
    for end in ends:
        begin = end - len(_ending(text, end))
        if not places:
            begin = text.find("\t", begin, end)
            if begin < 0:
                continue
        white = text[begin:end]
        runs = (white if places else white[1:]).split("\t")
        lengths += [len(run) for run in runs[: len(runs) - (not runs[-1])]]
        places += range(begin, end)
        if len(places) > MOST_CHARACTERS or (lengths and max(lengths[-len(runs) :]) > 7):
            break
    if not lengths or max(lengths) > 7 or len(lengths) < 8:
        return
    bits = "".join(format(length, "03b")[::-1] for length in lengths[:_MOST_READ])
    decoded = best(read_bits(bits, "snow", [8]))
    of_each = Counter(lengths)
    is_even = len(of_each) >= _SNOW_LENGTHS and _room(list(of_each.values())) >= _SNOW_ROOM
    if decoded or is_even:
        complete = len(places) <= MOST_CHARACTERS
        yield _mark("trailing_space", text, places, 3 * len(lengths), decoded, complete)


def _ending(text: str, end: int) -> str:
    begin = end
    while begin and text[begin - 1] in " \t" and end - begin < MOST_CHARACTERS:
        begin -= 1
    return text[begin:end]


def _is_in_word(text: str, place: int) -> bool:
    return text[max(0, place - 1) : place].isalpha() or text[place + 1 : place + 2].isalpha()


# --- letters of other scripts --------------------------------------------------------------------


def _homoglyphs(text: str) -> Iterator[HiddenMark]:
    restored, count = homoglyphs.restore(text)
    if count < _FEWEST["homoglyph"]:
        return
    pairs = enumerate(zip(text, restored, strict=True))
    swapped = (place for place, (letter, latin) in pairs if letter != latin)
    # A letter that stands alone is a numeral, an initial or a vitamin.
    changed = [place for place in swapped if _is_in_word(text, place)]
    if sum(1 for _ in _runs(changed)) < _FEWEST["homoglyph"]:
        return
    complete = len(changed) <= MOST_CHARACTERS
    decoded = best(_letter_readings(text))
    twins = {*homoglyphs.look_alikes().values()}
    n_bits = sum(letter in twins for letter in restored[changed[0] : changed[-1] + 1])
    places = changed[:MOST_CHARACTERS]
    yield _mark("homoglyph", text, places, n_bits, decoded, complete)


def _letter_readings(text: str) -> Iterator[Decoded | None]:
    latin = homoglyphs.look_alikes()
    for letters in _SWAPPED:
        swapped = {other for other, letter in latin.items() if letter in letters}
        found = re.finditer(f"[{letters}{''.join(sorted(swapped))}]", text)
        bits = "".join("01"[match[0] in swapped] for match in islice(found, _MOST_READ))
        yield from read_bits(bits, f"letters {letters} swapped for look-alikes")
