"""Small matrices are worked on by one thread, and others by as many as before."""

from __future__ import annotations

import os
import threading
from functools import partial

import pytest
from threadpoolctl import threadpool_info

from provenance.statistics.threads import at_once, one_thread


def threads() -> set[int]:
    import scipy.linalg  # noqa: F401  # a library with threads, at least one

    return {item["num_threads"] for item in threadpool_info() if item["user_api"] == "blas"}


def test_one_thread_inside_and_as_many_as_before_outside() -> None:
    before = threads()
    assert one_thread(threads)() == {1}
    assert threads() == before


@pytest.mark.parametrize("processors", [None, 1, 2])
def test_what_is_done_at_once_is_given_in_order(
    processors: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert at_once([partial(abs, -number) for number in range(5)]) == [*range(5)]
    assert at_once([]) == []


def test_two_are_done_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    assert sorted(at_once([both.wait, both.wait])) == [0, 1]


def test_what_one_of_them_refuses_is_refused() -> None:
    def refuse() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        at_once([refuse, refuse])
