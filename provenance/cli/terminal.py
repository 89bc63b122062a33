"""What commands write: text and JSON on stdout, a bar on stderr where that is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.corpus import Corpus

__all__ = ["progress_bar", "show", "steps_bar", "what_was_lost", "write", "write_json"]


def write_json(values: object) -> None:
    import json

    from provenance.files.json import plain

    # ASCII alone, because a terminal obeys more characters than JSON escapes.
    text = json.dumps(plain(values), ensure_ascii=True, indent=2).replace("\x7f", "\\u007f")
    write(f"{text}\n")


def show(render: Callable[[Console], None]) -> None:
    from rich.console import Console

    console = Console()
    with console.capture() as captured:
        render(console)
    write(captured.get())


def write(text: str) -> None:
    """Write to stdout; who closed the pipe has read enough."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def what_was_lost(corpus: Corpus) -> list[str]:
    """Lines on what was not read, and on what was read that is not quite of its format."""
    from provenance.words import visible

    return [visible(line) for line in corpus.what_was_lost()]


@contextmanager
def progress_bar() -> Iterator[Callable[[Corpus], None] | None]:
    """A bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def advance(corpus: Corpus) -> None:
            told = f"{corpus.counts.n_documents:,} documents"
            total, done = corpus.bytes_total, corpus.bytes_read
            bar.update(task, description=told, total=total, completed=done)

        yield advance


@contextmanager
def steps_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar that counts steps, on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from provenance.words import visible

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def advance(told: str, done: int, total: int) -> None:
            bar.update(task, description=escape(visible(told)), completed=done, total=total)

        yield advance
