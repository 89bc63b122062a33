"""How often feature families disagree about text that nobody washed.

``python -m provenance.validation.bench.agreeing_families DATA`` draws, from each collection, six
models and six corpora that mix answers to other prompts than the samples', one of them evenly, and
counts the candidates about whom `feature_families` warns: where it does, ranges are widened.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import Corpus, open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.validation.held_out import rng_of

__all__ = ["COLLECTIONS", "clean", "main"]

COLLECTIONS: Final = (
    *("more/slop_score", "alpaca_eval", "more/debate_2026", "more/zeroeval_mathl5"),
)
_MODELS: Final = 6
_CORPORA: Final = 6
_SAMPLE: Final = 300
_ROWS: Final = 200


def _texts(path: Path) -> dict[str, str]:
    """By what they answer: of a debate the proposition and the turn, by the former drawn."""
    rows = enumerate(open_corpus(path, text_field="text"))
    return {one.prompt or f"row {number}": one.text for number, one in rows if one.text.strip()}


def _corpus(texts: Sequence[str]) -> Corpus:
    return open_corpus([{"id": str(n), "text": text} for n, text in enumerate(texts)])


def _topic(prompt: str) -> str:
    return prompt.rsplit(" [", 1)[0]


def clean(texts: Mapping[str, Mapping[str, str]], folder: str) -> Iterator[tuple[float, bool]]:
    """For every corpus and candidate, the largest difference in parts of what noise explains, and
    whether the low end that is told lies above the truth.

    Parameters
    ----------
    texts : mapping of str to mapping of str to str
        By source and prompt.
    folder : str
        Seeds what is drawn.
    """
    topics = sorted({_topic(prompt) for rows in texts.values() for prompt in rows})
    is_first = dict(zip(topics, rng_of("h", folder).random(len(topics)) < 0.5, strict=True))
    halves = [
        {
            name: [text for prompt, text in rows.items() if is_first[_topic(prompt)] == first]
            for name, rows in texts.items()
        }
        for first in (True, False)
    ]
    samples, rest = halves
    prints = [fit_fingerprint(_corpus(rows[:_SAMPLE]), name) for name, rows in samples.items()]
    with tempfile.TemporaryDirectory() as cache:
        for number in range(_CORPORA):
            rng = rng_of("c", folder, number)
            parts = np.ones(len(texts)) / len(texts) if not number else rng.dirichlet([1.0] * 6)
            counts, drawn = {}, []
            for (name, rows), part in zip(rest.items(), parts.tolist(), strict=True):
                counts[name] = min(len(rows), round(part * _ROWS))
                drawn += [rows[at] for at in rng.permutation(len(rows))[: counts[name]]]
            report = match(_corpus(drawn), candidates=prints, cache_dir=cache, library=False)
            lows = {row.source: row.low for row in report.candidates("documents")}
            for one in report.diagnostics:
                if one.kind == "feature_families" and one.source is not None:
                    truth = counts[one.source] / len(drawn)
                    yield float(one.statistic or 0.0), lows[one.source] > truth


def main(data: Annotated[Path, typer.Argument(help="Folder of the data.")]) -> None:
    """Print a row for each collection."""
    typer.echo("| data | candidates | disagree | largest | low end above the truth |")
    typer.echo("|---|---|---|---|---|")
    for folder in COLLECTIONS:
        names = sorted(
            path.name.removesuffix(".jsonl.gz")
            for path in (data / folder).glob("*.jsonl.gz")
            if not path.name.startswith("human")
        )
        drawn = sorted(rng_of("fam", folder).permutation(names)[:_MODELS].tolist())
        texts = {name: _texts(data / folder / f"{name}.jsonl.gz") for name in drawn}
        found = list(clean(texts, folder))
        far = [one for one, _ in found]
        n_above = sum(above for _, above in found)
        typer.echo(
            f"| `{Path(folder).name}` | {len(found)} | {sum(one > 1 for one in far)}"
            f" | {max(far):.2f} | {n_above} |"
        )


if __name__ == "__main__":
    typer.run(main)
