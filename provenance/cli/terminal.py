"""What commands write: text and JSON on stdout, a bar on stderr where that is a terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TextIO

import typer

from provenance.version import __version__
from provenance.words import visible, wrapped, wrapped_command

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from provenance.corpus import Corpus
    from provenance.report.report import Report

__all__ = [
    "STANDARD_OUTPUT",
    "VERDICTS",
    "command_shown",
    "complain",
    "contents",
    "progress_bar",
    "show",
    "shown",
    "speaking",
    "steady_streams",
    "steady_width",
    "steps_bar",
    "tell",
    "tell_report",
    "two_bars",
    "what_was_read",
    "write",
    "write_json",
]

STANDARD_OUTPUT: Final = "standard output"
_NARROWEST, _WIDEST = 20, 10_000
"""Columns that a terminal has; round figures: tables of fewer tell nothing, and who sets more wants
whole lines, which are padded to the width."""
VERDICTS: Final = {
    "found": "consistent with",
    "not_found": "no evidence",
    "not_checked": "cannot tell",
}
"""What the verdict of a key is called where people read it."""
_GATES: Final = (0, 1, 3)
"""Exit statuses of a command that has done its work."""


@dataclass(slots=True)
class _Voice:
    """How a command speaks: not at all, or as JSON at its end."""

    quiet: bool = False
    collects: bool = False
    lines: list[str] = field(default_factory=list)
    values: object = None


_voice: ContextVar[_Voice | None] = ContextVar("_voice", default=None)


def _now() -> _Voice:
    return _voice.get() or _Voice()


@contextmanager
def speaking(*, quiet: bool, as_json: bool) -> Iterator[None]:
    """Let what is written within be silent, or one JSON value at the end.

    Parameters
    ----------
    quiet : bool
        Nothing but JSON that was asked for; errors and the exit status stay.
    as_json : bool
        For commands without JSON of their own: what they `tell`, else their lines as ``told``.
    """
    voice = _Voice(quiet or _now().quiet, as_json)
    before = _voice.set(voice)
    is_done = False
    try:
        yield
        is_done = True
    except typer.Exit as end:
        is_done = end.exit_code in _GATES
        raise
    finally:
        _voice.reset(before)
        if as_json and is_done:
            told = "".join(voice.lines).splitlines()
            write_json({"told": told} if voice.values is None else voice.values)


def tell(values: Callable[[], object], text: Callable[[], str]) -> None:
    """Write a result: as values where JSON was asked for, else as text."""
    voice = _now()
    if voice.collects:
        voice.values = values()
    elif not voice.quiet:
        write(text())


def tell_report(report: Report, where: Path | None) -> None:
    """Write a report: as its file has it where JSON was asked for, else as a table."""
    from provenance.report.checksum import with_checksum
    from provenance.report.terminal import render_terminal

    tell(
        lambda: with_checksum(report.to_dict()),
        lambda: shown(lambda console: render_terminal(report, console, where=where)),
    )


def shown(render: Callable[[Console], None]) -> str:
    """What a console would show."""
    from rich.console import Console

    console = Console()
    with console.capture() as captured:
        render(console)
    return captured.get()


def write_json(values: object) -> None:
    import json

    from provenance.files.json import plain

    # ASCII alone, because a terminal obeys more characters than JSON escapes.
    text = json.dumps(plain(values), ensure_ascii=True, indent=2).replace("\x7f", "\\u007f")
    _out(f"{text}\n")


def show(render: Callable[[Console], None]) -> None:
    write(shown(render))


def write(text: str) -> None:
    """Write to stdout, as far as anybody reads it and nobody asked for silence or JSON.

    Parameters
    ----------
    text : str
        Lines that are too long for a terminal are broken at spaces; of a pipe they stay whole.
    """
    voice = _now()
    if voice.collects:
        voice.lines.append(text)
    elif not voice.quiet:
        _out(_fitted(text, sys.stdout))


def complain(text: str) -> None:
    """Write a paragraph on what is wrong, or to be known, to stderr."""
    typer.echo(_fitted(text, sys.stderr), err=True)


def command_shown(command: str) -> str:
    """A line of the shell, set in, so that it can be copied off stdout as it stands."""
    width = _width(sys.stdout)
    told = command if width is None else wrapped_command(command, width - 2)
    return "  " + told.replace("\n", "\n  ")


def _fitted(text: str, stream: TextIO) -> str:
    width = _width(stream)
    return text if width is None else wrapped(text, width)


def _width(stream: TextIO) -> int | None:
    is_asked = os.environ.get("COLUMNS", "").isdigit()
    return shutil.get_terminal_size().columns if is_asked or stream.isatty() else None


def _out(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def steady_streams() -> None:
    """Make stdout and stderr safe to write to: whoever closed the pipe has read enough.

    A stdout that cannot be written to is told once, a stderr nowhere; neither is tried again, so
    that the end of the interpreter meets nothing to fail at.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file that is opened would be taken for a standard stream.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _steady(sys.stdout, STANDARD_OUTPUT)
    sys.stderr = _steady(sys.stderr, None)


def steady_width() -> None:
    """Let ``COLUMNS`` say what a terminal can have, or nothing: libraries believe whatever it says.

    They have a variable of their own, ``TERMINAL_WIDTH``, too.

    Examples
    --------
    >>> os.environ["COLUMNS"] = "0"
    >>> steady_width()
    >>> "COLUMNS" in os.environ
    False
    """
    for name in ("COLUMNS", "TERMINAL_WIDTH"):
        asked = os.environ.pop(name, "").lstrip("0")
        if asked.isascii() and asked.isdigit():
            width = _WIDEST if len(asked) > len(str(_WIDEST)) else int(asked)
            os.environ[name] = str(min(max(width, _NARROWEST), _WIDEST))


def _steady(stream: Any, name: str | None) -> Any:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8", errors="backslashreplace")
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(getattr(buffer, "raw", buffer), name)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Outlet(io.RawIOBase):
    """A raw stream that fails once at most.

    Parameters
    ----------
    raw : raw stream
    name : str or None
        What errors call it; None tells of none.
    """

    def __init__(self, raw: Any, name: str | None) -> None:
        self._raw, self._name = raw, name
        self._is_open = True

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def write(self, data: Any) -> int | None:
        if not self._is_open:
            return len(data)
        try:
            written: int | None = self._raw.write(data)
        except OSError as error:
            self._is_open = False
            if self._name is not None and not isinstance(error, BrokenPipeError):
                raise OSError(error.errno, error.strerror, self._name) from None
            return len(data)
        return written


def what_was_read(corpus: Corpus) -> list[str]:
    """Lines on whose words were taken, on what was not read, and on what is not quite its format.

    None where nothing was read.
    """
    read = corpus.what_was_read()
    return [
        visible(line) for line in (*(["; ".join(read)] if read else []), *corpus.what_was_lost())
    ]


def contents(schema: str, found: object, corpus: Corpus) -> dict[str, Any]:
    """A check of a corpus as JSON values: what was read, and all that was found.

    Parameters
    ----------
    schema : str
        Of the file that holds it.
    found : dataclass
    corpus : Corpus
        After it was read.
    """
    from provenance.files.json import plain

    head = {"schema": schema, "version": __version__, "paths": corpus.paths}
    counts = {**corpus.counted(), "read": plain(corpus.what_was_read())}
    return {**head, **counts, **plain(found)}


@contextmanager
def progress_bar() -> Iterator[Callable[[Corpus], None] | None]:
    """A bar of what was read, on a terminal; nothing in a pipe."""
    with two_bars() as (reading, _):
        yield reading


@contextmanager
def two_bars() -> Iterator[
    tuple[Callable[[Corpus], None], Callable[[str, int, int], None]] | tuple[None, None]
]:
    """A bar of what was read and, in its place, one of the steps of a stage."""
    if _now().quiet or not sys.stderr.isatty():
        yield None, None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def advance(corpus: Corpus) -> None:
            told = f"{corpus.counts.n_documents:,} documents"
            total, done = corpus.bytes_total, corpus.bytes_read
            bar.update(task, description=told, total=total, completed=done)

        def stage(told: str, done: int, total: int) -> None:
            words = escape(visible(told)) + (f" ({done + 1} of {total})" if total > 1 else "")
            bar.update(task, description=words, total=total, completed=done)

        yield advance, stage


@contextmanager
def steps_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar of the steps of a stage, on a terminal; nothing in a pipe."""
    with two_bars() as (_, stage):
        yield stage
