"""Sentences of a data set's card that declare how much of it language models wrote.

Few forms are read. A sentence that speaks of such text in another form, or may speak of something
else (what was removed, of other data), declares nothing: it is told as not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Statement", "mentions", "stated", "unread"]

_SHOWN: Final = 160
_LONGEST: Final = 2000
"""Characters of a sentence, above which it is not read; bounds the time."""
_ABOUT: Final = 0.25
"""Part of a number by which *about* may be off before it is contradicted; generous, not tuned."""

_NOUN: Final = (
    r"(?:data|data ?sets?|text|texts|content|rows|documents|examples|samples|corpus|answers"
    r"|responses|instances|entries|records|articles|conversations|dialogues)"
)
_MADE: Final = (
    r"(?:(?:fully |entirely |partly )?synthetic(?:ally generated)?"
    r"|(?:machine|ai|llm|model|computer)[- ](?:generated|written)"
    r"|(?:generated|written) by (?:a |an )?(?:(?:large )?language models?|llms?|ai\b|machines?))"
    # Behind it the sentence ends or goes on, or what is made is named: no *synthetic-free*, no
    # *synthetic fibre*.
    rf"(?=\s*(?:$|[^\w\s\-])|\s+(?:{_NOUN}|and|or|but|while|by|from|with|such|like|in|overall)\b)"
)
_NUMBER: Final = r"(\d{1,3}(?:\.\d{1,6})?)"
_QUALIFIER: Final = (
    r"(at most|up to|no more than|not more than|less than|fewer than|under|below|<=?|≤|at least"
    r"|no less than|not less than|more than|over|above|>=?|≥|about|around|approximately|approx\."
    r"|roughly|nearly|~|≈)?"
)
_SHARE: Final = re.compile(
    rf"{_QUALIFIER}\s*(?<![\d.,\-–—−]){_NUMBER}(?:\s*%?\s*(?:-|–|—|−|to)\s*{_NUMBER})?"
    rf"\s*%\s*(?:of (?:the |all |its |our )?{_NOUN}\s*)?(?:(?:is|are|was|were)\s+)?{_MADE}",
    re.IGNORECASE,
)
_NOT_READ_BEFORE: Final = re.compile(
    r"(?:[±+/≠]|n['’]t|\b(?:not|never|between|almost|circa|ca\.|estimated|max\w*\.?|min\w*\.?"
    r"|limit\w*|up to|at most|at least|(?:less|fewer|more) than|under|over|below|above)"
    r"(?: (?:of|is|was|are|were|a|an|the|from))*(?: \d[\d.,]*\s*%?\s*and)?"
    r"|\d\s*%?\s*(?:to|or|through|until|[-–—−~]))\s*$",
    re.IGNORECASE,
)
"""What makes another number of the one behind it than is read: another bound, half a range."""
_NONE: Final = re.compile(
    rf"\b(?:no|none of the {_NOUN}"
    rf"|free of|without(?: any)?|not contain(?: any)?)\s+(?:(?:is|are|was|were)\s+)?{_MADE}",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:remov\w*|filter\w*|exclud\w*|drop\w*|discard\w*|clean\w*|before|originally|previous\w*"
    r"|other (?:data ?sets?|corpora)|unlike|compared|if|should|may|might|could|would|validation"
    r"|test set|split|subset|labels?|annotations?|questions?|prompts?|images?|audio|augment\w*"
    r"|detect\w*|except\w*|apart from|besides|other than|guarantee\w*|claim\w*|cannot|unknown"
    r"|unclear|hardly|not (?:free|without)|(?:that|which) (?:do|does|did)|accept\w*|allow\w*"
    r"|permit\w*|forb[ia]d\w*|prohibit\w*|polic\w+|goals?|target\w*|threshold\w*|plus or minus"
    r"|or (?:less|fewer|more|higher|lower)|version \d\S*|v\d\S*|said|says|according to"
    r"|section|config\w*|categor\w*|portion|todo|more information needed)\b"
    r"|n['’]t (?:free|without|guarantee)|\?",
    re.IGNORECASE,
)
"""Words beside which a number may be of something else than this corpus's text."""
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])\s+(?=[A-Z\d*_`\"“])|\n\s*\n|\n(?=[#\-*|>])|\n(?=[\w `*-]{1,60}:)"
    r"|^#{1,6} [^\n]*\n",
    re.MULTILINE,
)
_MOST: Final = frozenset(
    "at most,up to,no more than,not more than,less than,fewer than,under,below".split(",")
)
_LEAST: Final = frozenset("at least,no less than,not less than,more than,over,above".split(","))
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_NUMBERS: Final = {
    **{word: at for at, word in enumerate(_ONES.split())},
    **{word: 10 * at for at, word in enumerate(_TENS.split(), 2)},
    "hundred": 100,
}
_PARTS: Final = {
    "half": 50.0,
    "a third": 100 / 3,
    "one third": 100 / 3,
    "two thirds": 200 / 3,
    "a quarter": 25.0,
    "one quarter": 25.0,
    "three quarters": 75.0,
    "a fifth": 20.0,
    "one fifth": 20.0,
    "a tenth": 10.0,
    "one tenth": 10.0,
}
_WORD: Final = "|".join(sorted((*_NUMBERS, "point"), key=len, reverse=True))
_BEGIN: Final = r"^(?:(?:about|around|roughly|approximately|nearly) )?"
_SUBJECT: Final = rf"(?= (?:the |its |our )?{_NOUN} (?:is|are|was|were)\b)"
_REWRITTEN: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), written)
    for pattern, written in (
        (r"(?<=\w)\s?(?:per ?cent|pct)\b\.?", lambda _: " %"),
        (rf"\b(?:{_WORD})(?:[- ](?:{_WORD})){{0,3}}(?= %)", lambda one: _spelled(one[0])),
        (r"(?<![\d.,])(\d{1,2}),(\d{1,2})(?=\s?%)", lambda one: f"{one[1]}.{one[2]}"),
        (
            r"\b(?:between|from) (\d[\d.]{0,8})\s?%? (?:and|to) (?=\d[\d.]{0,8}\s?%)",
            lambda one: f"{one[1]} to ",
        ),
        (
            rf"{_BEGIN}({'|'.join(_PARTS)})(?: of)?{_SUBJECT}",
            lambda one: f"~{_PARTS[one[1].lower()]:.0f} % of",
        ),
        (
            rf"{_BEGIN}({_WORD}|\d{{1,4}}) (?:in|out of) ({_WORD}|\d{{1,4}}){_SUBJECT}",
            lambda one: _counted(one[1], one[2]) or one[0],
        ),
        (rf"^(?:most|(?:the|a) majority)(?: of)?{_SUBJECT}", lambda _: "more than 50 % of"),
        (rf"^(?:all|every|each)(?: of)?{_SUBJECT}", lambda _: "100 % of"),
        (
            r"^((?:(?:the|this|our) )?(?:\w+ )?(?:data ?set|data|corpus|collection)"
            rf" (?:is|are|was|were)) (?:fully|entirely|completely|wholly|purely)(?= {_MADE})",
            lambda one: f"{one[1]} 100 %",
        ),
    )
)
"""Numbers in words, as the numbers that they are; parts of a whole are as exact as *about* is, and
are read at the beginning of a sentence alone, where nothing says what they are parts of besides."""
_LABEL: Final = re.compile(
    r"[\W_]*(?:(?:share|fraction|percentage|proportion) of )?"
    r"(?:synthetic(?:ally generated)?|(?:machine|ai|llm|model)[- ](?:generated|written))"
    rf"(?: {_NOUN})?(?: (?:share|fraction|percentage|ratio|proportion))?[\s*_`]*[:|=][\s*_`]*"
    rf"(?:(no|none|false)|(yes|true)|{_QUALIFIER}\s*{_NUMBER}\s*%)[\s*_`|.]*",
    re.IGNORECASE,
)
"""A line of a table or of a list: what, and how much."""
_MENTION: Final = re.compile(
    r"synth[eé]|sint[eé]ti|合成|生成|人工智能|chatgpt|gpt-?\d"
    r"|\b(?:ai|ki|ia|llm|machine|model|computer)s?[- _]?(?:g[eé]n[eé]r|written)"
    r"|\b(?:by|von|par|por|mit|with) (?:an? )?"
    r"(?:ai|ki|ia|llms?|machines?|(?:large )?language models?)\b",
    re.IGNORECASE,
)
"""What may speak of text by language models, in whatever form and in some languages; whatever is
read does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is declared: a share between two ends, 0 to 1.

    Parameters
    ----------
    where : str
        Key, or line of the text.
    said : str
        As it was written.
    low, high : float
        What the share may be if the statement is true; the rounding of its digits is in it.
    is_read : bool
        Whether its meaning was read; one that was not declares nothing.
    """

    where: str
    said: str
    low: float
    high: float
    is_read: bool = True


def unread(where: str, said: str) -> Statement:
    """What may declare something, in no form that is read."""
    return Statement(where=where, said=said, low=0.0, high=1.0, is_read=False)


def mentions(text: str) -> bool:
    """Whether a text may speak of text by language models.

    Examples
    --------
    >>> mentions("keine synthetischen Daten"), mentions("photosynthesis"), mentions("by people")
    (True, True, False)
    """
    return _MENTION.search(text) is not None


def stated(text: str, first: int = 1) -> Iterator[Statement]:
    """What the sentences of a text declare, and those that speak of it and are not read.

    Parameters
    ----------
    text : str
    first : int
        Number of its first line.

    Examples
    --------
    >>> [one] = stated("Five percent of the rows are synthetic.")
    >>> one.where, one.low, one.high
    ('line 1', 0.045, 0.055)
    """
    below = first
    for piece in _pieces(text):
        line, below = below + _lead(piece), below + piece.count("\n")
        flat = " ".join(piece.split())
        if not mentions(flat):
            continue
        said = flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}…"
        found = [] if len(flat) > _LONGEST or _ELSEWHERE.search(flat) else [*_ranges(flat)]
        for low, high in found:
            yield Statement(where=f"line {line}", said=said, low=low, high=high)
        if not found:
            yield unread(f"line {line}", said)


def _lead(piece: str) -> int:
    """Empty lines before what is said."""
    return piece[: len(piece) - len(piece.lstrip())].count("\n")


def _ranges(flat: str) -> Iterator[tuple[float, float]]:
    """Ends of each share that a sentence tells."""
    label = _LABEL.fullmatch(flat)
    if label is not None:
        if label[4] is None:
            yield (0.0, 0.0) if label[1] else (0.0, 1.0)
        elif (ends := _ends(label[3], label[4], None)) is not None:
            yield ends
        return
    for pattern, written in _REWRITTEN:
        flat = pattern.sub(written, flat)
    matches = [*_SHARE.finditer(flat)]
    for match in matches:
        if not _NOT_READ_BEFORE.search(flat, 0, match.start()):
            ends = _ends(match[1], match[2], match[3])
            if ends is not None:
                yield ends
    if not matches and _NONE.search(flat):
        yield 0.0, 0.0


def _spelled(words: str) -> str:
    """A number up to a hundred in words, as digits; others as they are, which nobody reads."""
    numbers = [_NUMBERS.get(word, -1) for word in re.split(r"[- ]", words.lower())]
    match numbers:
        case [one] if one >= 0:
            return str(one)
        case [tens, ones] if 20 <= tens < 100 and 1 <= ones < 10:
            return str(tens + ones)
        case [1, 100]:
            return "100"
    return words


def _counted(count: str, of: str) -> str | None:
    """So many in so many, as a percentage."""
    n, total = (int(_spelled(one)) if _spelled(one).isdigit() else 0 for one in (count, of))
    return f"~{100 * n / total:.3g} % of" if total else None


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for match in _SENTENCE.finditer(text):
        yield text[at : match.end()]
        at = match.end()
    yield text[at:]


def _ends(said: str | None, first: str, last: str | None) -> tuple[float, float] | None:
    """What the share may be; None where the numbers are no percentages."""
    qualifier = (said or "").lower()
    low, high = float(first), float(last or first)
    if not low <= high <= 100:
        return None
    half = max(_half(first), _half(last or first))
    least, most = low - half, high + half
    if qualifier in _MOST or qualifier[:1] in ("<", "≤"):
        least = 0.0
    elif qualifier in _LEAST or qualifier[:1] in (">", "≥"):
        most = 100.0
    elif qualifier:
        least, most = least - _ABOUT * low, most + _ABOUT * high
    return max(0.0, least / 100), min(1.0, most / 100)


def _half(digits: str) -> float:
    """Half of the last digit that was written."""
    return 0.5 * 10.0 ** -len(digits.partition(".")[2])
