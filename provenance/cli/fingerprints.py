"""``provenance fingerprint``, ``merge``, ``compare`` and ``inspect``."""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.match import redacted_command
from provenance.cli.options import (
    AsJson,
    Fingerprints,
    Level,
    Paths,
    Scheduler,
    Segments,
    Workers,
    given,
    output_file,
    reads_corpus,
    spec_option,
)
from provenance.cli.parts import (
    InPart,
    Partials,
    Resume,
    holds_parts,
    merge_parts,
    parts_asked,
    remove_kept,
    shard_line,
)
from provenance.cli.terminal import (
    progress_bar,
    show,
    tell,
    tell_report,
    what_was_read,
    write,
    write_json,
)
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.files.named import loaded, named_files
from provenance.words import visible

if TYPE_CHECKING:
    from provenance.corpus import Corpus
    from provenance.fingerprint.fingerprint import Fingerprint

from provenance.cli.log import index_line, index_lines, index_values, merge_indexes


@reads_corpus
def fingerprint(
    context: typer.Context,
    paths: Paths,
    options: CorpusOptions,
    name: Annotated[str, typer.Option(help="What the source is called in reports.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.fp", help="File to write.")
    ],
    workers: Workers = 1,
    scheduler: Scheduler = None,
    segments: Segments = False,
    asked: Annotated[
        str | None,
        typer.Option(
            metavar="ASK.jsonl",
            help="What provenance ask wrote: the texts are the answers to it, as they came back.",
        ),
    ] = None,
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
    partials: Partials = None,
    shard: InPart = None,
    resume: Resume = False,
) -> None:
    """Measure one source from a sample of its texts."""
    target = output_file(output, (".fp",))
    part, partials = parts_asked(shard, partials, output, resume=resume)
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.features.spec import FeatureSpec
    from provenance.files.claims import claimed
    from provenance.fingerprint.measuring import fingerprint_shard, fit_fingerprint
    from provenance.fingerprint.sample import Limits

    spec = FeatureSpec(
        strip_markdown=strip_markdown, **given(encoding=encoding, min_tokens=min_tokens)
    )
    limits = Limits(**given(rows=rows, row_tokens=row_tokens))
    corpus = open_corpus(paths, replace(options, segments=segments))
    if asked is not None:
        corpus = _joined_to(asked, corpus)
    kept: dict[str, Any] = {
        "partials": partials,
        "command": redacted_command(context.meta["command"]),
    }
    if part is not None:
        with workforce(workers, scheduler) as hands, progress_bar() as progress:
            kept |= {"workers": hands.workers, "executor": hands.executor}
            done = fingerprint_shard(corpus, shard=part, spec=spec, progress=progress, **kept)
        write(f"{shard_line(part, done, partials, output)}\n")
        return
    with claimed(target) as claim:
        with workforce(workers, scheduler) as hands, progress_bar() as progress:
            made = fit_fingerprint(
                corpus,
                name,
                spec,
                limits,
                workers=hands.workers,
                executor=hands.executor,
                progress=progress,
                **kept,
            )
        claim.check()
        (made.seal() if sealed else made).save(target)
    remove_kept(partials, resume=resume)
    tell(lambda: _values(made), lambda: _made(made, target, corpus))


def _joined_to(asked: str, corpus: Corpus) -> Corpus:
    from provenance.fingerprint.asking.answers import joined_to
    from provenance.fingerprint.asking.requests import read_asked

    return joined_to(read_asked(asked), corpus)


def merge(
    context: typer.Context,
    fingerprints: Fingerprints,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="C.fp", help="File to write, or the folder of the report."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Of the result.", show_default="the names joined by +")
    ] = None,
) -> None:
    """Make one fingerprint, or one log index, of several, or put a run in parts together."""
    if holds_parts(fingerprints):
        merge_parts(context, fingerprints[0], output, name)
        return
    if output.suffix.lower() == ".idx":
        merge_indexes(fingerprints, output, name)
        return
    if len(fingerprints) == 1 and not output.suffix:
        raise InputError(
            "no parts of a run are there",
            where=fingerprints[0],
            expected="the folder that --partials named, for a report as the output",
            remedy="Run the parts first, or name the fingerprints and an OUT.fp",
        )
    paths = named_files(fingerprints, ".fp")
    target = output_file(output, (".fp", ".idx"), inputs=paths)
    from provenance.files.claims import claimed
    from provenance.fingerprint.fingerprint import Fingerprint
    from provenance.fingerprint.fingerprint import merge as merge_two

    with claimed(target) as claim:
        merged = functools.reduce(merge_two, loaded(paths, Fingerprint, ".fp"))
        merged = merged if name is None else replace(merged, name=name)
        claim.check()
        merged.save(target)
    tell(lambda: _values(merged), lambda: _made(merged, target))


def compare(
    fingerprints: Fingerprints, confidence_level: Level = 0.95, as_json: AsJson = False
) -> None:
    """Tell how far apart sources are."""
    from provenance.fingerprint.comparing import compare as compare_sources
    from provenance.fingerprint.fingerprint import Fingerprint
    from provenance.fingerprint.showing import comparison_rows, render_comparison

    found = compare_sources(
        loaded(fingerprints, Fingerprint, ".fp"), confidence_level=confidence_level
    )
    if as_json:
        level = found.confidence_level
        statistics = dict(zip(found.names, found.statistics, strict=True))
        write_json(
            {
                "confidence_level": level,
                "distances": comparison_rows(found),
                "statistics": statistics,
            }
        )
    else:
        show(lambda console: render_comparison(found, console))


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
    from provenance.report.checksum import with_checksum
    from provenance.report.report import Report

    report = Report.load(file)
    if as_json:
        write_json(with_checksum(report.to_dict()))
    else:
        tell_report(report, None)


def _inspect_index(file: str, as_json: bool) -> None:
    from provenance.evidence.log.index import LogIndex

    held = LogIndex.load(file)
    if as_json:
        write_json(index_values(held))
    else:
        write(index_line(held) + index_lines(held))


def _inspect_fingerprint(file: str, against: str | None, top: int, as_json: bool) -> None:
    from provenance.fingerprint.fingerprint import Fingerprint
    from provenance.fingerprint.showing import describe, ngram_rates, render_fingerprint

    held = Fingerprint.load(file)
    other = None if against is None else Fingerprint.load(against)
    ngrams = ngram_rates(held, other, count=top)
    if as_json:
        write_json(describe(held, ngrams))
    else:
        show(lambda console: render_fingerprint(held, console, ngrams, against=other))


def _values(made: Fingerprint) -> object:
    from provenance.fingerprint.showing import describe

    return describe(made)


def _made(made: Fingerprint, path: Path, corpus: Corpus | None = None) -> str:
    """One line on what was written, and what was passed over on the way."""
    kept = f"{made.n_documents:,} documents, {made.n_tokens:,} tokens"
    lines = [f"{path}: {made.name}, {kept}, {made.n_too_short:,} too short to score"]
    if corpus is not None:
        fields = sorted({*corpus.text_fields.values()})
        lines += [f"text taken from the field {', '.join(fields)}"] if fields else []
        lines += what_was_read(corpus)
        n_skipped = corpus.counts.n_skipped
        lines += [f"{n_skipped:,} rows skipped, first:"] if n_skipped else []
        lines += [f"  {why}" for why in corpus.counts.skipped[:3]]
    return "".join(f"{visible(line)}\n" for line in lines)
