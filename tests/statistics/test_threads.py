"""Small matrices are worked on by one thread, and others by as many as before."""

from __future__ import annotations

from threadpoolctl import threadpool_info

from provenance.statistics.threads import one_thread


def threads() -> set[int]:
    import scipy.linalg  # noqa: F401  # a library with threads, at least one

    return {item["num_threads"] for item in threadpool_info() if item["user_api"] == "blas"}


def test_one_thread_inside_and_as_many_as_before_outside() -> None:
    before = threads()
    assert one_thread(threads)() == {1}
    assert threads() == before
