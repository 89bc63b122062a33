"""Where rows come from: files, opened, read once and hashed on the way."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from provenance.corpus.document import Row
from provenance.corpus.formats import Columns, Format, read_rows
from provenance.corpus.lost import ChangedFile, LostFile
from provenance.errors import InputError
from provenance.files.pointer import POINTER, POINTERS_END

if TYPE_CHECKING:
    from provenance.corpus.places.remote import RemoteFile

__all__ = [
    "CHANGED",
    "FileInput",
    "Input",
    "OpenedInput",
    "cannot_read",
    "escaped",
    "missing",
    "redacted",
    "shown",
]

CHANGED: Final = (
    "the file changed while it was read",
    "a file at rest",
    "Read it again, or a copy of it",
)
"""What was got, what was expected and what to do."""

_POINTED: Final = (
    "it is a pointer of Git LFS, not the file itself",
    "the file",
    "Fetch it with git lfs pull",
)
_CHUNK = 2**20
_READ_AHEAD: Final = 2**16
"""Bytes behind each part of a remote table: its columns lie far apart. A round figure."""
_SHOWN = 300
_GONE: Final = (404, 410)
"""Answers of a web server that has no such file (RFC 9110)."""
_USER = re.compile(r"://(?:[^/@\s:]*:[^@\s]*(?:@[^/\s]*)?|[^/\s]*)@")
_SURROGATE = re.compile("[\ud800-\udfff]")
_QUERY = re.compile(r"[?#].*", re.DOTALL)


def redacted(path: str) -> str:
    """Hide the user, password and query of a URL.

    Examples
    --------
    >>> redacted("https://me:secret@host/a.jsonl?sig=abc")
    'https://***@host/a.jsonl?***'
    """
    if "://" not in path:
        return path
    chain = (_USER.sub("://***@", part) for part in path.split("::"))
    return "::".join(_QUERY.sub("?***", part) for part in chain)


def escaped(path: str) -> str:
    r"""Write the bytes of a file name that are no UTF-8 as ``\xNN``, so that it can be written.

    Examples
    --------
    >>> import os
    >>> escaped(os.fsdecode(b"bad\xff.jsonl"))
    'bad\\xff.jsonl'
    """
    return _SURROGATE.sub(_byte, path)


def _byte(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def shown(path: str) -> str:
    """Write a path for a message: no credentials, no control characters, not too long."""
    text = redacted(escaped(path))
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class OpenedInput(Protocol):
    """One pass over an input."""

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows."""
        ...

    def entry(self) -> dict[str, Any]:
        """Tell path, bytes and sha256; where the pass stopped early a file is read to its end."""
        ...

    @property
    def position(self) -> int:
        """Bytes read so far."""
        ...


class Input(Protocol):
    """Something that rows are read from; ``name`` begins ids and keys the sample."""

    @property
    def path(self) -> str:
        """Where it is, without credentials."""
        ...

    @property
    def name(self) -> str:
        """Where it is within what was asked for."""
        ...

    @property
    def size(self) -> int | None:
        """Stored bytes, where known."""
        ...

    def read(self) -> OpenedInput:
        """Begin a pass."""
        ...


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file, local or on an fsspec filesystem."""

    path: str
    name: str
    size: int | None
    form: Format
    location: str = field(repr=False)
    filesystem: Any = field(default=None, repr=False)
    modified: int | None = field(default=None, repr=False)
    """When it was written last as it was found, in nanoseconds; None where that is not known."""

    def read(self) -> OpenedFile:
        """Begin a pass."""
        return OpenedFile(self)

    def open(self) -> Any:
        """Open the stored bytes.

        Raises
        ------
        InputError
            Where it cannot be opened.
        """
        try:
            if self.filesystem is not None:
                from provenance.corpus.places.remote import RemoteFile

                read_ahead = _READ_AHEAD if self.form.seeks else None
                return RemoteFile(self.filesystem, self.location, read_ahead)
            return Path(self.location).open("rb")
        except Exception as error:  # a filesystem may raise its client's own errors
            raise cannot_read(self.path, error) from error


class OpenedFile:
    """One pass over a file."""

    def __init__(self, source: FileInput) -> None:
        self._source = source
        self._raw: _HashedRaw | None = None
        self._done = 0
        self._is_closed = self._is_told = False
        self._inode: int | None = None
        self._remote: RemoteFile | None = None

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows; the last is a bad row where the file breaks off or has changed."""
        try:
            stored = self._source.open()
        except InputError as error:
            self._is_closed = True
            yield 1, LostFile(error.what, error.expected, error.remedy)
            return
        line = 0
        if self._source.filesystem is None:
            status = os.fstat(stored.fileno())
            self._inode = status.st_ino
            if status.st_size < POINTERS_END and _is_pointer(stored):
                stored.close()
                yield 1, LostFile(*_POINTED)
                return
        else:
            self._remote = stored
        with stored:
            for row in self._rows(stored, columns):
                line = row[0]
                yield row
        if self.has_changed():
            self._is_told = True
            yield line + 1, ChangedFile(*CHANGED)

    def _rows(self, stored: Any, columns: Columns) -> Iterator[Row]:
        form = self._source.form
        if form.seeks:
            is_local = self._source.filesystem is None
            seekable = stored if is_local else io.BufferedReader(_Stored(stored))
            yield from read_rows(seekable, form, columns)
            self._done = self._source.size or 0
        else:
            self._raw = _HashedRaw(stored)
            yield from read_rows(self._raw, form, columns)

    def has_changed(self) -> bool:
        """Whether it is not the file any more that was found, as far as that can be seen."""
        source = self._source
        if self._remote is not None:
            return self._remote.is_another()
        if source.modified is None:
            return False
        try:
            now = Path(source.location).stat()
        except OSError:
            return True
        is_other = self._inode not in (None, now.st_ino)
        return is_other or (now.st_size, now.st_mtime_ns) != (source.size, source.modified)

    @property
    def location(self) -> str:
        """Where the file is."""
        return self._source.location

    @property
    def path(self) -> str:
        """Where it is, without credentials."""
        return self._source.path

    @property
    def position(self) -> int:
        """Bytes read so far; of a columnar file none until its end."""
        return self._done if self._raw is None else self._raw.size

    def entry(self) -> dict[str, Any]:
        """Tell path, bytes and sha256 of the whole file; of one that stays closed, of nothing."""
        if self._is_closed:
            return {"path": self._source.path, "bytes": 0, "sha256": hashlib.sha256().hexdigest()}
        raw = self._raw if self._raw is not None and self._raw.ended else self._whole()
        return {"path": self._source.path, "bytes": raw.size, "sha256": raw.hash.hexdigest()}

    def _whole(self) -> _HashedRaw:
        with self._source.open() as stored:
            raw = _HashedRaw(stored)
            buffer = bytearray(_CHUNK)
            try:
                while raw.readinto(buffer):
                    pass
            except OSError as error:
                raise cannot_read(self._source.path, error) from error
        if self.has_changed() and not self._is_told:
            what, expected, remedy = CHANGED
            raise InputError(what, where=shown(self._source.path), expected=expected, remedy=remedy)
        return raw


class _Stored(io.RawIOBase):
    """Stored bytes; whatever a remote client raises becomes an OSError."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            return int(self._stored.readinto(buffer))
        except Exception as error:
            raise OSError(_reason(error)) from error

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._stored.seek(offset, whence))


class _HashedRaw(_Stored):
    """Stored bytes in their order, hashed as they go by."""

    def __init__(self, stored: Any) -> None:
        super().__init__(stored)
        self.hash = hashlib.sha256()
        self.size = 0
        self.ended = False

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self.hash.update(memoryview(buffer)[:count])
        self.size += count
        self.ended = count == 0
        return count


def _is_pointer(stored: BinaryIO) -> bool:
    start = stored.read(len(POINTER))
    stored.seek(0)
    return start == POINTER


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return error.strerror  # the file is named before
    text = str(error).strip().partition("\n")[0] or "no reason given"
    return shown(f"{type(error).__name__}: {text}"[:300])


def cannot_read(path: str, error: Exception) -> InputError:
    from provenance.corpus.places.remote import answer, told_cause

    cause = told_cause(error)
    is_too_long = isinstance(cause, OSError) and cause.errno == errno.ENAMETOOLONG
    if is_too_long or isinstance(cause, FileNotFoundError) or answer(cause) in _GONE:
        return missing(path)
    remedy = "Install the package it names" if isinstance(cause, ImportError) else None
    return InputError(f"it cannot be read ({_reason(cause)})", where=shown(path), remedy=remedy)


def missing(path: str) -> InputError:
    what = "there is no such file or folder"
    remedy = "Texts themselves are given as dicts, {'text': ...}, or by a generator"
    if path == "-":
        remedy = "Standard input is not read: write the rows to a file first"
    elif os.path.islink(path):
        what, remedy = "the link leads to no file or folder", "Name what it is to lead to"
    return InputError(
        what, where=shown(path), expected="a file, folder, glob, URL or hf:NAME", remedy=remedy
    )
