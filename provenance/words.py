"""Text and figures made fit to show; knows no record of the project.

Whatever was read from a corpus passes `visible` before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "ASK_EVERY_MODEL",
    "HOW_TO_ASK",
    "MODEL_LIKE",
    "as_html",
    "did_you_mean",
    "percent",
    "percent_range",
    "source_name",
    "visible",
]

MODEL_LIKE = "text like a language model's"
"""What a candidate beside people's text alone can be told as."""
HOW_TO_ASK = (
    "provenance ask CORPUS -o ask.jsonl, ask the API, provenance fingerprint ANSWERS"
    " --asked ask.jsonl"
)
"""How a sample on the corpus's own prompts is made, for whoever reads that it takes one."""
ASK_EVERY_MODEL = (
    "Ask every model of the panel the same file, best the corpus's own prompts: provenance ask"
    " CORPUS -o ask.jsonl (or match --ask ask.jsonl); then for each of them provenance fingerprint"
    " ANSWERS --asked ask.jsonl --name MODEL -o MODEL.fp"
)
"""What mends samples of models that answer different prompts."""

_MAX_NAME_CHARS = 80
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
