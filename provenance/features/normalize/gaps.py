"""White space between the words of a line that no writer leaves: tabs and double spaces, again and
again. Whoever washes a text may put it there, because it costs nothing and moves every token.

A few such gaps are somebody's own, as are two spaces behind a sentence, indents and columns of code
without letters on both sides: a text with fewer than `FEWEST` stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["FEWEST", "are_odd", "join"]

FEWEST: Final = 5
"""Odd gaps of a text from which all its gaps become one space; of 39 kinds of people's text the
largest part with so many is 0.7 % (`python -m provenance.validation.bench.washing DATA`)."""

_ODD: Final = re.compile(r"(?<=[a-z,])(?:  |\t|\xa0| \xa0)(?=[a-z])")
_PLAIN_ODD: Final = re.compile(r"(?<=[a-z,])(?:  |\t)(?=[a-z])")
_GAP: Final = re.compile(r"(?<=\S)(?:[ \t]{2,}|\t)(?=\S)")


def are_odd(text: str) -> bool:
    r"""Whether tabs, no-break or double spaces part words of one line, again and again.

    Examples
    --------
    >>> are_odd("we  had\tsome\xa0soup  with  bread"), are_odd("We had some.  It ended.")
    (True, False)
    """
    if text.count("  ") + text.count("\t") + text.count("\xa0") < FEWEST:
        return False
    return len(_ODD.findall(text)) >= FEWEST


def join(text: str) -> tuple[str, int]:
    r"""Make every gap within the lines of a text with odd ones a single space; counts gaps.

    Examples
    --------
    >>> join("we  had\tsome  soup\twith  bread.  So.")
    ('we had some soup with bread. So.', 6)
    >>> join("We  had soup.")
    ('We  had soup.', 0)
    """
    if text.count("  ") + text.count("\t") < FEWEST:
        return text, 0
    if len(_PLAIN_ODD.findall(text)) < FEWEST:
        return text, 0
    return _GAP.subn(" ", text)
