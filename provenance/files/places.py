"""Places that files are written to: asked before the work, and named where a write fails there.

Python names no file in the error of a write, and a file that is written aside has a name of its
own: who reads of a full disk wants to read which.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from provenance.errors import InputError

__all__ = ["errors_named", "open_named", "require_file", "require_folder", "unwritable"]

_PROBED: Final = 4096
"""Bytes of a trial: a page of most disks, less than any file that is written here."""
_REMEDIES: Final = {
    errno.ENOSPC: "Make room there, or name another place",
    errno.EDQUOT: "Make room there, or name another place",
    errno.EFBIG: "Raise the limit that files have there (ulimit -f), or name another place",
    errno.EROFS: "Name a place that can be written to",
    errno.EACCES: "Name a place that can be written to",
    errno.EPERM: "Name a place that can be written to",
    errno.ENAMETOOLONG: "Give it a shorter name",
}


def unwritable(error: OSError, place: str | os.PathLike[str]) -> InputError:
    """What a user is told of a place that could not be written to.

    Examples
    --------
    >>> print(unwritable(OSError(errno.ENOSPC, "No space left on device"), "out.fp"))
    out.fp: cannot be written: No space left on device. Make room there, or name another place.
    """
    return InputError(
        f"cannot be written: {error.strerror or error}",
        where=os.fspath(place),
        remedy=_REMEDIES.get(error.errno or 0),
    )


@contextmanager
def errors_named(place: str | os.PathLike[str]) -> Iterator[None]:
    """Let an OSError of the system name this place, whatever it named."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), os.fspath(place)) from error


class _NamedFile(io.FileIO):
    """A file whose failing writes name a place."""

    place: str

    def write(self, data: Any) -> int:
        with errors_named(self.place):
            return super().write(data)


def open_named(path: str | os.PathLike[str], mode: str, place: str | os.PathLike[str]) -> IO[bytes]:
    """Open a file for writing whose errors name the place that it is for.

    Parameters
    ----------
    path : path
    mode : {"xb", "wb", "ab"}
    place : path
        Such as the file that this one will replace.

    Examples
    --------
    >>> open_named("/dev/full", "wb", "a disk").close()  # doctest: +SKIP
    """
    with errors_named(place):
        file = _NamedFile(path, mode)
    file.place = os.fspath(place)
    return io.BufferedWriter(file)


def require_file(path: str | os.PathLike[str]) -> None:
    """Refuse what could not be written as a file.

    Raises
    ------
    InputError
        Where it is a folder, its folder is missing, or nothing can be written there.
    """
    place = _sound(path)
    if place.is_dir():
        raise InputError("the output is a folder", where=str(place), expected="a file")
    folder = place.absolute().parent
    if not folder.is_dir():
        remedy = f"Make the folder {place.parent} first"
        raise InputError("there is no such folder", where=str(place.parent), remedy=remedy)
    _try(folder, place)


def require_folder(path: str | os.PathLike[str], names: Sequence[str] = ()) -> None:
    """Refuse what could not be written to as a folder; it need not be there.

    Parameters
    ----------
    path : path
    names : sequence of str
        Files that will be written in it.

    Raises
    ------
    InputError
        Where it, or what it would stand in, is a file, where nothing can be written there, or one
        of the files is a folder.
    """
    place = _sound(path)
    if place.exists() and not place.is_dir():
        raise InputError("the output is a file", where=str(place), expected="a folder")
    for name in names:
        if (place / name).is_dir():
            where = str(place / name)
            raise InputError("the output is a folder", where=where, expected="a file")
    above = place.absolute()
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise InputError("it is a file", where=str(above), expected=f"a folder for {place}")
    _try(above, place)


def _sound(path: str | os.PathLike[str]) -> Path:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise unwritable(error, path) from None
    except ValueError:  # a NUL inside
        raise InputError("this cannot be the name of a file", where=repr(path)) from None
    return Path(path)


def _try(folder: Path, place: Path) -> None:
    """Write a little in the folder and take it away: only that tells what a system allows."""
    trial = folder / f".{secrets.token_hex(8)}.part"
    try:
        file = os.open(trial, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        try:
            left = _PROBED
            while left:
                left -= os.write(file, bytes(left))
            os.fsync(file)
        finally:
            os.close(file)
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(error, place) from None
