"""Rows listed as one model's among other models', by ranks and by the tails of all sources.

``python -m provenance.validation.bench.rows_of_models DATA`` learns from half of the prompts of
each set and draws corpora of the answers to the other half, every model the candidate in turn:
among the other models given, and with a fifth of the corpus by one of them that is taken away.
Whether the candidate's low end is above 0, without which `match` goes by ranks alone, is not looked
at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus.opening import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.false_rows import RowList, counted
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import ScoredSamples
from provenance.statistics.conventions import FDR
from provenance.statistics.multiple_testing import benjamini_hochberg
from provenance.validation.held_out import Pool, hold_out, rng_of, split

__all__ = ["Listed", "corpora_of", "main", "table"]

SETS: Final = {
    "alpaca_eval": 4,
    "more/slop_score": 2,
    "more/debate_2026": 3,
    "more/zeroeval_mathl5": 3,
    "more/logickor_ko": 3,
}
"""Each with the step from a model that is taken to the next: a fit of all takes long."""
_SHARES: Final = (0.03, 0.05, 0.1, 0.3)
_HIDDEN: Final = 0.2
_MOST: Final = 1000
_VIEW: Final = "all families"


@dataclass(frozen=True)
class Listed:
    """What one corpus's list holds.

    Parameters
    ----------
    share : float
        The candidate's.
    beyond : bool
        Whether by the tails of all sources, or by ranks alone.
    hidden : bool
        Whether a fifth of the corpus is by a model that nobody gave.
    own : float
        Part of the candidate's rows that is listed.
    false : float
        Part of the list that is not the candidate's; 0 where nothing is listed.
    held : bool
        Whether no cut of the list has more false rows than `false_at_most` says.
    """

    share: float
    beyond: bool
    hidden: bool
    own: float
    false: float
    held: bool


@dataclass(frozen=True)
class Rows:
    """Null distributions of a candidate, and fresh rows: its own, others', one hidden model's."""

    nulls: Conformal
    own: NDArray[np.float32]
    others: NDArray[np.float32]
    hidden: NDArray[np.float32]

    def listed(self, share: float, rng: np.random.Generator) -> Iterator[Listed]:
        """One corpus of a share, read both ways."""
        is_hidden = bool(len(self.hidden))
        part = _HIDDEN if is_hidden else 0.0
        sizes = [_MOST, len(self.own) / share, len(self.others) / (1 - share - part)]
        n = int(min([*sizes, len(self.hidden) / part] if is_hidden else sizes))
        n_own, n_hidden = int(share * n), int(part * n)
        parts = (self.own, n_own), (self.hidden, n_hidden), (self.others, n - n_own - n_hidden)
        rows = np.concatenate([rng.permutation(found)[:size] for found, size in parts])
        for beyond in (False, True):
            p_values = (self.nulls.beyond_ranks() if beyond else self.nulls).p(rows)
            found, counts = counted([(p_values, np.ones(n))])
            q_values = benjamini_hochberg(found, counts.astype(np.float64))
            is_listed = q_values[np.searchsorted(found, p_values)] <= FDR
            n_false = int(is_listed[n_own:].sum())
            false = (p_values[n_own:, None] <= found).sum(axis=0)
            yield Listed(
                share,
                beyond,
                is_hidden,
                own=float(is_listed[:n_own].mean()),
                false=n_false / max(1, int(is_listed.sum())),
                held=bool((false <= RowList.of(found, counts, 0.95).false).all()),
            )


def corpora_of(folder: Path, step: int) -> Iterator[Listed]:
    """Every corpus of one set of models."""
    paths = sorted(folder.glob("*.jsonl.gz"))[::step]
    prints = [fit_fingerprint(open_corpus(path), path.name.split(".jsonl")[0]) for path in paths]
    pool = Pool.of(prints)
    learnt = split(pool, rng_of(0, folder.name))
    held = hold_out(prints, pool, learnt, ~learnt, 0)
    samples = held.panel.samples(_VIEW)
    corpus = held.corpus(np.arange(len(held.pool)), _VIEW).scored
    for candidate, name in enumerate(held.panel.names):
        rng = rng_of(folder.name, name)
        statistic = corpus.row_statistic(candidate)
        fresh = [
            statistic[(held.pool.source == one) & ~np.isnan(statistic)]
            for one in range(len(prints))
        ]
        every = [_rows(samples, fresh, candidate, hidden) for hidden in range(len(prints))]
        for share in _SHARES:
            for rows in every:
                yield from rows.listed(share, rng)


def _rows(
    samples: ScoredSamples, fresh: Sequence[NDArray[np.float32]], candidate: int, hidden: int
) -> Rows:
    """Rows of one candidate; nobody is hidden where that is the candidate itself."""
    nulls = Conformal.unread(samples, candidate)
    strange = np.empty(0, np.float32)
    if hidden != candidate:
        kept = [at for at, _ in enumerate(nulls.nulls) if at != hidden - (hidden > candidate)]
        nulls = replace(nulls, nulls=tuple(nulls.nulls[at] for at in kept))
        # Its sample, by models that saw nothing of it.
        unseen = replace(samples.scored, log_posterior=samples.unknown).row_statistic(candidate)
        strange = unseen[(samples.source == hidden) & ~np.isnan(unseen)]
    others = [rows for one, rows in enumerate(fresh) if one not in (candidate, hidden)]
    return Rows(nulls, fresh[candidate], np.concatenate(others), strange)


def table(every: dict[str, list[Listed]]) -> Iterator[str]:
    """A row for each set, whether a model is hidden, and share."""
    yield (
        "| data | hidden | share | corpora | its rows listed by ranks | listed | of the list false,"
        " mean | over 5 % | worst | false_at_most held |"
    )
    yield "|---" * 10 + "|"
    for name, corpora in every.items():
        for hidden in (False, True):
            for share in _SHARES:
                found = [one for one in corpora if (one.share, one.hidden) == (share, hidden)]
                ranks = [one.own for one in found if not one.beyond]
                told = [one for one in found if one.beyond]
                false = np.array([one.false for one in told])
                yield (
                    f"| `{name.split('/')[-1]}` | {'20 %' if hidden else ''} | {100 * share:g} % |"
                    f" {len(told)} | {100 * float(np.mean(ranks)):.0f} % |"
                    f" {100 * float(np.mean([one.own for one in told])):.0f} % |"
                    f" {100 * false.mean():.1f} % | {int((false > FDR).sum())} |"
                    f" {100 * false.max():.0f} % |"
                    f" {sum(one.held for one in told)} of {len(told)} |"
                )


def main(folder: Path) -> None:
    """Print the table."""
    every = {name: [*corpora_of(folder / name, step)] for name, step in SETS.items()}
    typer.echo("\n".join(table(every)))


if __name__ == "__main__":
    typer.run(main)
