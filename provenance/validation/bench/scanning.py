"""What `scan` tells of people's text that it never saw, and of models that it never saw.

``python -m provenance.validation.bench.scanning DATA`` builds the library anew and prints six
tables. *People*: each kind left out with its whole topic, on both sides. *Models*: corpora of known
share, the model left out (``debate_2026`` as a whole), among people's text of a kind that is in the
library and of one that is not. *Rows*: what is listed of such corpora. *Settings*: false low ends
by each family alone and by margin, on the kinds that settings were chosen on and on the others.
*Sure*: low ends by how sure each family has to be, on two halves of the kinds and folders.
*Judged*: what is taken for English prose.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import orjson
import typer
from numpy.typing import NDArray

from provenance.matching.library.building import NEWEST, MeasuredKinds, measured
from provenance.matching.library.library import VIEWS, Library
from provenance.matching.library.prose import left_out
from provenance.matching.library.shares import (
    LIMITS,
    MARGIN,
    MachineShare,
    lows_by_view,
    machine_share,
    p_values,
)
from provenance.statistics.conventions import FDR
from provenance.statistics.multiple_testing import benjamini_hochberg, joint_level
from provenance.words import percent

__all__ = ["judged", "main", "models", "people", "rows", "settings"]

LEVEL: Final = 0.95
_DOCUMENTS: Final = 300
_SHARES: Final = (0.1, 0.5, 1.0)
_SURE: Final = (joint_level(LEVEL, len(LIMITS)), 0.99, LEVEL, 0.9, 0.8, 0.7, 0.5)
_MARGINS: Final = (0.0, 0.01, MARGIN, 0.05)
_ROWS_A_FILE: Final = 200
_SHORTEST: Final = 120
"""Characters, about 30 tokens."""


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data.")],
    repeats: Annotated[int, typer.Option(min=1, help="Corpora of each row.")] = 20,
) -> None:
    """Print the tables."""
    found = measured(data)
    for table in (people, models, rows, settings, sure):
        typer.echo("\n".join(table(found, repeats)) + "\n")
    typer.echo("\n".join(judged(data)))


def people(found: MeasuredKinds, repeats: int) -> Iterator[str]:
    """Each kind of people's text left out with its topic."""
    yield (
        "| people's text, left out with its topic | topic | read as a model's | worst"
        " | low ends above 0 | told | high end, mean |"
    )
    yield "|---|---|---|---|---|---|---|"
    rng, wrong, told = np.random.default_rng(0), 0, 0
    numbers = found.library.of("people").tolist()
    for number in numbers:
        library = _without_topic(found.library, number)
        kind = found.library.kinds[number]
        one = [_drawn(found, library, number, rng) for _ in range(repeats)]
        false = sum(item.low > 0 for item in one)
        wrong, told = wrong + false, told + sum(item.is_told for item in one)
        read = [item.read for item in one]
        yield (
            f"| {kind.name} | {kind.topic} | {percent(float(np.mean(read)))} | {percent(max(read))}"
            f" | {false} of {repeats} | {sum(item.is_told for item in one)}"
            f" | {percent(float(np.mean([item.high for item in one])))} |"
        )
    n = repeats * len(numbers)
    yield f"| all | | | | {wrong} of {n} ({percent(wrong / n)}) | {told} | |"


def _without_topic(library: Library, number: int) -> Library:
    topic = library.kinds[number].topic
    others = [at for at, kind in enumerate(library.kinds) if kind.topic != topic]
    return library.only(np.array(others))


def _drawn(
    found: MeasuredKinds, library: Library, number: int, rng: np.random.Generator
) -> MachineShare:
    return _told(library, _some(found, number, rng))


def _some(found: MeasuredKinds, number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Scores of some documents of a kind, by scorers that saw none of its topic."""
    own = np.flatnonzero(found.kind_of == number)
    most = max(13, min(_DOCUMENTS, 3 * len(own) // 4))
    return np.asarray(found.unseen[rng.permutation(own)[:most]])


def _told(library: Library, scores: NDArray[np.float64]) -> MachineShare:
    return machine_share(library, scores, np.ones(len(scores)), np.arange(len(scores)), LEVEL)


def models(found: MeasuredKinds, repeats: int) -> Iterator[str]:
    """Corpora of known share by models that were left out."""
    yield (
        "| models of | people's text | share | read, mean | low end, mean | high end, mean"
        " | covered | low end too high | withheld |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    rng = np.random.default_rng(1)
    folders = _model_folders(found.library)
    for seen in (True, False):
        for folder in folders:
            for share in _SHARES if seen else _SHARES[:2]:
                one = [_mixed(found, folder, share, seen, rng) for _ in range(repeats)]
                yield _model_row(folder, seen, share, one)


def _model_row(
    folder: str, seen: bool, share: float, drawn: list[tuple[MachineShare, float]]
) -> str:
    found = [item for item, _ in drawn]
    covered = sum(item.low <= true <= item.high for item, true in drawn)
    means = [
        percent(float(np.mean([getattr(item, name) for item in found])))
        for name in ("read", "low", "high")
    ]
    return (
        f"| {folder} | {'of a known kind' if seen else 'of an unseen topic'} | {percent(share)}"
        f" | {' | '.join(means)} | {covered} of {len(found)}"
        f" | {sum(item.low > true for item, true in drawn)}"
        f" | {sum(not item.is_told for item in found)} |"
    )


def _mixed(
    found: MeasuredKinds, folder: str, share: float, seen: bool, rng: np.random.Generator
) -> tuple[MachineShare, float]:
    library, scores, is_models = _corpus(found, folder, share, seen, rng)
    return _told(library, scores), float(is_models.mean())


def _corpus(
    found: MeasuredKinds, folder: str, share: float, seen: bool, rng: np.random.Generator
) -> tuple[Library, NDArray[np.float64], NDArray[np.bool_]]:
    """A library without the model, and the scores of a corpus, and which are the model's."""
    kinds = found.library.kinds
    model = int(rng.choice([at for at, one in enumerate(kinds) if _is_of(one.name, folder)]))
    of_people = [at for at in found.library.of("people").tolist() if kinds[at].n_documents >= 100]
    same = [at for at in of_people if kinds[at].topic == kinds[model].topic]
    person = int(rng.choice(same or of_people))
    left_out = [
        at
        for at, one in enumerate(kinds)
        if (folder == NEWEST and _is_of(one.name, folder))
        or (one.by == "models" and one.name.split("/")[1] == kinds[model].name.split("/")[1])
        or (not seen and one.by == "people" and one.topic == kinds[person].topic)
    ]
    library = found.library.only(np.setdiff1d(np.arange(len(kinds)), left_out))
    own, others = (np.flatnonzero(found.kind_of == at) for at in (model, person))
    # No document twice: a model has 60, so that corpora wholly by models are smaller.
    n = min(len(own), round(_DOCUMENTS * share))
    by_model = rng.permutation(own)[:n]
    by_person = rng.permutation(others)[: round(n * (1 - share) / share)]
    people_scores = found.known if seen else found.unseen
    scores = np.concatenate([found.known[by_model], people_scores[by_person]])
    return library, scores, np.arange(len(scores)) < len(by_model)


def rows(found: MeasuredKinds, repeats: int) -> Iterator[str]:
    """Rows listed at the usual rate, of corpora half by a model that was left out."""
    yield (
        "| models of | people's text | corpora with a list | rows listed, mean | of them people's |"
    )
    yield "|---|---|---|---|---|"
    rng = np.random.default_rng(3)
    folders = sorted(
        {found.library.kinds[at].name.split("/")[0] for at in found.library.of("models")}
    )
    for seen in (True, False):
        for folder in folders:
            listed = [one for _ in range(repeats) for one in _listed(found, folder, seen, rng)]
            n = sum(number for number, _ in listed)
            false = percent(sum(wrong for _, wrong in listed) / n) if n else "–"
            mean = f"{n / len(listed):.1f}" if listed else "–"
            of = "of a known kind" if seen else "of an unseen topic"
            yield f"| {folder} | {of} | {len(listed)} of {repeats} | {mean} | {false} |"


def _listed(
    found: MeasuredKinds, folder: str, seen: bool, rng: np.random.Generator
) -> Iterator[tuple[int, int]]:
    """How many rows are listed and how many of these are people's; nothing without a list."""
    library, scores, is_models = _corpus(found, folder, _SHARES[1], seen, rng)
    told = _told(library, scores)
    if told.is_told and told.low > 0:
        p, place, count = np.unique(
            p_values(library, scores), return_inverse=True, return_counts=True
        )
        hit = benjamini_hochberg(p, count.astype(np.float64))[place] <= FDR
        yield int(hit.sum()), int((hit & ~is_models).sum())


def _model_folders(library: Library) -> list[str]:
    return sorted({library.kinds[at].name.split("/")[0] for at in library.of("models")})


def _is_of(name: str, folder: str) -> bool:
    place, _, rest = name.partition("/")
    return place == folder and not rest.startswith("human")


def settings(found: MeasuredKinds, repeats: int) -> Iterator[str]:
    """False low ends of people's text by family and margin, on two halves of the kinds."""
    yield "| margin | half | " + " | ".join(VIEWS) + " | all of them |"
    yield "|---" * (3 + len(VIEWS)) + "|"
    numbers = found.library.of("people").tolist()
    for margin in _MARGINS:
        for half, chosen in (("chosen on", numbers[::2]), ("told on", numbers[1::2])):
            rng = np.random.default_rng(2)
            lows = np.array(
                [_lows(found, number, margin, rng) for number in chosen for _ in range(repeats)]
            )
            false = [*(lows > 0).mean(axis=0), (lows.min(axis=1) > 0).mean()]
            shown = " | ".join(percent(float(one)) for one in false)
            yield f"| {percent(margin)} | {half} ({len(lows)} corpora) | {shown} |"


def _lows(
    found: MeasuredKinds, number: int, margin: float, rng: np.random.Generator
) -> list[float]:
    scores = _some(found, number, rng)
    n = len(scores)
    library = _without_topic(found.library, number)
    return lows_by_view(library, scores, np.full(n, 1 / n), n, LEVEL, margin)


def sure(found: MeasuredKinds, repeats: int) -> Iterator[str]:
    """Low ends by how sure each limit of a family has to be, on two halves of the sources."""
    yield (
        "| each limit of a family holds at | half | people's above 0 | others too high"
        " | by, most | low end, mean, at 50 % | at 100 % |"
    )
    yield "|---" * 7 + "|"
    rng = np.random.default_rng(5)
    corpora = [*_of_people(found, repeats, rng), *_of_models(found, repeats, rng)]
    for level in _SURE:
        for half, name in enumerate(("chosen on", "told on")):
            ours = [one for one in corpora if one.half == half]
            true = np.array([one.true for one in ours])
            low = np.array([one.low(level) for one in ours])
            over = np.where(low > true + 1e-12, low - true, 0)
            means = [percent(float(low[np.abs(true - at) < 0.1].mean())) for at in (0.5, 1.0)]
            by_people = true == 0
            yield (
                f"| {percent(level)} | {name} | {(over[by_people] > 0).sum()} of {by_people.sum()}"
                f" | {(over[~by_people] > 0).sum()} of {(~by_people).sum()}"
                f" | {percent(float(over.max()))} | {' | '.join(means)} |"
            )


@dataclass(frozen=True, slots=True)
class _Corpus:
    half: int
    library: Library
    scores: NDArray[np.float64]
    true: float

    def low(self, of_families: float) -> float:
        n = len(self.scores)
        even = np.full(n, 1 / n)
        return min(lows_by_view(self.library, self.scores, even, n, LEVEL, of_families=of_families))


def _of_people(found: MeasuredKinds, repeats: int, rng: np.random.Generator) -> Iterator[_Corpus]:
    for at, number in enumerate(found.library.of("people").tolist()):
        library = _without_topic(found.library, number)
        for _ in range(repeats):
            yield _Corpus(at % 2, library, _some(found, number, rng), 0.0)


def _of_models(found: MeasuredKinds, repeats: int, rng: np.random.Generator) -> Iterator[_Corpus]:
    for at, folder in enumerate(_model_folders(found.library)):
        for seen in (True, False):
            for share in _SHARES if seen else _SHARES[:2]:
                for _ in range(repeats):
                    library, scores, is_models = _corpus(found, folder, share, seen, rng)
                    yield _Corpus(at % 2, library, scores, float(is_models.mean()))


def judged(data: Path) -> Iterator[str]:
    """Part of the documents that is taken for English prose, by folder, language and author."""
    yield "| folder | by | language | documents | taken for English prose |"
    yield "|---|---|---|---|---|"
    counts: dict[tuple[str, str, str], list[bool]] = {}
    for path in sorted(data.glob("more/*/*.jsonl.gz")):
        by = "people" if path.name.startswith("human") else "models"
        with gzip.open(path) as lines:
            for _, line in zip(range(_ROWS_A_FILE), lines, strict=False):
                row = orjson.loads(line)
                text = row.get("text")
                if isinstance(text, str) and len(text) >= _SHORTEST:
                    key = (path.parent.name, by, str(row.get("lang") or ""))
                    counts.setdefault(key, []).append(not left_out(text)[0])
    for key, taken in sorted(counts.items()):
        yield f"| {' | '.join(key)} | {len(taken):,} | {percent(float(np.mean(taken)))} |"


if __name__ == "__main__":
    typer.run(main)
