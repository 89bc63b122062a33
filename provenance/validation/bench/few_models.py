"""What a model that nobody gave is taken for beside few others, were no low end given up for that.

``python -m provenance.validation.bench.few_models DATA`` draws, from each collection of texts,
panels of a few models and one more that they are not given. Every model of a panel is the
candidate in turn. Whoever matches declares, wrongly, that no other model may stand behind the
corpus (``--only``): what is read then is what the tool would say if it asked for no more models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.validation.bench.data import sources_of
from provenance.validation.bench.hidden_models import PartlyHidden, collected, drawn_beside
from provenance.validation.held_out import Pool, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session
from provenance.validation.readings import Reading

__all__ = ["COLLECTIONS", "MIXTURES", "OTHERS", "main", "readings"]

OTHERS: Final = (2, 3, 4, 5, 6, 8)
"""Models beside the candidate."""
MIXTURES: Final = ((0.0, 1.0), (0.0, 0.33), (0.3, 0.0))
"""The candidate's share, and that of the model that nobody gave."""
COLLECTIONS: Final = (
    PartlyHidden("more/slop_score", hidden=1, chosen_on=True),
    PartlyHidden("more/debate_2026", hidden=1, prompts=False, chosen_on=True),
)


def readings(
    fingerprints: Sequence[Fingerprint], others: int, seed: int, size: int = 300
) -> Iterator[Reading]:
    """What is read beside so many other models, each of the panel the candidate in turn.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        Of models that answer the same prompts; some are drawn.
    others : int
    seed : int
        Draws the models, the halves of the prompts and the corpora.
    size : int
        Documents of a corpus.
    """
    rng = rng_of(seed, "few models", others)
    order = rng.permutation(len(fingerprints))[: others + 2].tolist()
    drawn = [fingerprints[number] for number in order]
    away, given = [drawn[0].name], sources_of(drawn[1:], [], "panel")
    pool = Pool.of((sources := sources_of(drawn, [], "panel")).fingerprints)
    half = split(pool, rng)
    fit, plan = Fit("few models", seed, half, ~half), Plan(sizes=(size,), seed=seed)
    session = replace(Session.of(sources, pool, fit, plan, left_out=away), sources=given)
    for candidate in given.names:
        yield from session.readings(candidate, drawn_beside(session, candidate, away, MIXTURES))


def _row(found: Sequence[Reading]) -> str:
    """Innocents, some of which are accused, then what the candidate's own share is told as."""
    cells = []
    for unknown in (1.0, 0.33):
        told = [one for one in found if one.unknown == unknown and not one.withheld]
        highest = max((one.low for one in told), default=0.0)
        n_accused = sum(one.low > 0 for one in told)
        cells += [f"{n_accused}/{len(told)}", f"{100 * highest:.0f}"]
    own = [one.low for one in found if one.level > 0]
    return " | ".join([*cells, f"{100 * np.mean(own):.1f}" if own else ""])


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Panels of each size.")] = 14,
) -> None:
    """Print one row a collection and number of models, in percentage points."""
    typer.echo(
        "| data | other models | low > 0, all hidden | highest | low > 0, a third hidden | highest"
        " | mean low of 30 % |"
    )
    typer.echo("|---" * 7 + "|")
    for collection in COLLECTIONS:
        made = collected(data, collection)
        mark = " (chosen on)" if collection.chosen_on else ""
        name = f"`{Path(collection.folder).name}`{mark}"
        for others in (number for number in OTHERS if number + 2 <= len(made)):
            found = [one for seed in range(seeds) for one in readings(made, others, seed)]
            typer.echo(f"| {name} | {others} | {_row(found)} |")


if __name__ == "__main__":
    typer.run(main)
