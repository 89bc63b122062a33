"""What a sample on the corpus's own prompts is worth, on questions that people answered too.

``python -m provenance.validation.bench.asked_samples DATA`` mixes corpora of known shares of a
model's answers and people's, draws prompts of them as ``provenance ask`` does, and reads each with
the model's answers to these, with as many to other questions of the same place, and with as many to
another place's. A question that the model answered in the corpus has no second answer by it: it
counts as missing, so that no text stands on both sides.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.asking.answers import joined_to
from provenance.fingerprint.asking.drawing import draw_prompts
from provenance.fingerprint.asking.requests import Asked
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match

__all__ = ["PLACES", "SAMPLES", "AskedReading", "Questions", "main", "readings"]

Row = dict[str, str]

PLACES: Final = {
    "reddit_qa": ("gpt-3.5-turbo_GriD", "human_reddit"),
    "stackoverflow": ("chatgpt-2023", "human_stackoverflow"),
}
"""Folders of questions that a model and people answered, and the two files of each."""
SAMPLES: Final = ("asked", "asked, prompts not told", "same place", "another place")
"""What the model's sample is; where the corpus does not tell its prompts, its rows are scored by
models that may have seen another answer to them."""
_LEVELS: Final = (0.0, 0.1, 0.3)
_REFERENCE, _CORPUS, _ASKED = 300, 450, 250
"""Questions: a round figure each, together less than the smaller place has."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Answers of a model and of people to the same questions, by question."""

    model: Mapping[str, str]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AskedReading:
    """How one corpus was read: what the sample was, and the share beside the truth.

    ``share`` is None where it was withheld.
    """

    sample: str
    level: float
    truth: float
    n_answers: int
    share: float | None
    low: float
    high: float


def readings(
    own: Questions,
    other: Questions,
    seed: int,
    *,
    levels: Sequence[float] = _LEVELS,
    samples: Sequence[str] = SAMPLES,
    n_asked: int = _ASKED,
) -> Iterator[AskedReading]:
    """Read corpora of known shares with each kind of sample.

    Parameters
    ----------
    own, other : Questions
        Of the corpus's own place, and of another one.
    seed : int
        Of the split of the questions and of the draw.
    levels : sequence of float
        Shares of the model.
    samples : sequence of str
        Of `SAMPLES`.
    n_asked : int
        Prompts that are asked.
    """
    asked = sorted({*own.model} & {*own.people})
    random.Random(seed).shuffle(asked)
    reference, corpus, rest = (
        asked[:_REFERENCE],
        asked[_REFERENCE : _REFERENCE + _CORPUS],
        asked[_REFERENCE + _CORPUS :],
    )
    people = fit_fingerprint(open_corpus(iter(_rows(own.people, reference))), "people")
    with TemporaryDirectory() as cache:
        for level in levels:
            n = round(level * len(corpus))
            rows = _rows(own.model, corpus[:n]) + _rows(own.people, corpus[n:])
            answers = _asked(rows, {*corpus[:n]}, own.model, n_asked, seed)
            size = answers.n_documents
            made = {
                "asked": answers,
                "asked, prompts not told": answers,
                "same place": _sample(own.model, rest, size),
                "another place": _sample(other.model, sorted(other.model), size),
            }
            for sample in samples:
                told = [{"text": row["text"]} for row in rows] if "not told" in sample else rows
                report = match(
                    open_corpus(told),
                    candidates=[made[sample]],
                    references=[people],
                    only=True,
                    cache_dir=cache,
                )
                share = next(row for row in report.shares if row.source == "api")
                yield AskedReading(
                    sample, level, n / len(rows), size, share.share, share.low, share.high
                )


def _rows(answers: Mapping[str, str], asked: Sequence[str]) -> list[Row]:
    return [{"prompt": prompt, "text": answers[prompt]} for prompt in asked]


def _sample(answers: Mapping[str, str], asked: Sequence[str], size: int) -> Fingerprint:
    return fit_fingerprint(open_corpus(iter(_rows(answers, asked[:size]))), "api")


def _asked(
    rows: list[Row], taken: set[str], answers: Mapping[str, str], n_asked: int, seed: int
) -> Fingerprint:
    """The model's answers to prompts drawn of a corpus, but to those that it answers there."""
    drawn = draw_prompts(open_corpus(rows, with_said=True), n_asked, seed=seed)
    prompts = {one.id: one.prompt for one in drawn.prompts}
    found = [
        {"id": name, "answer": answers[prompt]}
        for name, prompt in prompts.items()
        if prompt not in taken
    ]
    return fit_fingerprint(joined_to(Asked("drawn", prompts), open_corpus(iter(found))), "api")


def _loaded(data: Path, place: str) -> Questions:
    """The first answer of each side to each question."""
    sides = []
    for name in PLACES[place]:
        found: dict[str, str] = {}
        for document in open_corpus(data / "more" / place / f"{name}.jsonl.gz"):
            if document.prompt:
                found.setdefault(document.prompt, document.text)
        sides.append(found)
    return Questions(*sides)


def _cells(read: Sequence[AskedReading]) -> str:
    low, truth, high = (
        np.array([getattr(one, name) for one in read]) for name in ("low", "truth", "high")
    )
    errors = [abs(one.share - one.truth) for one in read if one.share is not None]
    cells = (
        f"{min(one.n_answers for one in read)}",
        f"{100 * np.mean(errors):.1f}" if errors else "",
        f"{int(((low <= truth) & (truth <= high)).sum())}/{len(read)}",
        f"{int((low > 0).sum())}",
        f"{100 * np.median(high - low):.1f}",
        f"{sum(one.share is None for one in read)}",
    )
    return " | ".join(cells)


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Splits of the questions.")] = 5,
    asked: Annotated[
        int | None, typer.Option(min=1, help="Prompts asked, and no other sample.")
    ] = None,
) -> None:
    """Print one row a place, share and sample, in percentage points."""
    samples, n_asked = (SAMPLES, _ASKED) if asked is None else (SAMPLES[:1], asked)
    places = {place: _loaded(data, place) for place in PLACES}
    typer.echo(
        "| data | share | sample | answers | mean error | covered | low > 0 | median width"
        " | withheld |"
    )
    typer.echo("|---" * 9 + "|")
    for place, own in places.items():
        (other,) = (found for name, found in places.items() if name != place)
        found = [
            one
            for seed in range(seeds)
            for one in readings(own, other, seed, samples=samples, n_asked=n_asked)
        ]
        for level in _LEVELS:
            for sample in samples:
                read = [one for one in found if (one.level, one.sample) == (level, sample)]
                typer.echo(f"| `{place}` | {100 * level:.0f} % | {sample} | {_cells(read)} |")


if __name__ == "__main__":
    typer.run(main)
