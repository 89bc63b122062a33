"""How a run ends: one of five statuses, everything open closed, standard streams that fail once."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
import typer

from provenance.cli import ending, terminal
from provenance.cli.app import app
from provenance.cli.ending import Crash, explaining, run_to_end
from provenance.errors import InputError

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _undo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handlers of this process come back; its streams are pytest's and stay."""
    monkeypatch.setattr(ending, "steady_streams", lambda: None)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    before = {number: signal.getsignal(number) for number in NUMBERS}
    # A run in the background of a script has some ignored.
    for number in NUMBERS:
        signal.signal(number, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        with explaining():
            raise error

    return command


def ending_with(code: object) -> Callable[[], None]:
    def command() -> None:
        raise SystemExit(code)

    return command


ERRORS = [
    (InputError("it is wrong", where="a:1"), 2, "Error: a:1: it is wrong.\n"),
    (BrokenProcessPool(), 2, "Use fewer --workers.\n"),
    (MemoryError(), 2, "Error: There is not enough memory for this run."),
    (OSError(errno.ENOSPC, "No space left on device", "a\x1b"), 2, "Error: a<U+001B>: No space"),
    (RuntimeError("Failed to launch worker thread: Resource"), 2, "starts no more processes or"),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), 2, "Error: There is not enough memory"),
    (ImportError("x.so: failed to map segment from shared object"), 2, "not enough memory"),
    (RuntimeError("can't start new thread"), 2, "Error: The system starts no more processes"),
    (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), 2, "Use fewer --workers"),
    (OSError(errno.ENOSPC, "No space left on device", "a"), 2, "Make room there, or name another"),
    (OSError(errno.ENOSPC, "No space left on device"), 2, "Error: a file: No space"),
    (KeyboardInterrupt(), 130, ""),
    (typer.Abort(), 130, ""),
    (ZeroDivisionError("what"), 70, "ZeroDivisionError: what\nThis is a bug of provenance"),
    (EOFError("early"), 70, "EOFError: early\nThis is a bug of provenance"),
    (OSError("no number"), 70, "OSError: no number\nThis is a bug of provenance"),
    (SystemExit(1), 70, "SystemExit: 1\nThis is a bug of provenance"),
    (RuntimeError("\x1b[2J"), 70, "RuntimeError: <U+001B>[2J\nThis is a bug"),
]


@pytest.mark.parametrize(("error", "status", "told"), ERRORS, ids=lambda value: repr(value)[:30])
def test_an_error_has_its_status(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        try:
            raising(error)()
        except typer.Exit as end:
            raise SystemExit(end.exit_code) from None

    assert run_to_end(command) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert told in shown.err
    assert ("Traceback" in shown.err) == (status == 70)


@pytest.mark.parametrize(
    ("code", "status"), [(None, 0), (0, 0), (1, 1), (3, 3), (2, 2), ("a message", 70)]
)
def test_a_status_that_was_chosen_stays(code: object, status: int) -> None:
    assert run_to_end(ending_with(code)) == status


def test_what_typer_would_end_with_one_is_a_crash() -> None:
    for error in (EOFError(), OSError("no number")):
        with pytest.raises(Crash):
            raising(error)()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_lets_the_run_clean_up(number: int) -> None:
    cleaned = []

    def command() -> None:
        try:
            os.kill(os.getpid(), number)
            time.sleep(20)
        finally:
            # As `timeout` does.
            os.kill(os.getpid(), number)
            cleaned.append(number)

    assert run_to_end(command) == 130
    assert cleaned == [number]


def test_a_signal_that_something_swallowed_is_heard_when_it_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "_TOGETHER_SECONDS", 0.0)

    def command() -> None:
        for _ in range(2):
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            except KeyboardInterrupt:
                heard.append(1)
        os.kill(os.getpid(), signal.SIGTERM)

    heard: list[int] = []
    assert run_to_end(command) == 130
    assert len(heard) == 2


def test_an_interrupted_run_is_not_called_done() -> None:
    def command() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            raise SystemExit(0) from None

    assert run_to_end(command) == 130


def test_signals_that_are_ignored_stay_so() -> None:
    """Under nohup the terminal may close."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert run_to_end(lambda: os.kill(os.getpid(), signal.SIGHUP)) == 0


def test_a_crash_in_a_thread_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    def wrong() -> None:
        raise ZeroDivisionError("in a thread")

    def command() -> None:
        threading.Thread(target=wrong).start()
        threading.Event().wait(20)

    assert run_to_end(command) == 70
    assert "ZeroDivisionError: in a thread\nThis is a bug" in capsys.readouterr().err


# standard streams


class Raw(io.RawIOBase):
    """Takes so many bytes, then fails."""

    def __init__(self, room: int, number: int) -> None:
        self.room, self.number, self.taken, self.asked = room, number, b"", 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.asked += 1
        if not self.room:
            raise OSError(self.number, os.strerror(self.number))
        part = bytes(data)[: self.room]  # type: ignore[call-overload]
        self.taken += part
        self.room -= len(part)
        return len(part)


def steadied(raw: Raw, name: str | None) -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")
    return terminal._steady(stream, name)  # type: ignore[no-any-return]


def test_a_closed_pipe_is_quiet() -> None:
    raw = Raw(3, errno.EPIPE)
    stream = steadied(raw, "standard output")
    for _ in range(3):
        stream.write("abcd")
        stream.flush()
    assert (raw.taken, raw.asked) == (b"abc", 2)


def test_a_full_device_is_told_once() -> None:
    raw = Raw(0, errno.ENOSPC)
    stream = steadied(raw, "standard output")
    stream.write("abcd")
    with pytest.raises(OSError, match="No space left") as caught:
        stream.flush()
    assert caught.value.filename == "standard output"
    stream.write("more")
    stream.flush()
    assert raw.asked == 1


def test_a_full_stderr_is_told_nowhere() -> None:
    stream = steadied(Raw(0, errno.ENOSPC), None)
    stream.write("abcd")
    stream.flush()


def test_a_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    error = FileNotFoundError(errno.ENOENT, "No such file or directory")
    test_an_error_has_its_status(error, 2, "started in is gone", capsys)


def test_what_no_encoding_has_is_written() -> None:
    raw = Raw(99, 0)
    stream = steadied(raw, "standard output")
    stream.write("a\udce9")
    stream.flush()
    assert raw.taken == b"a\\udce9"


STREAMS = [
    ("--version >/dev/full", 2, "Error: standard output: No space left on device.\n"),
    ("match --help >/dev/full", 2, "Error: standard output: No space left on device.\n"),
    ("--help >&-", 0, ""),
    ("inspect missing.fp 2>/dev/full", 2, ""),
    ("nonsense 2>&-", 2, ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(("rest", "status", "told"), STREAMS)
def test_streams_that_nobody_can_write_to(rest: str, status: int, told: str) -> None:
    line = f'exec "{sys.executable}" -m provenance {rest}'
    ran = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr.decode(), ran.stdout) == (status, told, b"")


def test_wrong_usage_shows_no_control_characters() -> None:
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["nonsense\x1b[2J\u202e", "\x07"])
    assert result.exit_code == 2
    assert not {"\x1b", "\x07", "\u202e"} & set(result.output)
