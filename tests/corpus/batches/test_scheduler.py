"""Workers of a scheduler do what processes of our own do; a loss of them is told."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from provenance.corpus.batches import scheduler
from provenance.corpus.batches.batches import map_batches
from provenance.corpus.batches.scheduler import Workforce, workforce
from provenance.errors import InputError


def half(number: int) -> float:
    return number / 2


def where(number: int, halved: float) -> tuple[float, int]:
    time.sleep(0.05)
    return number + halved, os.getpid()


def failing(number: int, _: float) -> int:
    raise InputError(f"{number} is no number", remedy="Name another")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as found:
        yield found


def test_without_an_address_there_are_processes() -> None:
    with workforce(3) as found:
        assert found == Workforce(3)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "tcp://127.0.0.1:no", None])
def test_where_nobody_answers(address: str | None) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with (
        pytest.raises(InputError, match=r"no scheduler answers.*Expected the address"),
        workforce(1, address or f"tcp://127.0.0.1:{free_port()}"),
    ):
        pass


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"llm-provenance\[distributed\]"),
        workforce(1, "tcp://a:1"),
    ):
        pass


@pytest.mark.slow
def test_batches_come_back_in_order_from_others(cluster: Any) -> None:
    with workforce(1, cluster.scheduler_address) as hands:
        assert hands.workers == 2
        found = list(
            map_batches(
                where, range(8), prepare=half, workers=hands.workers, executor=hands.executor
            )
        )
    assert [number for number, _ in found] == [1.5 * number for number in range(8)]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.slow
def test_an_error_of_a_batch_is_that_of_the_run(cluster: Any) -> None:
    with (
        pytest.raises(InputError, match=r"^0 is no number\. Name another"),
        workforce(1, cluster.scheduler_address) as hands,
    ):
        list(map_batches(failing, range(4), prepare=half, executor=hands.executor))


@pytest.mark.slow
def test_a_worker_that_dies_loses_nothing(cluster: Any) -> None:
    found = []
    with workforce(1, cluster.scheduler_address) as hands:
        for number, process in map_batches(
            where, range(20), prepare=half, workers=hands.workers, executor=hands.executor
        ):
            found.append(number)
            if len(found) == 3:
                os.kill(process, signal.SIGKILL)
    assert found == [1.5 * number for number in range(20)]


@pytest.mark.slow
def test_workers_of_another_version_are_refused(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "__version__", "0.0.0")
    with (
        pytest.raises(InputError, match=r"workers have llm-provenance .*, and this is 0\.0\.0"),
        workforce(1, cluster.scheduler_address),
    ):
        pass


@pytest.mark.slow
def test_a_scheduler_that_ends_is_told() -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    own = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with pytest.raises(InputError, match="the scheduler lost its workers, or was lost itself"):
        lose(own)


def lose(own: Any) -> None:
    ends = threading.Thread(target=own.close)
    with workforce(1, own.scheduler_address) as hands:
        for _ in map_batches(where, range(400), prepare=half, executor=hands.executor):
            if not ends.ident:
                ends.start()
