"""What a user can put right, said in one paragraph.

Everything else that is raised is a bug.
"""

from __future__ import annotations

import numbers

__all__ = [
    "LARGEST_SEED",
    "MOST_WORKERS",
    "InputError",
    "ProvenanceError",
    "ProvenanceWarning",
    "require_number",
    "require_whole",
    "told",
]

LARGEST_SEED = (1 << 63) - 1
"""Reports tell the seed, and JSON holds no larger one."""
MOST_WORKERS = 4096
"""A round figure above the processors of any one machine."""
_LONGEST_NUMBER = 333
"""Bits of a number of a hundred digits; Python refuses to write one of more than 4,300."""


class ProvenanceWarning(UserWarning):
    """What was done without, or is weaker than it might be; the command line prints it and goes on.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.warn("the cached panel was damaged", ProvenanceWarning)
    >>> [str(one.message) for one in told]
    ['the cached panel was damaged']
    """


class ProvenanceError(Exception):
    """An error that a user can put right; the command line prints it and exits with 2."""


class InputError(ProvenanceError):
    """Input that cannot be used: what was got, where, what was expected and what to do.

    Parameters
    ----------
    what : str
        What was got, without a full stop.
    where : str, optional
        ``path`` or ``path:line`` of the trouble.
    expected : str, optional
        What was expected, without a full stop.
    remedy : str, optional
        What to do, without a full stop.

    Examples
    --------
    >>> print(InputError("the line is not JSON", where="a.jsonl:3", expected="one object a line"))
    a.jsonl:3: the line is not JSON. Expected one object a line.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        sentences = [what if where is None else f"{where}: {what}"]
        if expected is not None:
            sentences.append(f"Expected {expected}")
        if remedy is not None:
            sentences.append(remedy)
        super().__init__(" ".join(f"{sentence.rstrip('.')}." for sentence in sentences))
        self.what = what
        self.where = where
        self.expected = expected
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.what, self.where, self.expected, self.remedy)


def _rebuild(what: str, where: str | None, expected: str | None, remedy: str | None) -> InputError:
    return InputError(what, where=where, expected=expected, remedy=remedy)


def require_whole(name: str, value: object, low: int, high: int | None = None) -> int:
    """Refuse what is no whole number between two ends.

    Parameters
    ----------
    name : str
        What messages call it.
    value : object
    low, high : int
        The ends; without a high one any larger number will do.

    Raises
    ------
    InputError

    Examples
    --------
    >>> require_whole("workers", 2, 1)
    2
    """
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        found = int(value)
        if low <= found and (high is None or found <= high):
            return found
    ends = f"of at least {low:,}" if high is None else f"from {low:,} to {high:,}"
    raise InputError(f"{name} is {told(value)}", expected=f"a whole number {ends}")


def require_number(name: str, value: object, *, within: bool = False) -> float:
    """Refuse what is no number between 0 and 1.

    Parameters
    ----------
    name : str
        What messages call it.
    value : object
    within : bool
        Whether the ends are refused too.

    Raises
    ------
    InputError

    Examples
    --------
    >>> require_number("fdr", 0.05)
    0.05
    """
    found = _real(value)
    if 0 < found < 1 or (found in (0, 1) and not within):
        return found
    ends = "(0, 1)" if within else "[0, 1]"
    raise InputError(f"{name} is {told(value)}", expected=f"a number in {ends}")


def _real(value: object) -> float:
    """A number as a float, and as NaN what is none."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def told(value: object) -> str:
    """A value for a message: one that is long is cut, and of a huge number its size is told.

    Examples
    --------
    >>> told("5%"), told(10**5000)
    ("'5%'", 'a number of more than a hundred digits')
    """
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return "a number of more than a hundred digits"
    return (repr(value) if isinstance(value, str) else str(value))[:80]
