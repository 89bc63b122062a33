"""What share of a corpus all models together are told to have, beside a panel and people's text.

``python -m provenance.validation.bench.machine_rows DATA`` draws panels of a collection's models
and kinds of people's text as references. Corpora are of people's text, of a kind that is given or
of one that is not, with no text of a model, 20 or 50 %, or of a model alone: of the candidate, of
another of the panel, of one of the collection that nobody gave, or of one of another collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.library.kinds import written_by
from provenance.share.sources import Sources
from provenance.validation.bench.files import ENDING
from provenance.validation.held_out import Drawn, DrawnCorpus, Pool, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session
from provenance.validation.readings import Reading

__all__ = ["SETTINGS", "Read", "Setting", "main", "readings"]

_SIZE: Final = 300
_HIDDEN: Final = 4
_STRANGE: Final = 3
_AWAY: Final = 6
_CANDIDATES: Final = 2
_MOST: Final = 300
_FEWEST: Final = 80
_FOLDERS: Final = (
    *("detectrl", "more/human_web", "more/human_abstracts", "more/reddit_qa"),
    *("more/stackoverflow", "more/selfinstruct_human", "more/hc3plus"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A panel of a collection's models beside people's text.

    Parameters
    ----------
    folder, elsewhere : str
        Collections of the panel, and of models of another kind.
    models, kinds : int
        How many are given.
    most : int
        Documents of a model.
    """

    folder: str
    elsewhere: str
    models: int
    kinds: int
    most: int


SETTINGS: Final = (
    Setting("alpaca_eval", "more/debate_2026", 14, 18, 240),
    Setting("more/slop_score", "alpaca_eval", 8, 18, 150),
    Setting("more/debate_2026", "alpaca_eval", 12, 18, 150),
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was told of a corpus, and whose text it holds.

    Parameters
    ----------
    people : str
        ``given`` or ``other``; empty where there are none.
    model : str
        ``none candidate panel hidden elsewhere``.
    reading : Reading
    """

    people: str
    model: str
    reading: Reading


def readings(
    data: Path, setting: Setting, seed: int, *, same_domain: bool = False
) -> Iterator[Read]:
    """What corpora of known share are read as, beside some draw of models and of kinds.

    Parameters
    ----------
    data : Path
    setting : Setting
    seed : int
    same_domain : bool
        Whether it is declared, of kinds not given wrongly, that the references are of the corpus's
        own: nothing is asked of the kinds then.
    """
    rng = rng_of(seed, "machine rows", setting.folder, setting.models, setting.kinds)
    own = rng.permutation(_names(data, setting.folder)).tolist()
    given, hidden = np.split(own[: setting.models + _HIDDEN], [setting.models])
    strange = rng.permutation(_names(data, setting.elsewhere))[:_STRANGE].tolist()
    kinds = rng.permutation(_kinds(data))[: setting.kinds + _AWAY].tolist()
    made = [
        *(_fingerprint(data, setting.folder, name, setting.most) for name in (*given, *hidden)),
        *(_fingerprint(data, setting.elsewhere, name, _MOST) for name in strange),
        *(_fingerprint(data, *kind.rsplit("/", 1), _MOST) for kind in kinds),
    ]
    people = [kind.rsplit("/", 1)[1] for kind in kinds]
    here, away = people[: setting.kinds], people[setting.kinds :]
    made.sort(key=lambda one: one.name)
    roles = tuple("reference" if one.name in here else "panel" for one in made)
    pool = Pool.of(made)
    half = split(pool, rng)
    session = Session.of(
        Sources(tuple(made), roles),
        pool,
        Fit("machine rows", seed, half, ~half),
        Plan(sizes=(_SIZE,), seed=seed, same_domain=same_domain),
        left_out=[*hidden, *strange, *away],
    )
    for candidate in given[:_CANDIDATES].tolist():
        whose = {
            "candidate": [candidate],
            "panel": [name for name in given.tolist() if name != candidate],
            "hidden": hidden.tolist(),
            "elsewhere": strange,
        }
        for kind, names in (("given", here), ("other", away)):
            for name in names if kind == "other" else names[:3]:
                yield Read(kind, "none", _reading(session, candidate, name, "", 0.0))
            for share in (0.2, 0.5):
                for model, models in whose.items():
                    person, other = str(rng.choice(names)), str(rng.choice(models))
                    yield Read(kind, model, _reading(session, candidate, person, other, share))
        for model, models in whose.items():
            other = str(rng.choice(models))
            yield Read("", model, _reading(session, candidate, "", other, 1.0))


def _reading(session: Session, candidate: str, person: str, model: str, share: float) -> Reading:
    """What all models together are told to have of a corpus of one kind's and one model's text."""
    held = session.held.pool
    parts = {name: part for name, part in ((person, 1 - share), (model, share)) if name}
    n = min([_SIZE, *(len(held.rows_of(name)) / part for name, part in parts.items())])
    rng = rng_of(session.plan.seed, candidate, person, model, share)
    rows = [rng.permutation(held.rows_of(name))[: round(n * part)] for name, part in parts.items()]
    corpus = np.sort(np.concatenate(rows))
    is_own = held.source[corpus] == held.names.index(candidate)
    drawn = Drawn("machine rows", model, _SIZE, share, 0.0, DrawnCorpus(corpus, is_own, 0.0))
    (found,) = session.readings_of_models(candidate, [drawn])
    wrote = len(rows[-1]) if model else 0
    # People of a kind that nobody gave are people too.
    return replace(found, truth=wrote / len(corpus))


def _names(data: Path, folder: str) -> list[str]:
    return sorted(path.name.removesuffix(ENDING) for path in (data / folder).glob(f"*{ENDING}"))


def _kinds(data: Path) -> list[str]:
    """Folder and name of people's texts in English that are enough to be divided."""
    return [
        f"{folder}/{name}"
        for folder in _FOLDERS
        for name in _names(data, folder)
        if written_by(name) == "people" and "_zh" not in name
        if len(_fingerprint(data, folder, name, _MOST).sample) >= _FEWEST
    ]


@cache
def _fingerprint(data: Path, folder: str, name: str, most: int) -> Fingerprint:
    corpus = open_corpus(data / folder / f"{name}{ENDING}", limit=most)
    # Debates have no prompts but their own.
    read = open_corpus({"text": one.text} for one in corpus) if "debate" in folder else corpus
    return fit_fingerprint(read, name)


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Draws of models and of kinds.")] = 2,
    same_domain: Annotated[
        bool, typer.Option("--same-domain", help="Declare it, wrongly where kinds are not given.")
    ] = False,
) -> None:
    """Print one row a setting, kind of people's text and model, in percentage points."""
    typer.echo(
        "| data | models | kinds | people | model | told | low > truth | highest | high < truth"
        " | farthest | mean low of 20 % | of 50 % | of 100 % | median width |"
    )
    typer.echo("|---" * 14 + "|")
    for setting in SETTINGS:
        found = [
            one
            for seed in range(seeds)
            for one in readings(data, setting, seed, same_domain=same_domain)
        ]
        for people in ("given", "other", ""):
            for model in ("none", "candidate", "panel", "hidden", "elsewhere"):
                read = [one.reading for one in found if (one.people, one.model) == (people, model)]
                if read:
                    typer.echo(_row(setting, people, model, read))


def _row(setting: Setting, people: str, model: str, read: Sequence[Reading]) -> str:
    told = [one for one in read if not one.withheld]
    over = [one.low - one.truth for one in told if one.low > one.truth + 1e-9]
    under = [one.truth - one.high for one in told if one.high < one.truth - 1e-9]
    lows = [
        f"{100 * np.mean(own):.0f}" if own else ""
        for level in (0.2, 0.5, 1.0)
        if (own := [one.low for one in told if one.level == level]) or True
    ]
    cells = (
        f"`{Path(setting.folder).name}`",
        f"{setting.models}",
        f"{setting.kinds}",
        people or "none",
        model,
        f"{len(told)} of {len(read)}",
        f"{len(over)}",
        f"{100 * max(over, default=0.0):.1f}",
        f"{len(under)}",
        f"{100 * max(under, default=0.0):.1f}",
        *lows,
        f"{100 * np.median([one.high - one.low for one in told]):.0f}" if told else "",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    typer.run(main)
