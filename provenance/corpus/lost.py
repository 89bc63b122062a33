"""What of a file never became rows, and how it is told.

A bad row is one row. What stands here is more than that: nobody knows how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from provenance.corpus.document import BadRow
from provenance.words import how_many

__all__ = [
    "MANY_LINES",
    "NAMED",
    "ChangedFile",
    "Doubt",
    "EmptyFile",
    "Losses",
    "LostFile",
    "LostTail",
    "Noted",
    "SwallowedRows",
    "passed_told",
]

NAMED: Final = 20
"""Places that are named; a round figure, not tuned."""
MANY_LINES: Final = 1000
"""Lines of one quoted field that are worth a word; a round figure, not tuned."""


class LostFile(BadRow):
    """Nothing of a file could be read."""


class LostTail(BadRow):
    """A file breaks off: an unknown number of rows follows the last that was read."""


class SwallowedRows(BadRow):
    """Lines inside quotes that fit no row: an unknown number of rows is among them."""


class ChangedFile(BadRow):
    """A file is no longer the one that was found: what was read may be of both."""


class EmptyFile(BadRow):
    """A file holds no row at all, so that nothing of it is lost."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that was read and may be several; it stops nothing, and it is told."""

    what: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something was read that is not quite of its format, and how many times.

    ``mended``: values in JSON that are none of JSON's. ``quotes``: quotes in a tab-separated row
    that open a field and close none, read as characters.
    """

    what: Literal["mended", "quotes"]
    count: int = 1


@dataclass
class Losses:
    """What a pass over a corpus lost, mended or doubts beside single bad rows.

    Parameters
    ----------
    n_files_lost : int
        Files of which nothing could be read.
    n_tails_lost : int
        Files that broke off: how many rows followed is not known.
    n_swallowed : int
        Quotes that hold lines which fit no row: how many rows they were is not known.
    n_files_changed : int
        Files that changed while they were read.
    n_open_quotes : int
        Rows that were read and may be several, by an open quote.
    n_mended : int
        Values of JSON read as null or U+FFFD: NaN, infinities, halves of surrogate pairs.
    n_bare_quotes : int
        Tab-separated rows with a quote that opens a field and was read as a character.
    lost : list of str
        The first 20 of these but the last two, each as ``path:line: why``.
    empty : list of str
        The first 20 files without any row, which lose nothing.
    n_empty : int
        How many such files there are.
    """

    n_files_lost: int = 0
    n_tails_lost: int = 0
    n_swallowed: int = 0
    n_files_changed: int = 0
    n_open_quotes: int = 0
    n_mended: int = 0
    n_bare_quotes: int = 0
    lost: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    n_empty: int = 0

    @property
    def n_unknown(self) -> int:
        """Places at which an unknown number of rows was lost or may be misread."""
        return sum(self.losses.values())

    @property
    def losses(self) -> dict[str, int]:
        """How many there are of each kind, of those that there are."""
        counts = {
            "files": self.n_files_lost,
            "tails": self.n_tails_lost,
            "swallowed": self.n_swallowed,
            "changed": self.n_files_changed,
            "open_quotes": self.n_open_quotes,
        }
        return {name: count for name, count in counts.items() if count}

    @property
    def mended(self) -> dict[str, int]:
        """What was read that is not quite of its format, by its kind."""
        counts = {"json_values": self.n_mended, "bare_quotes": self.n_bare_quotes}
        return {name: count for name, count in counts.items() if count}

    def note(self, event: BadRow | Doubt | Noted, where: str) -> None:
        """Count what is more than a bad row."""
        if isinstance(event, Noted):
            self.n_mended += event.count * (event.what == "mended")
            self.n_bare_quotes += event.count * (event.what == "quotes")
            return
        kinds = (LostFile, LostTail, SwallowedRows, ChangedFile, Doubt, EmptyFile)
        kind = next((kind for kind in kinds if isinstance(event, kind)), None)
        if kind is None:
            return
        name = _COUNTED[kind]
        setattr(self, name, getattr(self, name) + 1)
        told = self.empty if kind is EmptyFile else self.lost
        if len(told) < NAMED:
            told.append(where if kind is EmptyFile else f"{where}: {event.what}")

    def loss_told(self) -> str:
        """Say in one sentence what is lost or doubtful; empty where nothing is.

        Examples
        --------
        >>> Losses(n_files_lost=1, n_open_quotes=2).loss_told()
        '1 file could not be read; 2 rows may be several each, by a quote that is not closed.'
        >>> Losses(n_tails_lost=2).loss_told(), Losses().loss_told()
        ('2 files broke off, and how many rows followed is not known.', '')
        """
        parts = [
            *_part(self.n_files_lost, "file", "could not be read"),
            *_part(self.n_tails_lost, "file", "broke off, and how many rows followed is not known"),
            *_part(
                self.n_swallowed, "quote", "swallowed lines, and how many rows they were is unknown"
            ),
            *_part(self.n_files_changed, "file", "changed while being read"),
            *_part(self.n_open_quotes, "row", "may be several each, by a quote that is not closed"),
        ]
        return f"{'; '.join(parts)}." if parts else ""

    def mended_told(self) -> list[str]:
        """Say what was read that is not quite of its format.

        Examples
        --------
        >>> Losses(n_mended=1).mended_told()
        ['1 value that JSON does not allow, read as null or U+FFFD.']
        """
        mended = "that JSON does not allow, read as null or U+FFFD."
        quotes = "of a tab-separated row, read as a character."
        return [
            *_part(self.n_mended, "value", mended),
            *_part(self.n_bare_quotes, "open quote", quotes),
        ]


_COUNTED: Final = {
    LostFile: "n_files_lost",
    LostTail: "n_tails_lost",
    SwallowedRows: "n_swallowed",
    ChangedFile: "n_files_changed",
    Doubt: "n_open_quotes",
    EmptyFile: "n_empty",
}


def _part(count: int, name: str, what: str) -> Iterator[str]:
    if count:
        yield f"{how_many(count, name)} {what}"


def passed_told(n_passed_over: int) -> str:
    """Say how many files of the folders were passed over; empty where none was.

    Examples
    --------
    >>> passed_told(3)
    '3 files or folders were passed over.'
    """
    if not n_passed_over:
        return ""
    what = how_many(n_passed_over, "file or folder was", "files or folders were")
    return f"{what} passed over."
