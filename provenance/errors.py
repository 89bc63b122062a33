"""What a user can put right, said in one paragraph.

Everything else that is raised is a bug.
"""

from __future__ import annotations

import numbers
from decimal import Decimal

__all__ = [
    "LARGEST_SEED",
    "MOST_WORKERS",
    "InputError",
    "ProvenanceError",
    "ProvenanceWarning",
    "as_number",
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


def as_number(text: str) -> float:
    """Read a number, or a percentage with its sign as the fraction that it is.

    Raises
    ------
    ValueError
        Where it is neither.

    Examples
    --------
    >>> as_number("0.05"), as_number("5%"), as_number("0.7 %")
    (0.05, 0.05, 0.007)
    """
    told = text.strip()
    if not told.endswith("%"):
        return float(told)
    try:
        return float(Decimal(told[:-1].rstrip()) / 100)
    except ArithmeticError:
        raise ValueError(told) from None


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
    """A number between 0 and 1, or a percentage with its sign as what it is; else refuse it.

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
    >>> require_number("fdr", 0.05), require_number("fdr", "5%")
    (0.05, 0.05)
    """
    found = _real(value)
    if 0 < found < 1 or (found in (0, 1) and not within):
        return found
    ends = "(0, 1)" if within else "[0, 1]"
    meant = f"For a percentage write {found / 100:g} or '{found:g}%'" if 1 < found <= 100 else None
    raise InputError(f"{name} is {told(value)}", expected=f"a number in {ends}", remedy=meant)


def _real(value: object) -> float:
    """A number as a float, a percentage as a fraction, and as NaN what is neither."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return as_number(value)
        except ValueError:
            return float("nan")
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
