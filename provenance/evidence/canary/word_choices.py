"""Places of a text where either of two wordings would do, and what stands before them.

A place is told by the choice and by the words before it, in which every choice counts as itself
whatever its wording: rewriting one place changes no other.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Final

__all__ = [
    "CHOICES",
    "CONTEXT_WIDTH",
    "Occurrence",
    "WordChoice",
    "in_case_of",
    "lowered",
    "occurrences",
]

CONTEXT_WIDTH: Final = 3
"""Words before a place that tell it from others; its source is not recorded. More of them
make more distinct places and lose more of them to edits."""

_BEFORE: Final = 120
"""Characters before a place in which these words are looked for; a round figure; not tuned."""


@dataclass(frozen=True, slots=True)
class WordChoice:
    """Two wordings that keep meaning and grammar, and where they do not.

    Parameters
    ----------
    wordings : (str, str)
        In lower case.
    not_after, only_after : frozenset of str
        The word before that rules the place out; one of these has to stand there.
    ahead : str
        Regular expression of what has to follow.
    """

    wordings: tuple[str, str]
    not_after: frozenset[str] = frozenset()
    only_after: frozenset[str] = frozenset()
    ahead: str = ""

    def allows(self, before: str) -> bool:
        """Whether the word before leaves both wordings right."""
        return before not in self.not_after and (not self.only_after or before in self.only_after)


def _choice(
    first: str, second: str, *, not_after: str = "", only_after: str = "", ahead: str = ""
) -> WordChoice:
    return WordChoice(
        (first, second), frozenset(not_after.split()), frozenset(only_after.split()), ahead
    )


_ARTICLE = "a an"
_PERSONS = "you|us|them|me|him|her|people|users|individuals|students|companies|businesses"
_DETERMINERS = "the|your|their|our|its|his|her|my|this|these|those"
_MODALS = "can may might could would will should also often"

CHOICES: Final = (
    _choice("for example", "for instance", ahead=r"(?!\s+(?:variables?|methods?|attributes?)\b)"),
    _choice("therefore,", "thus,"),
    _choice("additionally,", "in addition,"),
    _choice("furthermore", "moreover"),
    _choice("consequently,", "as a result,"),
    _choice("similarly,", "likewise,"),
    _choice("in conclusion,", "to conclude,"),
    _choice("in summary,", "to summarize,"),
    _choice("in general,", "generally,"),
    _choice("in particular,", "specifically,"),
    _choice("in contrast,", "by contrast,"),
    _choice("meanwhile,", "in the meantime,"),
    _choice("once again", "once more", ahead=r"(?!\s+than\b)"),
    _choice("and so on", "and so forth"),
    _choice("as if", "as though", not_after="such well same much far so", ahead=r"(?!\s+by\b)"),
    _choice("although", "even though", not_after=_ARTICLE),
    _choice("each other", "one another"),
    _choice("everyone", "everybody", not_after=_ARTICLE),
    _choice("someone", "somebody", not_after="a an that"),
    _choice("anyone", "anybody"),
    _choice("toward", "towards"),
    _choice("among", "amongst"),
    _choice("despite", "in spite of", ahead=r"(?!\s+of\b)"),
    _choice("based on", "based upon"),
    _choice("depending on", "depending upon"),
    _choice("depends on", "depends upon"),
    _choice("depend on", "depend upon"),
    _choice("usually", "typically"),
    _choice("quickly", "rapidly"),
    _choice("mainly", "primarily"),
    _choice("perhaps", "maybe"),
    _choice("often", "frequently", not_after="a an so as every more", ahead=r"(?!\s+than\b)"),
    _choice("especially", "particularly", not_after=_ARTICLE),
    _choice("completely", "entirely", not_after=_ARTICLE),
    _choice(
        "almost",
        "nearly",
        not_after="a an not very so pretty t",
        ahead=r"(?=\s+(?:all|every|always|everything|everyone|everybody|half|the|\d+)\b)",
    ),
    _choice(
        "all of the", "all the", ahead=r"(?!\s+(?:way|more|best|same|better|rest|while|time)\b)"
    ),
    _choice("all kinds of", "all sorts of"),
    _choice("start with", "begin with"),
    _choice("starts with", "begins with"),
    _choice("start by", "begin by"),
    _choice("starting with", "beginning with"),
    _choice("trying to", "attempting to"),
    _choice("tried to", "attempted to"),
    _choice("ensure that", "make sure that"),
    _choice("ensures that", "makes sure that"),
    _choice("ensuring that", "making sure that"),
    _choice("choosing", "selecting", ahead=r"(?!\s+to\b)"),
    _choice("to choose", "to select", ahead=r"(?=\s+(?:an?|the|your|any|from)\b)"),
    _choice("to buy", "to purchase"),
    _choice("allows", "enables", ahead=rf"(?=\s+(?:{_PERSONS}|it)\s+to\b)"),
    _choice("allow", "enable", ahead=rf"(?=\s+(?:{_PERSONS}|it)\s+to\b)"),
    _choice("allowing", "enabling", ahead=rf"(?=\s+(?:{_PERSONS}|it)\s+to\b)"),
    _choice("improve", "enhance", ahead=rf"(?=\s+(?:{_DETERMINERS}|overall)\b)"),
    _choice("improving", "enhancing", ahead=rf"(?=\s+(?:{_DETERMINERS}|overall)\b)"),
    _choice("provides", "offers", ahead=r"(?=\s+an?\b)"),
    _choice("lead to", "result in", only_after=_MODALS),
    _choice("difficult to", "hard to", only_after="is are was were be been it"),
    _choice("crucial", "vital", ahead=r"(?=\s+(?:role|part|to|for|that)\b)"),
    _choice("important to note that", "worth noting that", only_after="is s also"),
    _choice("keep in mind", "bear in mind"),
    _choice("variety of", "range of", only_after="a wide broad", ahead=r"(?!\s+\d)"),
    _choice("happens", "occurs", not_after="what it", ahead=r"(?!\s+to\b)"),
    _choice("percent", "per cent"),
    _choice("healthcare", "health care"),
    _choice("decision-making", "decision making", ahead=r"(?!\s+sure\b)"),
    _choice("well-being", "wellbeing"),
)
"""Wordings of English that may be exchanged for one another."""

_EDGE: Final = r"\w'’@/\\-"
_TURN: Final = {
    wording: (number, side)
    for number, choice in enumerate(CHOICES)
    for side, wording in enumerate(choice.wordings)
}
"""Choice and side of each wording."""


def _pattern() -> re.Pattern[str]:
    """All wordings, the longest first; by first letter, which is five times as fast."""
    wordings = sorted(_TURN, key=lambda wording: (wording[0], -len(wording), wording))
    groups = groupby(wordings, key=lambda wording: wording[0])
    either = "|".join(f"{letter}(?:{'|'.join(map(_after_first, of))})" for letter, of in groups)
    return re.compile(f"(?<![.#{_EDGE}])(?:{either})")


def _after_first(wording: str) -> str:
    """What has to follow, and stand before, the first letter of a wording."""
    rest = r"\s+".join(map(re.escape, wording.split()))[1:]
    # What a comma follows opens a sentence or stands behind a mark, never behind a word.
    before = r"(?<!\w\s\w)" if wording.endswith(",") else ""
    return before + rest + _end(wording) + CHOICES[_TURN[wording][0]].ahead


def _end(wording: str) -> str:
    return "" if wording.endswith(",") else rf"(?![{_EDGE}]|\.\w)"


_PLACE: Final = _pattern()
_WORD: Final = re.compile(r"[^\W_]+")
_SPACES: Final = re.compile(r"\s+")
# What a reader would not like to see touched: code and addresses.
_KEPT: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|(?:https?://|www\.)\S+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place: its choice, which wording stands there, the words before, where it is."""

    choice: int
    side: int
    context: tuple[str, ...]
    start: int
    end: int


def lowered(text: str) -> str:
    """Lower-case a text and keep its length.

    Examples
    --------
    >>> lowered("İN ADDITION")
    'in addition'
    """
    return text.replace("İ", "i").lower()


def occurrences(text: str) -> Iterator[Occurrence]:
    """Find the places of a text in lower case, outside code and addresses.

    Examples
    --------
    >>> [found] = occurrences("it can be short, for instance like this")
    >>> found.choice, found.side, found.context
    (0, 1, ('can', 'be', 'short'))
    """
    kept = chain((match.span() for match in _KEPT.finditer(text)), [(len(text), len(text))])
    kept_start, kept_end = next(kept)
    before: deque[str] = deque(maxlen=CONTEXT_WIDTH)
    last = position = 0
    while match := _PLACE.search(text, position):
        start, end = match.span()
        words = _WORD.findall(text, max(last, start - _BEFORE), start)[-CONTEXT_WIDTH:]
        number, side = _TURN[" ".join(match[0].split())]
        if not CHOICES[number].allows((words or [*before] or [""])[-1]):
            position = start + 1  # another place may begin within
            continue
        before.extend(words)
        while kept_end <= start:
            kept_start, kept_end = next(kept)
        if start < kept_start:
            yield Occurrence(number, side, tuple(before), start, end)
        before.append(f"<{CHOICES[number].wordings[0]}>")
        last = position = end


def in_case_of(wording: str, shown: str) -> str:
    """Write a wording in the letter case and with the white space of another one.

    Examples
    --------
    >>> in_case_of("in addition,", "Additionally,"), in_case_of("thus,", "THEREFORE,")
    ('In addition,', 'THUS,')
    """
    gaps = iter(_SPACES.findall(shown))
    words = shown.split()
    if shown.isupper():
        wording = wording.upper()
    elif len(words) > 1 and all(word[:1].isupper() for word in words):
        wording = " ".join(word[:1].upper() + word[1:] for word in wording.split())
    elif shown[:1].isupper():
        wording = wording[:1].upper() + wording[1:]
    return _SPACES.sub(lambda _: next(gaps, " "), wording)
