"""How a run ends: its exit status, and nothing left of it.

0 is done, 1 and 3 come from a gate alone (``match --fail-above``, ``same --fail-on-difference``),
2 is bad input or usage, 70 a crash and 130 an interruption. What a user can put right is one
paragraph on stderr.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer

from provenance.cli.memory import limit_of_addresses
from provenance.cli.terminal import STANDARD_OUTPUT, complain, steady_streams, steady_width
from provenance.errors import ProvenanceError
from provenance.files.places import unwritable
from provenance.words import visible

__all__ = ["BAD_INPUT", "CRASH", "INTERRUPTED", "Crash", "explaining", "run_to_end"]

BAD_INPUT: Final = 2
CRASH: Final = 70
"""``EX_SOFTWARE`` of ``sysexits.h``."""
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells have it."""

_TOGETHER_SECONDS: Final = 2.0
"""Signals so close to one another are one interruption; a round figure, not tuned."""
_OF_WRITING: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TO_REPORT: Final = (
    "This is a bug of provenance, not of the input. Please report the lines above, with the"
    " command and what `provenance --version` says."
)


class Crash(Exception):  # noqa: N818  (its cause is the error)
    """Carries an unexpected error past whoever takes it for the end of a file or of a pipe."""


def run_to_end(command: Callable[[], object]) -> int:
    """Run a command line and tell its exit status; none of its processes outlives it.

    Parameters
    ----------
    command : callable
        May raise SystemExit, as typer does.

    Examples
    --------
    >>> run_to_end(lambda: sys.exit(3))  # doctest: +SKIP
    3
    """
    steady_streams()
    steady_width()
    ending = _Ending()
    try:
        ending.begin()
        status = _status(command)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BaseException as error:
        status = BAD_INPUT if _is_told(error) else _crashed(error)
    finally:
        ending.finish()
    if ending.crashed:
        return CRASH
    return INTERRUPTED if ending.interrupted else status


@contextmanager
def explaining() -> Iterator[None]:
    """Tell what a user can put right in one paragraph and end with 2; let other errors through."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort):
        raise typer.Exit(INTERRUPTED) from None
    except SystemExit as error:
        raise Crash from error
    except Exception as error:
        if _is_told(error):
            raise typer.Exit(BAD_INPUT) from None
        _make_visible(error)
        # typer takes these two for the end of its own input and output, and ends with 1.
        if isinstance(error, EOFError | OSError):
            raise Crash from error
        raise


def _status(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as end:
        if isinstance(end.code, int):
            return end.code
        return 0 if end.code is None else CRASH
    return 0


def _is_told(error: BaseException) -> bool:
    """Whether the error is one that a user can put right, who has been told."""
    told = _explained(error)
    if told is not None:
        complain(visible(f"Error: {told}"))
    return told is not None


def _explained(error: BaseException) -> str | None:
    """What a user can put right, None where it is a bug."""
    from concurrent.futures import BrokenExecutor

    if isinstance(error, ProvenanceError):
        return str(error)
    if isinstance(error, BrokenExecutor):
        return "A worker process died, most likely for lack of memory. Use fewer --workers."
    if isinstance(error, MemoryError) or _is_want_of_memory(error):
        return (
            "There is not enough memory for this run. Use fewer --workers, split the rows that are"
            " longest, or raise the limit where there is one (ulimit -v)."
        )
    if _is_want_of_processes(error):
        return (
            "The system starts no more processes or threads for this run. Use fewer --workers, or"
            " raise the limit (ulimit -u, ulimit -v)."
        )
    if isinstance(error, OSError) and error.strerror:
        return _of_the_system(error)
    return None


def _is_want_of_memory(error: BaseException) -> bool:
    """Whether the system, or the loader of a library, says so in words of its own."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    told = str(error)
    if isinstance(error, ImportError | SystemError) and limit_of_addresses() is not None:
        # What a library without room says is about anything but that.
        return True
    said = "Cannot allocate memory" in told or "failed to map segment" in told
    return isinstance(error, ImportError | OSError) and said


def _is_want_of_processes(error: BaseException) -> bool:
    told = str(error)
    if "can't start new thread" in told or "Failed to launch worker thread" in told:
        return True
    return isinstance(error, BlockingIOError) and error.filename is None


def _of_the_system(error: OSError) -> str:
    place = "a file" if error.filename is None else os.fsdecode(error.filename)
    if error.filename is None and error.errno == errno.ENOENT and not _has_a_folder():
        return "The folder that this command was started in is gone. Go to another one."
    is_of_writing = error.errno in _OF_WRITING and place != STANDARD_OUTPUT
    remedy = unwritable(error, place).remedy if is_of_writing else None
    return f"{place}: {error.strerror}." + (f" {remedy}." if remedy else "")


def _has_a_folder() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _make_visible(error: Exception) -> None:
    """Of a wrong usage, which typer tells: what was typed may come from elsewhere."""
    message = getattr(error, "message", None)
    if hasattr(error, "format_message") and isinstance(message, str):
        error.message = visible(message)  # type: ignore[attr-defined]


def _crashed(error: BaseException) -> int:
    shown = error.__cause__ if isinstance(error, Crash) and error.__cause__ else error
    told = "".join(traceback.format_exception(shown))
    typer.echo(f"{visible(told, lines=True)}{_TO_REPORT}", err=True)
    return CRASH


class _Ending:
    """Turns signals into an exception, so that whatever is open is closed on the way out."""

    def __init__(self) -> None:
        self.interrupted = self.crashed = False
        self._owner = os.getpid()
        self._raised_at = -_TOGETHER_SECONDS

    def begin(self) -> None:
        threading.excepthook = self._thread_crashed
        for number in _signals():
            # Who runs this under nohup, or in the background of a script, has some ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupt)

    def finish(self) -> None:
        """What is done is done: a signal that comes now changes nothing."""
        for number in _signals():
            signal.signal(number, signal.SIG_IGN)
        if "multiprocessing" in sys.modules:
            from provenance.corpus.batches.workers import end_workers

            end_workers()

    def _interrupt(self, number: int, _: object) -> None:
        if os.getpid() != self._owner:
            # A worker that was forked a moment ago and does not know that it is one.
            os._exit(128 + number)
        self.interrupted = True
        now = time.monotonic()
        # `timeout` sends its signal twice, and the second must not break the cleaning up that the
        # first began. A later one has to be heard: something may have swallowed the first.
        if now - self._raised_at >= _TOGETHER_SECONDS:
            self._raised_at = now
            raise KeyboardInterrupt

    def _thread_crashed(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is None or isinstance(found.exc_value, SystemExit):
            return
        self.crashed = True
        _crashed(found.exc_value)
        # The run may wait for that thread, and would for ever.
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        else:
            signal.raise_signal(signal.SIGTERM)


def _signals() -> list[signal.Signals]:
    """Those that end a run; Windows has no SIGHUP. Only the main thread may handle signals."""
    if threading.current_thread() is not threading.main_thread():
        return []
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [signal.Signals[name] for name in names if hasattr(signal, name)]
