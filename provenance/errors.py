"""What a user can put right, said in one paragraph.

Everything else that is raised is a bug.
"""

from __future__ import annotations

__all__ = ["InputError", "ProvenanceError", "ProvenanceWarning"]


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
