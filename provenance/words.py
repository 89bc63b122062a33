"""Text and figures made fit to show; knows no record of the project.

Whatever was read from a corpus passes `visible` before anybody sees it.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable, Iterator

__all__ = [
    "ASK_EVERY_MODEL",
    "HOW_TO_ASK",
    "MODEL_LIKE",
    "TO_TELL_MORE",
    "about",
    "as_html",
    "did_you_mean",
    "how_many",
    "is_advice",
    "name_lines",
    "percent",
    "percent_range",
    "source_name",
    "visible",
    "wrapped",
    "wrapped_command",
]

MODEL_LIKE = "text like a language model's"
"""What a candidate beside people's text alone can be told as."""
HOW_TO_ASK = (
    "provenance ask CORPUS -o ask.jsonl, ask the API, provenance fingerprint ANSWERS"
    " --asked ask.jsonl"
)
"""How a sample on the corpus's own prompts is made, for whoever reads that it takes one."""
TO_TELL_MORE = (
    "To tell more, or to ask for one model, bring text of the corpus's own kind that people wrote,"
    " and answers of the models in question to its prompts"
)
"""What a scan asks for; the page has the commands in place of the reason that begins so."""
ASK_EVERY_MODEL = (
    "Ask every model of the panel the same file, best the corpus's own prompts: provenance ask"
    " CORPUS -o ask.jsonl (or match --ask ask.jsonl); then for each of them provenance fingerprint"
    " ANSWERS --asked ask.jsonl --name MODEL -o MODEL.fp"
)
"""What mends samples of models that answer different prompts."""

_MAX_NAME_CHARS = 80
_NAME_PARTS = re.compile(r"[^-/_:@ ]*[-/_:@ ]*")
_SPACES = re.compile(r" (?! *%)")
_JOINERS = "\u200c\u200d"
# What Python calls a space although it moves to another line or controls a terminal.
_BREAKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"


def as_html(summary: str) -> str:
    """A summary of a sentence a line as a notebook shows it: the first set apart; escaped.

    Examples
    --------
    >>> as_html("Two of 3.\\n· one <b>")
    '<p><strong>Two of 3.</strong></p><ul><li>one &lt;b&gt;</li></ul>'
    """
    import html

    first, *rest = (html.escape(visible(line.removeprefix("· "))) for line in summary.split("\n"))
    items = "".join(f"<li>{line}</li>" for line in rest)
    return f"<p><strong>{first}</strong></p>" + (f"<ul>{items}</ul>" if items else "")


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Name what is most like a name that is not there; None where nothing is.

    Examples
    --------
    >>> did_you_mean("autor", ["author", "topic"])
    "Perhaps 'author' is meant"
    """
    import difflib

    near = difflib.get_close_matches(name, list(known), 1)
    return f"Perhaps {visible(near[0])!r} is meant" if near else None


def visible(text: str, *, lines: bool = False) -> str:
    """Show control, bidi and other invisible characters as ``<U+202E>``.

    Parameters
    ----------
    text : str
        Text of unknown origin.
    lines : bool
        Keep line ends and tabs as they are.

    Examples
    --------
    >>> visible("a\\x1b[2J")
    'a<U+001B>[2J'
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n") if lines else text
    kept = "\n\t" if lines else ""
    pairs = zip(" " + text, text, strict=False)
    return "".join(c if _is_shown(c, before) or c in kept else _code(c) for before, c in pairs)


def _is_shown(character: str, before: str) -> bool:
    """Joiners stay where a script or an emoji may need them: after a sign that is not ASCII."""
    if character in _JOINERS:
        return before.isprintable() and not before.isascii()
    return character.isprintable() or (character.isspace() and character not in _BREAKS)


def _code(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def source_name(source: str | None, role: str = "") -> str:
    """Return a source's name safe to show, at most 80 characters; None is told in words.

    Examples
    --------
    >>> source_name(None), source_name(None, "machine")
    ('none of these sources', "text like a language model's")
    """
    if source is None:
        return MODEL_LIKE if role == "machine" else "none of these sources"
    name = visible(source)
    return name if len(name) <= _MAX_NAME_CHARS else name[: _MAX_NAME_CHARS - 1] + "…"


def about(number: int) -> str:
    """A count to three figures.

    Examples
    --------
    >>> about(123456), about(98)
    ('123,000', '98')
    """
    return f"{round(number, 3 - len(str(number))):,}"


def is_advice(reason: str) -> bool:
    """Whether a reason of a report says what to bring, and nothing of what was measured.

    Examples
    --------
    >>> is_advice(f"{TO_TELL_MORE}."), is_advice("The samples are small.")
    (True, False)
    """
    return reason.startswith(TO_TELL_MORE)


def how_many(number: int, one: str, many: str | None = None) -> str:
    """A count before what is counted, in the form that goes with it.

    Parameters
    ----------
    number : int
    one, many : str
        The words behind 1, and behind any other number; by default these are `one` and an s.

    Examples
    --------
    >>> how_many(1200, "row"), how_many(1, "row is listed", "rows are listed")
    ('1,200 rows', '1 row is listed')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def percent(share: float) -> str:
    """Write a share in percent: one decimal, two near 0 and 1, never falsely 0 or 100.

    Examples
    --------
    >>> percent(0.1234), percent(0.00456), percent(1e-9), percent(1.0)
    ('12.3 %', '0.46 %', '<0.01 %', '100 %')
    """
    value = 100 * share
    edge = min(value, 100 - value)
    if edge <= 0:
        return f"{value:.0f} %"
    if edge < 0.01:
        return "<0.01 %" if value < 50 else ">99.99 %"
    return f"{value:.{1 if edge >= 1 else 2}f} %"


def percent_range(low: float, high: float, between: str = "to") -> str:
    """Write an interval in percent.

    Examples
    --------
    >>> percent_range(0.101, 0.146)
    '10.1 to 14.6 %'
    """
    return f"{percent(low).removesuffix(' %')} {between} {percent(high)}"


def wrapped(text: str, width: int) -> str:
    """Break lines at spaces, never inside a word or before a percent sign.

    What is longer than a line stands whole on one: a path is there to be copied. A line with
    colours is left as it is: whoever coloured it has broken it.

    Examples
    --------
    >>> print(wrapped("Between 1 and 12.5 % of a/very/long/path are its.", 16))
    Between 1 and
    12.5 % of
    a/very/long/path
    are its.
    """
    lines = (part for line in text.split("\n") for part in _wrapped(line, width))
    return "\n".join(lines)


def wrapped_command(command: str, width: int) -> str:
    """Break a line of the shell so that it still is one when it is copied; whole where it fits.

    Examples
    --------
    >>> print(wrapped_command("provenance scan corpus.jsonl --by source -o out", 36))
    provenance scan corpus.jsonl \\
        --by source -o out
    """
    if _cells(command) <= width:
        return command
    pieces: list[str] = []
    for word in map(shlex.quote, shlex.split(command)):
        is_value = pieces and pieces[-1].startswith("-") and " " not in pieces[-1]
        if is_value and not word.startswith("-"):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return " \\\n    ".join(_packed(pieces, width - 6))


def name_lines(name: str, width: int) -> str:
    """Break a name behind what parts its words, and only where it has to be.

    Examples
    --------
    >>> print(name_lines("anthropic/claude-sonnet-4.5", 17))
    anthropic/claude-
    sonnet-4.5
    """
    lines = [""]
    for part in filter(None, _NAME_PARTS.findall(name)):
        if lines[-1] and _cells(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _wrapped(line: str, width: int) -> Iterator[str]:
    if "\x1b" in line or _cells(line) <= width:
        yield line
        return
    told = line.strip(" ")
    indent = line[: line.find(told)]
    yield from (indent + one for one in _packed(_SPACES.split(told), width - len(indent)))


def _packed(words: Iterable[str], width: int) -> list[str]:
    """As many words on a line as it has room for."""
    lines: list[str] = []
    room = 0
    for word in words:
        size = _cells(word)
        if lines and size < room:
            lines[-1] += f" {word}"
            room -= size + 1
        else:
            lines.append(word)
            room = width - size
    return lines


def _cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))
