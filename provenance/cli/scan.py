"""``provenance scan``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.gate import exit_status, gate_limit, verdict_lines
from provenance.cli.match import redacted_command
from provenance.cli.options import (
    Author,
    Case,
    Fdr,
    Level,
    NoText,
    Paths,
    Scheduler,
    Title,
    Workers,
    reads_corpus,
)
from provenance.cli.terminal import progress_bar, tell_report, write
from provenance.corpus.document import CorpusOptions
from provenance.files.places import require_folder
from provenance.statistics.conventions import FDR


@reads_corpus
def scan(
    context: typer.Context,
    paths: Paths,
    options: CorpusOptions,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the report."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Break it down by a field, FIELD:month or A+B, instead of by file. Repeat.",
        ),
    ] = None,
    confidence_level: Level = 0.95,
    fdr: Fdr = FDR,
    no_text: NoText = False,
    fail_above: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="Exit with 1 where the share is above X for sure, a fraction or a percentage such"
            " as 5%; with 3 where no share can be told and it may be above X.",
        ),
    ] = None,
    title: Title = None,
    case: Case = None,
    author: Author = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Tell how much of a corpus reads as a language model's, with nothing else given."""
    limit = None if fail_above is None else gate_limit(fail_above)
    if output is not None:
        require_folder(output, ("documents.parquet", "report.json", "report.html"))
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.matching.scanning.scanning import scan as run_scan

    corpus = open_corpus(paths, replace(options, by=tuple(dict.fromkeys(by or ()))))
    with workforce(workers, scheduler) as hands, progress_bar() as progress:
        report = run_scan(
            corpus,
            output=output,
            confidence_level=confidence_level,
            fdr=fdr,
            keep_text=not no_text,
            seed=options.seed,
            workers=hands.workers,
            executor=hands.executor,
            title=title,
            case=case,
            author=author,
            command=redacted_command(context.meta["command"]),
            progress=progress,
        )
    where = None if output is None else output / "report.html"
    tell_report(report, where)
    if limit is not None:
        write("".join(f"{line}\n" for line in verdict_lines(report, limit, ("machine",))))
        raise typer.Exit(exit_status(report, limit, ("machine",)))
