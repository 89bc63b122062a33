"""Results come in the order of the batches, whatever runs them, and few are in flight."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.batches import batches as execution
from provenance.corpus.batches.batches import map_batches
from provenance.errors import InputError


def half(value: int) -> float:
    return value / 2


def double(value: int, prepared: float) -> int:
    assert prepared == value / 2
    return 2 * value


def picky(value: int, prepared: float) -> int:
    if value == 3:
        raise InputError("three is not wanted", where="a.jsonl:3", remedy="Take another")
    return value


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("n_batches", [0, 1, 9])
def test_results_come_in_order(workers: int, n_batches: int) -> None:
    found = map_batches(double, range(n_batches), prepare=half, workers=workers)
    assert list(found) == [2 * value for value in range(n_batches)]


def test_any_executor_runs_the_batches() -> None:
    with ThreadPoolExecutor(3) as executor:
        found = map_batches(double, range(20), prepare=half, workers=3, executor=executor)
        assert list(found) == [2 * value for value in range(20)]


@pytest.mark.parametrize(("workers", "most"), [(1, 2), (2, 5)])
def test_batches_are_read_only_as_they_are_needed(workers: int, most: int) -> None:
    def batches() -> Iterator[int]:
        for value in range(1000):
            taken.append(value)
            yield value

    taken: list[int] = []
    with ThreadPoolExecutor(workers) as threads:
        executor = threads if workers > 1 else None
        results = map_batches(double, batches(), prepare=half, workers=workers, executor=executor)
        assert next(results) == 0
        assert len(taken) == most
        results.close()  # type: ignore[attr-defined]
    assert len(taken) == most


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_worker_is_told_whole(workers: int) -> None:
    results = map_batches(picky, range(9), prepare=half, workers=workers)
    with pytest.raises(InputError) as caught:
        list(results)
    assert str(caught.value) == "a.jsonl:3: three is not wanted. Take another."


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(workers: int) -> None:
    with pytest.raises(InputError, match="workers is"):
        list(map_batches(double, [1], prepare=half, workers=workers))


@pytest.mark.usefixtures("tiny_batches")
def test_batches_are_bounded_and_lose_nothing() -> None:
    documents = list(open_corpus(iter([{"text": "a" * 20} for _ in range(7)])))
    assert [len(batch) for batch in execution.batches(documents)] == [3, 3, 1]
    assert list(execution.batches([])) == []


def test_garbage_is_looked_for_as_before_when_all_is_done_or_left() -> None:
    before = gc.get_threshold()
    results = map_batches(lambda text, size: text * size, ["a", "bb"], prepare=len)
    assert next(results) == "a" and gc.get_threshold()[0] > before[0]
    results.close()  # type: ignore[attr-defined]
    assert gc.get_threshold() == before
