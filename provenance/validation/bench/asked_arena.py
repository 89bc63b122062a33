"""One API asked some of a corpus's prompts, beside models that answered other prompts.

``python -m provenance.validation.bench.asked_arena DATA`` prints two tables. *Arena-Hard*: GPT-4
was asked half of its prompts, and what it wrote to the other half is read, with its answers to the
prompts of `alpaca_eval`, with those to the first half, and with both. The other models answered the
prompts of `alpaca_eval` alone: nobody asked them. *Sets of alpaca_eval*: the same with each of its
five sets of prompts in the place of Arena-Hard, where other models' answers are at hand: corpora of
which the API wrote all, a half, or nothing, a sibling of it everything.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import orjson
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.report.report import Report
from provenance.words import percent, percent_range

__all__ = ["halves", "main"]

Row = dict[str, str]

_CANDIDATE: Final = "gpt4_0613"
_OTHERS: Final = 4
"""One of so many of the other models is in the panel."""
_SIBLINGS: Final = (
    (_CANDIDATE, "gpt4_1106_preview"),
    ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106"),
    ("claude-2", "claude-instant-1.2"),
)
"""Candidates of the sets, and who writes all of their corpora at 0 %."""


def halves(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Row]]:
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
    return [
        {
            "text": row["text"],
            "prompt": row.get("prompt") or row["id"],
            "set": row.get("dataset", ""),
        }
        for row in read
    ]


def _sample(rows: Sequence[Row], name: str) -> Fingerprint:
    return fit_fingerprint(open_corpus(iter(rows), prompt_field="prompt"), name)


def _read(corpus: Sequence[Row], sample: Fingerprint, panel: Sequence[Fingerprint]) -> Report:
    read = open_corpus(iter(corpus), prompt_field="prompt")
    return match(read, candidates=[sample], panel=panel, library=False)


def _arena_rows(data: Path, splits: int) -> Iterator[str]:
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
            report = _read(corpus, sample, panel)
            (row,) = report.candidates("documents")
            share = "" if row.share is None else percent(row.share)
            failed = [one.name for one in report.diagnostics if one.verdict == "fail"]
            yield (
                f"| {what} | {split + 1} | {len(corpus)} | {share} |"
                f" {percent_range(row.low, row.high)} | {row.verdict} | {', '.join(failed)} |"
            )


@dataclass(frozen=True, slots=True)
class _Read:
    """How one corpus of a set was read."""

    sample: str
    sibling: str
    truth: float
    share: float | None
    low: float
    high: float


def _of_sets(data: Path, candidate: str, sibling: str) -> Iterator[_Read]:
    """Each set of prompts as the corpus, with the sibling among the panel and without it."""
    paths = sorted((data / "alpaca_eval").glob("*.jsonl.gz"))
    names = [path.name.removesuffix(".jsonl.gz") for path in paths]
    rest = [name for name in names if name not in (candidate, sibling)][::_OTHERS]
    written = {
        name: _rows(data / "alpaca_eval" / f"{name}.jsonl.gz")
        for name in (candidate, sibling, *rest)
    }
    for place in sorted({row["set"] for row in written[candidate]}):
        elsewhere = {
            name: [row for row in rows if row["set"] != place] for name, rows in written.items()
        }
        asked, corpora = _corpora(written, place, candidate, sibling, rest)
        other = _sample(elsewhere[candidate], candidate)
        both = merge(other, _sample(asked, candidate))
        models = [_sample(elsewhere[name], name) for name in rest]
        known = [*models, _sample(elsewhere[sibling], sibling)]
        for what, sample, beside, panel in (
            ("other prompts", other, "not given", models),
            ("both", both, "not given", models),
            ("both", both, "given", known),
        ):
            for truth, corpus in corpora:
                (row,) = _read(corpus, sample, panel).candidates("documents")
                yield _Read(what, beside, truth, row.share, row.low, row.high)


def _corpora(
    written: Mapping[str, Sequence[Row]],
    place: str,
    candidate: str,
    sibling: str,
    rest: Sequence[str],
) -> tuple[list[Row], list[tuple[float, list[Row]]]]:
    """The candidate's answers to half of a set's prompts, and corpora on the other half."""
    asked, held = halves([row for row in written[candidate] if row["set"] == place], 0)
    by_prompt = {name: {row["prompt"]: row for row in rows} for name, rows in written.items()}
    prompts = [row["prompt"] for row in held]
    half = round(len(prompts) / 2)
    beside = [
        by_prompt[rest[at % len(rest)]].get(prompt, held[half + at])
        for at, prompt in enumerate(prompts[half:])
    ]
    by_sibling = [by_prompt[sibling][prompt] for prompt in prompts if prompt in by_prompt[sibling]]
    n_own = half + sum(row in held for row in beside)
    mixed = [*held[:half], *beside]
    return asked, [(1.0, held), (n_own / len(mixed), mixed), (0.0, by_sibling)]


def _set_row(read: Sequence[_Read], sample: str, sibling: str, what: str) -> str:
    lows = np.array([one.low for one in read])
    highs = np.array([one.high for one in read])
    truths = np.array([one.truth for one in read])
    told = [abs(one.share - one.truth) for one in read if one.share is not None]
    error = f"{100 * np.mean(told):.1f}" if told else ""
    figures = (
        str(len(read)),
        str(len(read) - len(told)),
        error,
        str(int(((lows <= truths) & (truths <= highs)).sum())),
        str(int((lows > truths).sum())),
        percent(float(lows.max())),
        f"{100 * np.median(highs - lows):.1f}",
    )
    return f"| {sample} | {sibling} | {what} | {' | '.join(figures)} |"


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    splits: Annotated[int, typer.Option(help="Divisions of Arena-Hard in halves.")] = 3,
    candidates: Annotated[int, typer.Option(help="Candidates of the sets.")] = len(_SIBLINGS),
) -> None:
    """Print the tables."""
    typer.echo(
        "| sample of gpt4_0613 | split | documents | share | interval | verdict | checks that fail"
        " |\n|---|---|---|---|---|---|---|"
    )
    for row in _arena_rows(data, splits):
        typer.echo(row)
    typer.echo(
        "\n| sample | sibling | corpus | corpora | withheld | mean error | covered"
        " | low end too high | largest low end | median width |\n" + "|---" * 10 + "|"
    )
    found = [one for pair in _SIBLINGS[:candidates] for one in _of_sets(data, *pair)]
    for sample, sibling in dict.fromkeys((one.sample, one.sibling) for one in found):
        kind = [one for one in found if (one.sample, one.sibling) == (sample, sibling)]
        for what, low, high in (("all", 0.9, 1.0), ("half", 0.1, 0.9), ("the sibling's", 0.0, 0.1)):
            read = [one for one in kind if low <= one.truth <= high]
            typer.echo(_set_row(read, sample, sibling, what))


if __name__ == "__main__":
    typer.run(main)
