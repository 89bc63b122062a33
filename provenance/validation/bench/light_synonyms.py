"""What a share costs where few words were swapped for synonyms, and nothing is seen of it.

``python -m provenance.validation.bench.light_synonyms DATA`` swaps 5 to 30 in 100 words of the
candidate's rows, which are 30 % of a corpus, for nine candidates of four collections.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.validation.bench.laundered_shares import Mix, lightly, models, people
from provenance.validation.markdown import table_lines

__all__ = ["main", "table"]

_STRENGTHS: Final = (0.0, 0.05, 0.1, 0.2, 0.3)
_AMONG_PEOPLE: Final = ("Claude-instant", "ChatGPT")
_AMONG_MODELS: Final = (
    *(("alpaca_eval", one) for one in ("gpt4_0613", "claude-2", "vicuna-13b-v1.5")),
    *(("more/slop_score", one) for one in ("claude-sonnet-4-5", "o3")),
    *(("more/debate_2026", one) for one in ("glm-5", "gpt-5.4-none")),
)


def table(data: Path) -> Iterator[tuple[str, ...]]:
    """A row for each candidate, in percent; – is a share that was withheld."""
    yield "data", "candidate", "swapped", "share", "low", "high", "held", "seen"
    mixes = [("detectrl", one, partial(people, candidate=one)) for one in _AMONG_PEOPLE]
    mixes += [
        (folder.removeprefix("more/"), one, partial(models, folder=folder, candidate=one))
        for folder, one in _AMONG_MODELS
    ]
    for name, candidate, read in mixes:
        yield _line(name, candidate, read(data))


def _line(name: str, candidate: str, mix: Mix) -> tuple[str, ...]:
    rows = [*lightly(mix, "synonyms", _STRENGTHS)]
    told = [row for row in rows if not math.isnan(row.share)]
    held = sum(row.low <= row.truth <= row.high for row in told)

    def shown(of: str) -> str:
        values = [getattr(row, of) for row in rows]
        return ", ".join("–" if math.isnan(value) else f"{100 * value:.1f}" for value in values)

    seen = dict.fromkeys(what for row in rows for what in row.fired)
    return (
        name,
        candidate,
        ", ".join(f"{100 * one:g}" for one in _STRENGTHS),
        *(shown(of) for of in ("share", "low", "high")),
        f"{held} of {len(told)}",
        ", ".join(
            f"{what} at {', '.join(row.strength for row in rows if what in row.fired)}"
            for what in seen
        ),
    )


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data, which is not the project's.")],
) -> None:
    """Print the table."""
    for line in table_lines(table(data)):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
