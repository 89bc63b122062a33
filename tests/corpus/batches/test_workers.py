"""Workers end with the run that started them."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.corpus.batches.batches import map_batches
from provenance.corpus.batches.workers import end_workers, process_pool, result_of
from provenance.errors import InputError
from provenance.files import mapped
from provenance.files.archive import Kind

WITHIN = 5.0

# Says who its workers are when they work; the rest comes from the command line.
SCRIPT = """
import multiprocessing, os, sys, time
from provenance.corpus.batches import workers

def busy(_):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)

if sys.argv[2] == "watch":
    workers.die_with_parent = lambda: False
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with workers.process_pool(2) as pool:
        list(pool.map(busy, range(2)))
"""


def work(value: int, _: None) -> int:
    time.sleep(0 if value < 2 else 30)
    return value


def hungry(value: int, _: None) -> int:
    if value == 2:
        raise MemoryError
    return value


def nothing(_: object) -> None:
    return None


def is_running(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(numbers: list[int]) -> bool:
    end = time.monotonic() + WITHIN
    while any(map(is_running, numbers)) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(map(is_running, numbers))


def children() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children()]


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc")
@pytest.mark.parametrize(
    ("start", "how"),
    [
        ("fork", "watch"),
        ("fork", "kernel"),
        pytest.param("spawn", "watch", marks=pytest.mark.slow),
        pytest.param("spawn", "kernel", marks=pytest.mark.slow),
        pytest.param("forkserver", "kernel", marks=pytest.mark.slow),
    ],
)
def test_workers_end_with_a_parent_that_is_killed(start: str, how: str, tmp_path: Any) -> None:
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    run = subprocess.Popen([sys.executable, script, start, how], stdout=subprocess.PIPE)
    assert run.stdout is not None
    numbers = [int(run.stdout.readline()) for _ in range(2)]
    assert all(map(is_running, numbers))
    run.kill()
    run.wait()
    run.stdout.close()
    assert gone(numbers)


def test_workers_end_where_nobody_wants_more_results() -> None:
    results = map_batches(work, range(9), prepare=nothing, workers=2)
    assert next(results) == 0
    numbers = children()
    assert len(numbers) == 2
    results.close()  # type: ignore[attr-defined]
    assert gone(numbers)


def test_workers_end_where_the_reader_fails() -> None:
    def read() -> Iterator[int]:
        yield from (0, 1, 2, 3)
        numbers.extend(children())
        raise ValueError("the next row is bad")

    numbers: list[int] = []
    with pytest.raises(ValueError, match="the next row"):
        list(map_batches(work, read(), prepare=nothing, workers=2))
    assert len(numbers) == 2 and gone(numbers)


def test_workers_whose_results_nobody_fetches_can_be_ended() -> None:
    results = map_batches(work, range(9), prepare=nothing, workers=2)
    next(results)
    numbers = children()
    end_workers()
    assert gone(numbers)
    with pytest.raises(BrokenProcessPool):
        list(results)


def cut_and_look(path: str, _: None) -> int:
    """What ends a worker: its mapped file is cut short inside one look."""
    with open(path, "r+b") as file:
        held = mmap.mmap(file.fileno(), 0)
        file.truncate(0)
        return held[0]


def test_what_a_worker_died_of_is_told_where_it_can_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "READ_UP_TO", 0)
    path, kind = tmp_path / "a.th", Kind("things/1", "thing (.th)", ("small",), "Make it again")
    with mapped.MappedWriter(path, kind) as writer:
        writer.add("small", "|u1", iter([np.arange(7, dtype=np.uint8)]))
        writer.finish({})
    _, arrays = mapped.open_mapped(path, kind)
    assert arrays["small"].sum() == 21
    with pytest.raises(InputError, match=r"a\.th: the file was cut short while it was in use"):
        list(map_batches(cut_and_look, [str(path)], prepare=nothing, workers=2))


def test_a_worker_without_memory_says_so() -> None:
    with pytest.raises(MemoryError):
        list(map_batches(hungry, range(9), prepare=nothing, workers=2))


class Dead(Executor):
    """A pool one of whose workers died while it sent a result."""

    class Process:
        """Neither of the pool's making nor alive."""

        @staticmethod
        def is_alive() -> bool:
            return False

    _processes = {1: Process}  # noqa: RUF012


def test_half_a_result_is_not_waited_for() -> None:
    with pytest.raises(BrokenProcessPool):
        result_of(Dead(), Future())


def test_signals_are_for_the_parent() -> None:
    """But a worker can be ended."""
    with process_pool(1) as pool:
        for number in (signal.SIGINT, signal.SIGHUP):
            assert pool.submit(signal.getsignal, number).result() == signal.SIG_IGN
        assert pool.submit(signal.getsignal, signal.SIGTERM).result() == signal.SIG_DFL
