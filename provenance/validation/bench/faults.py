"""What a run does when it is hit: statuses, processes, old output and leftovers, as a table.

It is hit by a signal, or by its corpus, which grows, is cut or is replaced under it. What a killed
run leaves, the next has to remove: of such a cell a second run follows, which nothing hits.
``python -m provenance.validation.bench.faults`` runs every cell of the matrix and prints a line for
each; ``--command``, ``--signal`` and ``--moment`` choose among them. A cell is one line of data.
Needs ``/proc``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.errors import InputError
from provenance.validation.bench.fault_material import (
    CHANGES,
    CORPORA,
    befall,
    changing_corpus,
    command_line,
    index_of,
    prepared,
)
from provenance.words import visible

__all__ = ["CELLS", "Cell", "Outcome", "main", "run_cell"]

INTERRUPTED: Final = 130
COMMANDS: Final = ("fingerprint", "index", "match", "watermark")
ENDS_WITHIN: Final = 5.0
"""Seconds after which no process of a run that was hit may be left; a round figure, not tuned."""

_PATIENCE: Final = 300.0
"""Seconds until the moment: a first run on a machine compiles; a round figure, not tuned."""
_OLD: Final = b"what an earlier run wrote"


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault.

    Parameters
    ----------
    command : str
        Run with two workers.
    moment : {"starting", "reading", "writing"}
        Before anything is loaded, in the middle of the corpus, or when all is written aside and
        nothing is in place.
    who : {"parent", "worker", "group", "corpus", "log", "system"}
        Whom the signal is sent to; of a corpus or of the index of a log, that something befalls it,
        and of a system, that it has no more than so many addresses.
    signal : str
        Of a corpus: ``GROWS``, ``CUT`` or ``REPLACED``; of a log ``CUT``. Of a system: MB.
    status : int
        Exit status of the run; negative where a signal killed it.
    leaves : bool
        Whether the run may leave files behind, as it had no chance to clean up; the next run
        removes them.
    start : {"fork", "spawn"}
        How workers are started.
    corpus : {"jsonl", "parquet", "arrow"}
    """

    command: str
    moment: str
    who: str
    signal: str
    status: int
    leaves: bool = False
    start: str = "fork"
    corpus: str = "jsonl"

    @property
    def name(self) -> str:
        """Its fields in one word."""
        how = self.corpus if self.who == "corpus" else self.start
        return f"{self.command}-{self.moment}-{self.who}-{self.signal}-{how}"


_ROWS: Final = (
    ("reading", "parent", "SIGINT", INTERRUPTED),
    ("reading", "parent", "SIGTERM", INTERRUPTED),
    ("reading", "parent", "SIGHUP", INTERRUPTED),
    ("reading", "parent", "SIGKILL", -signal.SIGKILL, True),
    ("reading", "worker", "SIGINT", 0),
    ("reading", "worker", "SIGHUP", 0),
    ("reading", "worker", "SIGTERM", 2),
    ("reading", "worker", "SIGKILL", 2),
    ("reading", "group", "SIGINT", INTERRUPTED),
    ("reading", "group", "SIGTERM", INTERRUPTED),
    ("reading", "group", "SIGHUP", INTERRUPTED),
    ("reading", "group", "SIGKILL", -signal.SIGKILL, True),
    ("writing", "parent", "SIGTERM", INTERRUPTED),
    ("writing", "parent", "SIGKILL", -signal.SIGKILL, True),
    ("writing", "group", "SIGINT", INTERRUPTED),
    ("writing", "group", "SIGHUP", INTERRUPTED),
    ("reading", "parent", "SIGTERM", INTERRUPTED, False, "spawn"),
    ("reading", "parent", "SIGKILL", -signal.SIGKILL, True, "spawn"),
    ("reading", "worker", "SIGKILL", 2, False, "spawn"),
    ("reading", "group", "SIGTERM", INTERRUPTED, False, "spawn"),
)

CELLS: Final = (
    *(Cell(command, *row) for command in COMMANDS for row in _ROWS),
    *(
        Cell(command, "reading", "corpus", change, 2, corpus=kind)
        for command in COMMANDS
        for kind in CORPORA
        for change in CHANGES
    ),
    Cell("match", "reading", "log", "CUT", 2),
    *(
        Cell(command, "starting", "system", size, 2)
        for command in COMMANDS
        for size in ("300", "450", "600")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a cell.

    Parameters
    ----------
    status : int
    seconds : float
        From the signal to the end of the run.
    n_left : int
        Processes of the run that are left after `ENDS_WITHIN`.
    old_is_whole : bool
        Whether the old output stands as it was; not asked where the run was done.
    leftovers : tuple of str
        Files beside the output and among the system's temporary ones that were not there before;
        of a cell that leaves some, after a second run.
    n_first_left : int
        How many the run that was hit left.
    status_of_next : int
        Exit status of the second run; 0 where there is none.
    is_as_unhit : bool
        Whether a run that lost a worker and was done all the same wrote what the next one did: the
        worker that died may have had nothing to do, and others did the rest.
    told : str
        What the runs wrote on stderr.
    """

    status: int
    seconds: float
    n_left: int
    old_is_whole: bool
    leftovers: tuple[str, ...]
    n_first_left: int
    status_of_next: int
    is_as_unhit: bool
    told: str

    def faults(self, cell: Cell) -> list[str]:
        """What is not as the cell has it, in words."""
        told = []
        if self.status != cell.status and not self.is_as_unhit:
            told.append(f"status {self.status}, not {cell.status}")
        if self.n_left:
            told.append(f"{self.n_left} processes left")
        if not self.old_is_whole and cell.status != 0 and not self.is_as_unhit:
            told.append("the old output is changed")
        if self.leftovers:
            told.append(f"left over: {', '.join(self.leftovers)}")
        if self.status_of_next:
            told.append(f"the next run ended with {self.status_of_next}")
        if cell.who == "system" and self.told.count("\n") != 1:
            told.append("no one line that tells of memory")
        if cell.who in _TOLD and _TOLD[cell.who] not in self.told:
            told.append(f"what befell the {cell.who} is not told")
        if "Traceback" in self.told:
            told.append("a traceback")
        return told


_TOLD: Final = {
    "corpus": "the file changed while it was read",
    "log": "the file was cut short while it was in use",
}
"""What is told of a file that something befell."""

# Runs the command line with small batches, and waits at the moment until it may go on.
_DRIVER: Final = """
import multiprocessing, os, signal, sys, time
from pathlib import Path

# A table that runs in the background of a script, or under nohup, has some ignored.
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
    signal.signal(signal.Signals[name], usual)
marks, moment, start, output, *arguments = sys.argv[1:]

def hold():
    Path(marks, "reached").touch()
    end = time.monotonic() + 100
    while not Path(marks, "go").exists() and time.monotonic() < end:
        time.sleep(0.01)

def held(function):
    def run(source, target, *more, **named):
        if Path(target).absolute().is_relative_to(output):
            hold()
        return function(source, target, *more, **named)
    return run

import provenance.corpus.batches.batches as module
module._BATCH_CHARACTERS = 4000
import provenance.files.mapped
# As of an index of any length that is worth it.
provenance.files.mapped.READ_UP_TO = 0
if moment == "reading":
    every = module.batches
    def slow(documents):
        for number, batch in enumerate(every(documents)):
            if number == 6:
                hold()
            yield batch
    module.batches = slow
elif moment == "writing":
    os.replace, os.rename = held(os.replace), held(os.rename)
multiprocessing.set_start_method(start)
sys.argv = ["provenance", *arguments]
from provenance.cli.app import main
main()
"""


def run_cell(cell: Cell, material: Path, folder: Path) -> Outcome:
    """Run one cell.

    Parameters
    ----------
    cell : Cell
    material : Path
        A folder for what cells share; filled where something is missing.
    folder : Path
        An empty folder for this cell.
    """
    place, temporary = folder / "place", folder / "temporary"
    for made in (place, temporary):
        made.mkdir()
    corpus = prepared(material, cell.command) / "corpus.jsonl"
    if cell.who == "corpus":
        corpus = changing_corpus(cell.corpus, folder)
    arguments, output, old = command_line(cell.command, material, corpus, place)
    befallen = corpus
    if cell.who == "log":
        befallen = index_of(corpus, folder)
        arguments += ["--log", str(befallen)]
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_OLD)
    before = _listed(place) | _listed(temporary)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with tempfile.TemporaryDirectory(dir=material) as name:
        marks = Path(name)
        with (marks / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                [*_within(cell), "-c", _DRIVER, name, cell.moment, cell.start, output, *arguments],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
                start_new_session=True,
            )
        try:
            status, seconds = _hit(process, cell, marks, befallen)
            n_left = _left(process.pid)
        finally:
            _end_session(process)
        told = (marks / "stderr").read_text(errors="replace")
    old_is_whole = all(path.exists() and path.read_bytes() == _OLD for path in old)
    first_left = left = (_listed(place) | _listed(temporary)) - before
    next_status, written = 0, old[0].read_bytes() if old[0].exists() else b""
    is_done = cell.who == "worker" and status == 0 != cell.status
    if cell.leaves or is_done:
        run = [sys.executable, "-m", "provenance", *arguments]
        again = subprocess.run(run, env=environment, capture_output=True, text=True)
        next_status, told = again.returncode, told + again.stderr
        left = (_listed(place) | _listed(temporary)) - before
    return Outcome(
        status=status,
        seconds=seconds,
        n_left=n_left,
        old_is_whole=old_is_whole,
        leftovers=tuple(sorted(left)) if cell.status != 0 else (),
        n_first_left=len(first_left) if cell.status != 0 else 0,
        status_of_next=next_status,
        is_as_unhit=is_done and next_status == 0 and old[0].read_bytes() == written,
        told=told,
    )


def _within(cell: Cell) -> list[str]:
    """The interpreter, with as many addresses as the cell has."""
    if cell.who != "system":
        return [sys.executable]
    limited = f'ulimit -v {1024 * int(cell.signal)} && exec "$@"'
    return ["sh", "-c", limited, "sh", sys.executable]


def _hit(
    process: subprocess.Popen[bytes], cell: Cell, marks: Path, befallen: Path
) -> tuple[int, float]:
    """Hit the run at the moment; its status, and seconds until its end."""
    began = time.monotonic()
    if cell.who == "system":
        return process.wait(_PATIENCE), time.monotonic() - began
    reached = marks / "reached"
    _wait(lambda: reached.exists() or process.poll() is not None, _PATIENCE)
    if not reached.exists():
        raise RuntimeError(f"{cell.name} never came to its moment: {_tail(marks)}")
    began = time.monotonic()
    if cell.who in _TOLD:
        befall(befallen, cell.signal)
        (marks / "go").touch()
        return process.wait(_PATIENCE), time.monotonic() - began
    number = signal.Signals[cell.signal]
    if cell.who == "group":
        os.killpg(process.pid, number)
    else:
        os.kill(process.pid if cell.who == "parent" else _worker(process.pid, cell.start), number)
    if cell.who == "worker":
        (marks / "go").touch()
    status = process.wait(_PATIENCE)
    return status, time.monotonic() - began


def _tail(marks: Path) -> str:
    return visible((marks / "stderr").read_text(errors="replace")[-400:])


def _wait(is_so: object, seconds: float) -> bool:
    assert callable(is_so)
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _left(session: int) -> int:
    """Processes of a session that are left after `ENDS_WITHIN`."""
    _wait(lambda: not [*_processes(session)], ENDS_WITHIN)
    return len([*_processes(session)])


def _processes(session: int) -> Iterator[int]:
    """Those of a session that have not ended."""
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                stat = Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            state, _, _, own = stat.rpartition(")")[2].split()[:4]
            if int(own) == session and state not in "ZX":
                yield int(entry)


def _worker(session: int, start: str) -> int:
    """The first that works on batches: not the parent, nor what tracks resources."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = sorted(
            number
            for number in _processes(session)
            if number != session and _is_worker(number, start)
        )
        return bool(found)

    if not _wait(is_there, _PATIENCE):
        raise RuntimeError("there is no worker")
    return found[0]


def _is_worker(number: int, start: str) -> bool:
    command = Path("/proc", str(number), "cmdline").read_bytes()
    # What was started anew has a command of its own, once it has begun; before, its parent's.
    return b"spawn_main" in command if start == "spawn" else b"resource_tracker" not in command


def _end_session(process: subprocess.Popen[bytes]) -> None:
    for number in _processes(process.pid):
        os.kill(number, signal.SIGKILL)
    process.wait()


def _listed(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _chosen(
    command: Sequence[str], signals: Sequence[str], moments: Sequence[str]
) -> Iterator[Cell]:
    for cell in CELLS:
        if (
            cell.command in (command or COMMANDS)
            and cell.signal in (signals or (cell.signal,))
            and cell.moment in (moments or (cell.moment,))
        ):
            yield cell


def main(
    command: Annotated[list[str] | None, typer.Option(help="Only this one. Repeat.")] = None,
    signals: Annotated[list[str] | None, typer.Option("--signal", help="Only this.")] = None,
    moment: Annotated[list[str] | None, typer.Option(help="reading or writing.")] = None,
) -> None:
    """Run the cells and print what came of each."""
    cells = [*_chosen(command or (), signals or (), moment or ())]
    if not cells or not os.path.isdir("/proc"):
        raise InputError("no cell can be run", expected="/proc, and names of cells")
    typer.echo("| cell | status | seconds | left | after the next run | |")
    typer.echo("|---|---|---|---|---|---|")
    n_wrong = 0
    with tempfile.TemporaryDirectory() as name:
        material = Path(name, "material")
        material.mkdir()
        for number, cell in enumerate(cells):
            folder = Path(name, str(number))
            folder.mkdir()
            found = run_cell(cell, material, folder)
            wrong = found.faults(cell)
            n_wrong += bool(wrong)
            typer.echo(
                f"| {cell.name} | {found.status} | {found.seconds:.1f} | {found.n_first_left} |"
                f" {len(found.leftovers)} |"
                f" {visible('; '.join(wrong)) or 'as it should be'} |"
            )
    typer.echo(f"\n{len(cells)} cells, {n_wrong} not as they should be")


if __name__ == "__main__":
    typer.run(main)
