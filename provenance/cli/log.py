"""``provenance index``: the API's own log, measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.match import redacted_command
from provenance.cli.options import (
    Paths,
    Scheduler,
    Workers,
    output_file,
    reads_corpus,
)
from provenance.cli.parts import InPart, Partials, Resume, parts_asked, remove_kept, shard_line
from provenance.cli.terminal import progress_bar, tell, what_was_read, write
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.files.named import loaded, named_files
from provenance.words import how_many, visible

if TYPE_CHECKING:
    from provenance.evidence.log.index import LogIndex


__all__ = ["index_line", "index_lines", "index_values", "merge_indexes"]


@reads_corpus
def index(
    context: typer.Context,
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
    partials: Partials = None,
    shard: InPart = None,
    resume: Resume = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Index the API's own log: what it answered, to whom and when."""
    target = output_file(output, (".idx",))
    part, partials = parts_asked(shard, partials, output, resume=resume)
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.evidence.log.building import index_log, index_shard

    named = tuple(name for name in (account_field, endpoint_field) if name is not None)
    log = open_corpus(paths, replace(options, by=named))
    asked: dict[str, Any] = {
        "account_field": account_field,
        "endpoint_field": endpoint_field,
        "window": window,
        "partials": partials,
        "command": redacted_command(context.meta["command"]),
    }
    with workforce(workers, scheduler) as hands, progress_bar() as progress:
        asked |= {"workers": hands.workers, "executor": hands.executor, "progress": progress}
        if part is not None:
            done = index_shard(log, shard=part, **asked)
        else:
            made = index_log(log, target, keep_text=keep_text, append=append, **asked)
    if part is not None:
        write(f"{shard_line(part, done, partials, output)}\n")
        return
    remove_kept(partials, resume=resume)
    read = [*what_was_read(log), *_not_known(made)]
    tell(
        lambda: index_values(made) | {"read": read},
        lambda: index_line(made) + "".join(f"{line}\n" for line in read),
    )


def _not_known(made: LogIndex) -> list[str]:
    """What the log may hold and nobody named."""
    if made.days is not None:
        return []
    return ["no answer has a date: --date-field names the field that holds it, if there is one"]


def index_line(made: LogIndex) -> str:
    n_accounts = sum(map(bool, made.account_names))
    return (
        f"{visible(str(made.path))}: {how_many(made.n_answers, 'answer')}, {made.n_texts:,}"
        f" different, {how_many(made.n_tokens, 'word')}, {how_many(n_accounts, 'account')},"
        f" {made.size / max(1, made.n_tokens):.1f} bytes a word\n"
    )


def index_lines(held: LogIndex) -> str:
    """What else an index holds, a line each."""
    days = held.days
    dates = "none of its answers has one" if days is None else f"{days[0]} to {days[1]}"
    kept = "inside (--keep-text)" if held.has_text else "not inside, hashes alone"
    lines = (
        f"dates: {dates}",
        f"window: runs of {held.window} words are looked up whole",
        f"endpoints: {sum(map(bool, held.endpoint_names)):,}",
        f"text of the answers: {kept}",
        f"made from: {how_many(len(held.inputs_sha256), 'file')}",
    )
    return "".join(f"{line}\n" for line in lines)


def index_values(held: LogIndex) -> dict[str, Any]:
    """The same for programs."""
    days = held.days
    return {
        "answers": held.n_answers,
        "texts": held.n_texts,
        "words": held.n_tokens,
        "window": held.window,
        "bytes": held.size,
        "holds_text": held.has_text,
        "accounts": sum(map(bool, held.account_names)),
        "endpoints": sum(map(bool, held.endpoint_names)),
        "first_day": None if days is None else str(days[0]),
        "last_day": None if days is None else str(days[1]),
        "inputs_sha256": list(held.inputs_sha256),
    }


def merge_indexes(named: Sequence[str], output: Path, name: str | None) -> None:
    from provenance.evidence.log.building import merge_logs
    from provenance.evidence.log.index import LogIndex

    if name is not None:
        raise InputError("a log index has no name", remedy="Leave out --name")
    paths = named_files(named, ".idx")
    target = output_file(output, (".idx",), inputs=paths)
    made = merge_logs(loaded(paths, LogIndex, ".idx"), target)
    tell(lambda: index_values(made), lambda: index_line(made))
