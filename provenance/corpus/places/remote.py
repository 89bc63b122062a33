"""Files on other machines: what failed for a moment is asked for again, from where it broke off."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from provenance.errors import ProvenanceError

__all__ = ["RemoteFile", "again", "answer", "told_cause"]

Result = TypeVar("Result")

_WAITS: Final = (0.5, 1.0, 4.0)
"""Seconds before each further try; round figures."""
_BUSY: Final = (408, 425, 429)
"""Answers of a web server below 500 that another try may better (RFC 9110 and 6585)."""
_FINAL: Final = (
    *(FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError),
    *(ImportError, NotImplementedError, TypeError, ValueError, ProvenanceError),
)
"""What no other try betters."""
_CHUNK: Final = 1 << 20
_MARKS: Final = ("size", "ETag", "Last-Modified", "LastModified", "mtime")
"""Keys by which filesystems tell of a file what is another when it is written anew."""
_ANOTHER: Final = "the file changed while it was read"


def again(function: Callable[[], Result]) -> Result:
    """What a function gives, tried again while it fails in ways that may pass.

    Examples
    --------
    >>> again(lambda: 2)
    2
    """
    for wait in _WAITS:
        try:
            return function()
        except Exception as error:
            if not _may_pass(error):
                raise
        time.sleep(wait)
    return function()


def told_cause(error: BaseException) -> BaseException:
    """What went wrong where a client calls it a missing file, as web clients do of all that may.

    Examples
    --------
    >>> told_cause(FileNotFoundError("a.jsonl"))
    FileNotFoundError('a.jsonl')
    """
    cause = error.__cause__
    if cause is None or not isinstance(error, FileNotFoundError):
        return error
    is_told = isinstance(cause, OSError) or type(cause).__module__.startswith("aiohttp.")
    return cause if is_told else error


def answer(error: BaseException) -> int | None:
    """The status that a web server answered with in place of a file, where it answered."""
    status = getattr(error, "status", None)
    return status if isinstance(status, int) else None


def _may_pass(error: Exception) -> bool:
    cause = told_cause(error)
    status = answer(cause)
    if status is not None:
        return status >= 500 or status in _BUSY
    return not isinstance(cause, _FINAL)


class RemoteFile(io.RawIOBase):
    """A file of an fsspec filesystem that is opened anew where reading it fails.

    Parameters
    ----------
    filesystem : fsspec.AbstractFileSystem
    location : str
    read_ahead : int, optional
        Bytes beyond those asked for that are read too, by default as many as the client likes.

    Raises
    ------
    ValueError
        Where the file is another one when it is opened anew.
    Exception
        Whatever the client raises when the last try fails.
    """

    def __init__(self, filesystem: Any, location: str, read_ahead: int | None = None) -> None:
        self._filesystem, self._location, self._read_ahead = filesystem, location, read_ahead
        self._place = 0
        self._stored: Any = again(self._opened)
        self._marks = self._told()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = again(lambda: self._read(len(buffer)))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if self._stored is None:
            self._stored = again(self._reopened)
        # Of files that cannot be sought in only the place that they are at is asked for.
        self._place = int(self._stored.seek(offset, whence))
        return self._place

    def is_another(self) -> bool:
        """Whether it is not the file any more that was opened, as far as the server tells.

        Of one that comes in one answer, and not in parts, nothing is asked: it is one file.
        """
        return "size" in self._marks and self._differs(self._told())

    def close(self) -> None:
        if not self.closed and self._stored is not None:
            self._stored.close()
        super().close()

    def _read(self, most: int) -> bytes:
        try:
            if self._stored is None:
                self._stored = self._reopened()
            return bytes(self._stored.read(most))
        except Exception:
            self._drop()
            raise

    def _drop(self) -> None:
        stored, self._stored = self._stored, None
        try:
            if stored is not None:
                stored.close()
        except Exception:  # it is given up for that it fails
            return

    def _opened(self) -> Any:
        return self._filesystem.open(self._location, "rb", block_size=self._read_ahead)

    def _reopened(self) -> Any:
        stored = self._opened()
        if self._differs(self._told()):
            raise ValueError(_ANOTHER)
        try:
            stored.seek(self._place)
        except (ValueError, OSError, NotImplementedError):
            left = self._place
            while left and (data := stored.read(min(left, _CHUNK))):
                left -= len(data)
            if left:
                raise ValueError(_ANOTHER) from None
        return stored

    def _told(self) -> dict[str, str]:
        """What tells one state of the file from another, as far as the server says."""
        try:
            told = self._filesystem.info(self._location)
        except Exception:  # who gives a file need not tell of it
            return {}
        return {name: str(told[name]) for name in _MARKS if told.get(name) is not None}

    def _differs(self, told: dict[str, str]) -> bool:
        return any(told[name] != self._marks[name] for name in told.keys() & self._marks.keys())
