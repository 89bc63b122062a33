"""Markdown to plain text by a short list of conservative patterns; not a parser.

What could as well be meant (``a*b*c``, ``snake_case``, ``__init__``, ``[0](x)``) stays. Code inside
a fence counts as text once the fence is gone, else stripping twice would differ from once.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["strip"]

_DEPTH: Final = 16  # of nested marks; a text that goes deeper is left as it is

# What looks like an address, perhaps with a title.
_TARGET: Final = r'\((?=[^\s()]{0,400}[/.#:@])[^\s()]{1,2000}+(?: "[^"\n]{0,400}")?\)'
# Every pattern begins with one plain character, so that it is searched at the speed of memchr, and
# only then looks behind it. Possessive and bounded repeats keep it linear in hostile text.
_PATTERNS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # fences, rules, headings, bullets; the text is given a first line end to hold on to
        (r"\n[ \t]*+(?:`{3,}|~{3,})[^`\n]*+(?=\n|\Z)", ""),
        (r"\n[ \t]*+(?:(?:-[ \t]*+){3,}|(?:\*[ \t]*+){3,}|(?:_[ \t]*+){3,})(?=\n|\Z)", "\n"),
        (r"\n[ \t]*+#{1,6}[ \t]++(?=\S)", "\n"),
        (r"\n[ \t]*+[-*+•][ \t]++(?=\S)", "\n"),
        # images, links
        (rf"!\[([^\[\]\n]{{0,400}}+)\]{_TARGET}", r"\1"),
        (rf"\[(?<![\w\])]\[)([^\[\]\n]{{0,400}}+)\]{_TARGET}", r"\1"),
        # emphasis
        (
            r"(\*(?<![A-Za-z0-9_*\\]\*)\*?\*?)(?![\s*])([^*\n]{1,400}+)(?<!\s)\1(?![A-Za-z0-9_*])",
            r"\2",
        ),
        # underscores only around more than one word: __init__ is a name
        (
            r"(_(?<![\w\\]_)_?_?)(?![\s_])(?=[^_\n]{0,400}[ \t])([^_\n]{1,400}+)(?<!\s)\1(?!\w)",
            r"\2",
        ),
        (r"~~(?<!~~~)(?![\s~])([^~\n]{1,400}+)(?<!\s)~~(?!~)", r"\1"),
        # code inside a line
        (r"(`(?<![`\\]`)`?)(?!`)([^`\n]{1,400}+)\1(?!`)", r"\2"),
    )
)


def strip(text: str) -> tuple[str, int]:
    """Reduce markdown to plain text.

    Parameters
    ----------
    text : str
        Text with LF line ends.

    Returns
    -------
    text : str
        The text without headings, emphasis, fences, links, bullets and rules.
    count : int
        How many marks were taken away; an emphasis, a link and a fence line are one each.

    Examples
    --------
    >>> strip("# One\\n- **two** of [three](https://example.org)")
    ('One\\ntwo of three', 4)
    """
    plain, total = f"\n{text}", 0
    for _ in range(_DEPTH):
        plain, count = _strip_once(plain)
        total += count
        if not count:
            return plain.removeprefix("\n"), total
    return text, 0


def _strip_once(text: str) -> tuple[str, int]:
    total = 0
    for pattern, replacement in _PATTERNS:
        text, count = pattern.subn(replacement, text)
        total += count
    return text, total
