"""What the library's models are worth as a panel, and whom they accuse: known shares.

``python -m provenance.validation.bench.library_panels DATA`` gives a candidate people's text as its
only reference, and the library's models of the same prompts as the panel, without an entry of the
candidate's own. Corpora are of people's text, of the reference's kind or of another, with 30 % of
the candidate, or with 20 % of a model of the library or of one that nobody gave. Samples answer one
half of the prompts, corpora the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.library.stocking import SETS
from provenance.share.sources import Sources
from provenance.validation.bench.files import ENDING, Collection
from provenance.validation.held_out import Drawn, DrawnCorpus, Pool, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session
from provenance.validation.readings import Reading

__all__ = ["COLLECTIONS", "MIXTURES", "BesidePeople", "main", "readings"]

_SIZE: Final = 300
_MOST_OF_PEOPLE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidePeople(Collection):
    """A set of the library, its models and those that do not ship, and the people's text beside it.

    Parameters
    ----------
    people, elsewhere : str
        Files of people's text: the reference's kind, and another.
    most : int
        Prompts that are learnt from.
    """

    people: str
    elsewhere: str
    most: int


COLLECTIONS: Final = (
    BesidePeople(
        "more/slop_score",
        people="detectrl/human_writing",
        elsewhere="more/human_web/human_abc_news",
        most=75,
    ),
    BesidePeople(
        "alpaca_eval",
        people="more/reddit_qa/human_reddit",
        elsewhere="more/stackoverflow/human_stackoverflow",
        most=240,
    ),
)
"""The second's panel is what ships; the first's texts were cut at a length, which is why its set is
no panel unasked, but the candidate's are here as well."""
MIXTURES: Final = (
    ("people", 0.3, "", 0.0),
    ("people", 0.3, "library", 0.2),
    ("people", 0.3, "hidden", 0.2),
    ("people", 0.0, "library", 0.2),
    ("people", 0.0, "hidden", 0.2),
    ("elsewhere", 0.3, "", 0.0),
    ("elsewhere", 0.0, "", 0.0),
    ("elsewhere", 0.0, "hidden", 0.2),
    ("people", 0.0, "hidden", 1.0),
)
"""The people's kind, the candidate's share, whose text stands beside it, and its share."""


def readings(
    models: Sequence[Fingerprint],
    hidden: Sequence[Fingerprint],
    people: Fingerprint,
    elsewhere: Fingerprint,
    most: int,
    candidates: int,
    seed: int,
) -> Iterator[tuple[tuple[str, float, str, float], Reading]]:
    """What corpora of known share are read as beside the library's models.

    Parameters
    ----------
    models, hidden : sequence of Fingerprint
        Of the library, and those that nobody gives.
    people, elsewhere : Fingerprint
    most : int
        Prompts that are learnt from.
    candidates : int
        How many of the library's models are the candidate in turn.
    seed : int

    Yields
    ------
    mixture, Reading
    """
    given = sorted((*models, *hidden, people, elsewhere), key=lambda one: one.name)
    sources = Sources(
        tuple(given), tuple("reference" if one is people else "panel" for one in given)
    )
    pool = Pool.of(given)
    rng = rng_of(seed, "library panels")
    half = split(pool, rng)
    own = pool.sample.prompt_hash != 0
    chosen = rng.permutation(np.unique(pool.sample.prompt_hash[half & own]))[:most]
    learnt = half & (~own | np.isin(pool.sample.prompt_hash, chosen))
    known, strange = ([one.name for one in part] for part in (models, hidden))
    fit = Fit("library", seed, learnt, ~half)
    away = [*strange, elsewhere.name]
    session = Session.of(sources, pool, fit, Plan(sizes=(_SIZE,), seed=seed), left_out=away)
    held = session.held.pool
    for candidate in rng.permutation(known)[:candidates].tolist():
        others = [name for name in known if name != candidate]
        for mixture in MIXTURES:
            kind, level, beside, part = mixture
            rng = rng_of(seed, candidate, *mixture)
            whose = rng.choice(others if beside == "library" else strange)
            sizes = [round(_SIZE * share) for share in (level, part, 1 - level - part)]
            place = people.name if kind == "people" else elsewhere.name
            names = (candidate, str(whose), place)
            drawn = [
                rng.permutation(held.rows_of(name))[:size]
                for name, size in zip(names, sizes, strict=True)
            ]
            rows = np.sort(np.concatenate(drawn))
            corpus = DrawnCorpus(rows, np.isin(rows, drawn[0]), len(drawn[1]) / len(rows))
            one = Drawn("library", str(whose), _SIZE, level, part, corpus)
            for reading in session.readings(candidate, [one]):
                yield mixture, reading


def _fingerprint(path: Path, most: int | None = None) -> Fingerprint:
    return fit_fingerprint(open_corpus(path, limit=most), path.name.removesuffix(ENDING))


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Divisions of the prompts.")] = 1,
    candidates: Annotated[int, typer.Option(min=1, help="Candidates of each.")] = 8,
) -> None:
    """Print one row a collection and mixture, in percentage points."""
    typer.echo(
        "| data | people | candidate | beside it | corpora | low > 0 | low > truth | covered"
        " | mean low | median width | withheld |"
    )
    typer.echo("|---" * 11 + "|")
    for place in COLLECTIONS:
        [texts] = [one for one in SETS if one.folder == place.folder]
        made = [_fingerprint(path) for path in place.files(data).values()]
        models = [one for one in made if texts.holds(one.name)]
        hidden = [one for one in made if not texts.holds(one.name)]
        people, elsewhere = (
            _fingerprint(data / f"{name}{ENDING}", _MOST_OF_PEOPLE)
            for name in (place.people, place.elsewhere)
        )
        found = [
            one
            for seed in range(seeds)
            for one in readings(models, hidden, people, elsewhere, place.most, candidates, seed)
        ]
        for mixture in MIXTURES:
            read = [one for kind, one in found if kind == mixture]
            typer.echo(_row(Path(place.folder).name, mixture, read))


def _row(name: str, mixture: tuple[str, float, str, float], read: Sequence[Reading]) -> str:
    kind, level, beside, part = mixture
    low, high = (np.array([getattr(one, end) for one in read]) for end in ("low", "high"))
    truth = np.array([one.truth for one in read])
    cells = (
        f"`{name}`",
        "as the reference" if kind == "people" else "of another kind",
        f"{100 * level:.0f} %",
        f"{beside} {100 * part:.0f} %" if beside else "",
        f"{len(read)}",
        f"{(low > 0).sum()}",
        f"{(low > truth).sum()}",
        f"{((low <= truth + 1e-9) & (truth <= high + 1e-9)).sum()}",
        f"{100 * low.mean():.1f}",
        f"{100 * np.median(high - low):.1f}",
        f"{sum(one.withheld for one in read)}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    typer.run(main)
