"""How wide ranges are among models that were asked so many of a corpus's prompts.

``python -m provenance.validation.bench.asked_widths DATA``: every fourth model of `alpaca_eval` is
the candidate in turn, all were asked the same prompts, and corpora of 300 answers to the others are
read at several shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.validation.bench.data import sources_of
from provenance.validation.bench.files import Collection
from provenance.validation.held_out import Pool, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session
from provenance.validation.readings import Reading

__all__ = ["main", "some_of"]

_MODELS: Final = 4
"""One of so many models is taken."""
_ASKED: Final = (50, 100, 200, 400)
_SHARES: Final = (0.0, 0.1, 0.5)
_SIZE: Final = 300


def some_of(pool: Pool, learnt: NDArray[np.bool_], n_prompts: int) -> NDArray[np.bool_]:
    """Which rows answer so many prompts, drawn from those that are learnt from.

    Parameters
    ----------
    pool : Pool
    learnt : ndarray of bool, shape (n_documents,)
    n_prompts : int
    """
    prompts = np.unique(pool.sample.prompt_hash[learnt])
    drawn = rng_of(0, "prompts").permutation(prompts)[:n_prompts]
    found: NDArray[np.bool_] = learnt & np.isin(pool.sample.prompt_hash, drawn)
    return found


def _row(n_prompts: int, share: float, read: Sequence[Reading]) -> str:
    lows, highs, truths = (
        np.array([getattr(one, name) for one in read]) for name in ("low", "high", "truth")
    )
    figures = (
        str(len(read)),
        f"{100 * np.median(highs - lows):.1f}",
        f"{100 * np.mean(highs - lows):.1f}",
        str(int(((lows <= truths) & (truths <= highs)).sum())),
        str(int((lows > truths).sum())),
        str(sum(one.withheld for one in read)),
    )
    return f"| {n_prompts} | {100 * share:.0f} % | {' | '.join(figures)} |"


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
) -> None:
    """Print one row for each number of prompts and each share, in percentage points."""
    files = Collection("alpaca_eval", step=_MODELS).files(data)
    made = [
        fit_fingerprint(open_corpus(path, prompt_field="prompt"), name)
        for name, path in files.items()
    ]
    sources = sources_of(made, [], "panel")
    pool = Pool.of(sources.fingerprints)
    learnt = split(pool, rng_of(0, "asked"))
    plan = Plan().changed({"shares": _SHARES, "sizes": (_SIZE,)})
    typer.echo(
        "| prompts asked | share | corpora | median width | mean width | covered"
        " | low end too high | withheld |\n" + "|---" * 8 + "|"
    )
    for n_prompts in _ASKED:
        fit = Fit("closed", 0, some_of(pool, learnt, n_prompts), ~learnt)
        session = Session.of(sources, pool, fit, plan)
        found = [one for name in sources.names for one in session.readings(name)]
        for share in _SHARES:
            read = [one for one in found if one.scenario == "closed" and one.level == share]
            typer.echo(_row(n_prompts, share, read))


if __name__ == "__main__":
    typer.run(main)
