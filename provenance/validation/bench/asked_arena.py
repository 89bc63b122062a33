"""GPT-4 asked half of Arena-Hard's prompts, beside models that answered other prompts.

``python -m provenance.validation.bench.asked_arena DATA`` reads the other half of its answers, a
corpus that it wrote alone, with its answers to the prompts of `alpaca_eval`, with those to the
first half, and with both. The other models answered the prompts of `alpaca_eval` alone: nobody
asked them.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import orjson
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.words import percent, percent_range

__all__ = ["halves", "main"]

Row = dict[str, str]

_CANDIDATE: Final = "gpt4_0613"
_OTHERS: Final = 4
"""One of so many of the other models is in the panel."""


def halves(rows: list[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Rows in two halves, drawn.

    Examples
    --------
    >>> one, other = halves([{"id": str(n)} for n in range(5)], 0)
    >>> len(one), len(other)
    (2, 3)
    """
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    middle = len(rows) // 2
    return [rows[at] for at in sorted(order[:middle])], [rows[at] for at in sorted(order[middle:])]


def _rows(path: Path) -> list[Row]:
    """Rows with what stands for their prompts: Arena-Hard's have ids alone."""
    with gzip.open(path) as lines:
        read = [orjson.loads(line) for line in lines]
    return [{"text": row["text"], "prompt": row.get("prompt") or row["id"]} for row in read]


def _sample(rows: list[Row], name: str) -> Fingerprint:
    return fit_fingerprint(open_corpus(iter(rows), prompt_field="prompt"), name)


def _readings(data: Path, splits: int) -> Iterator[str]:
    paths = sorted((data / "alpaca_eval").glob("*.jsonl.gz"))
    named = {path.name.removesuffix(".jsonl.gz"): path for path in paths}
    elsewhere = _sample(_rows(named.pop(_CANDIDATE)), _CANDIDATE)
    panel = [_sample(_rows(named[name]), name) for name in sorted(named)[::_OTHERS]]
    arena = _rows(data / "arena_hard" / "gpt-4-0613.jsonl.gz")
    for split in range(splits):
        first, corpus = halves(arena, split)
        asked = _sample(first, _CANDIDATE)
        samples = {
            "other prompts": elsewhere,
            "asked": asked,
            "both": merge(elsewhere, asked),
        }
        for what, sample in samples.items():
            report = match(
                open_corpus(iter(corpus), prompt_field="prompt"), candidates=[sample], panel=panel
            )
            (row,) = report.candidates("documents")
            share = "" if row.share is None else percent(row.share)
            failed = [one.name for one in report.diagnostics if one.verdict == "fail"]
            yield (
                f"| {what} | {split + 1} | {len(corpus)} | {share} |"
                f" {percent_range(row.low, row.high)} | {row.verdict} | {', '.join(failed)} |"
            )


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    splits: Annotated[int, typer.Option(help="Divisions in halves.")] = 3,
) -> None:
    """Print the table."""
    typer.echo(
        "| sample of gpt4_0613 | split | documents | share | interval | verdict | checks that fail"
        " |\n|---|---|---|---|---|---|---|"
    )
    for row in _readings(data, splits):
        typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
