"""What a candidate is accused of where other models are unknown, or none are: known shares.

``python -m provenance.validation.bench.hidden_models DATA`` draws, for each collection of texts,
some models that the panel is not given. Every model of the panel is the candidate of corpora in
which it has no share or 30 %, and the hidden models all the rest, a third of all, or nothing.
Models learn from one half of the prompts; corpora are drawn from the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import Corpus, open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.validation.bench.data import sources_of
from provenance.validation.bench.files import Collection
from provenance.validation.held_out import Drawn, Pool, draw, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session
from provenance.validation.readings import Reading, mean_winkler, table

__all__ = [
    "COLLECTIONS",
    "HIDDEN",
    "PartlyHidden",
    "collected",
    "drawn_beside",
    "main",
    "readings",
]

HIDDEN: Final = ((0.0, 0.0), (0.3, 0.0), (0.0, 1.0), (0.3, 0.7), (0.0, 0.33), (0.3, 0.33))
"""The candidate's share, and that of the hidden models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartlyHidden(Collection):
    """A collection of models, and how many of them are hidden.

    Parameters
    ----------
    hidden : int
    prompts : bool
        Whether prompts are told. Those of debates are none but their own: texts on one proposition
        may then stand in both halves.
    chosen_on : bool
        Whether what a stranger takes at least was chosen on it.
    """

    hidden: int
    prompts: bool = True
    chosen_on: bool = False


COLLECTIONS: Final = (
    PartlyHidden("more/debate_2026", 0, 2, hidden=5, prompts=False, chosen_on=True),
    PartlyHidden("more/slop_score", 0, 2, hidden=3, chosen_on=True),
    PartlyHidden("more/debate_2026", 1, 2, hidden=5, prompts=False),
    PartlyHidden("more/slop_score", 1, 2, hidden=3),
    PartlyHidden("alpaca_eval", 1, 4, hidden=4),
)


def readings(
    fingerprints: Sequence[Fingerprint], hidden: int, seed: int, size: int = 300
) -> Iterator[Reading]:
    """What corpora of known share are read as, each model of the panel the candidate in turn.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        Of models that answer the same prompts.
    hidden : int
        How many of them the panel is not given.
    seed : int
        Draws these, the halves of the prompts and the corpora.
    size : int
        Documents of a corpus.
    """
    sources = sources_of(fingerprints, [], "panel")
    pool = Pool.of(sources.fingerprints)
    rng = rng_of(seed, "hidden models")
    half = split(pool, rng)
    away = [sources.names[number] for number in rng.permutation(len(sources.names))[:hidden]]
    fit = Fit("hidden models", seed, half, ~half)
    session = Session.of(sources, pool, fit, Plan(sizes=(size,), seed=seed), left_out=away)
    for candidate in session.held.panel.names:
        yield from session.readings(candidate, drawn_beside(session, candidate, away, HIDDEN))


def drawn_beside(
    session: Session,
    candidate: str,
    away: Sequence[str],
    mixtures: Sequence[tuple[float, float]],
) -> list[Drawn]:
    """Corpora of a candidate, of the rest of the panel and of models that it was not given.

    Parameters
    ----------
    session : Session
    candidate : str
    away : sequence of str
        The models that the panel lacks.
    mixtures : sequence of (float, float)
        The candidate's share, and theirs.
    """
    held, panel = session.held.pool, session.held.panel.names
    (size,), seed = session.plan.sizes, session.plan.seed
    own, strange = held.rows_of(candidate), np.concatenate([held.rows_of(name) for name in away])
    others = [held.rows_of(name) for name in panel if name != candidate]
    found = []
    for level, unknown in mixtures:
        rest = others if level + unknown < 1 else []
        rng = rng_of(seed, candidate, level, unknown)
        corpus = draw(rng, own, rest, size, level, strange, unknown)
        if corpus is not None:
            found.append(Drawn(session.fit.scenario, "", size, level, unknown, corpus))
    return found


def collected(data: Path, collection: PartlyHidden) -> list[Fingerprint]:
    """Fingerprints of a collection's models."""
    return [
        fit_fingerprint(_corpus(path, collection.prompts), name)
        for name, path in collection.files(data).items()
    ]


def _corpus(path: Path, prompts: bool) -> Corpus:
    found = open_corpus(path)
    return found if prompts else open_corpus({"text": item.text} for item in found)


def _row(read: Sequence[Reading]) -> str:
    """One mixture's row; low ends, widths and scores are of all corpora, withheld or not."""
    [found] = table(read)
    low, high = (np.array([getattr(one, name) for one in read]) for name in ("low", "high"))
    score = mean_winkler(read, Plan().confidence_level)
    cells = (
        "" if found.error is None else f"{100 * found.error:.1f}",
        f"{found.covered_all}/{found.corpora}",
        f"{found.low_above_zero}",
        f"{found.low_above_truth}",
        f"{100 * low.mean():.1f}",
        f"{100 * np.median(high - low):.1f}",
        "" if score is None else f"{100 * score:.1f}",
        f"{found.withheld}",
    )
    return " | ".join(cells)


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Draws of hidden models.")] = 3,
) -> None:
    """Print one row a collection and mixture, in percentage points."""
    typer.echo(
        "| data | hidden models' part | share | mean error | covered | low > 0 | low > truth"
        " | mean low | median width | Winkler score | withheld |"
    )
    typer.echo("|---" * 11 + "|")
    for collection in COLLECTIONS:
        made = collected(data, collection)
        found = [one for seed in range(seeds) for one in readings(made, collection.hidden, seed)]
        mark = " (chosen on)" if collection.chosen_on else ""
        for level, unknown in HIDDEN:
            read = [one for one in found if (one.level, one.unknown) == (level, unknown)]
            if read:
                name = f"`{Path(collection.folder).name}`{mark}"
                typer.echo(
                    f"| {name} | {100 * unknown:.0f} % | {100 * level:.0f} % | {_row(read)} |"
                )


if __name__ == "__main__":
    typer.run(main)
