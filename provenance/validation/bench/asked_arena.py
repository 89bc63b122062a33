"""One API asked some of a corpus's prompts, beside models that answered other prompts.

``python -m provenance.validation.bench.asked_arena DATA`` prints two tables. *Arena-Hard*: GPT-4
was asked half of its prompts, and what it wrote to the other half is read, with its answers to the
prompts of `alpaca_eval`, with those to the first half, and with both. The other models answered the
prompts of `alpaca_eval` alone: nobody asked them. *Sets of alpaca_eval*: the same with each of its
five sets of prompts in the place of Arena-Hard, where other models' answers are at hand, and each
model of a panel of twelve the candidate in turn: it wrote all of a corpus, a half, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.checks import choose_view
from provenance.matching.judging import judge
from provenance.matching.matching import match
from provenance.report.report import Report
from provenance.scoring.panel import N_FOLDS
from provenance.scoring.scored import ScoredSamples
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION
from provenance.validation.bench.asked_again import SIBLINGS
from provenance.validation.bench.data import sources_of
from provenance.validation.bench.files import rows_of, source_files
from provenance.validation.held_out import Held, Pool, hold_out, rng_of, split
from provenance.words import percent, percent_range

__all__ = ["halves", "main"]

Row = dict[str, str]

_CANDIDATE: Final = "gpt4_0613"
_OTHERS: Final = 4
"""One of so many of the other models is in the panel."""


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
    return [
        {
            "text": row["text"],
            "prompt": row.get("prompt") or row["id"],
            "set": row.get("dataset", ""),
        }
        for row in rows_of(path)
    ]


def _sample(rows: Sequence[Row], name: str, domain_field: str | None = None) -> Fingerprint:
    read = open_corpus(iter(rows), prompt_field="prompt", domain_field=domain_field)
    return fit_fingerprint(read, name)


def _read(corpus: Sequence[Row], sample: Fingerprint, panel: Sequence[Fingerprint]) -> Report:
    read = open_corpus(iter(corpus), prompt_field="prompt")
    return match(read, candidates=[sample], panel=panel, library=False)


def _arena_rows(data: Path, splits: int) -> Iterator[str]:
    named = source_files(data / "alpaca_eval")
    elsewhere = _sample(_rows(named.pop(_CANDIDATE)), _CANDIDATE)
    panel = [_sample(_rows(named[name]), name) for name in sorted(named)[::_OTHERS]]
    arena = _rows(data / "arena_hard" / "gpt-4-0613.jsonl.gz")
    for number in range(splits):
        first, corpus = halves(arena, number)
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
                f"| {what} | {number + 1} | {len(corpus)} | {share} |"
                f" {percent_range(row.low, row.high)} | {row.verdict} | {', '.join(failed)} |"
            )


@dataclass(frozen=True, slots=True)
class _Read:
    """How one corpus of a set was read; ``share`` is None where it was withheld."""

    sample: str
    kind: str
    truth: float
    share: float | None
    low: float
    high: float


def _of_sets(data: Path) -> Iterator[_Read]:
    """Corpora on each set of prompts, half of which each model of a panel was asked in turn."""
    files = source_files(data / "alpaca_eval")
    written = {name: _rows(path) for name, path in files.items()}
    every = sources_of([_sample(rows, name, "set") for name, rows in written.items()], [], "panel")
    outside = [name for name in every.names if name not in every.names[::_OTHERS]]
    pool = Pool.of(every.fingerprints)
    asked = split(pool, rng_of(0, "asked"))
    for place in np.unique(pool.sample.domain_hash).tolist():
        own = pool.sample.domain_hash == place
        held = hold_out(every.fingerprints, pool, ~pool.touched(own), own, 0, outside)
        for name in held.panel.names:
            yield from _of_candidate(held, name, asked[own])


def _of_candidate(held: Held, name: str, asked: NDArray[np.bool_]) -> Iterator[_Read]:
    number = held.panel.names.index(name)
    roles = tuple("candidate" if one == name else "panel" for one in held.panel.names)
    sources = Sources(held.fingerprints, roles)
    fresh = held.pool.rows_of(name, asked)
    for kind, rows, truth in _corpora(held, name, ~asked):
        tally = held.tally(rows)
        view, layout = choose_view(held.panel, tally, sources.beside_many)
        alone = held.panel.samples(view)
        for what, samples in (
            ("other prompts", alone),
            ("asked besides", _beside(alone, number, held, fresh, view)),
        ):
            judged = judge(
                tally,
                held.corpus(rows, view),
                samples,
                sources,
                layout,
                confidence_level=0.95,
                caution=CAUTION,
            )
            told = judged.told(number)
            yield _Read(what, kind, truth, told.share, told.low, told.high)


def _corpora(
    held: Held, name: str, unread: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.int64], float]]:
    """What is read, of the prompts that were not asked: its kind, its rows and the true share."""
    own = held.pool.rows_of(name, unread)
    given = [one for one in held.panel.names if one != name]
    others = np.concatenate([held.pool.rows_of(one, unread) for one in given])
    rng = rng_of(0, name, len(own))
    for share in (1.0, 0.5, 0.0):
        n_own = round(share * len(own))
        parts = [
            rng.permutation(rows)[:count]
            for rows, count in ((own, n_own), (others, len(own) - n_own))
        ]
        yield percent(share), np.sort(np.concatenate(parts)), n_own / len(own)
    number = held.panel.names.index(name)
    alike = held.panel.samples("n-grams").taken_for[:, number].copy()
    alike[number] = -1
    nearest = held.panel.names[int(alike.argmax())]
    yield "0 %, by the nearest model of the panel", held.pool.rows_of(nearest, unread), 0.0
    for pair in SIBLINGS:
        for one, other in (pair, pair[::-1]):
            if one == name and other in {*held.pool.names} - {*held.panel.names}:
                yield "0 %, by a sibling that is not given", held.pool.rows_of(other, unread), 0.0


def _beside(
    samples: ScoredSamples, number: int, held: Held, rows: NDArray[np.int64], view: str
) -> ScoredSamples:
    """The samples with a source's answers to prompts that nobody else was asked, as in a match.

    These teach nothing (`taught`), so that the panel is the same with them.
    """
    scored, fresh = samples.scored, held.corpus(rows, view).scored
    assert scored.source is not None
    n, unseen = len(scored), np.full_like(fresh.log_posterior, np.nan)
    return replace(
        samples,
        scored=replace(
            scored,
            log_posterior=np.concatenate([scored.log_posterior, fresh.log_posterior]),
            document=np.concatenate([scored.document, n + fresh.document]),
            passage_tokens=np.concatenate([scored.passage_tokens, fresh.passage_tokens]),
            weight=np.concatenate([scored.weight, fresh.weight]),
            cluster=np.concatenate([scored.cluster, scored.cluster.max() + 1 + fresh.cluster]),
            cluster_hash=np.concatenate([scored.cluster_hash, fresh.cluster_hash]),
            source=np.concatenate([scored.source, np.full(len(fresh), number)]),
        ),
        unknown=np.concatenate([samples.unknown, unseen]),
        other_domains=np.concatenate([samples.other_domains, unseen]),
        fold=np.concatenate([samples.fold, np.arange(len(fresh)) % N_FOLDS]),
        domain=np.concatenate([samples.domain, np.full(len(fresh), -1)]),
    )


def _set_row(read: Sequence[_Read], sample: str, kind: str) -> str:
    lows, highs, truths = (
        np.array([getattr(one, name) for one in read]) for name in ("low", "high", "truth")
    )
    errors = [abs(one.share - one.truth) for one in read if one.share is not None]
    too_high = lows > truths
    figures = (
        str(len(read)),
        str(len(read) - len(errors)),
        f"{100 * np.mean(errors):.1f}" if errors else "",
        str(int(((lows <= truths) & (truths <= highs)).sum())),
        str(int(too_high.sum())),
        percent(float(lows[too_high].max())) if too_high.any() else "",
        f"{100 * np.median(highs - lows):.1f}",
    )
    return f"| {kind} | {sample} | {' | '.join(figures)} |"


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    splits: Annotated[int, typer.Option(help="Divisions of Arena-Hard in halves.")] = 3,
) -> None:
    """Print the tables."""
    typer.echo(
        "| sample of gpt4_0613 | split | documents | share | interval | verdict | checks that fail"
        " |\n|---|---|---|---|---|---|---|"
    )
    for row in _arena_rows(data, splits):
        typer.echo(row)
    typer.echo(
        "\n| the candidate's share | sample | corpora | withheld | mean error | covered"
        " | low end too high | by at most | median width |\n" + "|---" * 9 + "|"
    )
    found = [*_of_sets(data)]
    for kind in dict.fromkeys(one.kind for one in found):
        for sample in dict.fromkeys(one.sample for one in found):
            read = [one for one in found if (one.sample, one.kind) == (sample, kind)]
            typer.echo(_set_row(read, sample, kind))


if __name__ == "__main__":
    typer.run(main)
