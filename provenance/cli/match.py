"""``provenance match`` and ``provenance report``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.ask import TO_ASK, drawn_to_ask
from provenance.cli.bench import forecast_lines
from provenance.cli.gate import exit_status, gate_kinds, gate_limit, verdict_lines
from provenance.cli.options import (
    DAY,
    Author,
    Case,
    Fdr,
    Level,
    NoText,
    Paths,
    Scheduler,
    Segments,
    Title,
    Workers,
    aliases,
    output_file,
    reads_corpus,
)
from provenance.cli.parts import (
    InPart,
    Partials,
    Resume,
    parts_asked,
    remove_kept,
    shard_line,
)
from provenance.cli.terminal import tell_report, two_bars, write
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.files.places import require_folder
from provenance.statistics.conventions import FDR
from provenance.words import visible

if TYPE_CHECKING:
    from provenance.report.report import Report

__all__ = ["exit_status", "redacted_command"]


class _CorpusIs(StrEnum):
    whole = "whole"
    sample = "sample"


@reads_corpus
def match(
    context: typer.Context,
    paths: Paths,
    options: CorpusOptions,
    candidate: Annotated[
        list[str],
        typer.Option(
            metavar="A.fp",
            help="The API under test, or a name of provenance library list. Repeat, or a folder.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the report.")
    ],
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="H.fp",
            help="Text that no model wrote; people: that of the library. Repeat.",
        ),
    ] = None,
    panel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="P.fp", help="Other models; library:SET: those of the library. Repeat."
        ),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NAME", help="A second name of the same source. Repeat."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Break the shares down by a field, by FIELD:month, by file, or by A+B. Repeat.",
        ),
    ] = None,
    segments: Segments = False,
    confidence_level: Level = 0.95,
    same_domain: Annotated[
        bool,
        typer.Option(
            "--same-domain", help="The references are of the corpus's own domain and period."
        ),
    ] = False,
    only: Annotated[
        bool,
        typer.Option(
            "--only",
            help="No model but those given may stand behind the corpus: what reads as the"
            " candidate's beside references alone, or beside few other models, is told as its.",
        ),
    ] = False,
    corpus_is: Annotated[
        _CorpusIs,
        typer.Option(help="Whether shares are of the corpus itself, or of what it was drawn from."),
    ] = _CorpusIs.whole,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="Draw so many rows that the interval reaches no farther than X to each side, 0.01"
            " or 1%, if any number of rows can do that.",
        ),
    ] = None,
    reference_before: Annotated[
        datetime | None,
        typer.Option(
            help="Rows of the corpus dated before that day are no model's; needs --date-field.",
            **DAY,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="REPORT.json", help="An earlier report: tell what has changed since, too."
        ),
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="L.idx", help="The API's own log, by provenance index. Repeat."),
    ] = None,
    decoy_log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="D.idx",
            help="Index of text that the API did not write, such as other models' answers to the"
            " same prompts. Repeat.",
        ),
    ] = None,
    watermark_keys: Annotated[
        Path | None,
        typer.Option(
            metavar="K.toml", help="Keys that the API marks its text with; none is ever shown."
        ),
    ] = None,
    fdr: Fdr = FDR,
    no_text: NoText = False,
    fail_above: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="Exit with 1 where a candidate's share is above X for sure, a fraction or a"
            " percentage such as 5%; with 3 where no share can be told and it may be above X.",
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="What --fail-above looks at: shares, breakdown (each part of --by, at a level"
            " corrected for their number), log (what stands on --log alone), watermark (what is"
            " marked for sure), machine (what is like any language model's text, beside"
            " references). Commas between them, or repeat.",
            show_default="shares",
        ),
    ] = None,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where fitted panels are kept.")
    ] = None,
    ask: Annotated[
        Path | None,
        typer.Option(
            metavar="ASK.jsonl",
            help=f"Write {TO_ASK} prompts of the corpus too, to ask every model in question: what"
            " mends a share that is withheld, or a wide range, for want of samples of its kind.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Tell what would be read, how long and with how much memory; no more."
        ),
    ] = False,
    no_library: Annotated[
        bool,
        typer.Option(
            "--no-library",
            help="Take no models of the library for a panel, where none is given and the candidate"
            " answers their prompts.",
        ),
    ] = False,
    title: Title = None,
    case: Case = None,
    author: Author = None,
    partials: Partials = None,
    shard: InPart = None,
    resume: Resume = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Estimate how much of a corpus is consistent with each source."""
    part, partials = parts_asked(shard, partials, output, resume=resume)
    names = aliases(alias or ())
    limit = None if fail_above is None else gate_limit(fail_above)
    kinds = gate_kinds(fail_on or ())
    width = None if precision is None else gate_limit(precision, "--precision")
    needs = {
        "machine": (
            "--reference H.fp without --only",
            reference and not only,
        ),
        "breakdown": ("--by FIELD", by or segments),
        "log": (
            "--log L.idx with --decoy-log D.idx or --reference-before DATE",
            log and (decoy_log or reference_before),
        ),
        "watermark": ("--watermark-keys K.toml", watermark_keys),
    }
    _check_gate(limit, fail_on, needs)
    if dry_run:
        named = [*candidate, *(reference or ())]
        _dry_run(paths, options, named, panel or [], width, workers=workers)
        return
    require_folder(output, ("documents.parquet", "report.json", "report.html"))
    to_ask = None
    if ask is not None:
        # Before the work: a corpus without prompts is told at once.
        before = reference_before.date() if reference_before else None
        to_ask = drawn_to_ask(paths, options, ask, before)
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.matching.matching import match as run_match
    from provenance.matching.partials.partials import refuse_partials
    from provenance.matching.partials.sharding import match_shard

    fields = tuple(dict.fromkeys(by or ()))
    corpus = open_corpus(paths, replace(options, by=fields, segments=segments))
    asked: dict[str, Any] = {
        "candidates": candidate,
        "references": reference or (),
        "panel": panel or (),
        "aliases": names,
        "only": only,
        "reference_before": reference_before.date() if reference_before else None,
        "seed": options.seed,
        "cache_dir": cache_dir,
        # Beside a panel the row that this gate looks at has a low end beside many kinds of people's
        # text alone.
        "library": not no_library and "machine" not in kinds,
        "partials": partials,
        "command": redacted_command(context.meta["command"]),
    }
    if part is not None:
        refuse_partials(False, log, decoy_log, watermark_keys, width)
        with workforce(workers, scheduler) as hands, two_bars() as (progress, stages):
            asked |= {"workers": hands.workers, "executor": hands.executor}
            done = match_shard(corpus, shard=part, progress=progress, stages=stages, **asked)
        write(f"{shard_line(part, done, partials, output)}\n")
        return
    with workforce(workers, scheduler) as hands, two_bars() as (progress, stages):
        report = run_match(
            corpus,
            **asked,
            workers=hands.workers,
            executor=hands.executor,
            output=output,
            confidence_level=confidence_level,
            same_domain=same_domain,
            corpus_is=corpus_is.value,
            precision=width,
            baseline=baseline,
            logs=log or (),
            decoy_logs=decoy_log or (),
            watermark_keys=() if watermark_keys is None else watermark_keys,
            fdr=fdr,
            keep_text=not no_text,
            title=title,
            case=case,
            author=author,
            progress=progress,
            stages=stages,
        )
    remove_kept(partials, resume=resume)
    tell_report(report, output / "report.html")
    if to_ask is not None:
        write(f"{to_ask()}\n")
    if limit is not None:
        write("".join(f"{line}\n" for line in verdict_lines(report, limit, kinds)))
        raise typer.Exit(exit_status(report, limit, kinds))


def _dry_run(
    paths: Sequence[str],
    options: CorpusOptions,
    named: list[str],
    panel: list[str],
    precision: float | None,
    *,
    workers: int,
) -> None:
    """Tell what a match would do; the fingerprints are loaded, so that a wrong one is told."""
    from provenance.corpus import open_corpus
    from provenance.matching.library.background import set_asked
    from provenance.matching.library.naming import named_sources
    from provenance.matching.precision import check_precision
    from provenance.matching.throughput import forecast

    corpus = open_corpus(list(paths), options)
    if precision is not None:
        check_precision(precision, corpus)
    # Which of a set's models would be taken, only the samples tell.
    sources = named_sources(named if set_asked(panel) is not None else [*named, *panel])
    found = forecast(corpus, len(sources), workers=workers, precision=precision)
    write("".join(f"{line}\n" for line in forecast_lines(found, workers)))


def report(
    file: Annotated[
        str, typer.Argument(metavar="REPORT.json", help="Or its folder.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="PAGE.html",
            help="File to write: the page, or for CI what ends in .sarif, or in .xml (JUnit).",
        ),
    ],
    title: Title = None,
    case: Case = None,
    author: Author = None,
) -> None:
    """Make the page of a report again, or a file for CI."""
    target = output_file(output, (".html", ".htm", ".sarif", ".xml"))
    from provenance.report.report import Report

    made = Report.load(file)
    manifest = replace(
        made.manifest,
        title=made.manifest.title if title is None else title,
        case=made.manifest.case if case is None else case,
        author=made.manifest.author if author is None else author,
    )
    _save(replace(made, manifest=manifest), target)
    write(f"{visible(str(target))}\n")


def _save(report: Report, target: Path) -> None:
    """Write a report in the form that the name of the file asks for."""
    from provenance.files.aside import write_aside, write_json_aside

    if target.suffix.lower() == ".sarif":
        from provenance.report.ci import sarif

        write_json_aside(target, sarif(report))
    elif target.suffix.lower() == ".xml":
        from provenance.report.ci import junit

        write_aside(target, junit(report))
    else:
        from provenance.report.page.page import save_html

        save_html(report, target)


def _check_gate(
    limit: float | None, named: Sequence[str] | None, given: Mapping[str, tuple[str, object]]
) -> None:
    """Refuse before the work a gate that could never close.

    Parameters
    ----------
    limit : float or None
    named : sequence of str or None
        Values of ``--fail-on``.
    given : mapping of str to (str, object)
        What each kind needs: the option, and its value.
    """
    if limit is None and named:
        raise InputError("--fail-on was given without a limit", remedy="Pass --fail-above X")
    for kind in gate_kinds(named or ()):
        option, value = given.get(kind, ("", True))
        if not value:
            raise InputError(
                f"--fail-on {kind} has nothing to look at",
                expected=option,
                remedy=f"Pass {option}, or leave {kind} out",
            )


def redacted_command(command: Sequence[str]) -> tuple[str, ...]:
    """The command as a manifest tells it: without credentials."""
    from provenance.corpus.places.inputs import redacted

    return tuple(map(redacted, command))
