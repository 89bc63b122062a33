"""Whom `scan` names for known answers: texts by families, people and sets that are not on the list.

``python -m provenance.validation.bench.known_copies DATA`` builds the list anew without each family
in turn, and without anything of a file that is on no list, and reads the texts that were left out:
whatever they are taken for is wrong. A corpus is a file, by a model or by people.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.matching.library.known_answers import (
    Answerer,
    KnownAnswers,
    listed,
    read_answers,
)
from provenance.matching.scanning.known import is_named
from provenance.statistics.intervals import clopper_pearson

__all__ = ["main", "table"]

_FEWEST = 20


def table(folder: Path) -> Iterator[str]:
    """What is said of each group of files, by lists that hold nothing of them."""
    answers = read_answers(folder)
    every = listed(answers)
    on_list = {one.family for one in every.answerers}
    rows: dict[str, list[tuple[int, int, bool]]] = {}
    for family in sorted(on_list):
        left = listed([one for one in answers if one[0].family != family])
        for writer, hashes in answers:
            if writer.family == family and len(hashes) >= _FEWEST:
                rows.setdefault("families on the list, left out", []).append(_read(left, hashes))
    for number, (writer, hashes) in enumerate(answers):
        if writer.family in on_list or len(hashes) < _FEWEST:
            continue
        left = listed([one for at, one in enumerate(answers) if at != number])
        group = "people" if "/human" in writer.family else "models that nobody is named for"
        rows.setdefault(group, []).append(_read(left, hashes))
    n_texts = sum(len(hashes) for _, hashes in answers)
    yield f"{len(every.hashes):,} answers of {len(on_list)} families; {n_texts:,} texts in all"
    yield ""
    yield "| texts | files | texts read | taken for another's answer | most in a file | named |"
    yield "|---" * 6 + "|"
    for group, found in rows.items():
        worst = max(hits / n for n, hits, _ in found)
        named = sum(one for *_, one in found)
        high = clopper_pearson(named, len(found), 0.9)[1]
        yield (
            f"| {group} | {len(found)} | {sum(n for n, *_ in found):,} |"
            f" {sum(hits for _, hits, _ in found)} | {100 * worst:.2f} % |"
            f" {named} (at most {100 * high:.1f} %) |"
        )


def _read(known: KnownAnswers, hashes: NDArray[np.uint64]) -> tuple[int, int, bool]:
    """Texts, those taken for somebody's, and whether a family is named for them."""
    found = known.whose(hashes)
    families: dict[str, int] = {}
    for number in found[found >= 0].tolist():
        one: Answerer = known.answerers[number]
        families[one.family] = families.get(one.family, 0) + 1
    n_families = len({one.family for one in known.answerers})
    named = any(is_named(n, len(hashes), n_families, 0.95) for n in families.values())
    return len(hashes), int((found >= 0).sum()), named


def main(folder: Path) -> None:
    """Print the table."""
    typer.echo("\n".join(table(folder)))


if __name__ == "__main__":
    typer.run(main)
