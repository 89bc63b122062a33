"""An output has one writer, and what somebody else wrote there meanwhile is not overwritten.

A run claims its output before it begins. A second one is refused. What the first finds changed when
it is done, by a program that knows nothing of claims, it leaves as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from provenance.errors import InputError
from provenance.files.leftovers import lock_name, remove_leftovers
from provenance.files.locks import HeldFile, hold_or_make

__all__ = ["Claim", "claimed"]


class Claim:
    """What stood at the places of an output when it was claimed.

    Parameters
    ----------
    files : sequence of Path
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._seen = {path: _stamp(path) for path in files}

    def check(self) -> None:
        """Refuse to write over what was put there meanwhile; to be called right before that.

        Raises
        ------
        InputError
            Where a file appeared, or is another than it was. One that is gone is nobody's loss.
        """
        for path, before in self._seen.items():
            now = _stamp(path)
            if now is not None and now != before:
                what = "appeared" if before is None else "was changed"
                raise InputError(
                    f"the file {what} while this run was at work, and is left as it is",
                    where=str(path),
                    expected="an output that nobody else writes",
                    remedy="Run it again, or name another output",
                )


@contextmanager
def claimed(place: str | os.PathLike[str], names: Sequence[str] | None = None) -> Iterator[Claim]:
    """Be the only run that writes an output.

    Parameters
    ----------
    place : path
        The file or the folder that is written. What it stands in has to be there.
    names : sequence of str, optional
        Files of a folder that are written.

    Raises
    ------
    InputError
        Where another run writes it, or nothing can be written there.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "a")
    >>> with claimed(place) as claim:
    ...     _ = place.write_bytes(b"somebody else's")
    ...     claim.check()
    Traceback (most recent call last):
    provenance.errors.InputError: ...a: the file appeared while this run was at work, and is left \
as it is. Expected an output that nobody else writes. Run it again, or name another output.
    """
    target = Path(place)
    absolute = target.absolute()
    # A folder that is there may be a disk of its own, beside which nothing can be written.
    lock = (absolute if absolute.is_dir() else absolute.parent) / lock_name(absolute.name)
    held = _held(lock, target)
    try:
        yield Claim([target] if names is None else [target / name for name in names])
    finally:
        # Where the folder lets nobody remove what is another's, it stays, and hinders nobody.
        with suppress(OSError):
            lock.unlink(missing_ok=True)
        held.release()


def _held(lock: Path, target: Path) -> HeldFile:
    try:
        remove_leftovers(lock.parent)
        held = hold_or_make(lock)
    except OSError as error:
        raise InputError(
            f"nothing can be written there ({error.strerror})", where=str(target)
        ) from None
    if held is None:
        raise InputError(
            "another run is writing it",
            where=str(target),
            expected="one run at a time",
            remedy="Wait until that one has ended, or name another output",
        )
    return held


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes with a file's content; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
