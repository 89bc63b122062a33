"""How well each set of feature families tells sources apart, on prompts that were held out.

``python -m provenance.validation.bench.families DATA`` prints, for each collection of texts and
each set of families, the logarithmic loss of the source in nats and how often the likeliest source
is the right one. Every passage is scored and calibrated by models that have not seen its prompt;
every source, and every document of one, counts alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.dealing import references_of
from provenance.scoring.fitting import MINIMUM_DOCUMENTS
from provenance.scoring.learning import cross_calibrated, cross_scores, feature_families

__all__ = ["COLLECTIONS", "SETS", "Collection", "Told", "main", "told_apart"]

SETS: Final = (
    ("words",),
    ("shape",),
    ("tokens",),
    ("words", "shape"),
    ("words", "shape", "tokens"),
    ("words", "shape", "tokens", "statistics"),
)
"""Sets of families that are compared."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts by several sources, a file each.

    Parameters
    ----------
    folder : str
        In the folder of the data.
    step : int
        Of the files in order of their names, every so manieth is used.
    prompt : callable
        What a document answers, from what its row calls the prompt.
    chosen_on : bool
        Whether bits and penalty were chosen on it.
    """

    folder: str
    step: int = 1
    prompt: Callable[[str], str] = str
    chosen_on: bool = False


def _proposition(prompt: str) -> str:
    """A debate's proposition without the part that the turn has in it."""
    return prompt.rsplit(" [", 1)[0]


COLLECTIONS: Final = (
    Collection("more/slop_score", step=2, chosen_on=True),
    Collection("alpaca_eval", step=4, chosen_on=True),
    Collection("more/debate_2026", step=2, prompt=_proposition),
    Collection("more/eqbench_cw", step=2),
    Collection("more/gaokao_zh"),
    Collection("more/logickor_ko", step=2),
    Collection("more/code_classeval"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """How well one set of families tells the sources of a collection apart."""

    families: tuple[str, ...]
    log_loss: float
    accuracy: float


def told_apart(
    fingerprints: Sequence[Fingerprint],
    sets: Sequence[tuple[str, ...]] = SETS,
    seed: int = 0,
) -> list[Told]:
    """Logarithmic loss and accuracy of each set of families, cross-fitted by prompt.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        At least two, of one spec.
    sets : sequence of tuple of str
    seed : int
        Draws the folds.
    """
    samples = [fingerprint.sample for fingerprint in fingerprints]
    references = references_of(samples, [one.name for one in fingerprints], seed)
    spec = fingerprints[0].spec
    rows = FeatureRows.concatenate([sample.rows for sample in samples])
    scores = cross_scores(feature_families(rows, spec), references, spec)[0]
    source, fold = references.source[references.document], references.fold[references.document]
    found = []
    for families in sets:
        used = scores.of(families)
        posterior = np.empty((len(source), len(fingerprints)), np.float32)
        for number, calibration in enumerate(cross_calibrated(scores, families, references)):
            posterior[fold == number] = calibration.log_posteriors(used[fold == number])
        own = posterior[np.arange(len(source)), source]
        right = posterior.argmax(axis=1) == source
        weight = references.passage_weight
        found.append(Told(families, -_mean(own, weight), _mean(right, weight)))
    return found


def _mean(values: NDArray[np.generic], weight: NDArray[np.float64]) -> float:
    return float(np.average(values.astype(np.float64), weights=weight))


def _fingerprints(data: Path, collection: Collection, most: int) -> Iterator[Fingerprint]:
    for path in sorted((data / collection.folder).glob("*.jsonl.gz"))[:: collection.step]:
        made = fit_fingerprint(
            open_corpus(_answers(path, collection, most)), path.name, FeatureSpec()
        )
        if len(np.unique(made.sample.cluster_hash)) >= MINIMUM_DOCUMENTS:
            yield made


def _answers(path: Path, collection: Collection, most: int) -> Iterator[dict[str, str]]:
    for document in open_corpus(path, limit=most):
        yield {"text": document.text, "prompt": collection.prompt(document.prompt or document.id)}


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    most: Annotated[int, typer.Option(help="Documents of a source that are read.")] = 200,
) -> None:
    """Print one row a collection and set of families."""
    typer.echo("| data | sources | documents | families | log loss | right |")
    typer.echo("|---|---|---|---|---|---|")
    for collection in COLLECTIONS:
        made = list(_fingerprints(data, collection, most))
        n_documents = sum(len(one.sample) for one in made)
        mark = " (chosen on)" if collection.chosen_on else ""
        for told in told_apart(made):
            right = f"{100 * told.accuracy:.1f} %"
            typer.echo(
                f"| `{Path(collection.folder).name}`{mark} | {len(made)} | {n_documents:,}"
                f" | {', '.join(told.families)} | {told.log_loss:.3f} | {right} |"
            )


if __name__ == "__main__":
    typer.run(main)
