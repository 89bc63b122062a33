"""What a pass over a corpus met: documents, rows, what was drawn, lost and left out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from provenance.corpus.chats.turn_counts import TurnCounts
from provenance.corpus.lost import Losses
from provenance.words import about, percent

__all__ = ["Counts"]


@dataclass(slots=True)
class Counts(Losses, TurnCounts):
    """What a pass over a corpus met.

    What was lost beside bad rows stands in `Losses`, whose words it read in `TurnCounts`.

    Parameters
    ----------
    n_documents : int
        Documents given out.
    n_rows : int
        Rows read, bad ones and those outside the sample included.
    n_skipped : int
        Bad rows; a file that broke off, or could not be read, counts as one.
    n_outside : int
        Rows without a turn of the role or dated outside what was asked for.
    skipped : list of str
        The first 20 reasons, each ``path:line: why``.
    n_drawn, n_drawn_from : int
        Rows in the sample, and rows that it was drawn from; 0 where none was drawn.
    is_about : bool
        Whether the rows that it was drawn from were estimated by their bytes, not counted.
    n_drawn_apart : int
        Rows drawn one by one, and stretches that several were drawn with.
    n_parted : int
        Documents that hold reasoning, code or calls of tools, where they were not split.
    """

    n_documents: int = 0
    n_rows: int = 0
    n_skipped: int = 0
    n_outside: int = 0
    skipped: list[str] = field(default_factory=list)
    n_drawn: int = 0
    n_drawn_from: int = 0
    is_about: bool = False
    n_drawn_apart: int = 0
    n_parted: int = 0

    @property
    def unread(self) -> float:
        """Part of the rows that the sample left out; 0 where all were read.

        Examples
        --------
        >>> Counts(n_drawn=100, n_drawn_from=400).unread, Counts().unread
        (0.75, 0.0)
        """
        return 1 - self.n_drawn / self.n_drawn_from if self.n_drawn_from else 0.0

    def drawn_told(self) -> list[str]:
        """Say how many rows were drawn of how many, and what they cannot show.

        That nothing is found in n rows bounds its part of all rows by 1 - 0.05 ** (1 / n), about
        3 / n, at 95 % (Hanley and Lippman-Hand 1983, JAMA 249:1743); rows that were drawn together
        count once here.

        Examples
        --------
        >>> Counts(n_drawn=9, n_drawn_from=123456, is_about=True, n_drawn_apart=9).drawn_told()[0]
        '9 of about 123,000 rows drawn'
        >>> print(Counts(n_drawn=3000, n_drawn_from=5000, n_drawn_apart=3000).drawn_told()[1])
        what none of them shows may still be in up to 0.10 % of the rows (at 95 %)
        """
        if not self.unread:
            return []
        rows = self.n_drawn_from
        rows_told = f"about {about(rows)}" if self.is_about else f"{rows:,}"
        most = -math.expm1(math.log(0.05) / max(1, self.n_drawn_apart))
        return [
            f"{self.n_drawn:,} of {rows_told} rows drawn",
            f"what none of them shows may still be in up to {percent(most)} of the rows (at 95 %)",
        ]
