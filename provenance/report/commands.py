"""The command that a report was made by, without some of its options."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

__all__ = ["OF_PARTS", "OUTPUT", "READING", "SOURCES", "only", "without"]

OUTPUT: Final = ("-o", "--output")
OF_PARTS: Final = ("--shard", "--partials", "--resume")
"""Options of where a match keeps the scores of its batches; none changes a figure."""
SOURCES: Final = ("--candidate", "--reference", "--panel")
"""Options that name what a corpus is compared with."""
READING: Final = (
    *("--text-field", "--role", "--prompt-field", "--id-field", "--group-field"),
    *("--domain-field", "--date-field"),
)
"""Options that say where in a row its text is, and what stands beside it."""
_FLAGS: Final = ("--resume",)


def without(words: Sequence[str], options: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """The words of a command without some options, and the values that these had.

    Parameters
    ----------
    words : sequence of str
    options : collection of str
        Each has a value, ``--resume`` has none.

    Examples
    --------
    >>> without(["match", "a", "-oout", "--only", "--partials=kept"], (*OUTPUT, *OF_PARTS))
    (['match', 'a', '--only'], {'-o': 'out', '--partials': 'kept'})
    """
    kept: list[str] = []
    values: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, is_joined, value = word.partition("=")
        if not word.startswith("--") and word[:2] in options:
            name, is_joined, value = word[:2], word[2:], word[2:]
        if word == "--":
            kept += [word, *rest]
        elif name not in options:
            kept.append(word)
        elif name not in _FLAGS:
            values[name] = value if is_joined else next(rest, "")
    return kept, values


def only(words: Sequence[str], options: Collection[str]) -> list[str]:
    """Some options of a command with their values, in their order; each has a value.

    Examples
    --------
    >>> only(["match", "a", "--candidate", "b.fp", "--only", "--panel=c"], SOURCES)
    ['--candidate', 'b.fp', '--panel', 'c']
    """
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        name, is_joined, value = word.partition("=")
        if word == "--":
            break
        if name in options:
            kept += [name, value if is_joined else next(rest, "")]
    return kept
