"""``provenance lean``."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.options import Level, Workers, reads_corpus
from provenance.cli.same import SOURCE, loaded_sources
from provenance.cli.terminal import tell
from provenance.corpus.document import CorpusOptions


@reads_corpus
def lean(
    suspect: Annotated[str, typer.Argument(metavar="SUSPECT", help=SOURCE, show_default=False)],
    options: CorpusOptions,
    base: Annotated[
        str,
        typer.Option(
            metavar="BASE", help="The suspect's public base, on the same prompts; likewise."
        ),
    ],
    candidate: Annotated[
        str, typer.Option(metavar="A.fp", help="The API, best on these prompts; likewise.")
    ],
    panel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="P.fp",
            help="Other models, that did not learn from the API; or library. Repeat.",
        ),
    ] = None,
    confidence_level: Level = 0.95,
    workers: Workers = 1,
) -> None:
    """Tell how much more a model's answers read as an API's than those of its base do."""
    from provenance.matching.comparisons.lean import lean as told_lean
    from provenance.matching.library.background import set_asked

    asked = set_asked(panel)
    several = panel or [] if asked is None else []
    single = loaded_sources([suspect, base, candidate], several, options, workers)
    found = told_lean(
        single[0],
        single[1],
        single[2],
        single[3:] if asked is None else panel or (),
        confidence_level=confidence_level,
        seed=options.seed,
    )
    tell(found.to_dict, lambda: f"{found.summary()}\n")
