"""Small matrices are worked on by one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from threadpoolctl import threadpool_limits

__all__ = ["one_thread"]

F = TypeVar("F", bound=Callable[..., Any])


def one_thread(function: F) -> F:
    """Decorate what works on many matrices of some dozen rows.

    Several threads of a linear-algebra library would wait for one another there, each of them
    busily: a match of 1,000 documents against 48 sources took 70 instead of 25 seconds of
    processor time beside other work on two cores.

    Examples
    --------
    >>> @one_thread
    ... def double(value):
    ...     return 2 * value
    >>> double(4)
    8
    """
    return cast(F, threadpool_limits.wrap(limits=1, user_api="blas")(function))
