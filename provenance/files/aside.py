"""The one way a file is written: aside, then renamed into place when it is whole.

A reader sees the old file or the new one, never a part. What is renamed stands on the disk first,
so that a crash of the machine leaves one of the two. The new file has the mode of the one that it
replaces, else what the umask leaves of ``rw-rw-rw-``; until it is whole nobody else may read it.
Whatever is raised, nothing is left behind, and what a kill leaves the next run removes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from provenance.files.claims import Claim
from provenance.files.leftovers import PassingFile
from provenance.files.places import errors_named, open_named, unwritable

__all__ = ["AsideFile", "put_in_place", "write_aside", "write_json_aside", "written_aside"]

_OWNERS: Final = 0o600


class AsideFile:
    """A file beside its place; for writers that begin, go on and finish in calls of their own.

    Parameters
    ----------
    path : path
        Its place. The folder has to be there.
    claim : Claim, optional
        Of the place: what changed there since is not replaced.

    Attributes
    ----------
    file : binary file
        To be written to; it can be sought in.

    Raises
    ------
    OSError
        Where nothing can be written there.
    """

    def __init__(self, path: str | os.PathLike[str], claim: Claim | None = None) -> None:
        self._place, self._claim = Path(path), claim
        with errors_named(self._place):
            self._passing = PassingFile(self._place.absolute().parent)
        self._mode = stat.S_IMODE(self._passing.path.stat().st_mode)
        _limit(self._passing.path, _OWNERS)
        try:
            self.file: IO[bytes] = open_named(self._passing.path, "wb", self._place)
        except OSError:
            self._passing.remove()
            raise

    def finish(self, *, private: bool = False) -> None:
        """Put the file in its place.

        Parameters
        ----------
        private : bool
            Whether nobody but its owner may read it, where it replaces none.

        Raises
        ------
        InputError
            Where the place is claimed and something changed there.
        """
        with errors_named(self._place):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
        _limit(self._passing.path, self._mode & _OWNERS if private else self._mode)
        if self._claim is not None:
            self._claim.check()
        with errors_named(self._place):
            put_in_place(self._passing.path, self._place)
        self._passing.release()

    def discard(self) -> None:
        """Leave nothing behind; what was finished stays."""
        # Closing writes what is left in the buffer, which a full disk refuses once more.
        with suppress(OSError):
            self.file.close()
        self._passing.remove()


@contextmanager
def written_aside(path: str | os.PathLike[str], claim: Claim | None = None) -> Iterator[IO[bytes]]:
    """A file to write to, put in its place where the block ends without an error.

    Parameters
    ----------
    path : path
    claim : Claim, optional
        Of the place: what changed there since is not replaced.

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
    aside = AsideFile(path, claim)
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


def write_json_aside(path: str | os.PathLike[str], values: object) -> None:
    """Write a whole file of JSON, with lines that people can read.

    Parameters
    ----------
    path : path
    values : JSON values
        Plain ones, as `files.json.plain` makes them.

    Raises
    ------
    InputError
        Where the file cannot be written.
    """
    import orjson

    write_aside(path, orjson.dumps(values, option=orjson.OPT_INDENT_2) + b"\n")


def _limit(path: Path, mode: int) -> None:
    # Some file systems of other systems know no such modes, and say so.
    with suppress(OSError):
        os.chmod(path, mode)


def put_in_place(aside: Path, place: Path) -> None:
    """Rename a file that is whole; it takes over the mode of the one that it replaces."""
    if place.is_file():
        os.chmod(aside, stat.S_IMODE(place.stat().st_mode))
    os.replace(aside, place)
