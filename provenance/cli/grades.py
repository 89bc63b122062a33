"""``provenance grades``."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import Annotated

import typer

from provenance.cli.options import reads_corpus
from provenance.cli.terminal import tell
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError


@reads_corpus
def grades(
    suspect: Annotated[
        str,
        typer.Argument(
            metavar="SUSPECT", help="The column of grades: a corpus.", show_default=False
        ),
    ],
    options: CorpusOptions,
    judge: Annotated[
        str,
        typer.Option(metavar="PATH", help="The API's own grades of the same items; likewise."),
    ],
    rater: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=PATH",
            help="Grades by an independent rater; likewise. Two or more: repeat.",
        ),
    ],
    label_field: Annotated[
        str, typer.Option(metavar="FIELD", help="Field of the grade.", show_default=True)
    ] = "label",
) -> None:
    """Test whether grades are an API's own, beside those of independent raters."""
    from provenance.corpus import open_corpus
    from provenance.matching.comparisons.grades import grades as told_grades
    from provenance.matching.comparisons.grades import labels_of
    from provenance.validation.given import named_path

    # A file of grades has a text for no row, and an id for each.
    id_field = options.id_field or "id"
    reading = replace(options, by=(label_field,), id_field=id_field, with_text=False)

    def labels(path: str) -> dict[str, str]:
        return labels_of(open_corpus(path, reading), label_field)

    raters = [named_path(path) for path in rater]
    twice = [name for name, count in Counter(name for name, _ in raters).items() if count > 1]
    if twice:
        raise InputError(f"two raters are called {twice[0]!r}", remedy="Pass --rater NAME=PATH")
    columns = labels(suspect), labels(judge), {name: labels(path) for name, path in raters}
    if os.path.realpath(suspect) == os.path.realpath(judge):
        raise InputError("the suspect and the judge are one file", where=suspect)
    found = told_grades(*columns)
    tell(found.to_dict, lambda: f"{found.summary()}\n")
