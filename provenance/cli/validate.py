"""``provenance validate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.options import (
    Fdr,
    Level,
    given,
    listed,
    numbers,
    reads_corpus,
)
from provenance.cli.terminal import progress_bar, show, steps_bar, write
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.files.named import named_files
from provenance.statistics.conventions import FDR
from provenance.words import visible

if TYPE_CHECKING:
    from provenance.validation.result import Validation


@reads_corpus
def validate(
    options: CorpusOptions,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the tables.")
    ],
    candidate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A.fp",
            help="The API under test: a file, a name of the library, or texts as [NAME=]PATH.",
        ),
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option(metavar="H.fp", help="Text that no model wrote. Repeat.")
    ] = None,
    panel: Annotated[
        list[str] | None, typer.Option(metavar="P.fp", help="Other models. Repeat.")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(metavar="NAME", help="A table of RESULTS.md instead.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the suite's data is.")
    ] = None,
    shares: Annotated[
        list[str] | None, typer.Option(metavar="X", help="Of the candidate; 0,0.1 or repeat.")
    ] = None,
    sizes: Annotated[
        list[str] | None, typer.Option(metavar="N", help="Documents of a corpus; or repeat.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(min=1, help="Corpora of a kind a split.")] = None,
    splits: Annotated[int | None, typer.Option(min=1, help="Divisions of the samples.")] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="closed, length, other domain, unknown source."),
    ] = None,
    peers: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Published estimators on the same corpora; or all."),
    ] = None,
    confidence_level: Level = 0.95,
    same_domain: Annotated[
        bool, typer.Option("--same-domain", help="As for match; not where a domain is left out.")
    ] = False,
    fdr: Fdr = FDR,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where a suite keeps its fingerprints.")
    ] = None,
) -> None:
    """Measure error and coverage at known shares, on your own samples."""
    changes = given(
        shares=numbers("--shares", shares, fractions=True),
        sizes=numbers("--sizes", sizes),
        repeats=repeats,
        splits=splits,
        scenarios=None if scenarios is None else listed(scenarios),
        peers=peers,
    )
    changes |= {"seed": options.seed, "confidence_level": confidence_level}
    changes |= {"same_domain": same_domain, "fdr": fdr}
    _check_validate(suite, data, candidate)
    from provenance.files.together import written_together
    from provenance.validation.page import render_terminal as render_validation
    from provenance.validation.result import FILES

    with written_together(output, FILES) as folder:
        if suite is not None and data is not None:
            found = _of_suite(suite, data, cache_dir, changes)
        else:
            found = _validated(options, (candidate, reference, panel), changes)
        found.save(folder)
    show(lambda console: render_validation(found, console))
    write(f"{visible(str(output / 'validation.html'))}\n")


def _check_validate(suite: str | None, data: Path | None, candidate: object) -> None:
    expected = "--candidate with --reference or --panel, or --suite with --data"
    if suite is not None and candidate is not None:
        raise InputError("--candidate and --suite were both given", expected=expected)
    if suite is None and candidate is None:
        raise InputError("neither --candidate nor --suite was given", expected=expected)
    if (suite is None) != (data is None):
        raise InputError("--suite and --data go together", expected="both or none")


def _of_suite(
    suite: str, data: Path, cache_dir: Path | None, changes: dict[str, Any]
) -> Validation:
    from provenance.scoring.cached.file import default_cache_folder
    from provenance.validation.bench.known_shares import run_suite

    cache = cache_dir or default_cache_folder().with_name("suites")
    with steps_bar() as steps:
        return run_suite(suite, data, cache, changes, steps)


def _validated(
    options: CorpusOptions, named: Sequence[Sequence[str] | None], changes: dict[str, Any]
) -> Validation:
    from provenance.matching.library.background import set_asked
    from provenance.validation.given import measured
    from provenance.validation.protocol import validate as run_validate

    asked = set_asked(named[-1])
    paths = [_resolved(names or ()) for names in (named if asked is None else named[:-1])]
    with progress_bar() as progress:
        found, texts = measured(paths, options, keep_texts=True, progress=progress)
    # A set of the library is a panel by what the candidate answers.
    given_panel = [] if asked is None else [named[-1]]
    roles: dict[str, Any] = dict(
        zip(("candidates", "references", "panel"), [*found, *given_panel], strict=True)
    )
    with steps_bar() as steps:
        return run_validate(**roles, **changes, texts=texts, progress=steps)


def _resolved(named: Sequence[str]) -> list[str]:
    """Folders and globs of fingerprints as their files; corpora as they were named."""
    from provenance.validation.given import is_fingerprint

    parts = [named_files([name], ".fp") if is_fingerprint(name) else [name] for name in named]
    return [path for part in parts for path in part]
