"""What ``filter --until`` leaves in truth, beside what it promises: corpora of known share.

``python -m provenance.validation.bench.promised DATA`` halves each set by its prompts (where it has
none, by its rows), measures the sources on one half and draws corpora from the other, in which the
API wrote nothing to 30 %. Each is matched and filtered as from the command line, until five bounds.
Three more tables: among the rest are texts by a model that nobody gave; by people of a kind that
nobody gave; and the API's answers in the corpus are of other parts of the set than its sample.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import orjson
import typer

from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.filtering.filtering import PromiseError, filter_corpus
from provenance.matching.matching import match
from provenance.validation.bench.files import ENDING, rows_of
from provenance.validation.markdown import table
from provenance.words import percent

__all__ = ["Filter", "FilterSet", "filters", "main"]

SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.3)
UNTIL: Final = (0.01, 0.02, 0.05, 0.1, 0.2)
_ROWS: Final = 900
_HEAD: Final = (
    *("until", "corpora", "promised", "of these, rows dropped", "rows dropped"),
    *("of these, others'", "left in truth, mean and most", "told, mean", "promises broken"),
)


@dataclass(frozen=True, slots=True)
class FilterSet:
    """An API among others.

    Parameters
    ----------
    api : str
        Its file, in the folder of the data.
    people : tuple of str
        People's files, the references.
    models : tuple of str
        Other models' files, the panel. Without any it is declared that there are none.
    stranger : str
        A file that nobody gives, whose texts are a third of what is not the API's.
    is_apart : bool
        Whether the API's sample is of half of the parts of its file, and the corpus of the others.
    """

    api: str
    people: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    stranger: str = ""
    is_apart: bool = False

    @property
    def others(self) -> tuple[str, ...]:
        """All files but the API's."""
        return (*self.people, *self.models)


SETS: Final = (
    FilterSet("more/reddit_qa/gpt-3.5-turbo_GriD", ("more/reddit_qa/human_reddit",)),
    FilterSet("more/hc3plus/chatgpt-2023_en_val_si", ("more/hc3plus/human_en_val_si",)),
    FilterSet("more/raidar/gpt-3.5-turbo", ("more/raidar/human",)),
    FilterSet(
        "alpaca_eval/gpt-4o-2024-05-13",
        models=(
            "alpaca_eval/claude-3-opus-20240229",
            "alpaca_eval/gemini-pro",
            "alpaca_eval/mistral-large-2402",
            "alpaca_eval/Qwen2-72B-Instruct",
            "alpaca_eval/Meta-Llama-3-70B-Instruct",
            "alpaca_eval/cohere",
            "alpaca_eval/vicuna-13b-v1.5",
            "alpaca_eval/Yi-34B-Chat",
        ),
    ),
)
_PEOPLE: Final = SETS[:3]
_CHAT: Final = SETS[3]
_WITH_PARTS: Final = (SETS[0], SETS[2], SETS[3])
OTHERWISE: Final = {
    "Beside a model that nobody gave": (
        *(replace(one, stranger=_CHAT.api) for one in _PEOPLE),
        replace(_CHAT, models=_CHAT.models[:-1], stranger=_CHAT.models[-1]),
    ),
    "Beside people's text of a kind that nobody gave": tuple(
        replace(one, stranger="more/human_web/human_imdb_review") for one in SETS
    ),
    "Answers of other parts of the set than the sample": tuple(
        replace(one, is_apart=True) for one in _WITH_PARTS
    ),
}
"""How corpora differ from what is known, and the sets that allow for it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One corpus filtered until a bound.

    Parameters
    ----------
    api : str
    truth : float
        The API's share before.
    until : float
    verdict : str
        The report's.
    left : float or None
        The API's share in what is left; None where nothing was promised.
    at_most : float or None
        As it is told.
    n_dropped, n_false : int
        Rows dropped, and those of them that others wrote.
    """

    api: str
    truth: float
    until: float
    verdict: str
    left: float | None = None
    at_most: float | None = None
    n_dropped: int = 0
    n_false: int = 0


Rows = Sequence[dict[str, Any]]


def filters(data: Path, found: FilterSet, seed: int, n_rows: int = _ROWS) -> Iterator[Filter]:
    """Corpora of one set, each filtered until each bound."""
    rng = np.random.default_rng(seed)
    names = [one for one in (found.api, *found.others, found.stranger) if one]
    rows = {name: [*rows_of(data / f"{name}{ENDING}")] for name in names}
    keys = sorted({_key(row) for one in rows.values() for row in one})
    learnt = {keys[at] for at in rng.permutation(len(keys))[: len(keys) // 2].tolist()}
    held = {name: [row for row in one if _key(row) not in learnt] for name, one in rows.items()}
    known = {name: [row for row in one if _key(row) in learnt] for name, one in rows.items()}
    if found.is_apart:
        parts = sorted({_part(row) for row in rows[found.api]})
        own = {parts[at] for at in rng.permutation(len(parts))[: max(1, len(parts) // 2)].tolist()}
        known[found.api] = [row for row in known[found.api] if _part(row) in own]
        held[found.api] = [row for row in held[found.api] if _part(row) not in own]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        sources = {name: _measured(place, name, known[name]) for name in (found.api, *found.others)}
        others = [row for name in found.others for row in held[name]]
        for share in SHARES:
            n_api = min(round(share * n_rows), len(held[found.api]))
            n_strange = (n_rows - n_api) // 3 if found.stranger else 0
            strange = _drawn(rng, held[found.stranger], n_strange) if n_strange else ()
            rest = [*strange, *_drawn(rng, others, n_rows - n_api - n_strange)]
            drawn = [
                *({**row, "api": True} for row in _drawn(rng, held[found.api], n_api)),
                *({**row, "api": False} for row in rest),
            ]
            corpus = [drawn[at] for at in rng.permutation(len(drawn)).tolist()]
            yield from _filtered(place, found, sources, corpus)


def _key(row: dict[str, Any]) -> str:
    return str(row.get("prompt") or row.get("id"))


def _part(row: dict[str, Any]) -> str:
    return str(row.get("dataset"))


def _drawn(rng: np.random.Generator, rows: Rows, count: int) -> Rows:
    return [rows[at] for at in rng.permutation(len(rows))[:count].tolist()]


def _written(path: Path, rows: Rows) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def _measured(place: Path, name: str, rows: Rows) -> Fingerprint:
    return fit_fingerprint(_written(place / "sample.jsonl", rows), name.replace("/", "-"))


def _filtered(
    place: Path, found: FilterSet, sources: dict[str, Fingerprint], rows: Rows
) -> Iterator[Filter]:
    corpus = _written(place / "corpus.jsonl", rows)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        out = Path(folder)
        report = match(
            corpus,
            candidates=[sources[found.api]],
            references=[sources[name] for name in found.people],
            panel=[sources[name] for name in found.models],
            only=not found.models,
            same_domain=bool(found.people),
            output=out / "report",
            cache_dir=place / "cache",
        )
        truth = float(np.mean([row["api"] for row in rows]))
        for until in UNTIL:
            told = Filter(found.api, truth, until, report.verdict)
            try:
                done = filter_corpus(corpus, out / "report", out / f"{until}", until=until)
            except (PromiseError, InputError):
                yield told
                continue
            lines = (out / f"{until}" / corpus.name).read_bytes().splitlines()
            kept = [bool(json.loads(line)["api"]) for line in lines]
            n_false = sum(not row["api"] for row in rows) - kept.count(False)
            yield Filter(
                *(found.api, truth, until, report.verdict),
                *(float(np.mean(kept)), done.left[0].at_most, done.rows_dropped, n_false),
            )


def rows_of_table(found: Sequence[Filter]) -> Iterator[Sequence[str]]:
    """The head, and a row for each bound."""
    yield _HEAD
    for until in UNTIL:
        asked = [one for one in found if one.until == until]
        kept = [one for one in asked if one.left is not None]
        left = np.array([one.left for one in kept], float)
        told = np.array([one.at_most for one in kept], float)
        yield [
            percent(until),
            f"{len(asked)}",
            f"{len(kept)}",
            f"{sum(one.n_dropped > 0 for one in kept)}",
            f"{sum(one.n_dropped for one in kept):,}",
            f"{sum(one.n_false for one in kept):,}",
            f"{percent(left.mean())}, {percent(left.max())}" if kept else "-",
            percent(told.mean()) if kept else "-",
            f"{int((left >= until).sum())}",
        ]


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data.")],
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Halves of each set.")] = 2,
) -> None:
    """Print the tables."""
    found = [one for a in SETS for seed in range(seeds) for one in filters(data, a, seed)]
    typer.echo(table(rows_of_table(found)))
    for one in SETS:
        own = [each for each in found if each.api == one.api and each.until == UNTIL[0]]
        typer.echo(f"{one.api}: {sum(each.verdict == 'withheld' for each in own)} withheld")
    # Other halves than those that anything was looked at on.
    for name, sets in OTHERWISE.items():
        otherwise = [one for a in sets for one in filters(data, a, seeds)]
        typer.echo(f"\n{name}:\n\n{table(rows_of_table(otherwise))}")


if __name__ == "__main__":
    typer.run(main)
