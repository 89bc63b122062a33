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
from provenance.scoring.fitting.dealing import references_of
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.scoring.fitting.learning import cross_calibrated, cross_scores, feature_families
from provenance.validation.bench.files import Collection

__all__ = ["COLLECTIONS", "SETS", "Prompted", "Told", "main", "told_apart"]

SETS: Final = (
    ("words",),
    ("shape",),
    ("tokens",),
    ("words", "shape"),
    ("words", "shape", "tokens"),
    ("words", "shape", "tokens", "statistics"),
)
"""Sets of families that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted(Collection):
    """A collection, and what its documents answer.

    Parameters
    ----------
    prompt : callable
        What a document answers, from what its row calls the prompt.
    chosen_on : bool
        Whether bits and penalty were chosen on it.
    """

    prompt: Callable[[str], str] = str
    chosen_on: bool = False


def _proposition(prompt: str) -> str:
    """A debate's proposition without the part that the turn has in it."""
    return prompt.rsplit(" [", 1)[0]


COLLECTIONS: Final = (
    Prompted("more/slop_score", step=2, chosen_on=True),
    Prompted("alpaca_eval", step=4, chosen_on=True),
    Prompted("more/debate_2026", step=2, prompt=_proposition),
    Prompted("more/eqbench_cw", step=2),
    Prompted("more/gaokao_zh"),
    Prompted("more/logickor_ko", step=2),
    Prompted("more/code_classeval"),
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


def _fingerprints(data: Path, collection: Prompted, most: int) -> Iterator[Fingerprint]:
    for name, path in collection.files(data).items():
        made = fit_fingerprint(open_corpus(_answers(path, collection, most)), name, FeatureSpec())
        if len(np.unique(made.sample.cluster_hash)) >= MINIMUM_DOCUMENTS:
            yield made


def _answers(path: Path, collection: Prompted, most: int) -> Iterator[dict[str, str]]:
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
