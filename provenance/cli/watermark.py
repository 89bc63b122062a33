"""``provenance watermark``: parse, call one function, print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import AsJson, Level, Paths, Scheduler, Workers, fraction, reads_corpus
from provenance.cli.terminal import (
    VERDICTS,
    contents,
    progress_bar,
    show,
    what_was_read,
    write_json,
)
from provenance.corpus.document import CorpusOptions
from provenance.errors import require_number
from provenance.files.together import written_together
from provenance.statistics.conventions import FDR
from provenance.words import name_lines, percent, visible, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.corpus import Corpus
    from provenance.evidence.watermark.records import KeyCheck, WatermarkCheck
    from provenance.evidence.watermark.rows import WatermarkRows


__all__ = ["render_check", "watermark"]


_SCHEMA = "provenance-watermark/1"
_SHOWN = 20
_NAME_SHOWN = 80
_BESIDE_KEYS = 58
"""Letters of a line that the figures of a key and its verdict take."""


@reads_corpus
def watermark(
    paths: Paths,
    options: CorpusOptions,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for all that is made.")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="K.toml",
            help="File of keys; none is ever shown. Without it only hidden characters are sought.",
        ),
    ] = None,
    fdr: Annotated[
        float,
        typer.Option(
            parser=fraction(0, 1), metavar="X", help="False documents among those listed."
        ),
    ] = FDR,
    random_keys: Annotated[
        int, typer.Option(min=0, help="Keys that a positive has to stand against; 0: no check.")
    ] = 200,
    exclude_prompts: Annotated[
        bool,
        typer.Option(
            "--exclude-prompts",
            help="Leave out what stands in an answer's prompt, as for text that a suspect model"
            " wrote; needs --prompt-field.",
        ),
    ] = False,
    confidence_level: Level = 0.95,
    as_json: AsJson = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Tell whether a corpus was marked with a key, with exact p-values, or hides characters."""
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.evidence.watermark.corpus import check_watermarks
    from provenance.evidence.watermark.keys import read_watermark_keys
    from provenance.evidence.watermark.rows import WatermarkRows

    found_keys = [] if keys is None else read_watermark_keys(keys)
    corpus = open_corpus(paths, options)
    with written_together(output, ("documents.parquet", "watermark.json")) as folder:
        rows = WatermarkRows(folder / "documents.parquet", [key.name for key in found_keys])
        try:
            with workforce(workers, scheduler) as hands, progress_bar() as progress:
                found = (
                    check_watermarks(
                        corpus,
                        found_keys,
                        fdr=fdr,
                        exclude_prompts=exclude_prompts,
                        confidence_level=confidence_level,
                        n_random_keys=random_keys,
                        seed=options.seed,
                        rows=rows,
                        workers=hands.workers,
                        executor=hands.executor,
                        progress=progress,
                    )
                    if found_keys
                    else _without_keys(corpus, fdr, rows, progress)
                )
        finally:
            rows.discard()
        from provenance.files.aside import write_json_aside

        values = {**contents(_SCHEMA, found, corpus), "hidden_marks": rows.hidden.told()}
        write_json_aside(folder / "watermark.json", values)
    if as_json:
        write_json(values)
    else:
        n_skipped = corpus.counts.n_skipped
        skipped = [f"Rows that could not be read and were skipped: {n_skipped:,}."]
        read = what_was_read(corpus)
        more = [*rows.hidden.lines(), *read, *skipped[: int(n_skipped > 0)]]
        show(lambda console: render_check(found, console, more))


def _without_keys(
    corpus: Corpus, fdr: float, rows: WatermarkRows, progress: Callable[[Corpus], None] | None
) -> WatermarkCheck:
    """Hidden characters alone, which the rows count."""
    from provenance.corpus.batches.batches import batches
    from provenance.evidence.watermark.corpus import LEVEL
    from provenance.evidence.watermark.records import WatermarkCheck

    require_number("fdr", fdr)
    for documents in batches(corpus):
        rows.add(documents, [])
        if progress is not None:
            progress(corpus)
    rows.finish([], [])
    return WatermarkCheck(keys=(), n_documents=rows.hidden.n_documents, level=LEVEL, fdr=fdr)


def render_check(found: WatermarkCheck, console: Console, hidden: Sequence[str] = ()) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    ranked = sorted(found.keys, key=lambda row: row.log10_p_value)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("key", overflow="fold")
    for name in ("corrected p", "documents", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for row in ranked[:_SHOWN]:
        table.add_row(*(Text(cell) for cell in _cells(row, console.width)))
    if ranked:
        console.print(table)
    if len(ranked) > _SHOWN:
        console.print(f"and {len(ranked) - _SHOWN:,} more keys, with larger p-values")
    for line in (*_notes(found, ranked[:_SHOWN]), *hidden):
        console.print(Text(wrapped(_shown(line, 600), console.width)), soft_wrap=True)


def _cells(row: KeyCheck, width: int) -> Sequence[str]:
    name = row.name if row.account is None else f"{row.name} ({row.account})"
    return [
        name_lines(_shown(name), width - _BESIDE_KEYS),
        "<1e-300" if row.adjusted_p_value < 1e-300 else f"{row.adjusted_p_value:.2g}",
        f"{row.n_documents_listed:,}",
        _share(row),
        VERDICTS[row.verdict],
    ]


def _share(row: KeyCheck) -> str:
    share = row.share
    if share.low is not None and share.high is not None:
        return f"{percent(share.low)} to {percent(share.high)}"
    return f"over {percent(share.floor)}" if share.floor > 0 else "-"


def _power_of_ten(log10: float) -> str:
    return f"{10**log10:.2g}" if log10 > -300 else f"1e{log10:.0f}"


def _shown(text: str, most: int = _NAME_SHOWN) -> str:
    told = visible(text)
    return told if len(told) <= most else f"{told[:most]}…"


def _notes(found: WatermarkCheck, ranked: Sequence[KeyCheck]) -> Iterator[str]:
    for row in ranked:
        yield f"{row.name} ({row.scheme}): {VERDICTS[row.verdict]}: {row.sentence}"
        yield (
            f"  {row.n_scored:,} distinct draws: pooled p {_power_of_ten(row.log10_p_value)};"
            f" {row.n_documents_listed:,} documents and {row.n_passages_listed:,} passages listed:"
            f" smallest p for all {row.document_p_value:.2g}"
        )
        if row.random_keys is not None:
            check = row.random_keys
            yield (
                f"  {check.n_keys} random keys on {check.n_tokens:,} tokens, pooled:"
                f" {check.n_smaller} with as small a p-value,"
                f" {'uniform or larger' if check.uniform else 'not uniform'}"
                f" (p = {check.p_value:.2g})"
            )
        if row.draws_kept < 1:
            yield f"  of the distinct draws a sample of {percent(row.draws_kept)} was kept"
        if row.verdict != "found":
            continue
        yield f"  share: {row.share.sentence}"
        for place in row.where[:3]:
            yield f"  {place.path}:{place.line} ({place.id})"
        for passage in row.passages[:3]:
            place = passage.place
            yield (
                f"  {place.path}:{place.line} ({place.id}), characters {place.start} to"
                f" {place.end} (p at most {passage.p_value:.2g})"
            )
    yield from dict.fromkeys(
        f"Null hypothesis ({row.scheme}): {row.null_hypothesis}." for row in ranked
    )
    if not found.keys:
        yield f"{found.n_documents:,} documents. No watermark key was given: keys are not checked."
        return
    yield (
        f"{found.n_documents:,} documents. Corrected for {len(found.keys):,} keys (Holm); found:"
        f" corrected p at most {found.level:g}. Documents: q-value at most {found.fdr:g}."
    )
