"""``provenance same``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenance.cli.options import Level, Workers, reads_corpus
from provenance.cli.terminal import progress_bar, tell
from provenance.corpus.document import CorpusOptions
from provenance.files.named import named_files, named_one

__all__ = ["SOURCE", "loaded_sources"]

if TYPE_CHECKING:
    from provenance.fingerprint.fingerprint import Fingerprint

SOURCE: Final = (
    "A fingerprint, a name of the library, or a corpus of its answers: a file, folder, quoted glob,"
    " URL or hf:NAME."
)


@reads_corpus
def same(
    first: Annotated[str, typer.Argument(metavar="A", help=SOURCE, show_default=False)],
    second: Annotated[
        str, typer.Argument(metavar="B", help="The other, likewise.", show_default=False)
    ],
    options: CorpusOptions,
    confidence_level: Level = 0.95,
    fail_on_difference: Annotated[
        bool, typer.Option("--fail-on-difference", help="Exit with 1 where a difference is seen.")
    ] = False,
    workers: Workers = 1,
) -> None:
    """Test whether two endpoints answer the same prompts as one model would."""
    from provenance.matching.comparisons.same import same_source

    found = same_source(
        *loaded_sources((first, second), (), options, workers),
        confidence_level=confidence_level,
        seed=options.seed,
    )
    tell(found.to_dict, lambda: f"{found.summary()}\n")
    if fail_on_difference and found.verdict != "no difference seen":
        raise typer.Exit(1)


def loaded_sources(
    single: Sequence[str], several: Sequence[str], options: CorpusOptions, workers: int
) -> list[Fingerprint]:
    """Fingerprints as they are, and corpora measured as these were, in the order given.

    Parameters
    ----------
    single : sequence of str
        Each names one source.
    several : sequence of str
        Each may be a folder or a glob of fingerprints.
    options : CorpusOptions
    workers : int
    """
    from provenance.matching.library.naming import the_one
    from provenance.validation.given import is_fingerprint, measured

    roles = [[named_one(name, ".fp") if is_fingerprint(name) else name] for name in single]
    roles.append([])
    for name in several:
        roles[-1] += named_files([name], ".fp") if is_fingerprint(name) else [name]
    with progress_bar() as progress:
        found, _ = measured(roles, options, workers=workers, progress=progress)
    return [*map(the_one, single, found), *found[-1]]
