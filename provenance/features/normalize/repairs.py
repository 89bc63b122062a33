r"""One way of writing for all text: a named, ordered table of small repairs, each counted.

Two sources must differ by what they say, never by how their text was stored, and a launderer must
not be able to hide words behind invisible or look-alike characters. What is repaired is counted
because it is evidence in itself.

The Unicode form is NFC and no more. NFKC would also turn ``x²`` into ``x2``, ``½`` into ``1⁄2``,
``…`` into three dots and the full-width comma of Chinese into an ASCII one: other text, not another
spelling of the same text. Of its mappings only letters that merely wear another shape are taken:
typographic ligatures, full-width letters and digits, and words in mathematical alphabets.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import regex

from provenance.features.normalize import gaps, homoglyphs, invisible, markdown

__all__ = [
    "MARKDOWN",
    "REPAIRS",
    "Normalized",
    "Repair",
    "normalize",
    "respaced",
    "uncommon",
    "unusual",
]

# Bounds of hostile text. Canonical ordering takes time quadratic in the marks on one letter;
# Unicode's stream-safe format allows 30, and no writing system comes near.
MARKS_ON_ONE_LETTER: Final = 30
PASSES: Final = 16


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text and what was repaired in it.

    Attributes
    ----------
    text : str
        The repaired text.
    repairs : dict of str to int
        How often each repair changed something; those that changed nothing are absent.
    """

    text: str
    repairs: dict[str, int]


@dataclass(frozen=True, slots=True)
class Repair:
    """One row of the table of repairs.

    Attributes
    ----------
    name : str
        Its name in reports.
    sentence : str
        What it does and what it counts.
    function : callable
        From a text to the repaired text and the count.
    trigger : regex.Pattern or None
        A character without which there is nothing to do, looked for among the characters that are
        not printable ASCII, tab or newline; None where white space alone decides.
    """

    name: str
    sentence: str
    function: Callable[[str], tuple[str, int]]
    trigger: regex.Pattern[str] | None = None


# --- code points that are no text ----------------------------------------------------------------

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _surrogates(text: str) -> tuple[str, int]:
    count = len(_SURROGATE.findall(text))
    joined = _PAIR.sub(lambda pair: _join(pair[0]), text)
    return _SURROGATE.sub("\ufffd", joined), count


def _join(pair: str) -> str:
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


_WINDOWS_1252: Final = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
_C1 = re.compile(f"[{''.join(map(chr, _WINDOWS_1252))}]")


def _windows_1252(text: str) -> tuple[str, int]:
    return _C1.subn(lambda match: _WINDOWS_1252[ord(match[0])], text)


_CARRIAGE_RETURN = re.compile("\r\n?")
_SEPARATOR = re.compile("[\x0b\x0c\u2028\u2029]")


def _line_ends(text: str) -> tuple[str, int]:
    text, n_returns = _CARRIAGE_RETURN.subn("\n", text)
    text, n_separators = _SEPARATOR.subn("\n", text)
    return text, n_returns + n_separators


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")


def _control(text: str) -> tuple[str, int]:
    return _CONTROL.subn("", text)


_SPACE = re.compile("[\xa0\u2000-\u200a\u202f\u205f\u3000]")


def _spaces(text: str) -> tuple[str, int]:
    return _SPACE.subn(" ", text)


# --- letters in another shape --------------------------------------------------------------------

_MATHS: Final = "\U0001d400-\U0001d7ff"
_LETTERLIKE: Final = "ℂℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ"  # the holes of the mathematical alphabets
_LETTER_FORM = re.compile(
    f"[\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]|"
    f"(?<=[A-Za-z])[{_MATHS}]|[{_MATHS}](?=[A-Za-z])|"
    # a word of such letters is a costume; one alone is a variable, and ℝ is the real numbers
    f"[{_MATHS}][{_MATHS}{_LETTERLIKE}]+|[{_LETTERLIKE}]+[{_MATHS}][{_MATHS}{_LETTERLIKE}]*"
)


def _letter_forms(text: str) -> tuple[str, int]:
    letters = "".join(_LETTER_FORM.findall(text))
    count = sum(map(str.__ne__, letters, map(_plain, letters)))  # the alphabets have holes
    return _LETTER_FORM.sub(lambda match: _plain(match[0]), text), count


def _plain(letters: str) -> str:
    return unicodedata.normalize("NFKC", letters)


@functools.cache
def _stack() -> regex.Pattern[str]:
    return regex.compile(rf"(\p{{M}}{{{MARKS_ON_ONE_LETTER}}})(\p{{M}}++)")


def _stacked_marks(text: str) -> tuple[str, int]:
    count = sum(len(rest) for _, rest in _stack().findall(text))
    return _stack().sub(r"\1", text) if count else text, count


_STRETCH = re.compile("[\x00-\x7f]?[^\x00-\x7f]+")


def _unicode_form(text: str) -> tuple[str, int]:
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    stretches = [s for s in _STRETCH.findall(text) if not unicodedata.is_normalized("NFC", s)]
    return unicodedata.normalize("NFC", text), sum(map(_recomposed, stretches))


def _recomposed(stretch: str) -> int:
    graphemes = regex.findall(r"\X", stretch)
    return sum(not unicodedata.is_normalized("NFC", grapheme) for grapheme in graphemes) or 1


# --- white space ---------------------------------------------------------------------------------


# Patterns that begin with one plain character are searched at the speed of memchr.
_UNTIDY = re.compile("\n(?:(?<=[ \t]\n)|\n\n)")
_TRAILING = re.compile("\n(?<=[ \t]\n)")
_BLANK_LINES = re.compile("\n(?=\n\n)\n+")


def _trailing_spaces(text: str) -> tuple[str, int]:
    pieces, start = [], 0
    for match in _TRAILING.finditer(text):
        pieces.append(text[start : match.start()].rstrip(" \t"))
        start = match.start()
    return "".join([*pieces, text[start:]]), len(pieces)


def _blank_lines(text: str) -> tuple[str, int]:
    return _BLANK_LINES.subn("\n\n", text) if _BLANK_LINES.search(text) else (text, 0)


_WHITE: Final = " \t\n"


def _margins(text: str) -> tuple[str, int]:
    stripped = text.strip(_WHITE)
    return stripped, len(text) - len(stripped)


# --- the table -----------------------------------------------------------------------------------


def _any(characters: str) -> regex.Pattern[str]:
    return regex.compile(f"[{characters}]")


_UNICODE_REPAIRS: Final = (
    Repair(
        "surrogates",
        "Pairs of surrogates are joined, lone ones become U+FFFD; counts surrogates.",
        _surrogates,
        _any("\ud800-\udfff"),
    ),
    Repair(
        "windows_1252",
        "C1 control codes are read as Windows-1252, as browsers do; counts characters.",
        _windows_1252,
        _any("\x80-\x9f"),
    ),
    Repair(
        "line_ends",
        "CR LF, CR and the separators of lines, paragraphs and pages become LF; counts line ends.",
        _line_ends,
        _any("\r\x0b\x0c\u2028\u2029"),
    ),
    Repair(
        "control",
        "Control characters other than tab and line end are removed; counts characters.",
        _control,
        _any("\x00-\x08\x0e-\x1f\x7f-\x9f"),
    ),
    Repair(
        "spaces",
        "No-break, thin, wide and other spaces become a space; counts characters.",
        _spaces,
        _any("\xa0\u2000-\u200a\u202f\u205f\u3000"),
    ),
    Repair(
        "hidden",
        "Invisible characters that no script or emoji needs are removed; counts characters.",
        invisible.drop,
        _any(invisible.INVISIBLE),
    ),
    Repair(
        "letter_forms",
        "Ligatures, full-width and mathematical letters become plain ones; counts characters.",
        _letter_forms,
        _any(f"\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a{_MATHS}"),
    ),
    Repair(
        "stacked_marks",
        f"Past {MARKS_ON_ONE_LETTER} combining marks in a row the rest go; counts marks removed.",
        _stacked_marks,
        _any(r"\p{M}"),
    ),
    Repair(
        "unicode_form",
        "Letters and their marks are composed (NFC); counts characters as a reader sees them.",
        _unicode_form,
        _any(r"\s\S"),
    ),
    Repair(
        "homoglyphs",
        "Letters of another script inside a Latin word become the Latin letter they look like; "
        "counts letters.",
        homoglyphs.restore,
        _any(homoglyphs.FOREIGN),
    ),
)
_SPACING_REPAIRS: Final = (
    Repair(
        "trailing_spaces",
        "Spaces and tabs at the end of a line are removed; counts lines.",
        _trailing_spaces,
    ),
    Repair(
        "blank_lines",
        "Two or more blank lines in a row become one; counts such places.",
        _blank_lines,
    ),
    Repair(
        "gaps",
        "Tabs and runs of spaces within lines become one space where many part words; counts gaps.",
        gaps.join,
    ),
    Repair(
        "margins",
        "White space before the first and after the last word is removed; counts characters.",
        _margins,
    ),
)
_SPACING_BUT_GAPS: Final = tuple(row for row in _SPACING_REPAIRS if row.function != gaps.join)
REPAIRS: Final = (*_UNICODE_REPAIRS, *_SPACING_REPAIRS)
MARKDOWN: Final = Repair(
    "markdown",
    "Headings, emphasis, code fences, links, bullets and rules become plain text; counts marks.",
    markdown.strip,
)

_NAMES: Final = tuple(repair.name for repair in (*REPAIRS, MARKDOWN))

# Characters for which no repair but those of spacing has anything to do. All others are looked at
# repair by repair; a test holds that none of these is ever changed.
_UNCOMMON = re.compile(
    "[^\t\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2125\u2127-\u2129"
    "\u212c-\u2328\u232b-\u29ff\u2b00-\u2bff\u3001-\u3029\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff"
    "\uac00-\ud7a3\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\U0001f300-\U0001f3f3\U0001f3f5-\U0001f6ff"
    "\U0001f900-\U0001f9ff]"
)
_ORDINARY: Final = bytes([9, 10, *range(32, 127)])


def unusual(text: str) -> str:
    """Return all that is not printable ASCII, tab or newline, at the speed of `bytes.translate`."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)
    return rest.decode("utf-8", "surrogatepass")


def normalize(text: str, *, strip_markdown: bool = False) -> Normalized:
    r"""Repair a text and say what was repaired.

    Normalising twice is normalising once: the second time nothing is counted.

    Parameters
    ----------
    text : str
        Any text, hostile text included.
    strip_markdown : bool, default False
        Also reduce markdown to plain text.

    Returns
    -------
    Normalized
        The text and the counts by repair, in the order of `REPAIRS`.

    Examples
    --------
    >>> normalize("p\u0430yp\u200bal\r\n")
    Normalized(text='paypal', repairs={'line_ends': 1, 'hidden': 1, 'homoglyphs': 1, 'margins': 1})
    """
    found: dict[str, int] = {}
    for _ in range(PASSES):
        again = False
        for repair in _due(text, strip_markdown):
            text, count = repair.function(text)
            if count:
                found[repair.name] = found.get(repair.name, 0) + count
                # One repair may make room for another; spacing does so for markdown alone.
                again = again or strip_markdown or repair.trigger is not None
        if not again:
            break
    return Normalized(text, {n: found[n] for n in _NAMES if n in found} if found else found)


def _due(text: str, strip_markdown: bool) -> tuple[Repair, ...]:
    found = unusual(text)
    if strip_markdown or (found and _UNCOMMON.search(found)):
        found = "".join(set(found))
        due = tuple(r for r in _UNICODE_REPAIRS if r.trigger is None or r.trigger.search(found))
        return (*due, *((MARKDOWN,) if strip_markdown else ()), *_SPACING_REPAIRS)
    untidy = _UNTIDY.search(text) or text[:1] in _WHITE or text[-1:] in _WHITE
    return _SPACING_REPAIRS if untidy or gaps.are_odd(text) else ()


def uncommon(text: str) -> list[str]:
    """The characters of a text for which another repair than those of spacing has to be asked.

    Examples
    --------
    >>> uncommon("p\\u0430y “pal”")
    ['а']
    """
    return _UNCOMMON.findall(text)


def respaced(text: str, *, has_odd_gaps: bool) -> Normalized:
    """What `normalize` makes of a text that is without uncommon characters.

    Parameters
    ----------
    text : str
    has_odd_gaps : bool
        As `gaps.are_odd` tells.

    Examples
    --------
    >>> respaced("One. \\nTwo.", has_odd_gaps=False).repairs
    {'trailing_spaces': 1}
    """
    found = {}
    for repair in _SPACING_REPAIRS if has_odd_gaps else _SPACING_BUT_GAPS:
        text, count = repair.function(text)
        if count:
            found[repair.name] = count
    return Normalized(text, found)
