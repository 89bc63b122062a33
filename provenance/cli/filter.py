"""``provenance filter``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.gate import gate_limit
from provenance.cli.options import Paths, Scheduler, Workers
from provenance.cli.terminal import tell, write
from provenance.files.places import require_folder


def filter(  # noqa: A001  (the command's name)
    paths: Paths,
    report: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Folder that match or scan wrote of this corpus."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="CLEAN", help="A new folder for the corpus.")
    ],
    drop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Rows to leave out: 'q<=0.05', 'posterior>=0.9', 'family>=0.9' (in quotes), log,"
            " watermark, hidden, repaired, disclosure, known, machine, or another column of"
            " documents.parquet. Repeat, or join with commas.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="Leave out rows in the order of evidence until less than X may be left, a"
            " fraction or a percentage such as 1%; exit with 3 where nothing leaves so little.",
        ),
    ] = None,
    tag: Annotated[
        bool, typer.Option("--tag", help="Keep all rows; name the reasons in a column.")
    ] = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Write a corpus again without the rows that a report points at."""
    limit = None if until is None else gate_limit(until, "--until")
    require_folder(output, ("manifest.json",))
    from provenance.corpus.batches.scheduler import workforce
    from provenance.matching.filtering.filtering import PromiseError, filter_corpus

    try:
        with workforce(workers, scheduler) as hands:
            found = filter_corpus(
                paths,
                report,
                output,
                drop=drop or (),
                until=limit,
                tag=tag,
                workers=hands.workers,
                executor=hands.executor,
            )
    except PromiseError as error:
        write(f"{error}\n")
        raise typer.Exit(3) from None
    tell(found.to_dict, lambda: f"{found.summary()}\nCorpus: {output}\n")
