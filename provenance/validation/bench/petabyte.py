"""What a corpus of any size takes: core-hours, parts, bytes between them, and money.

``python -m provenance.validation.bench.petabyte`` prints the table of `matching/PETABYTE.md` from
measured constants, each an option, so that others can put in what ``provenance bench`` tells of
their own machine and text. Nothing is run: it is arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Final

import typer

__all__ = ["Job", "main"]

_KB, _MB, _GB, _TB = 1e3, 1e6, 1e9, 1e12
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A corpus that is read whole, in parts.

    Parameters
    ----------
    n_bytes : float
        Text of the corpus.
    n_parts : int
        Runs that it is divided into, by files.
    rate : float
        Bytes of text that a core scores in a second.
    document : float
        Bytes of text of a document, on average.
    row : float
        Bytes that the table of scores holds of a document.
    tally : float
        Bytes of the counts of one part.
    fan_in : int
        Tallies that are added up in one step.
    """

    n_bytes: float
    n_parts: int
    rate: float
    document: float
    row: float
    tally: float
    fan_in: int

    @property
    def core_hours(self) -> float:
        """Of all parts together.

        Examples
        --------
        >>> Job(3.6e9, 10, 1e6, 1e3, 20.0, 1e4, 100).core_hours
        1.0
        """
        return self.n_bytes / self.rate / _HOUR

    @property
    def n_levels(self) -> int:
        """Steps until the tallies of all parts are one.

        Examples
        --------
        >>> [Job(1e9, n, 1e6, 1e3, 20.0, 1e4, 1000).n_levels for n in (1, 1000, 1001)]
        [0, 1, 2]
        """
        levels, left = 0, self.n_parts
        while left > 1:
            levels, left = levels + 1, math.ceil(left / self.fan_in)
        return levels

    @property
    def scores(self) -> float:
        """Bytes of all tables of scores.

        Examples
        --------
        >>> Job(1e9, 10, 1e6, 1e3, 20.0, 1e4, 100).scores
        20000000.0
        """
        return self.n_bytes / self.document * self.row


def _size(n_bytes: float) -> str:
    for unit, name in ((_TB, "TB"), (_GB, "GB"), (_MB, "MB"), (_KB, "kB")):
        if n_bytes >= unit:
            return f"{n_bytes / unit:,.3g} {name}"
    return f"{n_bytes:,.0f} bytes"


def main(
    size: Annotated[float, typer.Option(help="TB of text.")] = 1000.0,
    parts: Annotated[int, typer.Option(help="Runs that the files are divided among.")] = 1000,
    tokens: Annotated[float, typer.Option(help="MB that tiktoken takes a second.")] = 24.5,
    latin: Annotated[float, typer.Option(help="A match's time over that, of ASCII text.")] = 1.36,
    other: Annotated[float, typer.Option(help="The same where tiktoken cuts the text.")] = 2.23,
    document: Annotated[float, typer.Option(help="Bytes of a document.")] = 1460.0,
    row: Annotated[float, typer.Option(help="Bytes of a document's scores.")] = 17.0,
    tally: Annotated[float, typer.Option(help="Bytes of a part's counts.")] = 17_000.0,
    fan_in: Annotated[int, typer.Option(help="Counts that are added up in one step.")] = 100,
    price: Annotated[float, typer.Option(help="Of a core for an hour.")] = 0.04,
) -> None:
    """Print the table."""
    typer.echo("| | mostly ASCII | other text, without `[fast]` |")
    typer.echo("|---|---|---|")
    jobs = [
        Job(size * _TB, parts, tokens * _MB / ratio, document, row, tally, fan_in)
        for ratio in (latin, other)
    ]
    rows = {
        "MB of text a core scores in a second": [f"{one.rate / _MB:.1f}" for one in jobs],
        "core-hours in all": [f"{one.core_hours:,.0f}" for one in jobs],
        f"hours of each of {parts:,} parts, a core each": [
            f"{one.core_hours / parts:,.1f}" for one in jobs
        ],
        f"money, at {price:g} a core-hour": [f"{price * one.core_hours:,.0f}" for one in jobs],
        "text of a part": [_size(one.n_bytes / parts) for one in jobs],
        "table of scores of a part": [_size(one.scores / parts) for one in jobs],
        "tables of all parts": [_size(one.scores) for one in jobs],
        "counts of all parts": [_size(one.tally * parts) for one in jobs],
        "steps that add the counts up": [f"{one.n_levels}" for one in jobs],
    }
    for name, (first, second) in rows.items():
        typer.echo(f"| {name} | {first} | {second} |")


if __name__ == "__main__":
    typer.run(main)
