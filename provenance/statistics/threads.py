"""Small matrices are worked on by one thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

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

    @wraps(function)
    def limited(*args: Any, **named: Any) -> Any:
        with _libraries().limit(limits=1, user_api="blas"):
            return function(*args, **named)

    return cast(F, limited)


@lru_cache(maxsize=1)
def _libraries() -> Any:
    """Those of NumPy and SciPy, looked for once: a process can have hundreds of libraries."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
