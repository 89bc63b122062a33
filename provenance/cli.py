"""The command line: parse, call one function, print. Everything heavy is imported by its command.

Exit status: 0 done; 1 and 3 only for ``match --fail-above``; 2 for bad input or usage, with one
paragraph on stderr.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from provenance import __version__
from provenance import _watermark_command as watermarks
from provenance._canary_commands import canary_app
from provenance._options import (
    AsJson,
    Fingerprints,
    Level,
    Paths,
    Workers,
    aliases,
    fingerprint_paths,
    given,
    listed,
    numbers,
    output_file,
    reads_corpus,
    spec_option,
)
from provenance._terminal import progress_bar, show, steps_bar, write, write_json
from provenance._words import percent, percent_range, visible
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError, ProvenanceError

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.corpus import Corpus
    from provenance.demo import DemoResult
    from provenance.fingerprint import Fingerprint
    from provenance.log_index import LogIndex
    from provenance.report import Report
    from provenance.validation.readings import Validation

__all__ = ["app", "exit_status", "main"]


class _Commands(TyperGroup):
    """Says what a user can put right in one paragraph and exits with 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["command"] = ("provenance", *args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            told = _explained(error)
            if told is None:
                raise
            typer.echo(visible(f"Error: {told}"), err=True)
            raise typer.Exit(2) from None


def _explained(error: Exception) -> str | None:
    """What a user can put right, None where it is a bug."""
    from concurrent.futures import BrokenExecutor

    if isinstance(error, ProvenanceError):
        return str(error)
    if isinstance(error, BrokenExecutor):
        return "A worker process died, most likely for lack of memory. Use fewer --workers."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}."
    return None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(canary_app, name="canary")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"provenance {__version__}")
        raise typer.Exit


@app.callback()
def _provenance(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """How much of a text corpus was written by a given API, with an interval to defend."""


@app.command()
@reads_corpus
def fingerprint(
    paths: Paths,
    options: CorpusOptions,
    name: Annotated[str, typer.Option(help="What the source is called in reports.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.fp", help="File to write.")
    ],
    workers: Workers = 1,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Leave out all that can be read.")
    ] = False,
    encoding: Annotated[
        str | None, spec_option("Counts tokens, as tiktoken names it.", show_default="o200k_base")
    ] = None,
    min_tokens: Annotated[
        int | None, spec_option("Shorter texts are not scored.", min=0, show_default="8")
    ] = None,
    strip_markdown: Annotated[bool, spec_option("Turn markdown into plain text first.")] = False,
    rows: Annotated[
        int | None, spec_option("Most documents kept as rows.", min=1, show_default="65536")
    ] = None,
    row_tokens: Annotated[
        int | None, spec_option("Most tokens in these rows.", min=1, show_default="2000000")
    ] = None,
) -> None:
    """Measure one source from a sample of its texts."""
    target = output_file(output, (".fp",))
    from provenance.corpus import open_corpus
    from provenance.features import FeatureSpec
    from provenance.measuring import fit_fingerprint
    from provenance.sample import Limits

    spec = FeatureSpec(
        strip_markdown=strip_markdown, **given(encoding=encoding, min_tokens=min_tokens)
    )
    limits = Limits(**given(rows=rows, row_tokens=row_tokens))
    corpus = open_corpus(paths, options)
    with progress_bar() as progress:
        made = fit_fingerprint(corpus, name, spec, limits, workers=workers, progress=progress)
    (made.seal() if sealed else made).save(target)
    write(_made(made, target, corpus))


@app.command()
@reads_corpus
def index(
    paths: Paths,
    options: CorpusOptions,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.idx", help="File to write.")
    ],
    account_field: Annotated[
        str | None, typer.Option(metavar="FIELD", help="To whom an answer went.")
    ] = None,
    endpoint_field: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Through what, such as a reseller.")
    ] = None,
    window: Annotated[
        int, typer.Option(min=8, help="Words of a run that is looked up whole.")
    ] = 32,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Keep the answers, to be shown beside matches.")
    ] = False,
    append: Annotated[
        bool, typer.Option("--append", help="Add to the index that stands there.")
    ] = False,
    workers: Workers = 1,
) -> None:
    """Index the API's own log: what it answered, to whom and when."""
    target = output_file(output, (".idx",))
    from provenance.corpus import open_corpus
    from provenance.indexing import index_log

    named = tuple(name for name in (account_field, endpoint_field) if name is not None)
    log = open_corpus(paths, replace(options, by=named))
    with progress_bar() as progress:
        made = index_log(
            log,
            target,
            account_field=account_field,
            endpoint_field=endpoint_field,
            window=window,
            keep_text=keep_text,
            append=append,
            workers=workers,
            progress=progress,
        )
    write(_indexed(made))


def _indexed(made: LogIndex) -> str:
    n_accounts = sum(map(bool, made.account_names))
    return (
        f"{made.path}: {made.n_answers:,} answers, {made.n_texts:,} different,"
        f" {made.n_tokens:,} words, {n_accounts:,} accounts,"
        f" {made.size / max(1, made.n_tokens):.1f} bytes a word\n"
    )


def _logs(paths: Sequence[str]) -> list[LogIndex]:
    from provenance.log_index import LogIndex

    return [LogIndex.load(path) for path in fingerprint_paths(paths, ".idx")]


@app.command()
@reads_corpus
def match(
    context: typer.Context,
    paths: Paths,
    options: CorpusOptions,
    candidate: Annotated[
        list[str], typer.Option(metavar="A.fp", help="The API under test. Repeat, or a folder.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the report.")
    ],
    reference: Annotated[
        list[str] | None, typer.Option(metavar="H.fp", help="Text that no model wrote. Repeat.")
    ] = None,
    panel: Annotated[
        list[str] | None, typer.Option(metavar="P.fp", help="Other models. Repeat.")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NAME", help="A second name of the same source. Repeat."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="Break the shares down. Repeat.")
    ] = None,
    confidence_level: Level = 0.95,
    same_domain: Annotated[
        bool,
        typer.Option(
            "--same-domain", help="The references are of the corpus's own domain and period."
        ),
    ] = False,
    reference_before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Rows of the corpus dated before that day are no model's; needs --date-field.",
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
    fdr: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Rate of false rows in the list of rows.")
    ] = 0.05,
    no_text: Annotated[bool, typer.Option("--no-text", help="Show no text of the corpus.")] = False,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0.0,
            max=1.0,
            help="Exit with 1 where a candidate's share is above X, a fraction, for sure; "
            "with 3 where no share can be told and it may be above X.",
        ),
    ] = None,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where fitted panels are kept.")
    ] = None,
    workers: Workers = 1,
) -> None:
    """Estimate how much of a corpus is consistent with each source."""
    names = aliases(alias or ())
    from provenance.corpus import open_corpus
    from provenance.matching import match as run_match
    from provenance.render import render_terminal

    corpus = open_corpus(paths, replace(options, by=tuple(by or ())))
    with progress_bar() as progress:
        report = run_match(
            corpus,
            candidates=_fingerprints(candidate),
            references=_fingerprints(reference or ()),
            panel=_fingerprints(panel or ()),
            aliases=names,
            output=output,
            confidence_level=confidence_level,
            same_domain=same_domain,
            reference_before=reference_before.date() if reference_before else None,
            baseline=baseline,
            logs=_logs(log or ()),
            decoy_logs=_logs(decoy_log or ()),
            watermark_keys=() if watermark_keys is None else watermark_keys,
            fdr=fdr,
            keep_text=not no_text,
            seed=options.seed,
            workers=workers,
            cache_dir=cache_dir,
            command=_redacted(context.meta["command"]),
            progress=progress,
        )
    show(lambda console: render_terminal(report, console, where=output / "report.html"))
    raise typer.Exit(0 if fail_above is None else exit_status(report, fail_above))


@app.command()
def merge(
    fingerprints: Fingerprints,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="C.fp", help="File to write.")],
    name: Annotated[
        str | None, typer.Option(help="Of the result.", show_default="the names joined by +")
    ] = None,
) -> None:
    """Make one fingerprint, or one log index, of several."""
    if output.suffix.lower() == ".idx":
        _merge_indexes(fingerprints, output, name)
        return
    paths = fingerprint_paths(fingerprints)
    target = output_file(output, (".fp", ".idx"), inputs=paths)
    from provenance.fingerprint import merge as merge_two

    merged = functools.reduce(merge_two, _fingerprints(paths))
    merged = merged if name is None else replace(merged, name=name)
    merged.save(target)
    write(_made(merged, target))


def _merge_indexes(named: Sequence[str], output: Path, name: str | None) -> None:
    from provenance.indexing import merge_logs

    if name is not None:
        raise InputError("a log index has no name", remedy="Leave out --name")
    paths = fingerprint_paths(named, ".idx")
    target = output_file(output, (".idx",), inputs=paths)
    write(_indexed(merge_logs(_logs(paths), target)))


@app.command()
def compare(
    fingerprints: Fingerprints, confidence_level: Level = 0.95, as_json: AsJson = False
) -> None:
    """Tell how far apart sources are."""
    from provenance.comparison import compare as compare_sources
    from provenance.inspection import comparison_rows, render_comparison

    found = compare_sources(_fingerprints(fingerprints), confidence_level=confidence_level)
    if as_json:
        level = found.confidence_level
        write_json({"confidence_level": level, "distances": comparison_rows(found)})
    else:
        show(lambda console: render_comparison(found, console))


@app.command()
def inspect(
    file: Annotated[
        str, typer.Argument(help="A .fp or .idx file, or a report.json.", show_default=False)
    ],
    against: Annotated[
        str | None,
        typer.Option(metavar="H.fp", help="Show the n-grams that tell the source from this one."),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many n-grams.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what a fingerprint, a log index or a report holds."""
    if file.lower().endswith(".json") or os.path.isdir(file):
        _inspect_report(file, as_json)
    elif file.lower().endswith(".idx"):
        _inspect_index(file, as_json)
    else:
        _inspect_fingerprint(file, against, top, as_json)


def _inspect_report(file: str, as_json: bool) -> None:
    from provenance.render import render_terminal
    from provenance.report import Report

    report = Report.load(file)
    if as_json:
        write_json(report.to_dict())
    else:
        show(lambda console: render_terminal(report, console))


def _inspect_index(file: str, as_json: bool) -> None:
    from provenance.log_index import LogIndex

    held = LogIndex.load(file)
    if as_json:
        write_json(
            {
                "answers": held.n_answers,
                "texts": held.n_texts,
                "words": held.n_tokens,
                "window": held.window,
                "bytes": held.size,
                "holds_text": held.has_text,
                "accounts": sum(map(bool, held.account_names)),
                "endpoints": sum(map(bool, held.endpoint_names)),
                "inputs_sha256": list(held.inputs_sha256),
            }
        )
    else:
        write(_indexed(held))


def _inspect_fingerprint(file: str, against: str | None, top: int, as_json: bool) -> None:
    from provenance.fingerprint_file import load_fingerprint
    from provenance.inspection import describe, ngram_rates, render_fingerprint

    held = load_fingerprint(file)
    other = None if against is None else load_fingerprint(against)
    ngrams = ngram_rates(held, other, count=top)
    if as_json:
        write_json(describe(held, ngrams))
    else:
        show(lambda console: render_fingerprint(held, console, ngrams, against=other))


@app.command()
def report(
    file: Annotated[
        str, typer.Argument(metavar="REPORT.json", help="Or its folder.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="PAGE.html", help="File to write.")
    ],
) -> None:
    """Make the page of a report again."""
    target = output_file(output, (".html", ".htm"))
    from provenance.render import save_html
    from provenance.report import Report

    save_html(Report.load(file), target)
    write(f"{visible(str(target))}\n")


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for all that is made.")
    ] = Path("provenance-demo"),
    seed: Annotated[int, typer.Option(min=0, help="For everything that is drawn.")] = 0,
    watermark: Annotated[
        bool, typer.Option("--watermark", help="The check for a watermark instead of a share.")
    ] = False,
    workers: Workers = 1,
) -> None:
    """Run the whole way once, on text that is at hand and of known origin."""
    from provenance.demo import run_demo
    from provenance.watermark_demo import run_watermark_demo

    if watermark:
        with progress_bar() as progress:
            marked = run_watermark_demo(output, seed=seed, workers=workers, progress=progress)
        show(lambda console: watermarks.tell_demo(marked, console))
        return
    with progress_bar() as progress:
        result = run_demo(output, seed=seed, workers=workers, progress=progress)
    show(lambda console: _tell_demo(result, console))


@app.command()
@reads_corpus
def validate(
    options: CorpusOptions,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the tables.")
    ],
    candidate: Annotated[
        list[str] | None,
        typer.Option(metavar="A.fp", help="The API under test; or its texts, as [NAME=]PATH."),
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option(metavar="H.fp", help="Text that no model wrote. Repeat.")
    ] = None,
    panel: Annotated[
        list[str] | None, typer.Option(metavar="P.fp", help="Other models. Repeat.")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(metavar="NAME", help="A table of the README instead.")
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
    fdr: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Rate of false rows in the list of rows.")
    ] = 0.05,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where a suite keeps its fingerprints.")
    ] = None,
) -> None:
    """Measure error and coverage at known shares, on your own samples."""
    changes = given(
        shares=numbers("--shares", shares),
        sizes=numbers("--sizes", sizes),
        repeats=repeats,
        splits=splits,
        scenarios=None if scenarios is None else listed(scenarios),
        peers=peers,
    )
    changes |= {"seed": options.seed, "confidence_level": confidence_level}
    changes |= {"same_domain": same_domain, "fdr": fdr}
    _check_validate(suite, data, candidate)
    from provenance.validation.page import render_terminal as render_validation

    if suite is not None and data is not None:
        from provenance.panel_file import default_cache_folder
        from provenance.validation.known_shares import run_suite

        cache = cache_dir or default_cache_folder().with_name("suites")
        with steps_bar() as steps:
            found = run_suite(suite, data, cache, changes, steps)
    else:
        found = _validated(options, (candidate, reference, panel), changes)
    found.save(output)
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


def _validated(
    options: CorpusOptions, named: Sequence[Sequence[str] | None], changes: dict[str, Any]
) -> Validation:
    from provenance.validation.given import measured
    from provenance.validation.protocol import validate as run_validate

    paths = [_resolved(names or ()) for names in named]
    with progress_bar() as progress:
        found, texts = measured(paths, options, keep_texts="peers" in changes, progress=progress)
    roles: dict[str, Any] = dict(zip(("candidates", "references", "panel"), found, strict=True))
    with steps_bar() as steps:
        return run_validate(**roles, **changes, texts=texts, progress=steps)


def _resolved(named: Sequence[str]) -> list[str]:
    """Folders and globs of fingerprints as their files; corpora as they were named."""
    from provenance.validation.given import is_fingerprint

    parts = [fingerprint_paths([name]) if is_fingerprint(name) else [name] for name in named]
    return [path for part in parts for path in part]


def exit_status(report: Report, fail_above: float) -> int:
    """1 where a candidate's low end is above the limit, 3 where no share is told and it may be."""
    rows = report.candidates("documents")
    if any(row.low > fail_above for row in rows):
        return 1
    untold = [row for row in rows if report.verdict == "withheld" or row.share is None]
    return 3 if any(row.high > fail_above for row in untold) else 0


def _fingerprints(named: Sequence[str]) -> list[Fingerprint]:
    from provenance.fingerprint_file import load_fingerprint

    return [load_fingerprint(path) for path in fingerprint_paths(named)]


def _redacted(command: Sequence[str]) -> tuple[str, ...]:
    from provenance.corpus.inputs import redacted

    return tuple(map(redacted, command))


def _made(made: Fingerprint, path: Path, corpus: Corpus | None = None) -> str:
    """One line on what was written, and what was passed over on the way."""
    kept = f"{made.n_documents:,} documents, {made.n_tokens:,} tokens"
    lines = [f"{path}: {made.name}, {kept}, {made.n_too_short:,} too short to score"]
    if corpus is not None:
        fields = sorted({*corpus.text_fields.values()})
        lines += [f"text taken from the field {', '.join(fields)}"] if fields else []
        n_skipped = corpus.counts.n_skipped
        lines += [f"{n_skipped:,} rows skipped, first:"] if n_skipped else []
        lines += [f"  {why}" for why in corpus.counts.skipped[:3]]
    return "".join(f"{visible(line)}\n" for line in lines)


app.command()(watermarks.watermark)


def _tell_demo(result: DemoResult, console: Console) -> None:
    from rich.text import Text

    from provenance.render import render_terminal

    n_all = result.n_api + result.n_human
    (row,) = result.report.candidates()
    estimate = row.verdict if row.share is None else percent(row.share)
    told = (
        f"A corpus of {n_all} texts: {result.n_api} answers by a language model and"
        f" {result.n_human} pieces of Python's manual.\n"
    )
    console.print(Text(told))
    render_terminal(result.report, console, where=result.page)
    steps = "".join(f"\n  {visible(line)}" for line in result.commands)
    told = (
        f"\nEstimated {estimate} ({percent_range(row.low, row.high)}), in truth"
        f" {percent(result.truth)}. This is a demonstration, not a measurement: answers in"
        " markdown and a manual are far easier to tell apart than two authors of one kind of"
        f" text.\n\nThe same by hand:{steps}"
    )
    console.print(Text(told), soft_wrap=True)
