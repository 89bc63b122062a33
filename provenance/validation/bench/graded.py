"""Whom a test of grades accuses: raters, judges, and columns of which a part was copied.

``python -m provenance.validation.bench.graded DATA`` takes the three raters of PandaLM's test set
beside two judges, each rater in turn as the suspect and the other two as raters, and columns that
take a known part of their verdicts from a judge and the rest from a rater. Of the judges of
AlpacaEval each in turn is the API, and a column copied from it is held against it and the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.matching.comparisons.grades import Labels, grades
from provenance.validation.bench.files import rows_of
from provenance.validation.held_out import rng_of
from provenance.validation.markdown import table_lines

__all__ = ["copied", "judges_table", "main", "table"]

_PARTS: Final = (0.1, 0.3, 0.5, 1.0)
_REPEATS: Final = 20


def copied(judge: Labels, rater: Labels, part: float, seed: int) -> dict[str, str]:
    """A column that takes a part of its labels from a judge, and the others from a rater.

    Examples
    --------
    >>> copied({"a": "1"}, {"a": "2", "b": "2"}, 1.0, 0)
    {'a': '1', 'b': '2'}
    """
    rng = rng_of("copied", part, seed)
    return {
        item: judge[item] if item in judge and rng.random() < part else label
        for item, label in rater.items()
    }


def _people_and_judges(data: Path) -> tuple[dict[str, Labels], dict[str, Labels]]:
    place = data / "more" / "ratings_pandalm"
    rows = rows_of(place / "human_annotators.jsonl.gz")
    people: dict[str, Labels] = {
        f"rater {number + 1}": {row["id"]: str(row["labels"][number]) for row in rows}
        for number in range(3)
    }
    judges: dict[str, Labels] = {
        name: {row["id"]: str(row["label"]) for row in rows_of(place / f"{name}.jsonl.gz")}
        for name in ("gpt-3.5-turbo", "pandalm-7b")
    }
    return people, judges


def _judges(data: Path) -> dict[str, Labels]:
    place = data / "more" / "alpacaeval_judges"
    names = (
        *("alpaca_eval_cot_gpt4_turbo_fn", "alpaca_eval_gpt4_turbo_fn"),
        "weighted_alpaca_eval_gpt4_turbo",
    )
    return {
        name: {
            f"{row['id']} {row['pair']}": str(round(row["preference"]))
            for row in rows_of(place / f"{name}.jsonl.gz")
        }
        for name in names
    }


Row = tuple[str, ...]


def _told(
    suspect: str, judge: str, tried: Sequence[tuple[Labels, Labels, Mapping[str, Labels]]]
) -> Row:
    found = [grades(*one) for one in tried]
    n_found = sum(one.verdict == "beyond raters" for one in found)
    one = found[0]
    kappa = one.kappa
    p_value = "" if one.p_value is None else f"{one.p_value:.2g}"
    return (
        *(suspect, judge, f"{one.kappa.n_items:,}"),
        "none"
        if kappa.value is None
        else f"{kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})",
        *(p_value, f"{n_found} of {len(found)}"),
    )


def table(
    people: Mapping[str, Labels], judges: Mapping[str, Labels], repeats: int = _REPEATS
) -> Iterator[Row]:
    """Raters, each beside the others, and columns of which a part was copied from a judge."""
    yield ("suspect", "judge", "items", "kappa", "p-value", "found")
    for api, own in judges.items():
        for name, labels in people.items():
            others = {other: rest for other, rest in people.items() if other != name}
            yield _told(name, api, [(labels, own, others)])
        for name, labels in judges.items():
            if name != api:
                yield _told(name, api, [(labels, own, people)])
        for part in _PARTS:
            tried = [
                (copied(own, labels, part, seed), own, _without(people, name))
                for seed in range(repeats)
                for name, labels in people.items()
            ]
            yield _told(f"{part:.0%} copied, the rest a rater's", api, tried)


def _without(people: Mapping[str, Labels], name: str) -> dict[str, Labels]:
    return {other: labels for other, labels in people.items() if other != name}


def judges_table(judges: Mapping[str, Labels], repeats: int = _REPEATS) -> Iterator[Row]:
    """A column copied from one judge by four fifths, held against each, beside the other judges."""
    yield ("copied from", "judge", "items", "kappa", "p-value", "found")
    for source, labels in judges.items():
        other = next(rest for name, rest in judges.items() if name != source)
        items = {item: label for item, label in other.items() if item in labels}
        for api, own in judges.items():
            tried = [
                (copied(labels, items, 0.8, seed), own, _without(judges, api))
                for seed in range(repeats)
            ]
            yield _told(source, api, tried)


def main(data: Annotated[Path, typer.Argument(help="Folder of the data.")]) -> None:
    """Print both tables."""
    for rows in (table(*_people_and_judges(data)), judges_table(_judges(data))):
        typer.echo("")
        for line in table_lines(rows):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
