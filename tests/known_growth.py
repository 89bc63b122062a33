"""How the cost of a computation grows with its input: a ratio of two sizes, no seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 16
ROUNDS = 5


def cost(run: Callable[[], object]) -> float:
    """Seconds of this thread on a processor, which other programs do not add to."""
    start = time.thread_time()
    run()
    return time.thread_time() - start


def assert_grows_slowly(run: Callable[[str], object], small: str, told: str = "") -> None:
    """Sixteen times the text costs less than sixty-four times as much.

    Four times the ratio of what is linear and a quarter of the ratio of what is quadratic. The
    smallest of several costs counts, so that what else the machine does is left out. A failure
    shows what is told of the text.
    """
    large = small * FACTOR
    run(small)
    of_small = of_large = float("inf")
    for _ in range(ROUNDS):
        of_small = min(of_small, *(cost(lambda: run(small)) for _ in range(3)))
        of_large = min(of_large, cost(lambda: run(large)))
        if of_large < 4 * FACTOR * of_small:
            return
    raise AssertionError(f"{of_large:.4f} s for {FACTOR} times what costs {of_small:.4f} s {told}")
