"""``provenance ask``: prompts of a corpus, to be asked of an API."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenance.cli.options import DAY, Paths, output_file, reads_corpus
from provenance.cli.terminal import command_shown, progress_bar, what_was_read, write
from provenance.corpus.document import CorpusOptions
from provenance.words import how_many, visible

if TYPE_CHECKING:
    from provenance.corpus import Corpus
    from provenance.fingerprint.asking.drawing import DrawnPrompts


_SCALE: Final = (
    "for scale: of a model's answers among people's, 50 prompts gave ranges up to 22 points wide,"
    " 250 up to 9; among models it takes more"
)
"""Widths of ``validation/bench/RESULTS.md``, *Samples on the corpus's own prompts*."""


TO_ASK: Final = 300
"""Prompts that a match writes to be asked; a round figure, with which ranges among people's answers
are as narrow as with more (the same table)."""


class _Format(StrEnum):
    jsonl = "jsonl"
    openai = "openai-batch"
    anthropic = "anthropic-batch"


@reads_corpus
def ask(
    paths: Paths,
    options: CorpusOptions,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="ASK.jsonl", help="File to write.")
    ],
    n: Annotated[int, typer.Option("--n", min=1, max=10_000, help="How many prompts.")] = 500,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Draw of each value as the corpus has it. Repeat."),
    ] = None,
    reference_before: Annotated[
        datetime | None,
        typer.Option(
            help="Leave out prompts of rows dated before that day; needs --date-field.", **DAY
        ),
    ] = None,
    openings: Annotated[
        bool, typer.Option("--openings", help="Only prompts that no earlier answer stands before.")
    ] = False,
    form: Annotated[
        _Format,
        typer.Option("--format", help="Plain prompts, or requests of a batch interface."),
    ] = _Format.jsonl,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the API calls the model, in requests.")
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Most tokens of an answer, in requests.",
            show_default="none; 4096 for anthropic-batch",
        ),
    ] = None,
) -> None:
    """Draw prompts of a corpus, to ask an API what it would have answered."""
    from provenance.corpus import open_corpus
    from provenance.files.lines import LINES_SUFFIXES, write_json_lines
    from provenance.fingerprint.asking.drawing import draw_prompts
    from provenance.fingerprint.asking.requests import request_lines
    from provenance.matching.trusted import check_dates, is_trusted

    request_lines((), form.value, model=model, max_tokens=max_tokens)  # refused before the work
    corpus = open_corpus(paths, replace(options, by=tuple(dict.fromkeys(by or ())), with_said=True))
    target = output_file(output, LINES_SUFFIXES, inputs=corpus.paths)
    day = None if reference_before is None else reference_before.date()
    check_dates(corpus, day)
    with progress_bar() as progress:
        drawn = draw_prompts(
            corpus,
            n,
            seed=options.seed,
            openings=openings,
            is_trusted=partial(is_trusted, before=day),
            progress=progress,
        )
    write_json_lines(
        target, request_lines(drawn.prompts, form.value, model=model, max_tokens=max_tokens)
    )
    write("".join(f"{visible(line)}\n" for line in _told(drawn, target, n, corpus)))
    write(f"{command_shown(visible(_next(target)))}\n")


def drawn_to_ask(
    paths: Sequence[str], options: CorpusOptions, output: Path, before: date | None
) -> Callable[[], str]:
    """Draw what a match's corpus can be asked, before it is read otherwise.

    Parameters
    ----------
    paths : sequence of str
    options : CorpusOptions
    output : Path
        File that the prompts are for.
    before : date or None
        Rows dated before that day are no model's, and are not asked.

    Returns
    -------
    callable
        Writes the file, and says what it is for.
    """
    from provenance.corpus import open_corpus
    from provenance.files.lines import LINES_SUFFIXES, write_json_lines
    from provenance.fingerprint.asking.drawing import draw_prompts
    from provenance.fingerprint.asking.requests import request_lines
    from provenance.matching.trusted import check_dates, is_trusted

    corpus = open_corpus(list(paths), replace(options, with_said=True))
    target = output_file(output, LINES_SUFFIXES, inputs=corpus.paths)
    check_dates(corpus, before)
    drawn = draw_prompts(
        corpus, TO_ASK, seed=options.seed, is_trusted=partial(is_trusted, before=before)
    )

    def written() -> str:
        write_json_lines(target, request_lines(drawn.prompts, _Format.jsonl.value))
        shown = visible(str(target))
        return (
            f"{shown}: {len(drawn.prompts):,} prompts of the corpus. Ask them of the candidate and"
            " of every model of the panel, and match again with what provenance fingerprint"
            f" ANSWERS --asked {shown} makes of each one's answers"
        )

    return written


def _told(drawn: DrawnPrompts, target: Path, wanted: int, corpus: Corpus) -> Iterator[str]:
    about = "" if drawn.is_counted else "about "
    n = len(drawn.prompts)
    yield (
        f"{target}: {how_many(n, 'prompt')} drawn from {about}{drawn.n_distinct:,} different ones"
        f" that {drawn.n_asked:,} of {drawn.n_documents:,} documents answer"
    )
    yield f"{drawn.n_tokens:,} tokens to ask, {drawn.n_tokens / n:,.0f} a prompt, and the answers"
    yield _SCALE
    yield from _counted("left out, documents", drawn.left_out)
    yield from _counted(f"passed over, of {drawn.n_held:,} prompts looked at", drawn.passed_over)
    if drawn.n_continuing:
        yield (
            f"{how_many(drawn.n_continuing, 'goes', 'go')} on behind earlier answers of the corpus,"
            " whoever wrote these: --openings leaves them out"
        )
    if n < wanted:
        yield f"{wanted:,} were asked for; there are no more that can be"
    yield from what_was_read(corpus)
    if corpus.counts.n_skipped:
        skipped = how_many(corpus.counts.n_skipped, "row")
        yield f"{skipped} skipped, first {corpus.counts.skipped[0]}"
    yield "Next: ask the API these, and of its answers make its sample:"


def _next(target: Path) -> str:
    answers = ["ANSWERS", "--asked", str(target), "--name", "API", "-o", "API.fp"]
    return shlex.join(["provenance", "fingerprint", *answers])


def _counted(what: str, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        parts = [f"{count:,} {why}" for why, count in sorted(counts.items())]
        yield f"{what}: {', '.join(parts)}"
