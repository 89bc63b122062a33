"""The one way a file is written: aside, then renamed into place when it is whole.

A reader sees the old file or the new one, never a part. What is renamed stands on the disk first,
so that a crash of the machine leaves one of the two. The new file has the mode of the one that it
replaces, else what the umask leaves of ``rw-rw-rw-``. Whatever is raised, nothing is left behind.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from provenance.files.places import errors_named, open_named, unwritable

__all__ = ["AsideFile", "aside_name", "put_in_place", "write_aside", "written_aside"]


class AsideFile:
    """A file beside its place; for writers that begin, go on and finish in calls of their own.

    Parameters
    ----------
    path : path
        Its place. The folder has to be there.

    Attributes
    ----------
    file : binary file
        To be written to; it can be sought in.

    Raises
    ------
    OSError
        Where nothing can be written there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._place = Path(path)
        self._aside = aside_name(path)
        self.file: IO[bytes] = open_named(self._aside, "xb", self._place)

    def finish(self) -> None:
        """Put the file in its place."""
        with errors_named(self._place):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            put_in_place(self._aside, self._place)

    def discard(self) -> None:
        """Leave nothing behind; what was finished stays."""
        # Closing writes what is left in the buffer, which a full disk refuses once more.
        with suppress(OSError):
            self.file.close()
        self._aside.unlink(missing_ok=True)


@contextmanager
def written_aside(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to, put in its place where the block ends without an error.

    Raises
    ------
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "a")
    >>> with written_aside(place) as file:
    ...     _ = file.write(b"whole")
    >>> place.read_bytes()
    b'whole'
    """
    aside = AsideFile(path)
    try:
        yield aside.file
        aside.finish()
    finally:
        aside.discard()


def write_aside(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a whole file.

    Raises
    ------
    InputError
        Where the file cannot be written.
    """
    try:
        with written_aside(path) as file:
            file.write(data)
    except OSError as error:
        raise unwritable(error, path) from None


def put_in_place(aside: Path, place: Path) -> None:
    """Rename a file that is whole; it takes over the mode of the one that it replaces."""
    if place.is_file():
        os.chmod(aside, stat.S_IMODE(place.stat().st_mode))
    os.replace(aside, place)


def aside_name(path: str | os.PathLike[str]) -> Path:
    """A hidden name of its own in the same folder."""
    return Path(os.fspath(path)).absolute().parent / f".{secrets.token_hex(8)}.part"
