"""Files on other machines: what failed for a moment is asked for again, from where it broke off."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from provenance.errors import ProvenanceError

__all__ = ["RemoteFile", "again", "answered"]

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


def answered(error: BaseException) -> tuple[int, BaseException] | None:
    """The status that a web server answered with in place of a file, and the error that tells it.

    Clients call it a missing file, whatever the answer was.
    """
    for one in (error, error.__cause__):
        status = getattr(one, "status", None)
        if one is not None and isinstance(status, int):
            return status, one
    return None


def _may_pass(error: Exception) -> bool:
    answer = answered(error)
    if answer is not None:
        return answer[0] >= 500 or answer[0] in _BUSY
    return not isinstance(error, _FINAL)


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
    OSError
        Where the file is another one when it is opened anew; else whatever the client raises when
        the last try fails.
    """

    def __init__(self, filesystem: Any, location: str, read_ahead: int | None = None) -> None:
        self._filesystem, self._location, self._read_ahead = filesystem, location, read_ahead
        self._place = 0
        self._stored: Any = again(self._opened)
        self._mark = _mark_of(self._stored)

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
        # Of files that cannot be sought in only the place that they are at is asked for.
        self._place = int(self._stored.seek(offset, whence))
        return self._place

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
        if _mark_of(stored) != self._mark:
            raise ValueError("the file changed while it was read")
        try:
            stored.seek(self._place)
        except (ValueError, OSError, NotImplementedError):
            left = self._place
            while left and (data := stored.read(min(left, _CHUNK))):
                left -= len(data)
        return stored


def _mark_of(stored: Any) -> tuple[object, ...]:
    """What tells one state of a file from another, as far as the server says."""
    details = getattr(stored, "details", None)
    told = details if isinstance(details, dict) else {}
    marks = (told.get(name) for name in ("ETag", "etag", "LastModified", "mtime"))
    return getattr(stored, "size", None), *map(str, marks)
